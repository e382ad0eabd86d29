using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Places;

/// <summary>Seas, lakes, rivers, falls and the world below.</summary>
internal static class Waters
{
    public static void Sea(Stage stage)
    {
        stage.Horizon = stage.Height * 0.56f;
        stage.Water = stage.Height * 0.72f;
        stage.Ground = stage.Height * 0.9f;
        SkyPainter.Add(stage);
        Surface(stage, stage.Horizon, stage.Bottom, stage.Scene.Weather.HasFlag(Weather.Storm) ? 3.4f : 1);
        if (stage.Scene.Casts.Any(CastDirector.OnLand))
        {
            Sand(stage, stage.Height * 0.82f);
        }
    }

    public static void Beach(Stage stage)
    {
        stage.Horizon = stage.Height * 0.5f;
        stage.Water = stage.Height * 0.6f;
        stage.Ground = stage.Height * 0.88f;
        SkyPainter.Add(stage);
        Surface(stage, stage.Horizon, stage.Bottom, 0.8f);
        Sand(stage, stage.Height * 0.72f);
        stage.Moving(0.95f, (ink, t) =>
        {
            var h = stage.Unit * 0.66f;
            using (ink.At(stage.Width * 0.07f, stage.Height * 0.92f, h / 100, h / 100))
            {
                Subjects.Plants.Palm(ink, new Pose(t, Rgb(0x3E8A44), Motion.Natural, stage.Dice, false));
            }
        });
    }

    private static void Sand(Stage stage, float top)
    {
        var sand = Rgb(0xEFD9A6);
        var noise = stage.Dice.Fork(101);
        stage.Moving(0.6f, (ink, t) =>
        {
            var wash = MathF.Sin(t * 0.7f) * stage.Unit * 0.012f;
            float Shore(float x) => top + (stage.Unit * 0.03f * noise.Wave(x / stage.Unit * 1.4f));
            ink.Ridge(stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.02f, x => Shore(x) - (stage.Unit * 0.016f) + wash,
                SKColors.White.Fade(0.75f));
            ink.Ridge(stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.02f, x => Shore(x) + wash, sand.Dark(0.22f));
            ink.Ridge(stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.02f, x => Shore(x) + (stage.Unit * 0.03f), sand,
                sand.Dark(0.12f));
        });
    }

    /// <summary>Water from the horizon down: reflected sky, the sun's road, and waves that grow towards us.</summary>
    public static void Surface(Stage stage, float top, float bottom, float rough)
    {
        var mood = stage.Mood;
        stage.Still(0.3f, ink =>
        {
            using var unlit = Land.Unlit(ink);
            ink.Gradient(new SKRect(stage.Left, top, stage.Right, bottom), mood.Low.Mix(mood.Water, 0.35f), mood.Water,
                mood.Water.Dark(0.4f));
        });
        var dice = stage.Dice.Fork(111);
        stage.Moving(0.35f, (ink, t) =>
        {
            using var unlit = Land.Unlit(ink);
            var span = bottom - top;
            for (var row = 0; row < 15; row++)
            {
                var near = (row + 0.6f) / 15;
                near *= near;
                var y = top + (span * near);
                var amp = stage.Unit * 0.013f * near * rough;
                var length = stage.Unit * (0.05f + (0.3f * near));
                var speed = t * (0.5f + (row * 0.03f));
                var thick = stage.Unit * (0.003f + (0.02f * near));
                var color = mood.Low.Mix(SKColors.White, 0.2f).Fade((0.1f + (0.12f * near)) * (rough > 2 ? 1.5f : 1));
                ink.Ridge(stage.Left, stage.Right, y + thick, length * 0.3f, x =>
                    y - (amp * MathF.Sin((x / length * MathF.Tau * 0.4f) + speed + row)) - (amp * 0.6f * dice.Wave((x / length)
                    + (row * 3) - (speed * 0.4f))), color);
            }

            if (rough > 2)
            {
                Whitecaps(ink, stage, dice, top, span, t);
            }

            if (mood.Disc)
            {
                for (var i = 0; i < 46; i++)
                {
                    var near = (i + 0.5f) / 46;
                    var w = stage.Unit * (0.02f + (0.11f * near)) * (0.55f + (0.45f * MathF.Sin((t * 2.1f) + (i * 2.4f))));
                    var x = stage.SunX + (dice.Range(i, -0.5f, 0.5f) * stage.Unit * 0.14f * (0.3f + near));
                    ink.Oval(x, top + (span * near * near), MathF.Max(0, w), stage.Unit * (0.0014f + (0.004f * near)),
                        mood.Sun.Fade(0.6f * (1 - (near * 0.6f))));
                }
            }
        });
    }

