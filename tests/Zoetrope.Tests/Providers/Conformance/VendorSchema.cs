using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>
/// A vendor's documented fields, written as <c>prompt! text; duration one 4|6|8; image_urls files 3</c>: a name, <c>!</c> where it
/// is required, a kind, and the kind's bounds. Whatever is not written down is refused.
/// </summary>
internal sealed class VendorSchema
{
    private readonly Dictionary<string, Field> _fields = new(StringComparer.Ordinal);

    public VendorSchema(params ReadOnlySpan<string> lists)
    {
        foreach (var list in lists)
        {
            foreach (var text in list.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var words = text.Split(' ', 3);
                _fields[words[0].TrimEnd('!')] = new Field(words[0].EndsWith('!'), words[1], words.Length > 2 ? words[2] : "");
            }
        }
    }

    /// <summary>What is wrong with the values; null where nothing is.</summary>
    /// <param name="body">The fields as sent.</param>
    /// <param name="isFile">Whether a text names a file that the vendor can read.</param>
    public string? Check(JsonObject body, Func<string, bool> isFile)
    {
        if (_fields.FirstOrDefault(field => field.Value.Required && !body.ContainsKey(field.Key)).Key is { } missing)
        {
            return $"{missing} is required";
        }

        foreach (var (name, value) in body)
        {
            if (!_fields.TryGetValue(name, out var field))
            {
                return $"{name} is no field";
            }

            if (!field.Takes(value, isFile))
            {
                return $"{name} is {value?.ToJsonString() ?? "null"}, not {field.Kind} {field.Bounds}";
            }
        }

        return null;
    }

    private sealed record Field(bool Required, string Kind, string Bounds)
    {
        public bool Takes(JsonNode? value, Func<string, bool> isFile) => Kind switch
        {
            "text" => Text(value) is { } text && (Bounds.Length == 0 || text.Length <= int.Parse(Bounds, CultureInfo.InvariantCulture)),
            "one" => Text(value) is { } text && Bounds.Split('|').Contains(text),
            "flag" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "whole" => IsIn(value, whole: true),
            "number" => IsIn(value, whole: false),
            "file" => Text(value) is { } url && isFile(url),
            "files" => value is JsonArray { Count: > 0 } files && (Bounds.Length == 0 || files.Count <= int.Parse(Bounds, CultureInfo.InvariantCulture)) && files.All(file => Text(file) is { } url && isFile(url)),
            "size" => value is JsonObject { Count: 2 } size && Size(size["width"]) && Size(size["height"]),
            "shots" => value is JsonArray { Count: > 0 and <= 6 } shots && shots.All(shot => shot is JsonObject { Count: 1 or 2 } one && Text(one["prompt"]) is not null && (one["duration"] is null || Text(one["duration"]) is not null)),
            "shots-text" => Text(value) is { } text && JsonNode.Parse(text) is JsonArray { Count: > 0 and <= 6 } shots && shots.All(shot => Text(shot!["prompt"]) is not null && shot["duration"]?.GetValueKind() is null or JsonValueKind.Number),
            _ => throw new InvalidOperationException($"{Kind} is no kind of a field."),
        };

        private bool IsIn(JsonNode? value, bool whole)
        {
            if (value?.GetValueKind() is not JsonValueKind.Number)
            {
                return false;
            }

            var number = decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
            var bounds = Bounds.Split("..");
            return (!whole || number == decimal.Truncate(number))
                && (Bounds.Length == 0 || (number >= decimal.Parse(bounds[0], CultureInfo.InvariantCulture) && number <= decimal.Parse(bounds[1], CultureInfo.InvariantCulture)));
        }

        private static bool Size(JsonNode? side) => side?.GetValueKind() is JsonValueKind.Number && side.GetValue<int>() is >= 64 and <= 14_142;

        private static string? Text(JsonNode? value) => value?.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : null;
    }
}
