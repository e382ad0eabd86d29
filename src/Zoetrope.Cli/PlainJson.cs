using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Zoetrope.Cli;

/// <summary>JSON for programs and people, escaped as the server escapes it: only what must be.</summary>
internal static partial class PlainJson
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    /// <summary>On one line.</summary>
    public static string Line(JsonNode json) => Plain(json.ToJsonString(Compact));

    public static string Pretty(JsonNode json) => Plain(json.ToJsonString(Indented));

    // .NET's most relaxed encoder still escapes emoji, half by half, and the spaces of other scripts.
    private static string Plain(string json) => Escapes().Replace(json, static escape =>
    {
        if (escape.Groups["code"] is not { Success: true } code)
        {
            return escape.Value;
        }

        var character = (char)ushort.Parse(code.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return char.IsControl(character) || character is '\u2028' or '\u2029' ? escape.Value : character.ToString();
    });

    [GeneratedRegex(@"\\(?:u(?<code>[0-9a-fA-F]{4})|.)")]
    private static partial Regex Escapes();
}