    private static void Whitecaps(Ink ink, Stage stage, Dice dice, float top, float span, float t)
    {
        for (var i = 0; i < 34; i++)
        {
            var near = dice.At(i + 400);
            var age = ((t * 0.35f) + dice.At(i + 440)) % 1;
            var x = stage.Left + ((stage.Right - stage.Left) * ((dice.At(i + 480) + (age * 0.06f)) % 1));
            var w = stage.Unit * (0.02f + (0.1f * near * near));
            var y = top + (span * near * near);
            ink.Limb(x - w, y, x, y - (w * 0.28f), x + w, y + (w * 0.05f), w * 0.1f,
                SKColors.White.Fade(0.55f * MathF.Sin(age * MathF.PI)));
        }
    }

    public static void Lake(Stage stage)
    {
        stage.Horizon = stage.Height * 0.54f;
        stage.Water = stage.Height * 0.74f;
        SkyPainter.Add(stage);
        Land.Ranges(stage, 2);
        Land.PineRow(stage, stage.Horizon + (stage.Unit * 0.01f), 34, 0.085f);
        Surface(stage, stage.Horizon + (stage.Unit * 0.025f), stage.Bottom, 0.4f);
        stage.Still(0.36f, ink =>
        {
            // The dark shore stands on its head in still water.
            ink.Gradient(new SKRect(stage.Left, stage.Horizon + (stage.Unit * 0.025f), stage.Right, stage.Horizon + (stage.Unit * 0.2f)),
                Rgb(0x2A4A4A).Fade(0.5f), Rgb(0x2A4A4A).WithAlpha(0));
        });
        Bank(stage);
    }

    private static void Bank(Stage stage)
    {
        stage.Ground = stage.Height * 0.91f;
        if (stage.Scene.Casts.Any(CastDirector.OnLand))
        {
            Land.Floor(stage, stage.Height * 0.83f, Land.Grass(stage));
            Land.Tufts(stage, stage.Height * 0.84f, true);
        }
    }

    public static void River(Stage stage)
    {
        stage.Horizon = stage.Height * 0.56f;
        stage.Water = stage.Height * 0.8f;
        SkyPainter.Add(stage);
        Land.Ranges(stage, 2);
        Land.Hills(stage, stage.Horizon, Land.Grass(stage), 2);
        Land.PineRow(stage, stage.Horizon + (stage.Unit * 0.06f), 22, 0.1f);
        Surface(stage, stage.Horizon + (stage.Unit * 0.1f), stage.Bottom, 0.5f);
        Bank(stage);
    }

    public static void Waterfall(Stage stage)
    {
        stage.Horizon = stage.Height * 0.3f;
        stage.Water = stage.Height * 0.84f;
        SkyPainter.Add(stage);
        var rock = Rgb(0x5E6A62);
        var (cx, u, pool) = (stage.Width * 0.5f, stage.Unit, stage.Height * 0.76f);
        var noise = stage.Dice.Fork(121);
        stage.Still(0.25f, ink =>
        {
            ink.Ridge(stage.Left, stage.Right, stage.Bottom, u * 0.02f, x =>
                (stage.Height * 0.24f) + (u * 0.07f * noise.Fractal(x / u * 4, 3)), rock.Light(0.06f), rock.Dark(0.35f));
            for (var i = 0; i < 60; i++)
            {
                var (x, y) = (noise.Range(i, stage.Left, stage.Right), noise.Range(i + 100, stage.Height * 0.3f, pool));
                ink.Line(x, y, x + (u * 0.01f), y + (u * noise.Range(i + 200, 0.03f, 0.1f)), u * 0.006f, rock.Dark(0.35f).Fade(0.5f));
                ink.Oval(noise.Range(i + 300, stage.Left, stage.Right), (stage.Height * 0.25f) + (u * 0.03f * noise.At(i + 400)),
                    u * 0.05f, u * 0.022f, Rgb(0x4E8A3E).Dark(noise.At(i + 500) * 0.3f));
            }
        });
        Surface(stage, pool, stage.Bottom, 0.7f);
        stage.Moving(0.4f, (ink, t) =>
        {
            var w = u * 0.17f;
            ink.Gradient(new SKRect(cx - w, stage.Height * 0.245f, cx + w, pool + (u * 0.02f)), Rgb(0xDFF2FA), Rgb(0xA9D4E8),
                Rgb(0xE9F7FC));
            for (var i = 0; i < 44; i++)
            {
                var x = cx + (noise.Range(i + 600, -0.97f, 0.97f) * w);
                var fall = ((t * noise.Range(i + 650, 0.45f, 0.8f)) + noise.At(i + 700)) % 1;
                var y = (stage.Height * 0.25f) + ((pool - (stage.Height * 0.25f)) * fall);
                ink.Line(x, y, x, MathF.Min(pool, y + (u * 0.1f)), u * 0.006f, SKColors.White.Fade(0.7f));
            }

            for (var i = 0; i < 12; i++)
            {
                var puff = ((t * 0.4f) + (i / 12f)) % 1;
                ink.Glow(cx + (noise.Range(i + 800, -1.3f, 1.3f) * w), pool - (puff * u * 0.09f), u * (0.05f + (puff * 0.07f)),
                    SKColors.White.Fade(0.5f * (1 - puff)));
            }
        });
        Bank(stage);
    }

