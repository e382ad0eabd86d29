using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// Agents like to name files of the computer they run on, which no server can read. Such a path gets its own error code
/// before it is mistaken for a broken URL.
/// </summary>
internal static class LocalFiles
{
    /// <summary>No path is longer, and the older form of an image, bare base64, always is.</summary>
    private const int MaxPath = 256;

    /// <summary>The refusal, if one of the arguments is a path.</summary>
    /// <param name="arguments">The call's arguments; the model's own may be in <c>extra</c>.</param>
    /// <param name="names">Which arguments name files.</param>
    public static Problem? Refusal(JsonElement arguments, IReadOnlySet<string> names)
    {
        foreach (var argument in arguments.EnumerateObject())
        {
            if (argument.NameEquals("extra") && argument.Value.ValueKind is JsonValueKind.Object)
            {
                if (Refusal(argument.Value, names) is { } inner)
                {
                    return inner;
                }
            }
            else if (names.Contains(argument.Name) && Of(argument.Name, argument.Value) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static Problem? Of(string name, JsonElement given)
    {
        var value = ValueReader.Structured(given, '[');
        if (value.ValueKind is JsonValueKind.Array)
        {
            return value.EnumerateArray()
                .Select((item, place) => Of($"{name}[{place}]", item))
                .FirstOrDefault(problem => problem is not null);
        }

        return ValueReader.TryText(value, out var text) && IsPath(text)
            ? Problems.LocalFileUnsupported.With(
                $"{name} is a file on your computer, which this server cannot read. Send a public https URL, upload the file "
                + "first (POST /api/v1/upload), "
                + "or use the local bridge `zoetrope mcp`, which reads images and has vicsee_upload.",
                name,
                Given.Of(value),
                "an https URL, or a data: URI of an image")
            : null;
    }

    private static bool IsPath(string text) =>
        text.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
        || (text.Length is > 0 and <= MaxPath
            && !text.Contains("://", StringComparison.Ordinal)
            && !text.StartsWith("data:", StringComparison.OrdinalIgnoreCase));
}
