using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Places;

/// <summary>Skylines, streets, villages and rooms.</summary>
internal static class Towns
{
    private static readonly uint[] Neons = [0xFF3DA8, 0x3DF0FF, 0xB06AFF, 0xFFD84A, 0x4AFFA0];

    public static void City(Stage stage) => Build(stage, street: false);

    public static void Street(Stage stage) => Build(stage, street: true);

    private static void Build(Stage stage, bool street)
    {
        stage.Horizon = stage.Height * 0.74f;
        SkyPainter.Add(stage);
        var neon = stage.Scene.Style == Style.Neon;
        for (var row = 0; row < 3; row++)
        {
            Row(stage, row, row / 2f, neon);
        }

        var asphalt = neon ? Rgb(0x1A1430) : Rgb(0x5A5E68);
        stage.Still(0.6f, ink =>
        {
            ink.Gradient(new SKRect(stage.Left, stage.Horizon, stage.Right, stage.Bottom), asphalt.Light(0.12f), asphalt.Dark(0.2f));
            ink.Rect(stage.Left, stage.Horizon, stage.Right - stage.Left, stage.Unit * 0.022f, asphalt.Light(0.4f));
            if (street || stage.Scene.Casts.Count > 0)
            {
                for (var x = stage.Left; x < stage.Right; x += stage.Unit * 0.2f)
                {
                    ink.Poly(Rgb(0xF4EFD8).Fade(0.8f), x, stage.Height * 0.925f, x + (stage.Unit * 0.11f), stage.Height * 0.925f,
                        x + (stage.Unit * 0.105f), stage.Height * 0.937f, x - (stage.Unit * 0.005f), stage.Height * 0.937f);
                }
            }

            if (neon || stage.Scene.Weather.HasFlag(Weather.Rain) || stage.Mood.Dark)
            {
                var dice = stage.Dice.Fork(141);
                for (var i = 0; i < 26; i++)
                {
                    // Wet asphalt drags the lights down.
                    var x = dice.Range(i, stage.Left, stage.Right);
                    var light = neon ? Rgb(Neons[i % Neons.Length]) : Rgb(0xFFD27A);
                    using var unlit = Land.Unlit(ink);
                    ink.Gradient(new SKRect(x, stage.Horizon, x + (stage.Unit * dice.Range(i + 40, 0.008f, 0.03f)), stage.Bottom),
                        light.Fade(0.45f), light.WithAlpha(0));
                }
            }
        });
        stage.Still(0.62f, ink => Lamps(ink, stage));
        if (!stage.Scene.Casts.Any(static cast => cast.Kind is "car" or "bus"))
        {
            stage.Moving(0.66f, (ink, t) => Traffic(ink, stage, t));
        }
    }

    // Two lanes: the far one drives left, the near one right.
    private static void Traffic(Ink ink, Stage stage, float t)
    {
        var dice = stage.Dice.Fork(161);
        var span = stage.Right - stage.Left + (stage.Unit * 0.8f);
        for (var lane = 0; lane < 2; lane++)
        {
            for (var i = 0; i < 3; i++)
            {
                var n = (lane * 10) + i;
                var way = ((((i + (dice.At(n) * 0.5f)) / 3) + (t * dice.Range(lane + 60, 0.055f, 0.075f))) % 1) * span;
                var x = stage.Left - (stage.Unit * 0.4f) + (lane == 0 ? span - way : way);
                var size = stage.Unit * (0.0011f + (lane * 0.0003f));
                using (ink.At(x, stage.Horizon + ((stage.Height - stage.Horizon) * (0.34f + (lane * 0.3f))), lane == 0 ? -size : size,
                    size))
                {
                    var paint = (n % 5) switch { 0 => Rgb(0xC93A3A), 1 => Rgb(0xE8E4DC), 2 => Rgb(0x2F6AB0), 3 => Rgb(0xE3B030), _ =>
                        Rgb(0x4A5260) };
                    ink.Shadow(0, -4, 130, 14, 0.5f);
                    Subjects.Vehicles.Car(ink, new Pose(t, paint, Motion.Run, dice.Fork(n), stage.Mood.Dark));
                }
            }
        }
    }

