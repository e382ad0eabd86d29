using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>
/// A place in a vendor's request, read once when the catalogue is loaded: <c>a.b</c> members, <c>a[0]</c> an element,
/// <c>a[]</c> a new element for each value, <c>a[type=x,role=y]</c> a new element with these members, <c>a{n}</c> a name
/// with the file's number in it, from 1.
/// </summary>
internal sealed record FieldPath
{
    private const string Number = "{n}";

    /// <summary>No vendor has longer lists, and a slip of the keyboard must not fill the memory.</summary>
    private const int MaxIndex = 99;

    private FieldPath(string text, ImmutableArray<Segment> segments) => (Text, Segments) = (text, segments);

    /// <summary>As the catalogue writes it.</summary>
    public string Text { get; }

    /// <summary>Whether the path contains the number of a file.</summary>
    public bool IsNumbered => Segments.Any(segment => segment.IsNumbered);

    /// <summary>Whether the last segment makes an element with members of its own, so that only an object has a place in it.</summary>
    public bool EndsInMembers => Segments[^1].Element is Element.New { Members.IsEmpty: false };

    private ImmutableArray<Segment> Segments { get; }

    /// <summary>A path that the code itself knows to be right.</summary>
    public static FieldPath Of(string text) =>
        Parse(text, out var fault) ?? throw new ArgumentException($"{text}: {fault}", nameof(text));

    /// <summary>The path, or null with what is wrong with it.</summary>
    public static FieldPath? Parse(string text, out string? fault)
    {
        var segments = ImmutableArray.CreateBuilder<Segment>();
        foreach (var part in Split(text))
        {
            if (ParseSegment(part, out fault) is not { } segment)
            {
                return null;
            }

            segments.Add(segment);
        }

        fault = null;
        return new FieldPath(text, segments.ToImmutable());
    }

    /// <summary>The member of this name inside this path.</summary>
    public FieldPath Member(string name) => new($"{Text}.{name}", Segments.Add(new Segment(name, null)));

    /// <summary>Whether a value at this path and one at the other would overwrite each other.</summary>
    public bool Collides(FieldPath other)
    {
        for (var i = 0; i < Math.Min(Segments.Length, other.Segments.Length); i++)
        {
            var (mine, theirs) = (Segments[i], other.Segments[i]);
            if (mine.Name != theirs.Name || mine.IsNumbered)
            {
                return false;
            }

            switch (mine.Element, theirs.Element)
            {
                case (null, null):
                    continue;
                case (Element.At one, Element.At two) when one.Index == two.Index:
                    continue;
                case (not null, not null):
                    return false;
                default:
                    return true;
            }
        }

        return true;
    }

    /// <param name="root">The vendor's request.</param>
    /// <param name="value">What to put at the path.</param>
    /// <param name="number">The file's place among its parameter's files, from 1.</param>
    public void Set(JsonObject root, JsonNode? value, int number = 1)
    {
        var current = root;
        for (var i = 0; i < Segments.Length; i++)
        {
            var segment = Segments[i];
            var name = segment.NameFor(number);
            var last = i == Segments.Length - 1;
            if (segment.Element is null)
            {
                if (last)
                {
                    current[name] = value;
                    return;
                }

                current = current[name] as JsonObject ?? Added(current, name, new JsonObject());
                continue;
            }

            var array = current[name] as JsonArray ?? Added(current, name, new JsonArray());
            if (last && value is not JsonObject && segment.Element is Element.At { Index: var index })
            {
                _ = ElementAt(array, index);
                array[index] = value;
                return;
            }

            if (last && segment.Element is Element.New { Members.IsEmpty: true })
            {
                array.Add(value);
                return;
            }

            current = segment.Element is Element.At at ? ElementAt(array, at.Index) : NewElement(array, (Element.New)segment.Element);
            if (last && value is JsonObject members)
            {
                foreach (var (member, inner) in members.ToList())
                {
                    members.Remove(member);
                    current[member] = inner;
                }
            }
        }
    }

    public bool Equals(FieldPath? other) => other?.Text == Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static T Added<T>(JsonObject parent, string name, T child)
        where T : JsonNode
    {
        parent[name] = child;
        return child;
    }

    private static JsonObject ElementAt(JsonArray array, int index)
    {
        while (array.Count <= index)
        {
            array.Add(new JsonObject());
        }

        return (JsonObject)array[index]!;
    }

    private static JsonObject NewElement(JsonArray array, Element.New element)
    {
        var created = new JsonObject();
        foreach (var (name, value) in element.Members)
        {
            created[name] = value;
        }

        array.Add(created);
        return created;
    }

    // A dot inside brackets belongs to the value of a member.
    private static IEnumerable<string> Split(string path)
    {
        var (from, depth) = (0, 0);
        for (var i = 0; i < path.Length; i++)
        {
            depth += path[i] switch { '[' => 1, ']' => -1, _ => 0 };
            if (path[i] == '.' && depth <= 0)
            {
                yield return path[from..i];
                from = i + 1;
            }
        }

        yield return path[from..];
    }

    private static Segment? ParseSegment(string text, out string? fault)
    {
        var open = text.IndexOf('[', StringComparison.Ordinal);
        var name = open < 0 ? text : text[..open];
        Element? element = null;
        fault = open >= 0 && text.IndexOf(']', StringComparison.Ordinal) != text.Length - 1
            ? $"in \"{text}\", one \"]\" must close the \"[\" and end the segment"
            : !IsName(name.Replace(Number, "n", StringComparison.Ordinal)) ? $"\"{name}\" is not a field name"
            : open >= 0 && (element = ParseElement(text[(open + 1)..^1])) is null
                ? $"\"{text[open..]}\" must be [], an index such as [0] (at most {MaxIndex}) or members such as [type=text]"
                : null;
        return fault is null ? new Segment(name, element) : null;
    }

    private static Element? ParseElement(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return index <= MaxIndex ? new Element.At(index) : null;
        }

        var members = ImmutableArray.CreateBuilder<(string Name, string Value)>();
        foreach (var pair in text.Length == 0 ? [] : text.Split(','))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == pair.Length - 1)
            {
                return null;
            }

            members.Add((pair[..equals], pair[(equals + 1)..]));
        }

        return new Element.New(members.ToImmutable());
    }

    private static bool IsName(string name) =>
        name.Length > 0 && name.Trim().Length == name.Length && name.AsSpan().IndexOfAny("[]{}<>+=,\"'") < 0 && !name.Any(char.IsControl);

    /// <summary>One step of a path.</summary>
    private sealed record Segment(string Name, Element? Element)
    {
        public bool IsNumbered { get; } = Name.Contains(Number, StringComparison.Ordinal);

        public string NameFor(int number) =>
            IsNumbered ? Name.Replace(Number, number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : Name;
    }

    private abstract record Element
    {
        internal sealed record At(int Index) : Element;

        internal sealed record New(ImmutableArray<(string Name, string Value)> Members) : Element;
    }
}
