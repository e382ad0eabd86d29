using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>
/// Finds escapes that spell no text: half of a surrogate pair, which no string can hold, and U+0000, which no database column
/// does. Reads the bytes as they are, because a value may be many megabytes long.
/// </summary>
internal static class JsonText
{
    public static readonly Problem Broken = Problems.InvalidJson.With(
        "Invalid JSON body: an escape such as \\ud800 is half of a character.", allowed: "valid Unicode");

    /// <summary>The problem of the first name or string that is no text; null if all are.</summary>
    public static Problem? Check(JsonElement value) => Check(value, "");

    /// <param name="value">What is checked, with everything in it.</param>
    /// <param name="path">Where it is in the body, for the field of the problem.</param>
    public static Problem? Check(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    var name = JsonMarshal.GetRawUtf8PropertyName(property);
                    if (Find(name) is { } badName)
                    {
                        return badName is Fault.Half ? Broken : Zero(path.Length == 0 ? "A field name" : $"A field name in {path}", path);
                    }

                    if (MayHold(property.Value) && Check(property.Value, Join(path, property.Name)) is { } inner)
                    {
                        return inner;
                    }
                }

                return null;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (MayHold(item) && Check(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")) is { } inner)
                    {
                        return inner;
                    }

                    index++;
                }

                return null;
            case JsonValueKind.String:
                return Find(JsonMarshal.GetRawUtf8Value(value)) switch
                {
                    null => null,
                    Fault.Half => Broken,
                    _ => Zero(path, path),
                };
            default:
                return null;
        }
    }

    /// <summary>The problem if an escape anywhere in the value is half of a character.</summary>
    public static Problem? CheckUnicode(JsonElement value) =>
        Find(JsonMarshal.GetRawUtf8Value(value), withZero: false) is null ? null : Broken;

    /// <summary>Whether the bytes hold an escape that could be no text.</summary>
    public static bool MayHold(ReadOnlySpan<byte> json) => json.IndexOf("\\u"u8) >= 0;

    private enum Fault
    {
        Half,
        Zero,
    }

    private static bool MayHold(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String
        && MayHold(JsonMarshal.GetRawUtf8Value(value));

    private static Problem Zero(string what, string field) => Problems.InvalidParameter.With(
        $"{what} contains the character U+0000.", field.Length == 0 ? null : field, allowed: "text without U+0000");

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static Fault? Find(ReadOnlySpan<byte> raw, bool withZero = true)
    {
        while (raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            raw = raw[at..];
            if (raw.Length < 6 || raw[1] != 'u')
            {
                raw = raw[2..];
                continue;
            }

            var unit = Unit(raw);
            raw = raw[6..];
            if (unit == 0 && withZero)
            {
                return Fault.Zero;
            }

            if (char.IsLowSurrogate(unit))
            {
                return Fault.Half;
            }

            if (char.IsHighSurrogate(unit))
            {
                if (raw.Length < 6 || raw[0] != '\\' || raw[1] != 'u' || !char.IsLowSurrogate(Unit(raw)))
                {
                    return Fault.Half;
                }

                raw = raw[6..];
            }
        }

        return null;
    }

    // The parser has accepted the escape, so these are four hexadecimal digits.
    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