    private static void Row(Stage stage, int row, float near, bool neon)
    {
        var dice = stage.Dice.Fork(150 + row);
        var wall = (neon ? Rgb(0x2A1A52) : Rgb(0x6A7890)).Mix(stage.Mood.Haze, 0.65f - (near * 0.5f));
        stage.Still(0.2f + (near * 0.25f), ink =>
        {
            var x = stage.Left;
            for (var i = 0; x < stage.Right; i++)
            {
                var w = stage.Unit * dice.Range(i, 0.08f, 0.17f);
                var h = stage.Horizon * dice.Range(i + 60, 0.3f, 0.78f) * (1 - (near * 0.34f));
                var top = stage.Horizon - h;
                var tone = wall.Dark(dice.At(i + 120) * 0.25f).Mix(Rgb(0x9A6A5A), neon ? 0 : dice.At(i + 150) * 0.25f * near);
                ink.Gradient(new SKRect(x, top, x + w, stage.Horizon), tone.Light(0.05f), tone.Dark(0.18f));
                ink.Rect(x + (w * 0.8f), top, w * 0.2f, h, tone.Dark(0.22f));
                if (dice.At(i + 200) < 0.4f)
                {
                    ink.Rect(x + (w * 0.3f), top - (h * 0.05f), w * 0.36f, h * 0.05f, tone.Dark(0.08f));
                    ink.Line(x + (w * 0.48f), top - (h * 0.05f), x + (w * 0.48f), top - (h * 0.15f), stage.Unit * 0.003f, tone.Dark(0.2f));
                }

                Windows(ink, stage, dice.Fork(i), x, top, w, h, tone, neon);
                x += w * 1.04f;
            }
        });
    }

    private static void Windows(Ink ink, Stage stage, Dice dice, float x, float top, float w, float h, SKColor wall, bool neon)
    {
        using var unlit = Land.Unlit(ink);
        var cell = stage.Unit * 0.021f;
        var lit = stage.Mood.Dark ? 0.5f : 0.06f;
        var n = 0;
        for (var y = top + (cell * 0.8f); y < top + h - cell; y += cell * 1.25f)
        {
            for (var cx = x + (cell * 0.4f); cx < x + (w * 0.97f) - (cell * 0.5f); cx += cell * 0.95f)
            {
                n++;
                var on = dice.At(n) < lit;
                var pane = on ? neon && n % 3 == 0 ? Rgb(Neons[dice.Pick(n + 999, Neons.Length)]) : Rgb(0xFFD98A)
                    : wall.Times(ink.Light).Mix(stage.Mood.Dark ? Rgb(0x0A1024) : Rgb(0xBFDDF0), 0.4f);
                ink.Rect(cx, y, cell * 0.55f, cell * 0.72f, pane.Fade(on ? 0.95f : 0.6f));
            }
        }

        if (neon && dice.At(3) < 0.6f)
        {
            var color = Rgb(Neons[dice.Pick(4, Neons.Length)]);
            var (sx, sy, sh) = (x + (w * 0.08f), top + (h * 0.2f), h * 0.36f);
            ink.Glow(sx, sy + (sh / 2), sh * 0.6f, color.Fade(0.5f), add: true);
            ink.Round(sx, sy, w * 0.16f, sh, w * 0.04f, color);
            ink.Round(sx + (w * 0.05f), sy + (w * 0.05f), w * 0.06f, sh - (w * 0.1f), w * 0.03f, color.Light(0.75f));
        }
    }

