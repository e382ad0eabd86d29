using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>Whether something in a request names or carries a file, whatever it is called. Only the texts are looked at.</summary>
internal static class FileFields
{
    private const int Deep = 4;

    /// <summary>Of a request that was refused before anybody knew which of its fields are inputs.</summary>
    public static bool Carries(Draft draft) => draft.Files is { Count: > 0 } || draft.Fields.Any(field => Carries(field.Value));

    /// <summary>A URL, a data URI or the id of a file; or an object or list with one in it.</summary>
    public static bool Carries(JsonElement value) => Carries(value, Deep);

    private static bool Carries(JsonElement value, int deep) => value.ValueKind switch
    {
        JsonValueKind.String => IsUrl(value),
        JsonValueKind.Array when deep > 0 => value.EnumerateArray().Any(item => Carries(item, deep - 1)),
        JsonValueKind.Object when deep > 0 => value.EnumerateObject()
            .Any(member => Carries(member.Value, deep - 1)
                || (member.NameEquals("file_id") && member.Value.ValueKind is JsonValueKind.String)),
        _ => false,
    };

    // A text that begins like a URL; a sentence that mentions one is none.
    private static bool IsUrl(JsonElement value)
    {
        if (!ValueReader.TryText(value, out var text))
        {
            return false;
        }

        var trimmed = text.AsSpan().Trim();
        if (trimmed.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var scheme = trimmed.IndexOf("://", StringComparison.Ordinal);
        return scheme is > 0 and < 16
            && !trimmed[..scheme].ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")
            && !trimmed.ContainsAny(' ', '\n', '\t');
    }
}
