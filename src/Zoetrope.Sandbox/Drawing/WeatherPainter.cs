using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>What falls, drifts and flashes in front of everything.</summary>
internal static class WeatherPainter
{
    public static void Add(Stage stage)
    {
        var weather = stage.Scene.Weather;
        var dice = stage.Dice.Fork(231);
        if (weather.HasFlag(Weather.Fog))
        {
            stage.Moving(0.8f, (ink, t) => Fog(ink, stage, dice, t));
        }

        if (stage.Indoors)
        {
            return;
        }

        if (weather.HasFlag(Weather.Storm))
        {
            stage.Moving(0.1f, (ink, t) => Lightning(ink, stage, dice, t));
        }

        if ((weather & (Weather.Rain | Weather.Storm)) != 0)
        {
            stage.Moving(1, (ink, t) => Rain(ink, stage, dice, t, weather.HasFlag(Weather.Wind) || weather.HasFlag(Weather.Storm) ? 0.28f
                : 0.1f));
        }

        if (weather.HasFlag(Weather.Snow))
        {
            stage.Moving(1, (ink, t) => Falling(ink, stage, dice, t, 170, 0.09f, static (ink, x, y, r, _, _) =>
                ink.Dot(x, y, r, SKColors.White.Fade(0.9f))));
        }

        if (weather.HasFlag(Weather.Petals))
        {
            stage.Moving(1, (ink, t) => Falling(ink, stage, dice, t, 60, 0.07f, static (ink, x, y, r, turn, _) =>
                Leaf(ink, x, y, r * 2.2f, turn, Rgb(0xF7B5CC))));
        }

        if (weather.HasFlag(Weather.Leaves))
        {
            stage.Moving(1, (ink, t) => Falling(ink, stage, dice, t, 34, 0.08f, static (ink, x, y, r, turn, i) =>
                Leaf(ink, x, y, r * 2.6f, turn, i % 2 == 0 ? Rgb(0xD9702A) : Rgb(0xC9A03A))));
        }

        if (weather.HasFlag(Weather.Fireflies))
        {
            stage.Moving(1, (ink, t) =>
            {
                for (var i = 0; i < 40; i++)
                {
                    var x = (stage.Width * dice.At(i)) + (MathF.Sin((t * 0.6f) + i) * stage.Unit * 0.03f);
                    var y = (stage.Height * dice.Range(i + 50, 0.4f, 0.95f)) + (MathF.Cos((t * 0.5f) + (i * 2)) * stage.Unit * 0.02f);
                    ink.Glow(x, y, stage.Unit * 0.016f * (0.5f + (0.5f * MathF.Sin((t * 2) + (i * 1.7f)))), Rgb(0xFFE98A), add: true);
                }
            });
        }
    }

    private static void Rain(Ink ink, Stage stage, Dice dice, float t, float slant)
    {
        for (var i = 0; i < 260; i++)
        {
            var near = dice.At(i);
            var length = stage.Unit * (0.03f + (near * 0.05f));
            var fall = ((t * (0.9f + near)) + dice.At(i + 300)) % 1;
            var x = dice.Range(i + 600, stage.Left, stage.Right + (stage.Height * slant)) - (fall * stage.Height * slant);
            var y = stage.Top + (fall * (stage.Bottom - stage.Top + length)) - length;
            ink.Line(x, y, x - (length * slant), y + length, stage.Unit * 0.0022f, Rgb(0xDCE9F5).Fade(0.3f + (near * 0.35f)));
        }
    }

    private static void Falling(Ink ink, Stage stage, Dice dice, float t, int count, float speed, Action<Ink, float, float, float, float,
        int> flake)
    {
        var wind = stage.Scene.Weather.HasFlag(Weather.Wind) ? 0.35f : 0.06f;
        for (var i = 0; i < count; i++)
        {
            var near = dice.At(i + 1000);
            var fall = ((t * speed * (0.6f + near)) + dice.At(i + 1300)) % 1;
            var drift = ((dice.At(i + 1600) * 1.2f) + (fall * wind) + (0.02f * MathF.Sin((t * 1.1f) + i))) % 1.2f;
            flake(ink, stage.Left + (drift / 1.2f * (stage.Right - stage.Left)), stage.Top + (fall * (stage.Bottom - stage.Top)),
                stage.Unit * (0.0025f + (near * near * 0.008f)), (t * 60) + (i * 40), i);
        }
    }

    private static void Leaf(Ink ink, float x, float y, float r, float turn, SKColor color)
    {
        using (ink.At(x, y, 1, 0.4f + (0.6f * MathF.Abs(MathF.Sin(turn / 50))), turn))
        {
            ink.Oval(0, 0, r, r * 0.5f, color);
        }
    }

    private static void Fog(Ink ink, Stage stage, Dice dice, float t)
    {
        var fog = stage.Mood.Haze.Light(0.25f);
        var tall = stage.Height * 0.42f;
        ink.Gradient(new SKRect(stage.Left, stage.Horizon - tall, stage.Right, stage.Bottom), fog.WithAlpha(0), fog.Fade(0.55f),
            fog.Fade(0.42f), fog.Fade(0.2f));
        for (var i = 0; i < 6; i++)
        {
            var x = (stage.Width * (((dice.At(i + 2000) * 1.6f) + (t * 0.014f)) % 1.6f)) - (stage.Width * 0.3f);
            using (ink.At(x, stage.Horizon + (stage.Height * dice.Range(i + 2030, -0.2f, 0.2f)), 1, 0.2f))
            {
                ink.Glow(0, 0, stage.Unit * 0.6f, fog.Fade(0.7f));
            }
        }
    }

    private static void Lightning(Ink ink, Stage stage, Dice dice, float t)
    {
        var beat = (int)(t / 1.9f);
        var age = (t / 1.9f) - beat;
        if (age > 0.22f && beat > 0)
        {
            return;
        }

        var flash = beat == 0 && age > 0.22f ? 0.75f : 1 - (age / 0.3f);
        ink.Rect(stage.Left, stage.Top, stage.Right - stage.Left, stage.Horizon - stage.Top, Rgb(0xC9D6FF).Fade(flash * 0.3f));
        var (x, y) = (stage.Width * dice.Range(beat + 2100, 0.2f, 0.8f), stage.Top);
        var step = (stage.Horizon - stage.Top) / 9;
        for (var i = 0; i < 9; i++)
        {
            var next = x + (stage.Unit * dice.Range((beat * 20) + i + 2200, -0.06f, 0.06f));
            ink.Line(x, y, next, y + step, stage.Unit * 0.014f, Rgb(0x9AB8FF).Fade(flash * 0.5f));
            ink.Line(x, y, next, y + step, stage.Unit * 0.005f, SKColors.White.Fade(flash));
            (x, y) = (next, y + step);
        }
    }
}
