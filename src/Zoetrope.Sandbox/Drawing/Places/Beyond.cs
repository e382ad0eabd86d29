using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Places;

/// <summary>Ice, space, other planets, the open sky, and pictures of nothing in particular.</summary>
internal static class Beyond
{
    public static void Arctic(Stage stage)
    {
        stage.Horizon = stage.Height * 0.58f;
        SkyPainter.Add(stage);
        Land.Ranges(stage, 2);
        var ice = Rgb(0xE6F1F8);
        var dice = stage.Dice.Fork(181);
        stage.Still(0.4f, ink =>
        {
            for (var i = 0; i < 6; i++)
            {
                var (x, y, s) = (dice.Range(i, stage.Left, stage.Right), stage.Horizon + (stage.Unit * 0.06f),
                    stage.Unit * dice.Range(i + 10, 0.1f, 0.24f));
                ink.Poly(ice.Mix(stage.Mood.Haze, 0.3f), x - s, y, x - (s * 0.5f), y - (s * 0.6f), x, y - s, x + (s * 0.4f),
                    y - (s * 0.5f), x + s, y);
                ink.Poly(Rgb(0xA9CDE3).Mix(stage.Mood.Haze, 0.3f), x, y - s, x + (s * 0.4f), y - (s * 0.5f), x + s, y, x + (s * 0.1f), y);
            }
        });
        Land.Hills(stage, stage.Horizon + (stage.Unit * 0.06f), ice, 2);
        Land.Floor(stage, stage.Height * 0.76f, ice.Light(0.3f));
    }

    public static void Space(Stage stage)
    {
        stage.HasSky = false;
        stage.Horizon = stage.Height;
        stage.Ground = stage.Height * 0.72f;
        Starfield(stage);
        var u = stage.Unit;
        var hue = stage.Scene.Palette.Count > 0 ? stage.Scene.Palette[0]
            : stage.Dice.Pick(5, 3) switch { 0 => Rgb(0xE08A4A), 1 => Rgb(0x4A8AE0), _ => Rgb(0x9A6AD0) };
        stage.Still(0.2f, ink => Planet(ink, stage.Width * 0.8f, stage.Height * 0.26f, u * 0.17f, hue, true));
        stage.Still(0.35f, ink => Planet(ink, stage.Width * 0.16f, stage.Height * 0.8f, u * 0.09f, Rgb(0xB8B4AC), false));
    }

    /// <summary>The Earth below, with its clouds and thin air.</summary>
    public static void Orbit(Stage stage)
    {
        stage.HasSky = false;
        stage.Horizon = stage.Height;
        stage.Ground = stage.Height * 0.7f;
        Starfield(stage);
        var (u, dice) = (stage.Unit, stage.Dice.Fork(193));
        var (x, y, r) = (stage.Width * 0.5f, (stage.Height * 0.6f) + (u * 1.5f), u * 1.5f);
        stage.Moving(0.15f, (ink, t) =>
        {
            ink.Light = SKColors.White;
            ink.Glow(x, y, r * 1.12f, Rgb(0x6FB8FF).Fade(0.9f), add: true);
            ink.Ball(x, y, r, Rgb(0x2A6AC8));
            ink.Canvas.Save();
            using var clip = new SKPathBuilder();
            clip.AddCircle(x, y, r);
            using var disc = clip.Detach();
            ink.Canvas.ClipPath(disc, antialias: true);
            ink.Canvas.RotateDegrees(-t * 0.7f, x, y);
            for (var i = 0; i < 9; i++)
            {
                using (ink.At(x, y, degrees: (i * 14) - 58 + dice.Range(i, -4, 4)))
                using (ink.At(0, -r * dice.Range(i + 20, 0.82f, 0.96f), u * 0.0012f, u * 0.0006f, dice.Range(i + 40, -30, 30)))
                {
                    var land = i % 3 == 2 ? Rgb(0xB89A5A) : Rgb(0x4E8A4A);
                    ink.Shape("M-110,-10 C-90,-60 -30,-50 -10,-70 C30,-90 90,-60 100,-20 C120,10 60,20 50,50 C40,80 0,90 -20,60 C-30,40 "
                        + "-70,50 -110,-10 Z", land);
                    ink.Shape("M-60,-20 C-40,-46 20,-40 40,-50 C60,-40 40,0 10,10 C-20,20 -50,10 -60,-20 Z", land.Light(0.15f));
                }
            }

            for (var i = 0; i < 22; i++)
            {
                using (ink.At(x, y, degrees: (i * 6) - 62 + dice.Range(i + 60, -3, 3) - (t * 0.5f)))
                {
                    ink.Oval(0, -r * dice.Range(i + 90, 0.78f, 0.985f), u * dice.Range(i + 120, 0.04f, 0.13f),
                        u * dice.Range(i + 150, 0.006f, 0.014f), SKColors.White.Fade(0.75f));
                }
            }

            ink.Canvas.Restore();
            ink.Ring(x, y, r, u * 0.01f, Rgb(0xBFE3FF).Fade(0.8f));
        });
    }

