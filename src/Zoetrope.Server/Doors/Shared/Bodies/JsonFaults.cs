using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>What is wrong with a body that is no JSON object, and where.</summary>
internal static class JsonFaults
{
    public static readonly Problem NoObject = Problems.InvalidJson.With(
        "Invalid JSON body: it is not an object.", allowed: "a JSON object");

    public static Problem NotText(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return Problems.InvalidJson.With($"Invalid JSON body at {Place(bytes, at)}: it is not UTF-8 text.", allowed: "UTF-8");
    }

    // The parser's own sentences are for those who program it.
    public static Problem Of(ReadOnlyMemory<byte> body, JsonException exception, int maxDepth)
    {
        var bytes = body.Span;
        var line = exception.LineNumber ?? 0;
        var at = (int)Math.Min(StartOf(bytes, line) + (exception.BytePositionInLine ?? 0), bytes.Length);
        if (bytes.Trim(" \t\r\n"u8).IsEmpty)
        {
            return Problems.InvalidJson.With("Invalid JSON body: it is empty.", allowed: "a JSON object");
        }

        if (exception.LineNumber is null)
        {
            return Doubled(body, maxDepth);
        }

        var reason = exception.Message.Contains("maximum", StringComparison.OrdinalIgnoreCase)
            ? $"it is nested deeper than {maxDepth} levels"
            : at >= bytes.Length ? "it ends in the middle"
            : $"{Shown(bytes[at..])} is not expected there";
        return Problems.InvalidJson.With($"Invalid JSON body at {Place(bytes, at)}: {reason}.", allowed: "one JSON object (RFC 8259)");
    }

    private static string Place(ReadOnlySpan<byte> bytes, int at)
    {
        var before = bytes[..at];
        return string.Create(
            CultureInfo.InvariantCulture, $"line {before.Count((byte)'\n') + 1}, byte {at - before.LastIndexOf((byte)'\n')}");
    }

    private static Problem Doubled(ReadOnlyMemory<byte> body, int maxDepth)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = maxDepth });
            var (name, at) = ("of a field", 0);
            if (DoubledNames.Within(document.RootElement) is { } member
                && body.Span.Overlaps(JsonMarshal.GetRawUtf8PropertyName(member), out var behindQuote))
            {
                (name, at) = (ShortText.Of(DoubledNames.NameOf(member)), behindQuote - 1);
            }

            return Problems.InvalidJson.With(
                $"Invalid JSON body at {Place(body.Span, at)}: the name {name} appears twice in one object.", allowed: "each name once");
        }
        catch (JsonException exception)
        {
            // It is no JSON behind that name either.
            return Of(body, exception, maxDepth);
        }
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
