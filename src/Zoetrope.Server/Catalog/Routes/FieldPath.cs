using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>
/// A place in a vendor's request, read once when the catalogue is loaded: <c>a.b</c> members, <c>a[0]</c> an element,
/// <c>a[]</c> a new element for each value, <c>a[type=x,role=y]</c> a new element with these members, <c>a{n}</c> a name
/// with the file's number in it, from 1.
/// </summary>
internal sealed record FieldPath
{
    private FieldPath(string text, ImmutableArray<FieldSegment> segments) => (Text, Segments) = (text, segments);

    /// <summary>As the catalogue writes it.</summary>
    public string Text { get; }

    /// <summary>Whether the path contains the number of a file.</summary>
    public bool IsNumbered => Segments.Any(segment => segment.IsNumbered);

    /// <summary>Whether the last segment makes an element with members of its own, so that only an object has a place in it.</summary>
    public bool EndsInMembers => Segments[^1].Element is FieldElement.New { Members.IsEmpty: false };

    private ImmutableArray<FieldSegment> Segments { get; }

    /// <summary>A path that the code itself knows to be right.</summary>
    public static FieldPath Of(string text) =>
        Parse(text, out var fault) ?? throw new ArgumentException($"{text}: {fault}", nameof(text));

    /// <summary>The path, or null with what is wrong with it.</summary>
    public static FieldPath? Parse(string text, out string? fault)
    {
        var segments = ImmutableArray.CreateBuilder<FieldSegment>();
        foreach (var part in Split(text))
        {
            if (FieldSegment.Parse(part, out fault) is not { } segment)
            {
                return null;
            }

            segments.Add(segment);
        }

        fault = null;
        return new FieldPath(text, segments.ToImmutable());
    }

    /// <summary>The member of this name inside this path.</summary>
    public FieldPath Member(string name) => new($"{Text}.{name}", Segments.Add(new FieldSegment(name, null)));

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
                case (FieldElement.At one, FieldElement.At two) when one.Index == two.Index:
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
            if (last && value is not JsonObject && segment.Element is FieldElement.At { Index: var index })
            {
                _ = ElementAt(array, index);
                array[index] = value;
                return;
            }

            if (last && segment.Element is FieldElement.New { Members.IsEmpty: true })
            {
                array.Add(value);
                return;
            }

            current = segment.Element is FieldElement.At at
                ? ElementAt(array, at.Index)
                : NewElement(array, (FieldElement.New)segment.Element);
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

    private static JsonObject NewElement(JsonArray array, FieldElement.New element)
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
}