    public static void Underwater(Stage stage)
    {
        stage.HasSky = false;
        stage.Horizon = stage.Height * 0.78f;
        stage.Ground = stage.Height * 0.92f;
        var dark = stage.Mood.Dark ? 0.45f : 0;
        stage.Still(0, ink =>
        {
            using var unlit = Land.Unlit(ink);
            ink.Gradient(stage.Bounds, Rgb(0x6FD8E8).Dark(dark), Rgb(0x1F8FC0).Dark(dark), Rgb(0x0B4A86).Dark(dark),
                Rgb(0x062A5A).Dark(dark));
        });
        stage.Moving(0.05f, (ink, t) =>
        {
            for (var i = 0; i < 6; i++)
            {
                var x = (stage.Width * ((i * 0.2f) - 0.05f)) + (MathF.Sin((t * 0.3f) + i) * stage.Unit * 0.05f);
                ink.Poly(SKColors.White.Fade(0.07f), x, stage.Top, x + (stage.Unit * 0.1f), stage.Top, x + (stage.Unit * 0.02f),
                    stage.Height * 0.85f, x - (stage.Unit * 0.2f), stage.Height * 0.85f);
            }
        });
        var sand = Rgb(0xC9BE92).Mix(Rgb(0x1F6A9A), 0.35f);
        var dice = stage.Dice.Fork(131);
        stage.Still(0.5f, ink => ink.Ridge(stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.02f, x =>
            stage.Horizon + (stage.Height * 0.05f) + (stage.Unit * 0.03f * dice.Wave(x / stage.Unit * 2)), sand, sand.Dark(0.4f)));
        stage.Moving(0.7f, (ink, t) =>
        {
            for (var i = 0; i < 26; i++)
            {
                var x = dice.Range(i, stage.Left, stage.Right);
                var y = stage.Height * dice.Range(i + 40, 0.86f, 1.0f);
                var h = stage.Unit * dice.Range(i + 80, 0.07f, 0.22f);
                var sway = MathF.Sin((t * 0.9f) + i) * h * 0.2f;
                if (i % 2 == 0)
                {
                    ink.Limb(x, y, x - sway, y - (h * 0.5f), x + sway, y - h, h * 0.08f, Rgb(0x2F8A5A).Dark(dice.At(i + 120) * 0.3f));
                    continue;
                }

                var coral = (i / 2 % 4) switch { 0 => Rgb(0xF0707A), 1 => Rgb(0xF2A04A), 2 => Rgb(0xC97AD8), _ => Rgb(0xF4D06A) };
                for (var b = -2; b <= 2; b++)
                {
                    ink.Limb(x, y, x + (b * h * 0.1f), y - (h * 0.4f), x + (b * h * 0.2f), y - (h * (0.75f - (MathF.Abs(b) * 0.1f))),
                        h * 0.13f, coral.Dark(0.08f * MathF.Abs(b)));
                }
            }

            for (var i = 0; i < 22; i++)
            {
                var rise = ((t * dice.Range(i + 200, 0.05f, 0.12f)) + dice.At(i + 230)) % 1;
                var r = stage.Unit * dice.Range(i + 260, 0.004f, 0.012f);
                ink.Ring(dice.Range(i + 290, 0, stage.Width) + (MathF.Sin((t * 2) + i) * r * 2), stage.Height * (1 - rise), r, r * 0.3f,
                    SKColors.White.Fade(0.6f));
            }
        });
    }
}
