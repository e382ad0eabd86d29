using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>The light of a scene: colours of sky, sun, haze and water, and what it does to everything lit by it.</summary>
internal sealed record Mood
{
    public required SKColor Top { get; init; }

    public required SKColor Middle { get; init; }

    public required SKColor Low { get; init; }

    public required SKColor Sun { get; init; }

    public required SKColor Haze { get; init; }

    /// <summary>Multiplies the colour of everything on the ground.</summary>
    public required SKColor Light { get; init; }

    public required SKColor Water { get; init; }

    /// <summary>Height of sun or moon above the horizon as a share of the sky.</summary>
    public required float SunHeight { get; init; }

    public bool Dark { get; init; }

    /// <summary>Whether the disc of sun or moon shows.</summary>
    public bool Disc { get; init; } = true;

    public static Mood Of(Scene scene)
    {
        var mood = scene.Time switch
        {
            Daytime.Sunrise => new Mood { Top = Rgb(0x6FA8DC), Middle = Rgb(0xF7C8B0), Low = Rgb(0xFFE9B8), Sun = Rgb(0xFFF3C4),
                Haze = Rgb(0xF6D3BE), Light = Rgb(0xFFE6D2), Water = Rgb(0x7FA9C4), SunHeight = 0.22f },
            Daytime.Sunset => new Mood { Top = Rgb(0x3B3A72), Middle = Rgb(0xE0607A), Low = Rgb(0xFFB347), Sun = Rgb(0xFFE29A),
                Haze = Rgb(0xE58A6E), Light = Rgb(0xEFB59A), Water = Rgb(0x7A4A72), SunHeight = 0.16f },
            Daytime.Dusk => new Mood { Top = Rgb(0x1F2A5A), Middle = Rgb(0x5D5C9E), Low = Rgb(0xE3A0A8), Sun = Rgb(0xFFD9C0),
                Haze = Rgb(0x8579A8), Light = Rgb(0xA9A4D0), Water = Rgb(0x3C4A80), SunHeight = 0.05f, Dark = true, Disc = false },
            Daytime.Night => new Mood { Top = Rgb(0x070B22), Middle = Rgb(0x12204A), Low = Rgb(0x2A3F70), Sun = Rgb(0xF4F1DC),
                Haze = Rgb(0x24345F), Light = Rgb(0x77859F), Water = Rgb(0x142248), SunHeight = 0.68f, Dark = true },
            _ => new Mood { Top = Rgb(0x2E7CD6), Middle = Rgb(0x7DB8F0), Low = Rgb(0xDDF0FA), Sun = Rgb(0xFFFBE6), Haze = Rgb(0xC4DEF0),
                Light = Rgb(0xFFFDF8), Water = Rgb(0x2A86B8), SunHeight = 0.72f },
        };
        var weather = scene.Weather;
        if ((weather & (Weather.Rain | Weather.Storm | Weather.Fog | Weather.Snow)) != 0)
        {
            var gray = weather.HasFlag(Weather.Storm) ? Rgb(0x39424F) : weather.HasFlag(Weather.Rain) ? Rgb(0x6C7A88) : Rgb(0xC2CDD6);
            var share = weather.HasFlag(Weather.Storm) ? 0.75f : weather.HasFlag(Weather.Snow) ? 0.4f : 0.55f;
            gray = mood.Dark ? gray.Dark(0.6f) : gray;
            mood = mood with
            {
                Top = mood.Top.Mix(gray.Dark(0.25f), share),
                Middle = mood.Middle.Mix(gray, share),
                Low = mood.Low.Mix(gray.Light(0.2f), share * 0.8f),
                Haze = mood.Haze.Mix(gray, share),
                Light = mood.Light.Mix(gray.Light(0.45f), share * 0.55f),
                Water = mood.Water.Mix(gray, share * 0.7f),
                Disc = mood.Disc && scene.Time is not Daytime.Day && !weather.HasFlag(Weather.Storm),
            };
        }

        if (weather.HasFlag(Weather.Snow))
        {
            // Snow under a coloured sky stays snow.
            mood = mood with { Light = mood.Light.Mix(Rgb(mood.Dark ? 0x8C9CC4u : 0xE6ECF8u), 0.55f) };
        }

        if (weather.HasFlag(Weather.Fog))
        {
            // Sky and land melt into one tone.
            mood = mood with { Top = mood.Top.Mix(mood.Haze, 0.7f), Middle = mood.Middle.Mix(mood.Haze, 0.8f), Low = mood.Haze.Light(0.1f),
                Disc = false };
        }

        if (scene.Place is Place.Space or Place.Planet or Place.Orbit or Place.Studio or Place.Kitchen or Place.Abstract)
        {
            // Lit by a sun or a lamp of their own, whatever the hour.
            mood = mood with { Light = SKColors.White };
        }

        if (scene.SkyTint is { } tint)
        {
            mood = mood with { Top = mood.Top.Mix(tint.Dark(0.3f), 0.75f), Middle = mood.Middle.Mix(tint, 0.7f),
                Low = mood.Low.Mix(tint.Light(0.5f), 0.6f), Haze = mood.Haze.Mix(tint, 0.4f) };
        }

        if (scene.Style == Style.Neon)
        {
            mood = mood with { Top = Rgb(0x12052E), Middle = Rgb(0x4A0F6E), Low = Rgb(0xFF3D9A), Haze = Rgb(0x5A1F86),
                Light = Rgb(0x9A86D8), Water = Rgb(0x241052), Sun = Rgb(0xFF9AC6), Dark = true };
        }

        return mood;
    }
}
