using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Places;

/// <summary>Mountains, hills, deserts, forests and what lies at their feet.</summary>
internal static class Land
{
    public static SKColor Grass(Stage stage) =>
        stage.Scene.Weather.HasFlag(Weather.Snow) ? Rgb(0xE9F0F6) : stage.Scene.Weather.HasFlag(Weather.Leaves) ? Rgb(0xA98A3E)
            : Rgb(0x6BAA42);

    public static void Mountains(Stage stage)
    {
        stage.Horizon = stage.Height * 0.66f;
        SkyPainter.Add(stage);
        Ranges(stage, 3);
        Hills(stage, stage.Horizon, Grass(stage).Mix(Rgb(0x3E6E50), stage.Scene.Weather.HasFlag(Weather.Snow) ? 0.08f : 0.45f), 2);
        PineRow(stage, stage.Height * 0.8f, 26, 0.11f);
        Floor(stage, stage.Height * 0.83f, Grass(stage));
    }

    public static void Ranges(Stage stage, int count)
    {
        var dice = stage.Dice.Fork(21);
        for (var i = 0; i < count; i++)
        {
            var near = (i + 1f) / count;
            var noise = dice.Fork(i);
            var height = stage.Horizon * (0.62f - (near * 0.26f));
            var rock = stage.Mood.Haze.Mix(Rgb(0x4A5A78).Times(stage.Mood.Light), 0.3f + (near * 0.55f));
            float Peak(float x)
            {
                var u = x / stage.Unit;
                var sharp = 1 - MathF.Abs(noise.Wave((u * 2.3f) + 5));
                return stage.Horizon - (height * ((0.28f + (0.62f * sharp * sharp)) + (0.1f * noise.Fractal(u * 9, 3))));
            }

            var step = MathF.Max(1, stage.Unit * 0.003f);
            stage.Still(0.12f + (near * 0.2f), ink =>
            {
                using var none = Unlit(ink);
                ink.Ridge(stage.Left, stage.Right, stage.Horizon + (stage.Unit * 0.1f), step, Peak, rock, rock.Mix(stage.Mood.Haze, 0.55f));
                var snow = SKColors.White.Times(stage.Mood.Light).Mix(stage.Mood.Haze, 0.35f * (1 - near));
                var line = stage.Horizon - (height * (stage.Scene.Weather.HasFlag(Weather.Snow) ? 0.3f : 0.56f));
                var shaded = snow.Mix(rock, 0.45f);
                for (var x = stage.Left; x < stage.Right; x += step)
                {
                    // Fingers of snow run down, and the side away from the sun lies in shade.
                    var finger = noise.Fork(9).Fractal(x / stage.Unit * 22, 2);
                    var depth = line + (stage.Unit * 0.05f * finger) - Peak(x);
                    if (depth > 0)
                    {
                        var slope = (Peak(x + (step * 3)) - Peak(x - (step * 3))) / (step * 6) * (stage.SunX > x ? 1 : -1);
                        ink.Poly(snow.Mix(shaded, 0.5f - (slope * 0.9f)), x, Peak(x) - 0.5f, x + step + 0.5f, Peak(x + step) - 0.5f,
                            x + step + 0.5f, Peak(x) + depth, x, Peak(x) + depth);
                    }
                }
            });
        }
    }

    public static void Meadow(Stage stage)
    {
        stage.Horizon = stage.Height * 0.6f;
        SkyPainter.Add(stage);
        if (stage.Dice.At(77) < 0.5f)
        {
            Ranges(stage, 1);
        }

        Hills(stage, stage.Horizon, Grass(stage), 3);
        Floor(stage, stage.Height * 0.76f, Grass(stage));
        Tufts(stage, stage.Height * 0.78f, true);
    }

