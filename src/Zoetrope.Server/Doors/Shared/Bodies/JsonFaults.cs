using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>What is wrong with a body that is no JSON object, and where.</summary>
internal static class JsonFaults
{
    public static readonly Problem NotText = Problems.InvalidJson.With("Invalid JSON body: it is not UTF-8 text.", allowed: "UTF-8");
    public static readonly Problem NoObject = Problems.InvalidJson.With(
        "Invalid JSON body: it is not an object.", allowed: "a JSON object");

    // The parser's own sentences are for those who program it.
    public static Problem Of(ReadOnlySpan<byte> bytes, JsonException exception, int maxDepth)
    {
        var line = exception.LineNumber ?? 0;
        var at = (int)Math.Min(StartOf(bytes, line) + (exception.BytePositionInLine ?? 0), bytes.Length);
        if (bytes.Trim(" \t\r\n"u8).IsEmpty)
        {
            return Problems.InvalidJson.With("Invalid JSON body: it is empty.", allowed: "a JSON object");
        }

        var reason = exception.LineNumber is null ? "a name appears twice in one object"
            : exception.Message.Contains("maximum", StringComparison.OrdinalIgnoreCase) ? $"it is nested deeper than {maxDepth} levels"
            : at >= bytes.Length ? "it ends in the middle"
            : $"{Shown(bytes[at..])} is not expected there";
        var place = string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, byte {(exception.BytePositionInLine ?? 0) + 1}");
        return Problems.InvalidJson.With(
            exception.LineNumber is null ? $"Invalid JSON body: {reason}." : $"Invalid JSON body at {place}: {reason}.",
            allowed: "one JSON object (RFC 8259)");
    }

    private static long StartOf(ReadOnlySpan<byte> bytes, long line)
    {
        long start = 0;
        for (; line > 0 && bytes.IndexOf((byte)'\n') is >= 0 and var end; line--)
        {
            start += end + 1;
            bytes = bytes[(end + 1)..];
        }

        return start;
    }

    private static string Shown(ReadOnlySpan<byte> bytes)
    {
        Rune.DecodeFromUtf8(bytes, out var rune, out _);
        return Rune.IsControl(rune) || rune == Rune.ReplacementChar
            ? string.Create(CultureInfo.InvariantCulture, $"the character U+{rune.Value:X4}")
            : $"'{rune}'";
    }
}
