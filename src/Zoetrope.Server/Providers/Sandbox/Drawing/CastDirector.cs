using SkiaSharp;
using Zoetrope.Server.Providers.Sandbox.Scenes;
using static Zoetrope.Server.Providers.Sandbox.Drawing.Tones;

namespace Zoetrope.Server.Providers.Sandbox.Drawing;

/// <summary>Puts the subjects on the stage: who stands where, how big, and how they cross it.</summary>
internal static class CastDirector
{
    public static void Add(Stage stage)
    {
        var spots = new List<Spot>();
        var casts = stage.Scene.Casts;
        var ground = casts.Where(cast => Band(stage, cast) is Habitat.Ground or Habitat.Table).ToList();
        for (var c = 0; c < casts.Count; c++)
        {
            var spec = SubjectCatalog.Find(casts[c].Kind);
            var band = Band(stage, casts[c]);
            var solo = casts.Count == 1;
            var place = ground.IndexOf(casts[c]);
            for (var i = 0; i < casts[c].Count; i++)
            {
                spots.Add(Spot(stage, spec, casts[c], band, i, c, solo, place, ground.Count));
            }
        }

        foreach (var spot in spots.OrderBy(static spot => spot.Depth))
        {
            Show(stage, spot);
        }
    }

    private static Habitat Band(Stage stage, Cast cast)
    {
        var habitat = SubjectCatalog.Find(cast.Kind).Habitat;
        if (stage.Scene.Place is Place.Underwater && habitat is not (Habitat.Ground or Habitat.Table))
        {
            return Habitat.Underwater;
        }

        if (cast.Motion is Motion.Fly or Motion.Float || stage.Scene.Place == Place.Space)
        {
            return Habitat.Air;
        }

        return habitat switch
        {
            Habitat.Water when stage.Water is null => Habitat.Ground,
            Habitat.Underwater when stage.Water is not null => Habitat.Water,
            Habitat.Underwater when stage.Scene.Place != Place.Underwater => Habitat.Air,
            Habitat.Backdrop when stage.Indoors => Habitat.Table,
            _ => habitat,
        };
    }

    private static Spot Spot(Stage stage, SubjectSpec spec, Cast cast, Habitat band, int i, int kind, bool solo, int place, int groundKinds)
    {
        var dice = stage.Dice.Fork(3000 + (kind * 100) + i);
        var count = cast.Count;
        var crowd = count <= 1 ? 1 : 1 / MathF.Pow(count, spec.Size < 0.25f ? 0.2f : 0.36f);
        var size = stage.Unit * spec.Size * crowd * (count > 1 ? dice.Range(1, 0.82f, 1.08f) : solo ? 1.28f : 1.02f);
        if (spec.Size < 0.3f && count == 1)
        {
            size *= 1.25f;
        }

        size = MathF.Min(size, stage.Width * 0.78f / spec.Aspect);
        var share = (i + 0.5f) / count;
        var (lane, width) = groundKinds <= 1 || place < 0 ? (0.5f, count > 1 ? 0.84f : 0.2f) : ((place + 0.5f) / groundKinds, 0.9f / groundKinds);
        var third = stage.Dice.At(77 + kind) < 0.5f ? 0.4f : 0.6f;
        var x = stage.Width * (count > 1 ? lane + ((share - 0.5f) * width) + dice.Range(2, -0.02f, 0.02f) : groundKinds > 1 && place >= 0 ? lane : band is Habitat.Table ? 0.5f : third);
        var y = band switch
        {
            Habitat.Air => stage.Height * (count > 1 ? dice.Range(3, 0.16f, 0.52f) : solo ? 0.52f : 0.3f) + (size * 0.5f),
            Habitat.Water => stage.Water!.Value + (stage.Height * (count > 1 ? dice.Range(3, -0.04f, 0.14f) : 0.05f)),
            Habitat.Underwater => stage.Height * (count > 1 ? dice.Range(3, 0.22f, 0.74f) : 0.5f) + (size * 0.5f),
            Habitat.Backdrop => MathF.Max(stage.Horizon + (stage.Height * 0.1f), stage.Ground - (stage.Height * 0.1f)),
            _ => stage.Ground + (count > 1 ? stage.Height * dice.Range(3, -0.07f, 0.06f) : 0) + (solo ? stage.Height * 0.03f : 0),
        };
        // Even a lighthouse keeps its lamp inside the frame.
        size = MathF.Min(size, (band is Habitat.Ground or Habitat.Backdrop or Habitat.Table ? y : stage.Height) * 0.74f);
        if (!solo && place < 0)
        {
            x = stage.Width * (count > 1 ? x / stage.Width : (kind + 0.6f) / (stage.Scene.Casts.Count + 0.2f));
            size *= band is Habitat.Air or Habitat.Underwater ? 0.75f : 1;
        }

        var speed = cast.Motion switch { Motion.Run => 0.085f, Motion.Walk => 0.035f, Motion.Fly or Motion.Swim => 0.05f, _ => spec.Travels ? 0.03f : 0 };
        var color = cast.Color ?? (count > 1 && band is Habitat.Air or Habitat.Underwater && spec.Many >= 5 ? Rgb(spec.Color).Mix(Hue(dice), 0.65f) : Rgb(spec.Color));
        var motion = cast.Motion == Motion.Natural ? spec.Motion : cast.Motion;
        return new Spot(spec, band, x, y, size, color, motion, dice, speed * stage.Width, y + (band == Habitat.Backdrop ? -10000 : band == Habitat.Air ? -5000 : 0));
    }

