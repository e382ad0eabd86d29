using SkiaSharp;
using Zoetrope.Sandbox.Drawing;

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
        foreach (var cast in casts)
        {
            if (SubjectCatalog.Find(cast.Kind).Home is { } home)
            {
                // Snow shows best in the open.
                return snow && home is Place.Forest or Place.Meadow ? Place.Mountains : home;
            }
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

    /// <summary>The state of one pass.</summary>
    private sealed class Reading(List<string> words)
    {
        private readonly List<SKColor> _loose = [];
        private SKColor? _color;
        private int _colorAge;
        private int? _count;
        private int _skip;
        private string _literal = "";

        public Place? Place { get; private set; }

        public Daytime? Time { get; private set; }

        public Weather Weather { get; private set; }

        public Style Style { get; private set; }

        public CameraMove Camera { get; private set; }

        public float Tempo { get; private set; } = 1;

        public SKColor? SkyTint { get; private set; }

        public List<Cast> Casts { get; } = [];

        public List<string> Unknown { get; } = [];

        public IReadOnlyList<SKColor> Palette => _loose;

        public void Run()
        {
            ReadCamera();
            for (var i = 0; i < words.Count; i++)
            {
                var word = words[i];
                if (word == ",")
                {
                    DropColor();
                    _count = null;
                    _skip = 0;
                    continue;
                }

                if (_color is not null && ++_colorAge > 3)
                {
                    DropColor();
                }

                if (Lexicon.Negations.Contains(word))
                {
                    _skip = 2;
                    continue;
                }

                // Two-word names first ("hot air", "oil painting", "northern lights").
                _literal = "";
                if (i + 1 < words.Count && Known($"{word}-{words[i + 1]}"))
                {
                    i++;
                    continue;
                }

                _literal = word;
                if (!PromptWords.Stems(word).Any(Known) && !Lexicon.Silent.Contains(word) && word.Length > 2
                    && !word.EndsWith("ing", StringComparison.Ordinal) && _skip == 0)
                {
                    Unknown.Add(word);
                }

                _skip = Math.Max(0, _skip - 1);
            }

            DropColor();
        }

        private bool Known(string word)
        {
            var known = Subject(word);
            if (Lexicon.Colors.TryGetValue(word, out var color))
            {
                DropColor();
                (_color, _colorAge) = (color, 0);
                return true;
            }

            if (Lexicon.Counts.TryGetValue(word, out var count) && !known)
            {
                _count = count;
                return true;
            }

            if (Lexicon.Motions.TryGetValue(word, out var motion))
            {
                Move(motion);
                known = true;
            }

            if (_skip > 0)
            {
                return known || Lexicon.Places.ContainsKey(word) || Lexicon.Weathers.ContainsKey(word);
            }

            if (Lexicon.Times.TryGetValue(word, out var time))
            {
                Time ??= time;
                known = true;
            }

            if (Lexicon.Weathers.TryGetValue(word, out var weather))
            {
                Weather |= weather;
                known = true;
            }

            if (Lexicon.Styles.TryGetValue(word, out var style))
            {
                // "oil painting", "pencil drawing": the first word is the precise one.
                Style = Style == Style.Plain ? style : Style;
                known = true;
            }

            if (Lexicon.Places.TryGetValue(word, out var place))
            {
                PlaceAt(place);
                known = true;
            }

            return known;
        }

        private void PlaceAt(Place place)
        {
            if (place == Scenes.Place.Sky)
            {
                SkyTint ??= _color;
                _color = null;
                Place ??= Casts.Count == 0 && words.Count < 4 ? place : null;
                return;
            }

            if (place == Scenes.Place.Kitchen)
            {
                // A wooden table is a table, not a wish for brown light.
                _color = null;
            }

            // A reef is under water and a winter forest is still a forest: the more special place stays.
            Place = Place is null || Rank(place) > Rank(Place.Value) ? place : Place;
        }

        private static int Rank(Place place) => place switch
        {
            Scenes.Place.Underwater or Scenes.Place.Space or Scenes.Place.Planet or Scenes.Place.Orbit => 4,
            Scenes.Place.Waterfall or Scenes.Place.Volcano or Scenes.Place.Street => 3,
            Scenes.Place.Meadow or Scenes.Place.Arctic => 0,
            Scenes.Place.Mountains or Scenes.Place.City or Scenes.Place.Studio => 1,
            _ => 2,
        };

        private bool Subject(string word)
        {
            if (Lexicon.SubjectOf(word) is not { } kind)
            {
                return false;
            }

            if (_skip > 0)
            {
                return true;
            }

            var spec = SubjectCatalog.Find(kind);
            var plural = _literal != word && _literal.EndsWith('s');
            var count = _count ?? (plural || word is "men" or "women" or "people" or "children" or "wolves" ? spec.Many : spec.One);
            var index = Casts.FindIndex(cast => cast.Kind == kind);
            if (index < 0)
            {
                Casts.Add(new Cast(kind, count, _color, Motion.Natural));
            }
            else
            {
                Casts[index] = Casts[index] with { Color = Casts[index].Color ?? _color, Count = Math.Max(Casts[index].Count, count) };
            }

            _color = null;
            _count = null;
            return true;
        }

        private void Move(Motion motion)
        {
            if (Casts.Count > 0 && Casts[^1].Motion == Motion.Natural)
            {
                Casts[^1] = Casts[^1] with { Motion = motion };
            }
        }

        private void DropColor()
        {
            if (_color is { } color)
            {
                _loose.Add(color);
                _color = null;
            }
        }

        private void ReadCamera()
        {
            var text = string.Join(' ', words);
            bool Has(params ReadOnlySpan<string> parts)
            {
                foreach (var part in parts)
                {
                    if (text.Contains(part, StringComparison.Ordinal))
                    {
                        return true;
                    }
                }

                return false;
            }

            Camera = Has("pan left", "pans left", "panning left", "truck left") ? CameraMove.PanLeft
                : Has("pan right", "pans right", "panning", "truck right", "camera pan") ? CameraMove.PanRight
                : Has("zoom out", "zooms out", "zooming out", "dolly out", "pull back", "pulls back", "pull out") ? CameraMove.ZoomOut
                : Has("zoom", "dolly", "push in", "pushes in", "fly through", "flythrough") ? CameraMove.ZoomIn
                : Has("tilt down") ? CameraMove.TiltDown
                : Has("tilt", "crane up", "rising shot") ? CameraMove.TiltUp
                : Has("orbit shot", "orbits", "orbiting camera", "camera orbit", "arc shot", "360") ? CameraMove.Orbit
                : Has("tracking", "follow shot", "camera follows", "dolly along") ? CameraMove.Tracking
                : Has("static", "locked", "still camera", "fixed camera") ? CameraMove.Static
                : CameraMove.Natural;
            Tempo = Has("timelapse", "time-lapse", "time lapse", "hyperlapse") ? 6 : Has("slow motion", "slow-motion", "slowmo", "slow mo")
                ? 0.35f : 1;
            Style = Has("black and white", "black & white") ? Style.Mono : Has("line art") ? Style.Sketch : Has("low poly") ? Style.LowPoly
                : Style.Plain;
        }
    }
}
