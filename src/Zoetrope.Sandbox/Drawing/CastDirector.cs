using SkiaSharp;
using Zoetrope.Sandbox.Drawing.Deeds;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>Puts the subjects on the stage: who stands where, how big, and how they cross it.</summary>
internal static class CastDirector
{
    private const float SubjectDepth = 0.75f;

    public static void Add(Stage stage)
    {
        for (var c = 0; c < stage.Scene.Casts.Count; c++)
        {
            var cast = stage.Scene.Casts[c];
            if (IsField(cast))
            {
                Field(stage, SubjectCatalog.Find(cast.Kind), cast);
            }
        }

        foreach (var spot in Spots(stage))
        {
            Show(stage, spot);
        }
    }

    /// <summary>Where everybody stands, from back to front.</summary>
    public static IReadOnlyList<Spot> Spots(Stage stage)
    {
        var spots = new List<Spot>();
        var casts = stage.Scene.Casts;
        var figures = casts.Select(cast => IsField(cast) ? [] : Figure.Of(cast, stage.Scene.Place)).ToList();
        var bands = casts.Select((cast, c) => figures[c] is [var first, ..] ? Band(stage, cast, first.Spec) : Habitat.Backdrop).ToList();
        var ground = Enumerable.Range(0, casts.Count).Where(c => bands[c] is Habitat.Ground or Habitat.Table).ToList();
        for (var c = 0; c < casts.Count; c++)
        {
            for (var i = 0; i < figures[c].Count; i++)
            {
                spots.Add(Spot(stage, figures[c][i], casts[c], bands[c], i, figures[c].Count, c, ground.IndexOf(c), ground.Count));
            }
        }

        return [.. spots.OrderBy(static spot => spot.Depth)];
    }

    /// <summary>Whether somebody of the cast stands on land, so that there must be some.</summary>
    public static bool OnLand(Cast cast) => cast.Motion != Motion.Swim && Figure.Of(cast, Place.Abstract)[0].Spec.Habitat is Habitat.Ground
        or Habitat.Table;

    private static bool IsField(Cast cast) => cast.Count >= 5 && SubjectCatalog.Find(cast.Kind).Grows;

    // Flowers in numbers cover the ground: the far rows stand still, the near one sways.
    private static void Field(Stage stage, SubjectSpec spec, Cast cast)
    {
        var color = cast.Color ?? Rgb(spec.Color);
        var top = stage.Horizon + ((stage.Height - stage.Horizon) * 0.3f);
        for (var row = 0; row < 6; row++)
        {
            var near = row / 5f;
            var dice = stage.Dice.Fork(7000 + row);
            var y = top + ((stage.Height * 1.12f - top) * near);
            var size = stage.Unit * spec.Size * (0.16f + (0.5f * near * near));
            var step = size * 0.62f;
            void Paint(Ink ink, float t)
            {
                for (var x = stage.Left; x < stage.Right; x += step)
                {
                    var n = dice.Fork((int)((x - stage.Left) / step));
                    var s = size * n.Range(1, 0.85f, 1.15f) / 100;
                    using (ink.At(x + (step * n.Range(2, -0.3f, 0.3f)), y + (size * n.Range(3, -0.1f, 0.1f)), s, s))
                    {
                        spec.Paint(ink, new Pose(t + (n.At(4) * 7), color.Mix(stage.Mood.Haze, 0.4f * (1 - near)), Motion.Natural, n,
                            stage.Mood.Dark));
                    }
                }
            }

            if (row < 5)
            {
                stage.Still(0.45f + (near * 0.2f), ink => Paint(ink, 0));
                continue;
            }

            stage.Moving(0.9f, Paint);
        }
    }