    private static void Starfield(Stage stage)
    {
        var dice = stage.Dice.Fork(191);
        stage.Still(0, ink =>
        {
            ink.Light = SKColors.White;
            ink.Gradient(stage.Bounds, Rgb(0x070818), Rgb(0x151038), Rgb(0x080A1E));
            for (var i = 0; i < 26; i++)
            {
                var color = (i % 3) switch { 0 => Rgb(0x7A3AC0), 1 => Rgb(0x2A6AD0), _ => Rgb(0xD03A8A) };
                var x = stage.Width * dice.At(i);
                ink.Glow(x, (stage.Height * 0.75f) - (x / stage.Width * stage.Height * 0.5f)
                    + (stage.Unit * dice.Range(i + 40, -0.16f, 0.16f)), stage.Unit * dice.Range(i + 80, 0.14f, 0.42f), color.Fade(0.17f),
                    add: true);
            }

            for (var i = 0; i < 420; i++)
            {
                var b = dice.At(i + 900);
                ink.Dot(dice.Range(i + 1400, stage.Left, stage.Right), dice.Range(i + 1900, stage.Top, stage.Bottom),
                    stage.Unit * (0.0007f + (b * b * b * 0.003f)), SKColors.White.Mix(Rgb(0xA9C9FF),
                    dice.At(i + 2400)).Fade(0.4f + (b * 0.6f)));
            }
        });
        stage.Moving(0.05f, (ink, t) =>
        {
            for (var i = 0; i < 16; i++)
            {
                var (x, y) = (dice.Range(i + 3000, 0, stage.Width), dice.Range(i + 3050, 0, stage.Height));
                ink.Glow(x, y, stage.Unit * 0.012f * (0.5f + (0.5f * MathF.Sin((t * 1.3f) + i))), SKColors.White);
            }
        });
    }

    private static void Planet(Ink ink, float x, float y, float r, SKColor hue, bool rings)
    {
        ink.Glow(x, y, r * 1.7f, hue.Light(0.3f).Fade(0.3f), add: true);
        ink.Ball(x, y, r, hue);
        ink.Canvas.Save();
        using (var clip = new SKPathBuilder())
        {
            clip.AddCircle(x, y, r);
            using var path = clip.Detach();
            ink.Canvas.ClipPath(path, antialias: true);
            for (var i = 0; i < 5; i++)
            {
                ink.Oval(x - (r * 0.1f), y - (r * 0.7f) + (i * r * 0.36f), r * 1.1f, r * 0.07f,
                    (i % 2 == 0 ? hue.Light(0.35f) : hue.Dark(0.3f)).Fade(0.45f));
            }

            ink.Glow(x + (r * 0.9f), y + (r * 0.7f), r * 1.3f, SKColors.Black.Fade(0.75f));
        }

        ink.Canvas.Restore();
        if (rings)
        {
            using (ink.At(x, y, 1, 0.26f, -18))
            {
                ink.Canvas.Save();
                ink.Canvas.ClipRect(new SKRect(-r * 3, 0, r * 3, r * 8));
                ink.Ring(0, 0, r * 1.62f, r * 0.2f, hue.Light(0.5f).Fade(0.85f));
                ink.Ring(0, 0, r * 1.9f, r * 0.13f, hue.Light(0.3f).Fade(0.6f));
                ink.Canvas.Restore();
            }
        }
    }