    /// <summary>A meadow with a fence, a hedge and beds of flowers.</summary>
    public static void Garden(Stage stage)
    {
        stage.Horizon = stage.Height * 0.52f;
        SkyPainter.Add(stage);
        Hills(stage, stage.Horizon, Grass(stage), 2);
        var dice = stage.Dice.Fork(57);
        var u = stage.Unit;
        var fence = stage.Height * 0.68f;
        stage.Still(0.4f, ink =>
        {
            foreach (var x in (ReadOnlySpan<float>)[stage.Width * 0.1f, stage.Width * 0.9f])
            {
                using (ink.At(x, fence - (u * 0.01f), u / 190, u / 190))
                {
                    Subjects.Plants.Tree(ink, new Pose(0, Rgb(0x4E9A3E), Motion.Still, dice, false));
                }
            }

            for (var i = 0; i < 40; i++)
            {
                ink.Dot(stage.Left + ((stage.Right - stage.Left) * i / 39f), fence - (u * dice.Range(i, 0.03f, 0.07f)),
                    u * dice.Range(i + 50, 0.05f, 0.075f), Rgb(0x3E7E3A).Dark(dice.At(i + 90) * 0.2f));
            }
        });
        stage.Still(0.5f, ink =>
        {
            var white = Rgb(0xF7F4EC);
            ink.Rect(stage.Left, fence - (u * 0.085f), stage.Right - stage.Left, u * 0.014f, white.Dark(0.12f));
            ink.Rect(stage.Left, fence - (u * 0.035f), stage.Right - stage.Left, u * 0.014f, white.Dark(0.12f));
            for (var x = stage.Left; x < stage.Right; x += u * 0.047f)
            {
                ink.Poly(white, x, fence, x, fence - (u * 0.115f), x + (u * 0.014f), fence - (u * 0.132f), x + (u * 0.028f),
                    fence - (u * 0.115f), x + (u * 0.028f), fence);
            }
        });
        Floor(stage, fence - (u * 0.008f), Grass(stage));
        Tufts(stage, stage.Height * 0.71f, true);
        stage.Still(0.62f, ink =>
        {
            for (var i = 0; i < 34; i++)
            {
                var s = u * dice.Range(i + 200, 0.0007f, 0.0011f);
                using (ink.At(stage.Left + ((stage.Right - stage.Left) * (i + dice.At(i + 240)) / 34f),
                    fence + (u * dice.Range(i + 280, 0.01f, 0.05f)), s, s))
                {
                    var color = (i % 4) switch { 0 => Rgb(0xE85A9A), 1 => Rgb(0xE0403A), 2 => Rgb(0xF6C42E), _ => Rgb(0xB07AE0) };
                    Subjects.Plants.Flower(ink, new Pose(0, color, Motion.Still, dice.Fork(i), false));
                }
            }
        });
    }

    public static void Hills(Stage stage, float top, SKColor grass, int count)
    {
        var dice = stage.Dice.Fork(31);
        for (var i = 0; i < count; i++)
        {
            var near = (i + 1f) / count;
            var noise = dice.Fork(i);
            var y = top + ((stage.Height - top) * 0.3f * (near - (1f / count)));
            var tone = grass.Dark(0.05f * i).Mix(stage.Mood.Haze, 0.5f * (1 - near));
            stage.Still(0.3f + (near * 0.25f), ink => ink.Ridge(
                stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.02f, x =>
                    y - (stage.Unit * 0.07f * noise.Wave((x / stage.Unit * 1.6f) + (i * 7))) - (stage.Unit * 0.03f), tone.Light(0.08f),
                    tone.Dark(0.2f)));
        }
    }

    public static void Floor(Stage stage, float top, SKColor color)
    {
        stage.Still(0.6f, ink => ink.Ridge(stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.03f, x =>
            top + (stage.Unit * 0.015f * stage.Dice.Fork(41).Wave(x / stage.Unit * 2)), color, color.Dark(0.34f)));
    }