    private static void Lamps(Ink ink, Stage stage)
    {
        var u = stage.Unit;
        for (var x = stage.Left + (u * 0.3f); x < stage.Right; x += u * 0.62f)
        {
            var y = stage.Horizon + (u * 0.03f);
            ink.Line(x, y, x, y - (u * 0.24f), u * 0.006f, Rgb(0x2A2E38));
            ink.Limb(x, y - (u * 0.24f), x, y - (u * 0.265f), x + (u * 0.04f), y - (u * 0.265f), u * 0.006f, Rgb(0x2A2E38));
            if (stage.Mood.Dark)
            {
                ink.Glow(x + (u * 0.04f), y - (u * 0.26f), u * 0.1f, Rgb(0xFFE3A0).Fade(0.8f), add: true);
            }
        }
    }

    public static void Village(Stage stage)
    {
        stage.Horizon = stage.Height * 0.6f;
        SkyPainter.Add(stage);
        Land.Ranges(stage, 2);
        Land.Hills(stage, stage.Horizon, Land.Grass(stage), 2);
        var dice = stage.Dice.Fork(171);
        stage.Moving(0.5f, (ink, t) =>
        {
            for (var i = 0; i < 7; i++)
            {
                var h = stage.Unit * dice.Range(i + 20, 0.13f, 0.19f);
                using (ink.At(stage.Width * ((i + 0.5f + dice.Range(i, -0.2f, 0.2f)) / 7), stage.Height * dice.Range(i + 10, 0.7f, 0.78f),
                    h / 100, h / 100))
                {
                    var wall = (i % 3) switch { 0 => Rgb(0xF3E3C2), 1 => Rgb(0xE8C9A8), _ => Rgb(0xDDE3E8) };
                    Subjects.Buildings.House(ink, new Pose(t + i, wall, Motion.Still, dice, stage.Mood.Dark));
                }
            }
        });
        Land.Floor(stage, stage.Height * 0.79f, Land.Grass(stage));
        Land.Tufts(stage, stage.Height * 0.81f, true);
    }

    public static void Room(Stage stage)
    {
        Indoors(stage, Rgb(0xC9A88A), Rgb(0x8A5A38));
        var u = stage.Unit;
        stage.Still(0.2f, ink =>
        {
            var (x, y, w, h) = (stage.Width * 0.14f, stage.Height * 0.14f, u * 0.42f, u * 0.44f);
            ink.Rect(x - (u * 0.02f), y - (u * 0.02f), w + (u * 0.04f), h + (u * 0.04f), Rgb(0xF3EBDD));
            using (Land.Unlit(ink))
            {
                ink.Gradient(new SKRect(x, y, x + w, y + h), stage.Mood.Top, stage.Mood.Middle, stage.Mood.Low);
                ink.Dot(x + (w * 0.7f), y + (h * 0.3f), u * 0.03f, stage.Mood.Sun);
            }

            ink.Rect(x + (w * 0.485f), y, w * 0.03f, h, Rgb(0xF3EBDD));
            ink.Rect(x, y + (h * 0.48f), w, h * 0.025f, Rgb(0xF3EBDD));
            var (sx, sy) = (stage.Width * 0.66f, stage.Height * 0.2f);
            for (var shelf = 0; shelf < 3; shelf++)
            {
                var by = sy + (shelf * u * 0.15f);
                ink.Rect(sx, by + (u * 0.11f), u * 0.4f, u * 0.013f, Rgb(0x6A4228));
                for (var i = 0; i < 11; i++)
                {
                    var bh = u * stage.Dice.Range((shelf * 20) + i, 0.06f, 0.1f);
                    var spine = (i % 5) switch { 0 => Rgb(0xA83A32), 1 => Rgb(0x2F5A7A), 2 => Rgb(0xD9A84A), 3 => Rgb(0x4A7A4A), _ =>
                        Rgb(0x6A4A7A) };
                    ink.Round(sx + (u * (0.012f + (i * 0.033f))), by + (u * 0.11f) - bh, u * 0.027f, bh, u * 0.004f, spine);
                }
            }
        });
        stage.Still(0.6f, ink => ink.Oval(stage.Width * 0.5f, stage.Height * 0.88f, u * 0.52f, u * 0.085f, Rgb(0xA8483A)));
        stage.Still(0.61f, ink => ink.Oval(stage.Width * 0.5f, stage.Height * 0.88f, u * 0.45f, u * 0.068f, Rgb(0xD9B07A)));
    }

