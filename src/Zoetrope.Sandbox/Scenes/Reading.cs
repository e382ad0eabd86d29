using SkiaSharp;
using Zoetrope.Sandbox.Drawing;

namespace Zoetrope.Sandbox.Scenes;

/// <summary>The state of one pass over the words of a prompt.</summary>
internal sealed class Reading
{
    private readonly List<SKColor> _loose = [];
    private readonly Doings _doings;
    private readonly List<string> _words;
    private Motion _ahead;
    private string _next = "";
    private bool _under;
    private bool _named;
    private string? _adjunct;
    private int _clause;
    private SKColor? _color;
    private int _colorAge;
    private int? _count;
    private int _skip;
    private string _literal = "";

    public Reading(List<string> words)
    {
        _words = words;
        _doings = new Doings(Casts);
    }

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
        (Camera, Tempo, Style) = CameraWords.Read(_words);
        for (var i = 0; i < _words.Count; i++)
        {
            var word = _words[i];
            var next = i + 1 < _words.Count ? _words[i + 1] : "";
            if (word == ",")
            {
                DropColor();
                _count = null;
                _skip = 0;
                _doings.Break();
                _clause = Casts.Count;
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

            if (next == "of" && Lexicon.Counts.TryGetValue(word, out var number))
            {
                // A couple of dogs is no couple.
                _count = number;
                continue;
            }

            // "A camera" is a thing; "static camera" and "the camera pans" are how we look at it.
            _named = i > 0 && _words[i - 1] is not ("static" or "still" or "fixed" or "locked" or "moving" or "handheld" or "slow")
                && (Lexicon.Owners.Contains(_words[i - 1]) || (i > 1 && Lexicon.Owners.Contains(_words[i - 2])))
                && (next is "" or "," or "and" or "with" || Lexicon.Small.Contains(next));

            if (next == "of" && i + 2 < _words.Count && Lexicon.Vessels.TryGetValue(word, out var holds)
                && PromptWords.Stems(_words[i + 2]).Select(Lexicon.SubjectOf).FirstOrDefault(static kind => kind is not null) is { } content
                && holds.Split(' ').Contains(content))
            {
                // A bowl of ramen is the ramen, and a vase of roses is the vase.
                _color ??= _words[i + 2] == "wine" ? Lexicon.Colors["ruby"] : null;
                (word, next) = (word is "vase" or "glass" or "bottle" ? word : content, "");
                i += 2;
            }

            // Two-word names first ("hot air", "oil painting", "northern lights").
            if (Lexicon.Silent.Contains($"{word}-{next}"))
            {
                i++;
                continue;
            }

            _under = i > 1 && _words[i - 1] == "the" && _words[i - 2] is "under" or "beneath";
            (_literal, _next) = ("", "");
            if (next.Length > 0 && (Known($"{word}-{next}") || (next.EndsWith('s') && Known($"{word}-{next[..^1]}"))))
            {
                // "Hot-air balloon" is one thing.
                var kind = Lexicon.SubjectOf($"{word}-{next}");
                i += i + 2 < _words.Count && kind is not null && Lexicon.SubjectOf(_words[i + 2]) == kind ? 2 : 1;
                continue;
            }

            (_literal, _next) = (word, next);
            if (_skip == 0 && (Ahead(word, i == 0 ? "" : _words[i - 1], next) || Verb(word, next)))
            {
                continue;
            }

            _doings.Small(word);
            if (!PromptWords.Stems(word).Any(Known) && !Lexicon.Silent.Contains(word) && word.Length > 2 && _skip == 0)
            {
                Unknown.Add(word);
                if (!Names(next))
                {
                    _doings.Unknown();
                }
            }

            _skip = Math.Max(0, _skip - 1);
        }

        _doings.Break();
        DropColor();
    }

    // "A sleeping cat": the verb comes before the one who does it.
    private bool Ahead(string word, string previous, string next)
    {
        if (!Lexicon.Motions.TryGetValue(word, out var motion) || !Names(next)
            || !(previous is "" or "," or "of" || Verbs.Determiners.Contains(previous)))
        {
            return false;
        }

        _ahead = motion;
        return true;
    }

