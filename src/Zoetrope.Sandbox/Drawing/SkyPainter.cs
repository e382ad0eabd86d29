using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>The sky: gradient, stars, sun or moon, aurora, rainbow and clouds that drift.</summary>
internal static class SkyPainter
{
    public static void Add(Stage stage)
    {
        var mood = stage.Mood;
        var weather = stage.Scene.Weather;
        var dice = stage.Dice.Fork(11);
        stage.Still(0, ink =>
        {
            using var unlit = Places.Land.Unlit(ink);
            ink.Gradient(stage.Bounds with { Bottom = stage.Horizon + 2 }, mood.Top, mood.Middle, mood.Low);
            ink.Rect(stage.Left, stage.Horizon, stage.Right - stage.Left, stage.Bottom - stage.Horizon,
                mood.Haze.Mix(Rgb(0x3A5A40).Times(mood.Light), 0.6f));
            if ((stage.Scene.Time == Daytime.Night && (weather & (Weather.Rain | Weather.Storm | Weather.Snow | Weather.Fog)) == 0)
                || weather.HasFlag(Weather.Stars))
            {
                Stars(ink, stage, dice);
            }

            if (mood.Disc)
            {
                Disc(ink, stage);
            }

            if (weather.HasFlag(Weather.Rainbow))
            {
                Rainbow(ink, stage);
            }
        });
        if (weather.HasFlag(Weather.Aurora))
        {
            stage.Moving(0, (ink, t) => Aurora(ink, stage, dice, t));
        }

        Clouds(stage, dice);
    }

    private static void Stars(Ink ink, Stage stage, Dice dice)
    {
        for (var i = 0; i < 260; i++)
        {
            var bright = dice.At((i * 3) + 2);
            ink.Dot(dice.Range(i * 3, stage.Left, stage.Right), dice.Range((i * 3) + 1, stage.Top, stage.Horizon),
                stage.Unit * (0.0008f + (bright * bright * 0.0022f)), SKColors.White.Fade(0.35f + (bright * 0.65f)));
        }
    }

    private static void Disc(Ink ink, Stage stage)
    {
        var (x, y, r) = (stage.SunX, stage.SunY, stage.Unit * 0.062f);
        var sun = stage.Mood.Sun;
        ink.Glow(x, y, r * 7, sun.Fade(0.4f), add: true);
        ink.Glow(x, y, r * 2.6f, sun.Fade(0.75f), add: true);
        if (stage.Scene.Time != Daytime.Night)
        {
            ink.Dot(x, y, stage.Scene.Time == Daytime.Day ? r : r * 1.35f, sun);
            return;
        }

        ink.Dot(x, y, r, sun);
        ink.Dot(x - (r * 0.3f), y - (r * 0.2f), r * 0.22f, sun.Dark(0.1f));
        ink.Dot(x + (r * 0.35f), y + (r * 0.3f), r * 0.28f, sun.Dark(0.09f));
        ink.Dot(x + (r * 0.2f), y - (r * 0.45f), r * 0.14f, sun.Dark(0.1f));
    }

    private static void Rainbow(Ink ink, Stage stage)
    {
        ReadOnlySpan<uint> bands = [0xE8403A, 0xF29A2E, 0xF6DC4A, 0x52B85A, 0x3F7FD6, 0x7A4AC0];
        for (var i = 0; i < bands.Length; i++)
        {
            ink.Ring(stage.Width * 0.5f, stage.Horizon + (stage.Unit * 0.08f), stage.Unit * (0.66f - (i * 0.018f)), stage.Unit * 0.019f,
                Rgb(bands[i]).Fade(0.5f));
        }
    }

    private static void Aurora(Ink ink, Stage stage, Dice dice, float t)
    {
        using var unlit = Places.Land.Unlit(ink);
        var step = stage.Width / 64;
        for (var band = 0; band < 3; band++)
        {
            var color = band switch { 0 => Rgb(0x3FF2A0), 1 => Rgb(0x4AD8F0), _ => Rgb(0xB06AF0) };
            var noise = dice.Fork(band + 60);
            for (var x = stage.Left; x < stage.Right; x += step)
            {
                var u = x / stage.Width;
                var y = stage.Horizon * (0.3f + (band * 0.13f) + (0.13f * noise.Fractal((u * 2.2f) + (t * 0.06f), 2)));
                var h = stage.Horizon * (0.3f + (0.14f * noise.Wave((u * 9) + (t * 0.25f))));
                var strength = 0.42f + (0.25f * noise.Wave((u * 5) - (t * 0.2f)));
                ink.Gradient(new SKRect(x, y - h, x + step + 0.5f, y + (h * 0.22f)), color.WithAlpha(0), color.Fade(strength),
                    color.WithAlpha(0));
            }
        }
    }

    private static void Clouds(Stage stage, Dice dice)
    {
        var weather = stage.Scene.Weather;
        var heavy = (weather & (Weather.Clouds | Weather.Rain | Weather.Storm)) != 0;
        var count = heavy ? 9 : stage.Scene.Time == Daytime.Night || weather.HasFlag(Weather.Aurora) || weather.HasFlag(Weather.Fog) ? 0
            : 4;
        if (stage.Scene.Place == Place.Sky)
        {
            count += 5;
        }

        var mood = stage.Mood;
        var lit = mood.Dark ? mood.Haze.Light(0.1f) : weather.HasFlag(Weather.Storm) ? Rgb(0x59626E)
            : SKColors.White.Mix(mood.Low, stage.Scene.Time == Daytime.Day ? 0.05f : 0.45f);
        var shade = lit.Mix(mood.Middle, 0.5f).Dark(weather.HasFlag(Weather.Storm) ? 0.25f : 0.06f);
        var speed = stage.Unit * (weather.HasFlag(Weather.Wind) ? 0.05f : 0.014f);
        for (var i = 0; i < count; i++)
        {
            var n = dice.Fork(i + 300);
            var size = stage.Unit * n.Range(1, 0.16f, heavy ? 0.42f : 0.28f);
            var y = stage.Horizon * n.Range(2, 0.08f, 0.62f);
            var span = stage.Right - stage.Left + (size * 3);
            var start = n.At(3) * span;
            stage.Moving(0.08f, (ink, t) => Drift(ink, n, stage.Left - (size * 1.5f) + ((start + (t * speed)) % span), y, size, lit,
                shade));
        }
    }

    private static void Drift(Ink ink, Dice dice, float x, float y, float size, SKColor lit, SKColor shade)
    {
        using var unlit = Places.Land.Unlit(ink);
        Cloud(ink, dice, x, y, size, lit, shade);
    }

    private static void Cloud(Ink ink, Dice dice, float x, float y, float size, SKColor lit, SKColor shade)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < 7; i++)
            {
                var u = (i / 6f * 2) - 1;
                var r = size * (0.34f - (0.2f * u * u)) * dice.Range(i + 10, 0.75f, 1.15f);
                ink.Oval(x + (u * size * 0.72f), y - (r * 0.35f) + (pass == 0 ? size * 0.06f : 0), r, r * 0.62f, pass == 0
                    ? shade.Fade(0.9f) : lit.Fade(0.9f));
            }
        }
    }
}
