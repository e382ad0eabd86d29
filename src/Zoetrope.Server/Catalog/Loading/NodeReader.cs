using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads one object of a catalogue file, collecting every error with its path instead of stopping at the first.</summary>
internal sealed class NodeReader(JsonObject node, string path, List<CatalogError> errors)
{
    private readonly HashSet<string> _known = [];

    public string Path => path;

    public bool Has(string name) => node[name] is not null;

    public void Error(string name, string what) => errors.Add($"{path}.{name}: {what}");

    public string? Text(string name, bool required = false)
    {
        if (Take(name, required) is not { } value)
        {
            return null;
        }

        if (value is JsonValue scalar && scalar.TryGetValue<string>(out var text) && text.Length > 0)
        {
            return text;
        }

        Error(name, $"is {Shown(value)}; allowed: a non-empty string");
        return null;
    }

    public string? OneOf(string name, IReadOnlyCollection<string> allowed, bool required = false)
    {
        var text = Text(name, required);
        if (text is null || allowed.Contains(text))
        {
            return text;
        }

        Error(name, $"is \"{text}\"; allowed: {string.Join(", ", allowed)}");
        return null;
    }

    public long? Integer(string name, long min, long max, bool required = false)
    {
        if (Take(name, required) is not { } value)
        {
            return null;
        }

        if (value is JsonValue scalar && TryInteger(scalar, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Error(name, $"is {Shown(value)}; allowed: an integer from {min} to {max}");
        return null;
    }

    public double? Number(string name)
    {
        if (Take(name, false) is not { } value)
        {
            return null;
        }

        if (value is JsonValue scalar && scalar.TryGetValue<double>(out var number) && double.IsFinite(number))
        {
            return number;
        }

        Error(name, $"is {Shown(value)}; allowed: a number");
        return null;
    }

    public bool Flag(string name)
    {
        if (Take(name, false) is not { } value)
        {
            return false;
        }

        if (value is JsonValue scalar && scalar.TryGetValue<bool>(out var flag))
        {
            return flag;
        }

        Error(name, $"is {Shown(value)}; allowed: true, false");
        return false;
    }

    public DateOnly? Date(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        Error(name, $"is \"{text}\"; allowed: a date such as 2026-09-24");
        return null;
    }

    public NodeReader? Object(string name, bool required = false)
    {
        if (Take(name, required) is not { } value)
        {
            return null;
        }

        if (value is JsonObject child)
        {
            return new NodeReader(child, $"{path}.{name}", errors);
        }

        Error(name, $"is {Shown(value)}; allowed: an object");
        return null;
    }

    public IReadOnlyList<NodeReader> Objects(string name)
    {
        var readers = new List<NodeReader>();
        foreach (var (index, item) in Items(name))
        {
            if (item is JsonObject child)
            {
                readers.Add(new NodeReader(child, $"{path}.{name}[{index}]", errors));
            }
            else
            {
                errors.Add($"{path}.{name}[{index}]: is {Shown(item)}; allowed: an object");
            }
        }

        return readers;
    }

    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var (index, item) in Items(name))
        {
            if (item is JsonValue scalar && scalar.TryGetValue<string>(out var text) && text.Length > 0)
            {
                texts.Add(text);
            }
            else
            {
                errors.Add($"{path}.{name}[{index}]: is {Shown(item)}; allowed: a non-empty string");
            }
        }

        return texts;
    }

    public IReadOnlyList<JsonNode?> Nodes(string name) => [.. Items(name).Select(item => item.Item)];

    public JsonNode? Node(string name) => Take(name, false);

    /// <summary>The members of an object whose names are free, such as parameters or table rows.</summary>
    public IEnumerable<KeyValuePair<string, JsonNode?>> Members()
    {
        foreach (var member in node)
        {
            _known.Add(member.Key);
            yield return member;
        }
    }

    /// <summary>Reports every member that nothing asked for.</summary>
    public void Done()
    {
        foreach (var (name, value) in node)
        {
            // A null only takes away what a fragment gave.
            if (value is not null && !_known.Contains(name))
            {
                var nearest = EditDistance.Nearest(name, _known);
                Error(name, $"unknown field{(nearest is null ? "" : $"; did you mean {nearest}?")} Allowed: {string.Join(", ", _known.Order())}");
            }
        }
    }

    internal static string Shown(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length > 60 ? $"{text.AsSpan(0, 57)}…" : text;
    }

    internal static bool TryInteger(JsonValue value, out long number)
    {
        if (value.GetValueKind() == JsonValueKind.Number)
        {
            return long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        }

        number = 0;
        return false;
    }

    private IEnumerable<(int Index, JsonNode? Item)> Items(string name)
    {
        if (Take(name, false) is not { } value)
        {
            return [];
        }

        if (value is JsonArray array)
        {
            return array.Select((item, index) => (index, item));
        }

        Error(name, $"is {Shown(value)}; allowed: an array");
        return [];
    }

    private JsonNode? Take(string name, bool required)
    {
        _known.Add(name);
        var value = node[name];
        if (value is null && required)
        {
            Error(name, "is required");
        }

        return value;
    }
}