    private static Habitat Band(Stage stage, Cast cast, SubjectSpec spec)
    {
        var habitat = spec.Habitat;
        if (stage.Scene.Place is Place.Underwater && (habitat is not (Habitat.Ground or Habitat.Table)
            || cast.Motion is Motion.Swim or Motion.Float))
        {
            return Habitat.Underwater;
        }

        if (cast.Motion == Motion.Swim && habitat == Habitat.Ground && stage.Water is not null)
        {
            return Habitat.Water;
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

    private static Spot Spot(Stage stage, Figure figure, Cast cast, Habitat band, int i, int count, int kind, int place, int groundKinds)
    {
        var spec = figure.Spec;
        var solo = stage.Scene.Casts.Count == 1;
        var dice = stage.Dice.Fork(3000 + (kind * 100) + i);
        var crowd = count <= 1 ? 1 : 1 / MathF.Pow(count, spec.Size < 0.25f ? 0.2f : 0.36f);
        var size = stage.Unit * spec.Size * crowd * (count > 1 ? dice.Range(1, 0.82f, 1.08f) : solo ? 1.28f : 1.02f);
        if (spec.Size < 0.3f && count == 1)
        {
            size *= 1.25f;
        }

        if (spec is { Nature: Nature.Thing, Habitat: Habitat.Table } or { Kind: "ball" } && stage.Scene.Place != Place.Kitchen
            && stage.Scene.Casts.Any(static cast => SubjectCatalog.Find(cast.Kind).Hands))
        {
            // Beside a person an apple is no boulder.
            size *= 0.4f;
        }

        size = MathF.Min(size, stage.Width * 0.78f / spec.Aspect);
        var share = (i + 0.5f) / count;
        var (lane, width) = groundKinds <= 1 || place < 0 ? (0.5f, count > 1 ? 0.84f : 0.2f)
            : ((place + 0.5f) / groundKinds, 0.9f / groundKinds);
        var third = stage.Dice.At(77 + kind) < 0.5f ? 0.4f : 0.6f;
        var x = stage.Width * (count > 1 ? lane + ((share - 0.5f) * width) + dice.Range(2, -0.02f, 0.02f) : groundKinds > 1 && place >= 0
            ? lane : band is Habitat.Table ? 0.5f : third);
        var y = band switch
        {
            Habitat.Air => stage.Height * (count > 1 ? dice.Range(3, 0.16f, 0.52f) : solo ? 0.52f : 0.3f) + (size * 0.5f),
            Habitat.Water => stage.Water!.Value + (stage.Height * (count > 1 ? dice.Range(3, -0.04f, 0.14f) : 0.05f)),
            Habitat.Underwater => stage.Height * (count > 1 ? dice.Range(3, 0.22f, 0.74f) : 0.5f) + (size * 0.5f),
            Habitat.Backdrop => stage.Water is null && stage.HasSky ? stage.Horizon + (stage.Height * 0.07f)
                : MathF.Max(stage.Horizon + (stage.Height * 0.1f), stage.Ground - (stage.Height * 0.1f)),
            _ => stage.Ground + (count > 1 ? stage.Height * dice.Range(3, -0.07f, 0.06f) : 0) + (solo ? stage.Height * 0.03f : 0),
        };
        // Even a lighthouse keeps its lamp inside the frame, and a castle its flags.
        size = MathF.Min(size, (band is Habitat.Ground or Habitat.Backdrop or Habitat.Table or Habitat.Water ? y : stage.Height)
            * (band == Habitat.Backdrop ? 0.9f : 0.925f) / spec.Tall);
        if (figure.BehindCounter)
        {
            // Feet on the floor, which the counter hides.
            size = MathF.Min(size, stage.Horizon * 0.95f / (spec.Tall - Figure.Counter));
            y = stage.Horizon + (size * Figure.Counter) + (stage.Height * 0.01f);
        }
        else if (band == Habitat.Air && spec.Tall > 1.5f)
        {
            y = (stage.Height + (size * spec.Tall)) * 0.5f;
        }

        if (place >= 0 && (groundKinds > 1 || count > 1))
        {
            // Nobody leaves the frame or stands before another.
            size = MathF.Min(size, stage.Width * width * 1.1f / count / MathF.Max(spec.Aspect, 0.6f) * (count > 1 ? 1.25f : 1));
            var half = MathF.Min(0.5f * size * spec.Aspect, stage.Width * 0.5f);
            x = Math.Clamp(x, half, stage.Width - half);
        }

        if (!solo && place < 0)
        {
            x = stage.Width * (count > 1 ? x / stage.Width : (kind + 0.6f) / (stage.Scene.Casts.Count + 0.2f));
            size *= band is Habitat.Air or Habitat.Underwater ? 0.75f : 1;
        }

        var speed = cast.Motion switch { Motion.Run => 0.05f, Motion.Walk => 0.03f, Motion.Fly or Motion.Swim => 0.04f, _ => spec.Travels
            ? 0.03f : 0 };
        var travel = Travel(stage, speed, x, size * spec.Aspect, count);
        x = speed > 0 && count == 1 && solo ? stage.Width * 0.5f : x;
        var color = cast.Color ?? (count > 1 && band is Habitat.Air or Habitat.Underwater && spec.Many >= 5
            ? Rgb(spec.Color).Mix(Hue(dice), 0.65f) : Rgb(spec.Color));
        var motion = cast.Motion == Motion.Natural ? spec.Motion : cast.Motion;
        return new Spot(figure, band, x, y, size, color, motion, dice, travel,
            y + (band == Habitat.Backdrop ? -10000 : band == Habitat.Air ? -5000 : 0));
    }

    // How far a subject goes in the clip: never out of the picture, and as far again as a camera that follows it.
    private static float Travel(Stage stage, float speed, float x, float width, int count)
    {
        if (speed == 0 || stage.Seconds == 0)
        {
            return 0;
        }

        var room = count == 1 ? stage.Width - (width * 1.15f) : MathF.Min(x, stage.Width - x) * 0.8f;
        var followed = stage.Camera.At(0, SubjectDepth).X(stage.Width / 2) - stage.Camera.At(1, SubjectDepth).X(stage.Width / 2);
        return MathF.Max(stage.Width * 0.06f, MathF.Min(speed * stage.Seconds * stage.Width, MathF.Min(room, stage.Width * 0.5f)))
            + MathF.Max(0, followed);
    }

    private static SKColor Hue(Dice dice) => SKColor.FromHsv(dice.At(8) * 360, 72, 92);

    private static void Show(Stage stage, Spot spot)
    {
        var scale = spot.Size / 100;
        var depth = spot.Band switch { Habitat.Air => 0.5f, Habitat.Backdrop => 0.45f, _ => SubjectDepth };
        stage.Moving(depth, (ink, t) =>
        {
            var pose = new Pose(t + (spot.Dice.At(5) * 7), spot.Color, spot.Motion, spot.Dice, stage.Mood.Dark);
            // The eye finds the subject: it gets a little more light than what is around it.
            ink.Light = spot.Spec.Lit ? SKColors.White : stage.Mood.Light.Light(0.22f);
            var x = spot.X + (stage.Seconds > 0 ? spot.Travel * ((t / (stage.Seconds * stage.Scene.Tempo)) - 0.5f) : 0);
            var y = spot.Y;
            if (spot.Band is Habitat.Air or Habitat.Underwater || spot.Motion == Motion.Float)
            {
                y += MathF.Sin((t * 0.9f) + (spot.Dice.At(6) * 6)) * spot.Size * 0.05f;
            }

            if (spot.Motion == Motion.Play && stage.Seconds > 0)
            {
                // Now and then a hop to one side and back.
                var beat = (t * 0.55f) + spot.Dice.At(7);
                var hop = beat % 1 < 0.36f ? beat % 1 / 0.36f : 1;
                var (from, to) = (spot.Dice.Fork((int)beat).Range(1, -1, 1), spot.Dice.Fork((int)beat + 1).Range(1, -1, 1));
                x += (from + ((to - from) * hop)) * spot.Size * 0.3f;
                y -= MathF.Sin(hop * MathF.PI) * spot.Size * 0.22f;
            }

            if (spot.Motion == Motion.Jump)
            {
                y -= MathF.Abs(MathF.Sin(t * 2.6f)) * spot.Size * 0.45f;
            }

            if (spot.Band == Habitat.Water)
            {
                var swell = stage.Scene.Weather.HasFlag(Weather.Storm) ? 4 : 1;
                y += MathF.Sin((t * 1.2f) + spot.X) * spot.Size * 0.02f * swell;
                if (swell == 1)
                {
                    Reflect(ink, spot, pose, x, y, scale);
                }
            }
            else if (spot.Band == Habitat.Backdrop && stage.HasSky && spot.Spec.Aspect < 2 && stage.Water is null)
            {
                // On a hill of its own.
                var hill = Places.Land.Grass(stage).Mix(stage.Mood.Haze, 0.3f);
                using (ink.At(x, y, spot.Size * 1.15f * spot.Spec.Aspect / 100, spot.Size * 0.34f / 100))
                {
                    ink.GradientShape("M-105,110 C-70,20 -46,-10 0,-10 C46,-10 70,20 105,110 Z", -10, 110, hill.Light(0.08f),
                        Places.Land.Grass(stage).WithAlpha(0));
                }
            }
            else if (spot.Spec.Shadow && spot.Band is Habitat.Ground or Habitat.Table)
            {
                ink.Shadow(x + (spot.Size * 0.06f), spot.Y, spot.Size * 0.46f * spot.Spec.Aspect, spot.Size * 0.075f, 0.5f);
            }

            var deep = spot.Band != Habitat.Water ? 0 : spot.Spec.Habitat == Habitat.Underwater ? 30 : spot.Motion == Motion.Swim
                && spot.Spec.Habitat == Habitat.Ground ? spot.Spec.Hands ? 62 : 30 : 0;
            var pitch = spot.Band == Habitat.Water && stage.Scene.Weather.HasFlag(Weather.Storm) ? MathF.Sin((t * 1.3f) + 0.8f) * 9 : 0;
            using (ink.At(x, y - (spot.Size / 2), scale, scale, spot.Motion == Motion.Float ? MathF.Sin(t * 0.5f) * 12 : pitch))
            {
                ink.Canvas.Translate(0, 50);
                if (deep > 0)
                {
                    // Breaching or swimming: the lower part stays below the surface.
                    ink.Canvas.Translate(0, spot.Spec.Hands ? deep : 0);
                    ink.Canvas.ClipRect(new SKRect(-300, -300, 300, -deep));
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
internal sealed record Spot(Figure Figure, Habitat Band, float X, float Y, float Size, SKColor Color, Motion Motion, Dice Dice,
    float Travel, float Depth)
{
    public SubjectSpec Spec => Figure.Spec;
}