    public static void Tufts(Stage stage, float top, bool flowers)
    {
        var dice = stage.Dice.Fork(51);
        if (stage.Scene.Weather.HasFlag(Weather.Snow))
        {
            return;
        }

        stage.Still(0.65f, ink =>
        {
            for (var i = 0; i < 240; i++)
            {
                var depth = i / 240f;
                var y = top + ((stage.Bottom - top) * depth);
                var x = dice.Range(i, stage.Left, stage.Right);
                var h = stage.Unit * (0.008f + (0.022f * depth));
                var green = Grass(stage).Mix(Rgb(0x2E5A2A), 0.3f + (dice.At(i + 500) * 0.4f));
                ink.Line(x, y, x - (h * 0.4f), y - h, h * 0.16f, green);
                ink.Line(x, y, x + (h * 0.3f), y - (h * 1.1f), h * 0.16f, green.Light(0.12f));
                if (flowers && i % 4 == 0)
                {
                    var petal = (i / 4 % 4) switch { 0 => Rgb(0xF6E27A), 1 => Rgb(0xF4F1EA), 2 => Rgb(0xE87AA8), _ => Rgb(0xB08AE0) };
                    ink.Dot(x, y - h, h * 0.24f, petal);
                }
            }
        });
    }

    public static void Desert(Stage stage)
    {
        stage.Horizon = stage.Height * 0.58f;
        SkyPainter.Add(stage);
        var sand = Rgb(0xE8B46A);
        for (var i = 0; i < 4; i++)
        {
            var noise = stage.Dice.Fork(60 + i);
            var y = stage.Horizon + ((stage.Height - stage.Horizon) * (i * 0.24f));
            var tone = sand.Mix(stage.Mood.Haze, 0.45f - (i * 0.15f)).Dark(i * 0.03f);
            var amp = stage.Unit * (0.06f + (i * 0.012f));
            float Dune(float x)
            {
                var w = noise.Wave((x / stage.Unit * 1.3f) + 3);
                return y - (amp * (1 - (MathF.Abs(w) * 1.3f)));
            }

            stage.Still(0.3f + (i * 0.12f), ink =>
            {
                ink.Ridge(stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.01f, Dune, tone.Light(0.14f), tone.Dark(0.2f));
                ink.Ridge(stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.01f, x =>
                    Dune(x) + (amp * (0.45f + (0.4f * noise.Wave(x / stage.Unit * 3)))), tone.Dark(0.1f), tone.Dark(0.24f));
            });
        }
    }

    public static void Forest(Stage stage)
    {
        stage.Horizon = stage.Height * 0.62f;
        SkyPainter.Add(stage);
        var autumn = stage.Scene.Weather.HasFlag(Weather.Leaves);
        var leaf = stage.Scene.Weather.HasFlag(Weather.Snow) ? Rgb(0x8FA8A8) : autumn ? Rgb(0xC9702A) : Rgb(0x2F6A40);
        var dice = stage.Dice.Fork(70);
        for (var row = 0; row < 3; row++)
        {
            var near = row / 2f;
            var tone = leaf.Mix(stage.Mood.Haze, 0.72f - (near * 0.6f)).Light(stage.Mood.Dark ? 0.05f * (1 - near) : 0);
            var n = dice.Fork(row);
            var baseY = stage.Height * (0.68f + (near * 0.09f));
            var count = 26 - (row * 8);
            stage.Still(0.25f + (near * 0.3f), ink =>
            {
                for (var i = 0; i < count; i++)
                {
                    var x = stage.Left + ((i + n.At(i)) / count * (stage.Right - stage.Left));
                    var h = stage.Unit * n.Range(i + 40, 0.42f, 0.7f) * (0.8f + (near * 0.35f));
                    var pose = new Pose(0, autumn ? tone.Mix(Rgb(i % 3 == 0 ? 0xE0A12Eu : 0xB0392Au), 0.5f)
                        : tone.Mix(Rgb(0x6A9A3E), n.At(i + 90) * 0.25f), Motion.Still, n.Fork(i), false);
                    using (ink.At(x, baseY, h / 100, h / 100))
                    {
                        if (autumn || i % 3 == 0)
                        {
                            Subjects.Plants.Tree(ink, pose);
                        }
                        else
                        {
                            Subjects.Plants.Pine(ink, pose);
                        }
                    }
                }
            });
        }

        Floor(stage, stage.Height * 0.77f, stage.Scene.Weather.HasFlag(Weather.Snow) ? Rgb(0xE4ECF2) : autumn ? Rgb(0xA8743A)
            : Rgb(0x4E7A3A));
        Tufts(stage, stage.Height * 0.79f, !autumn);
        stage.Still(0.7f, ink =>
        {
            for (var i = 0; i < 4; i++)
            {
                var x = (stage.SunX * 0.6f) + (i * stage.Width * 0.17f);
                ink.Poly(stage.Mood.Sun.Fade(stage.Mood.Dark ? 0.04f : 0.1f), x, stage.Top, x + (stage.Unit * 0.07f), stage.Top,
                    x + (stage.Unit * 0.36f), stage.Height * 0.84f, x + (stage.Unit * 0.16f), stage.Height * 0.84f);
            }
        });
        stage.Still(1, ink => Trunks(ink, stage));
    }

