using System.Globalization;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>Puts values at the paths that the catalogue's routes name; the forms are those of <see cref="RouteField.Path"/>.</summary>
internal static class FieldPath
{
    /// <param name="root">The vendor's request.</param>
    /// <param name="path">Where in it.</param>
    /// <param name="value">What to put there.</param>
    /// <param name="number">The file's place from 1, for <c>{n}</c>.</param>
    public static void Set(JsonObject root, string path, JsonNode? value, int number = 1)
    {
        var segments = Split(path.Replace("{n}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var current = root;
        for (var i = 0; i < segments.Count; i++)
        {
            var (name, element) = Parse(segments[i]);
            var last = i == segments.Count - 1;
            if (element is null)
            {
                if (last)
                {
                    current[name] = value;
                    return;
                }

                current = current[name] as JsonObject ?? Add(current, name);
                continue;
            }

            var array = current[name] as JsonArray ?? AddArray(current, name);
            if (last && element.Length == 0)
            {
                array.Add(value);
                return;
            }

            current = Element(array, element);
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

    private static JsonObject Element(JsonArray array, string element)
    {
        if (int.TryParse(element, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            while (array.Count <= index)
            {
                array.Add(new JsonObject());
            }

            return (JsonObject)array[index]!;
        }

        // [] and [type=x,role=y]: a new element for every value.
        var created = new JsonObject();
        foreach (var pair in element.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            created[pair[..equals]] = pair[(equals + 1)..];
        }

        array.Add(created);
        return created;
    }

    private static (string Name, string? Element) Parse(string segment)
    {
        var bracket = segment.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0 ? (segment, null) : (segment[..bracket], segment[(bracket + 1)..^1]);
    }

    private static List<string> Split(string path)
    {
        var segments = new List<string>();
        var depth = 0;
        var from = 0;
        for (var i = 0; i < path.Length; i++)
        {
            depth += path[i] switch { '[' => 1, ']' => -1, _ => 0 };
            if (path[i] == '.' && depth == 0)
            {
                segments.Add(path[from..i]);
                from = i + 1;
            }
        }

        segments.Add(path[from..]);
        return segments;
    }

    private static JsonObject Add(JsonObject parent, string name)
    {
        var child = new JsonObject();
        parent[name] = child;
        return child;
    }

    private static JsonArray AddArray(JsonObject parent, string name)
    {
        var child = new JsonArray();
        parent[name] = child;
        return child;
    }
}