    public static void Planetscape(Stage stage)
    {
        stage.HasSky = false;
        stage.Horizon = stage.Height * 0.68f;
        Starfield(stage);
        stage.Still(0.1f, ink => Planet(ink, stage.Width * 0.76f, stage.Height * 0.24f, stage.Unit * 0.13f, Rgb(0x3F86D8), false));
        var soil = stage.Scene.Palette.Count > 0 ? stage.Scene.Palette[0] : Rgb(0xA9A6A8);
        var noise = stage.Dice.Fork(201);
        for (var i = 0; i < 2; i++)
        {
            var row = i;
            stage.Still(0.3f + (i * 0.3f), ink => ink.Ridge(stage.Left, stage.Right, stage.Bottom, stage.Unit * 0.01f, x =>
                stage.Horizon + (row * stage.Unit * 0.08f) - (stage.Unit * 0.06f * noise.Fork(row).Fractal(x / stage.Unit * 3, 3)),
                soil.Dark(0.25f - (row * 0.2f)), soil.Dark(0.6f)));
        }

        stage.Still(0.62f, ink =>
        {
            for (var i = 0; i < 14; i++)
            {
                var near = noise.At(i + 40);
                var (x, y, r) = (noise.Range(i, stage.Left, stage.Right), stage.Height * (0.8f + (near * 0.18f)),
                    stage.Unit * (0.02f + (near * 0.05f)));
                ink.Oval(x, y, r, r * 0.3f, soil.Dark(0.5f));
                ink.Oval(x, y + (r * 0.07f), r * 0.92f, r * 0.22f, soil.Dark(0.3f));
            }
        });
    }

    public static void Sky(Stage stage)
    {
        stage.Horizon = stage.Height * 0.92f;
        stage.Ground = stage.Height * 0.7f;
        SkyPainter.Add(stage);
        var cloud = SKColors.White.Mix(stage.Mood.Low, 0.35f);
        var noise = stage.Dice.Fork(211);
        for (var row = 0; row < 3; row++)
        {
            var r = row;
            stage.Moving(0.3f + (row * 0.25f), (ink, t) =>
            {
                using var unlit = Land.Unlit(ink);
                for (var i = 0; i < 12; i++)
                {
                    var size = stage.Unit * noise.Range(i + (r * 30), 0.1f, 0.19f);
                    ink.Dot(stage.Left + ((i + noise.At(i + (r * 50))) / 12 * (stage.Right - stage.Left))
                        + (MathF.Sin((t * 0.2f) + i) * size * 0.2f), stage.Height * (0.92f + (r * 0.06f)) + (size * 0.2f), size,
                        cloud.Dark(0.12f - (r * 0.06f)).Times(stage.Mood.Light.Light(0.5f)));
                }
            });
        }
    }

    /// <summary>A composition of soft discs and sweeps in a palette of the seed or of the prompt's colours.</summary>
    public static void Abstract(Stage stage)
    {
        stage.HasSky = false;
        stage.Indoors = true;
        stage.Horizon = stage.Height * 0.7f;
        ReadOnlySpan<uint> palettes = [0x1B2A49, 0xE07A5F, 0xF2CC8F, 0x81B29A, 0x2D1E2F, 0xF26A8D, 0xF4B860, 0x6BC5D2, 0x0F2E3D, 0x3AA6A0,
            0xF7E1AE, 0xEF6F53, 0x22223B, 0x9A8CFF, 0xF2E9E4, 0xF28FB0];
        var first = stage.Dice.Pick(1, 4) * 4;
        var colors = new SKColor[4];
        for (var i = 0; i < 4; i++)
        {
            colors[i] = i > 0 && stage.Scene.Palette.Count >= i ? stage.Scene.Palette[i - 1] : Rgb(palettes[first + i]);
        }

        var dice = stage.Dice.Fork(221);
        var u = stage.Unit;
        stage.Still(0, ink => ink.Gradient(stage.Bounds, colors[0].Light(0.1f), colors[0], colors[0].Dark(0.35f)));
        stage.Moving(0.2f, (ink, t) =>
        {
            for (var i = 0; i < 7; i++)
            {
                var (x, y) = ((stage.Width * dice.At(i)) + (MathF.Sin((t * 0.3f) + i) * u * 0.04f),
                    (stage.Height * dice.Range(i + 20, 0.05f, 0.75f)) + (MathF.Cos((t * 0.26f) + i) * u * 0.03f));
                var r = u * dice.Range(i + 40, 0.06f, 0.2f);
                ink.Shadow(x + (r * 0.2f), y + (r * 0.3f), r * 1.4f, r * 1.4f, 0.25f);
                ink.Ball(x, y, r, colors[1 + (i % 3)]);
            }

            for (var i = 0; i < 3; i++)
            {
                var n = dice.Fork(i);
                ink.Ridge(stage.Left, stage.Right, stage.Bottom, u * 0.02f, x =>
                    stage.Height * (0.7f + (i * 0.09f)) - (u * 0.07f * n.Wave((x / u * 1.5f) + (t * 0.12f))), colors[1 + i].Fade(0.9f),
                    colors[1 + i].Dark(0.4f));
            }
        });
    }
}
