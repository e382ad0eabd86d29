using SkiaSharp;
using Zoetrope.Sandbox.Drawing;
using Zoetrope.Sandbox.Drawing.Deeds;

namespace Zoetrope.Sandbox.Scenes;

/// <summary>Reads a prompt into a <see cref="Scene"/>: one pass over its words, then defaults from what was found.</summary>
internal static class SceneReader
{
    private const int MaxKinds = 5;

    public static Scene Read(string model, string prompt, long seed)
    {
        var (words, quoted) = PromptWords.Split(prompt);
        var reading = new Reading(words);
        reading.Run();

        var casts = reading.Casts.Take(MaxKinds).ToList();
        var place = reading.Place ?? DefaultPlace(casts, reading);
        return new Scene
        {
            Seed = Seed(model, prompt, seed),
            Place = place,
            Time = reading.Time ?? (reading.Style == Style.Neon ? Daytime.Night : Daytime.Day),
            Weather = reading.Weather,
            Casts = casts,
            Style = reading.Style,
            Camera = reading.Camera,
            Tempo = reading.Tempo,
            Sign = quoted,
            Caption = [.. reading.Unknown.Distinct().Take(place == Place.Abstract ? 6 : 4)],
            Palette = reading.Palette,
            SkyTint = reading.SkyTint,
        };
    }

    private static Place DefaultPlace(List<Cast> casts, Reading reading)
    {
        var snow = reading.Weather.HasFlag(Weather.Snow);
        // Who eats an apple may be anywhere.
        var alive = casts.Any(static cast => SubjectCatalog.Find(cast.Kind).Nature == Nature.Being);
        foreach (var cast in casts.Where(cast => !alive || SubjectCatalog.Find(cast.Kind).Home is not (Place.Kitchen or Place.Studio)))
        {
            if ((Home(cast.On) ?? Home(cast.With) ?? SubjectCatalog.Find(cast.Kind).Home) is { } home)
            {
                // Snow shows best in the open.
                return snow && home is Place.Forest or Place.Meadow ? Place.Mountains : home;
            }
        }

        if (casts.Any(static cast => cast.Motion == Motion.Swim))
        {
            return Place.Sea;
        }

        if (casts.Count > 0)
        {
            return snow ? Place.Mountains : Place.Meadow;
        }

        if (snow)
        {
            return Place.Arctic;
        }

        var outdoors = reading.Time is not null || reading.Weather != Weather.None;
        return outdoors ? Place.Mountains : Place.Abstract;
    }

    // A rider is where the mount lives and a pianist is where a piano stands; what one holds may be anywhere.
    private static Place? Home(Deed? deed) => deed is not null && Setups.Find(deed) is { Stands: true }
        ? SubjectCatalog.Find(deed.Thing).Home : null;

    // FNV-1a: string.GetHashCode differs from process to process.
    private static uint Seed(string model, string prompt, long seed)
    {
        var hash = 2166136261u;
        foreach (var c in $"{model}\n{prompt}\n{seed}")
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash;
    }
}