    private static void Trunks(Ink ink, Stage stage)
    {
        var bark = Rgb(0x3E2E26);
        var w = stage.Unit * 0.075f;
        foreach (var x in (ReadOnlySpan<float>)[stage.Width * 0.03f, stage.Width * 0.965f])
        {
            ink.Poly(bark, x - (w * 0.5f), stage.Top, x + (w * 0.5f), stage.Top, x + (w * 0.6f), stage.Height * 0.86f, x + w,
                stage.Height * 0.93f, x - w, stage.Height * 0.93f, x - (w * 0.6f), stage.Height * 0.86f);
            ink.Line(x + (w * 0.2f), stage.Top, x + (w * 0.24f), stage.Height * 0.88f, w * 0.1f, bark.Light(0.14f));
        }
    }

    public static void Jungle(Stage stage)
    {
        stage.Horizon = stage.Height * 0.6f;
        SkyPainter.Add(stage);
        var dice = stage.Dice.Fork(80);
        var green = Rgb(0x2E8A4A);
        for (var row = 0; row < 3; row++)
        {
            var near = row / 2f;
            var n = dice.Fork(row);
            stage.Still(0.25f + (near * 0.3f), ink =>
            {
                for (var i = 0; i < 15; i++)
                {
                    var h = stage.Unit * n.Range(i + 40, 0.5f, 0.85f);
                    var pose = new Pose(0, green.Mix(stage.Mood.Haze, 0.55f - (near * 0.45f)).Dark(n.At(i + 70) * 0.2f), Motion.Still,
                        n.Fork(i), false);
                    using (ink.At(stage.Left + ((i + n.At(i)) / 15 * (stage.Right - stage.Left)), stage.Height * (0.72f + (near * 0.08f)),
                        h / 100, h / 100))
                    {
                        if (i % 2 == 0)
                        {
                            Subjects.Plants.Palm(ink, pose);
                        }
                        else
                        {
                            Subjects.Plants.Tree(ink, pose);
                        }
                    }
                }
            });
        }

        Floor(stage, stage.Height * 0.78f, Rgb(0x3E7A34));
        Tufts(stage, stage.Height * 0.8f, true);
        stage.Still(1, ink =>
        {
            for (var i = 0; i < 10; i++)
            {
                var left = i % 2 == 0;
                using (ink.At(left ? stage.Width * -0.02f : stage.Width * 1.02f, stage.Height * (0.62f + (i * 0.045f)),
                    (left ? 1 : -1) * stage.Unit / 260, stage.Unit / 260, (left ? 1 : -1) * (-34 + (i * 9))))
                {
                    ink.Shape("M0,0 C14,-18 44,-20 72,4 C46,6 20,10 0,4 Z", Rgb(0x1F5A30).Dark(i % 3 * 0.12f));
                }
            }
        });
    }