    public static void Kitchen(Stage stage)
    {
        Indoors(stage, Rgb(0xDCE8E4), Rgb(0x9A6A42));
        stage.Ground = stage.Height * 0.86f;
        var u = stage.Unit;
        stage.Still(0.2f, ink =>
        {
            for (var y = stage.Top; y < stage.Height * 0.72f; y += u * 0.075f)
            {
                for (var x = stage.Left; x < stage.Right; x += u * 0.15f)
                {
                    var shift = (int)((y - stage.Top) / (u * 0.075f)) % 2 == 0 ? 0 : u * 0.075f;
                    ink.Round(x + shift, y, u * 0.143f, u * 0.068f, u * 0.006f,
                        Rgb(0xEAF2EF).Dark(stage.Dice.At((int)(x + (y * 31))) * 0.05f));
                }
            }

            ink.Glow(stage.Width * 0.25f, stage.Height * 0.1f, u * 0.9f, Rgb(0xFFF3D0).Fade(0.5f));
        });
        stage.Still(0.5f, ink =>
        {
            ink.Gradient(new SKRect(stage.Left, stage.Height * 0.72f, stage.Right, stage.Bottom), Rgb(0xC08A58), Rgb(0x7A4E2E));
            for (var i = 0; i < 7; i++)
            {
                ink.Line(stage.Left, stage.Height * (0.745f + (i * 0.04f)), stage.Right, stage.Height * (0.742f + (i * 0.042f)),
                    u * 0.002f, Rgb(0x6A4226).Fade(0.5f));
            }
        });
    }

    public static void Studio(Stage stage)
    {
        stage.Indoors = true;
        stage.HasSky = false;
        stage.Horizon = stage.Height * 0.7f;
        stage.Ground = stage.Height * 0.78f;
        var hue = stage.Scene.Palette.Count > 0 ? stage.Scene.Palette[0]
            : (stage.Dice.Pick(8, 4)) switch { 0 => Rgb(0xE8DCD0), 1 => Rgb(0xCFE0E8), 2 => Rgb(0xE8D0D8), _ => Rgb(0xD6E4D2) };
        var u = stage.Unit;
        stage.Still(0, ink =>
        {
            ink.Gradient(stage.Bounds, hue.Light(0.1f), hue.Light(0.45f), hue.Dark(0.08f), hue.Dark(0.2f));
            ink.Glow(stage.Width * 0.5f, stage.Height * 0.42f, u * 0.75f, SKColors.White.Fade(0.55f));
            ink.Shadow(stage.Width * 0.5f, stage.Height * 0.93f, u * 0.56f, u * 0.1f, 0.4f);
            var (cx, top) = (stage.Width * 0.5f, stage.Height * 0.775f);
            ink.Gradient(new SKRect(cx - (u * 0.4f), top, cx + (u * 0.4f), stage.Height * 0.9f), hue.Light(0.3f), hue.Dark(0.15f));
            ink.Oval(cx, stage.Height * 0.9f, u * 0.4f, u * 0.06f, hue.Dark(0.15f));
            ink.Oval(cx, top, u * 0.4f, u * 0.06f, hue.Light(0.6f));
        });
    }

    private static void Indoors(Stage stage, SKColor wall, SKColor floor)
    {
        stage.Indoors = true;
        stage.HasSky = false;
        stage.Horizon = stage.Height * 0.72f;
        stage.Still(0.1f, ink =>
        {
            ink.Gradient(stage.Bounds with { Bottom = stage.Horizon }, wall.Light(0.12f), wall, wall.Dark(0.12f));
            ink.Gradient(stage.Bounds with { Top = stage.Horizon }, floor.Light(0.05f), floor.Dark(0.25f));
            ink.Rect(stage.Left, stage.Horizon - (stage.Unit * 0.02f), stage.Right - stage.Left, stage.Unit * 0.02f, wall.Light(0.4f));
        });
    }
}