    private bool Verb(string word, string next)
    {
        if (!_doings.Verb(word, next))
        {
            return false;
        }

        if (!_doings.Hands && Verbs.Implied.ContainsKey(word) && !Verbs.Acts.ContainsKey(word))
        {
            // A bear fishes in its own way.
            Unknown.Add(word);
        }

        if (Lexicon.Motions.TryGetValue(word, out var motion))
        {
            // Who flies a kite does not fly, who plays the sitar does not frolic, and who drives does not run.
            var other = motion is Motion.Fly or Motion.Play && HasObject(next);
            var seated = motion is Motion.Run or Motion.Swim && Verbs.Acts.TryGetValue(word,
                out var act) && act == Act.Ride && _doings.Hands;
            if (!other && !seated)
            {
                Move(motion);
            }
        }

        _ahead = word is "chasing" or "chases" ? Motion.Run : _ahead;
        _clause = Casts.Count;
        return true;
    }

    private static bool HasObject(string next) => next.Length > 2 ? Verbs.Determiners.Contains(next) || Names(next)
        || !(Lexicon.Silent.Contains(next) || Verbs.Ends.Contains(next) || Lexicon.Places.ContainsKey(next)
            || next.EndsWith("ly", StringComparison.Ordinal)) : next is "a" or "an";

    private static bool Names(string word) => PromptWords.Stems(word).Any(static stem => Lexicon.SubjectOf(stem) is not null
        || Verbs.Companies.ContainsKey(stem));

    private bool Known(string word)
    {
        if (Lexicon.Garments.Contains(word) && Dress())
        {
            return true;
        }

        var known = Company(word) || Subject(word);
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
            Place ??= Casts.Count == 0 && _words.Count < 4 ? place : null;
            return;
        }

        place = place is Scenes.Place.Sea && _under ? Scenes.Place.Underwater : place;
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

        if (Lexicon.Shy.Contains(word) && !_named)
        {
            return true;
        }

        var spec = SubjectCatalog.Find(kind);
        if (spec.Nature != Nature.Being && (Lexicon.SubjectOf(_next) == kind || Verbs.Trade.Contains(_next)))
        {
            // A soccer ball is one ball, and a bus driver is no bus.
            _adjunct = kind;
            return true;
        }

        var plural = (_literal != word && _literal.EndsWith('s')) || word is "men" or "women" or "children" or "wolves" or "kids";
        var count = _count ?? (plural ? spec.Many : spec.One);
        if (!_doings.Takes(spec, count, plural && _count is null, _color))
        {
            Enter(new Cast(kind, count, _color, _ahead), join: true);
        }

        if (Verbs.Trade.Contains(word))
        {
            Unknown.Add(word);
        }

        if (Verbs.Trades.TryGetValue(word, out var tool))
        {
            _doings.Equip(tool.Thing, tool.Act);
        }

        if (_adjunct is { } adjunct && adjunct != kind)
        {
            _doings.Equip(adjunct, Act.Play, Act.Ride, Act.Use, Act.Hold);
        }

        (_color, _count, _ahead, _adjunct) = (null, null, Motion.Natural, null);
        return true;
    }

    private bool Company(string word)
    {
        if (!Verbs.Companies.TryGetValue(word, out var company))
        {
            return false;
        }

        if (_skip == 0)
        {
            Enter(new Cast(company.Kinds[0], _count ?? company.Count, _color, _ahead) { Others = company.Kinds[1..] }, join: false);
            (_color, _count, _ahead) = (null, null, Motion.Natural);
        }

        return true;
    }

    // A kind that came before is the same one again, so that "a cat ... the cat" is one cat.
    private void Enter(Cast cast, bool join)
    {
        var index = join ? Casts.FindIndex(known => known.Kind == cast.Kind && known.Others.Count == 0) : -1;
        if (index < 0)
        {
            _doings.Break();
            Casts.Add(cast);
            return;
        }

        Casts[index] = Casts[index] with { Color = Casts[index].Color ?? cast.Color, Count = Math.Max(Casts[index].Count, cast.Count) };
    }

    // The colour of a dress is that of the one who wears it.
    private bool Dress()
    {
        var wearer = Casts.FindLastIndex(static cast => SubjectCatalog.Find(cast.Kind).Hands);
        if (wearer < 0 || _color is null)
        {
            return false;
        }

        Casts[wearer] = Casts[wearer] with { Color = Casts[wearer].Color ?? _color };
        _color = null;
        return true;
    }

    // Of what was named since the last verb; a tree beside a girl does not dance.
    private void Move(Motion motion)
    {
        var last = Casts.FindLastIndex(static cast => SubjectCatalog.Find(cast.Kind).Nature != Nature.Thing);
        last = last < 0 ? Casts.Count - 1 : last;
        for (var i = last; i >= 0 && (i == last || i >= _clause); i--)
        {
            if (Casts[i].Motion == Motion.Natural && (i == last || SubjectCatalog.Find(Casts[i].Kind).Nature == Nature.Being))
            {
                Casts[i] = Casts[i] with { Motion = motion };
            }
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
}