    public static void PineRow(Stage stage, float y, int count, float size)
    {
        var dice = stage.Dice.Fork(90);
        var tone = (stage.Scene.Weather.HasFlag(Weather.Snow) ? Rgb(0x7A98A0) : Rgb(0x2F5A44)).Mix(stage.Mood.Haze, 0.15f);
        stage.Still(0.5f, ink =>
        {
            for (var i = 0; i < count; i++)
            {
                var h = stage.Unit * size * dice.Range(i, 0.7f, 1.5f);
                using (ink.At(stage.Left + ((i + dice.At(i + 50)) / count * (stage.Right - stage.Left)),
                    y + (stage.Unit * 0.03f * dice.At(i + 90)), h / 100, h / 100))
                {
                    Subjects.Plants.Pine(ink, new Pose(0, tone, Motion.Still, dice, false));
                }
            }
        });
    }

    public static void Volcano(Stage stage)
    {
        stage.Horizon = stage.Height * 0.7f;
        SkyPainter.Add(stage);
        var (cx, top, foot) = (stage.Width * 0.5f, stage.Height * 0.28f, stage.Horizon + (stage.Unit * 0.04f));
        var u = stage.Unit;
        stage.Moving(0.2f, (ink, t) =>
        {
            for (var i = 0; i < 9; i++)
            {
                var rise = ((t * 0.06f) + (i / 9f)) % 1;
                ink.Dot(cx + (MathF.Sin((i * 2.1f) + (rise * 3)) * u * 0.1f * rise), top - (rise * u * 0.42f),
                    u * (0.04f + (rise * 0.12f)), Rgb(0x4A4248).Fade(0.75f * (1 - rise)));
            }

            ink.Glow(cx, top, u * 0.34f, Rgb(0xFF6A2A).Fade(0.7f), add: true);
            for (var i = 0; i < 26; i++)
            {
                var age = ((t * 0.5f) + stage.Dice.At(i + 700)) % 1;
                var vx = stage.Dice.Range(i + 730, -0.3f, 0.3f) * u;
                ink.Dot(cx + (vx * age), top - (u * 0.42f * age) + (u * 0.62f * age * age), u * 0.006f, Rgb(0xFFB43A).Fade(1 - age));
            }
        });
        stage.Still(0.25f, ink =>
        {
            ink.Poly(Rgb(0x4A3A3E), cx - (u * 0.66f), foot, cx - (u * 0.3f), top + (u * 0.2f), cx - (u * 0.1f), top, cx + (u * 0.1f), top,
                cx + (u * 0.3f), top + (u * 0.22f), cx + (u * 0.7f), foot);
            ink.Poly(Rgb(0x33282E), cx + (u * 0.02f), top, cx + (u * 0.1f), top, cx + (u * 0.3f), top + (u * 0.22f), cx + (u * 0.7f), foot,
                cx + (u * 0.16f), foot);
            var light = ink.Light;
            ink.Light = SKColors.White;
            using (ink.At(cx, top, u / 500, u / 500))
            {
                ink.Shape("M-46,-4 C-20,10 20,10 46,-4 C40,20 24,16 20,60 C16,120 40,150 30,230 C14,180 -2,150 2,80 C0,40 -10,30 -18,70 "
                    + "C-26,130 -60,160 -70,240 C-70,170 -40,120 -36,60 C-34,24 -42,16 -46,-4 Z", Rgb(0xFF6A2A));
                ink.Shape("M-34,2 C-14,12 14,12 34,2 C22,20 14,22 10,70 C8,40 -6,30 -22,60 C-24,30 -30,18 -34,2 Z", Rgb(0xFFC23A));
            }

            ink.Light = light;
        });
        Hills(stage, stage.Horizon, Rgb(0x4A4A3E), 2);
        Floor(stage, stage.Height * 0.83f, Rgb(0x4A463C));
    }

    /// <summary>Lifts the scene's light off colours that already carry it.</summary>
    public static LightScope Unlit(Ink ink)
    {
        var scope = new LightScope(ink, ink.Light);
        ink.Light = SKColors.White;
        return scope;
    }

    internal readonly struct LightScope(Ink ink, SKColor light) : IDisposable
    {
        public void Dispose() => ink.Light = light;
    }
}