    private static SKColor Hue(Dice dice) => SKColor.FromHsv(dice.At(8) * 360, 72, 92);

    private static void Show(Stage stage, Spot spot)
    {
        var scale = spot.Size / 100;
        var depth = spot.Band switch { Habitat.Air => 0.5f, Habitat.Backdrop => 0.45f, _ => 0.75f };
        stage.Moving(depth, (ink, t) =>
        {
            var pose = new Pose(t + (spot.Dice.At(5) * 7), spot.Color, spot.Motion, spot.Dice, stage.Mood.Dark);
            // The eye finds the subject: it gets a little more light than what is around it.
            ink.Light = spot.Spec.Lit ? SKColors.White : stage.Mood.Light.Light(0.22f);
            var x = spot.X + (spot.Speed * (t - 2.5f));
            var y = spot.Y;
            if (spot.Band is Habitat.Air or Habitat.Underwater || spot.Motion == Motion.Float)
            {
                y += MathF.Sin((t * 0.9f) + (spot.Dice.At(6) * 6)) * spot.Size * 0.05f;
            }

            if (spot.Motion == Motion.Jump)
            {
                y -= MathF.Abs(MathF.Sin(t * 2.6f)) * spot.Size * 0.45f;
            }

            if (spot.Band == Habitat.Water)
            {
                y += MathF.Sin((t * 1.2f) + spot.X) * spot.Size * 0.02f;
                Reflect(ink, spot, pose, x, y, scale);
            }
            else if (spot.Spec.Shadow && spot.Band is Habitat.Ground or Habitat.Table)
            {
                ink.Shadow(x + (spot.Size * 0.06f), spot.Y, spot.Size * 0.46f * spot.Spec.Aspect, spot.Size * 0.075f, 0.5f);
            }

            using (ink.At(x, y, scale, scale))
            {
                if (spot.Band == Habitat.Water && spot.Spec.Habitat == Habitat.Underwater)
                {
                    // Breaching: the lower part stays below the surface.
                    ink.Canvas.ClipRect(new SKRect(-300, -300, 300, -30));
                }

                spot.Spec.Paint(ink, pose);
            }
        });
    }

    private static void Reflect(Ink ink, Spot spot, Pose pose, float x, float y, float scale)
    {
        var haze = (ink.Haze, ink.Distance);
        ink.Distance = 0.55f;
        using (ink.At(x, y + (spot.Size * 0.04f), scale, -scale * 0.55f))
        {
            ink.Canvas.ClipRect(new SKRect(-300, -160, 300, 12));
            ink.Opacity = 0.3f;
            spot.Spec.Paint(ink, pose);
            ink.Opacity = 1;
        }

        (ink.Haze, ink.Distance) = haze;
    }
}

/// <summary>Where one subject stands.</summary>
internal sealed record Spot(SubjectSpec Spec, Habitat Band, float X, float Y, float Size, SKColor Color, Motion Motion, Dice Dice, float Speed, float Depth);
