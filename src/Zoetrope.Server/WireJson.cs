using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Zoetrope.Server;

/// <summary>
/// JSON as every door writes it: people copy secrets, URLs and sentences out of it with their own tools, so a character is
/// escaped only where it must be. No answer is ever put into a page: that would need the other escapes.
/// </summary>
internal static class WireJson
{
    public static readonly JavaScriptEncoder Encoder = new PlainEncoder();

    /// <summary>For writers by hand.</summary>
    public static readonly JsonWriterOptions Writer = new() { SkipValidation = true, Encoder = Encoder };

    /// <summary>For nodes and small objects without a context of their own.</summary>
    public static readonly JsonSerializerOptions Options = new() { Encoder = Encoder };

    /// <summary>For people.</summary>
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = Encoder };

    public static byte[] Bytes<T>(T value, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Writer))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A text that is written by hand.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Writer))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string Text<T>(T value, JsonTypeInfo<T> type) => Encoding.UTF8.GetString(Bytes(value, type));

    /// <summary>
    /// Escapes quotation marks, backslashes and control characters, and what some programs take for the end of a line, which
    /// would cut an event of a stream in two. .NET's most relaxed encoder also escapes emoji and the spaces of other scripts.
    /// </summary>
    private sealed class PlainEncoder : JavaScriptEncoder
    {
        private const int LineSeparator = 0x2028;
        private const int ParagraphSeparator = 0x2029;

        // Beside ASCII the first bytes of U+0080 to U+009F, and of U+2028 and U+2029.
        private static readonly SearchValues<byte> Bytes = SearchValues.Create(
            [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\', 0x7F, 0xC2, 0xE2]);

        private static readonly SearchValues<char> Characters = SearchValues.Create(
        [
            .. Enumerable.Range(0, 0x20).Select(value => (char)value), '"', '\\',
            .. Enumerable.Range(0x7F, 0x21).Select(value => (char)value), (char)LineSeparator, (char)ParagraphSeparator,
        ]);

        public override int MaxOutputCharactersPerInputCharacter => 6;

        public override bool WillEncode(int unicodeScalar) =>
            unicodeScalar is < 0x20 or '"' or '\\' or >= 0x7F and < 0xA0 or LineSeparator or ParagraphSeparator;

        public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
        {
            var all = new ReadOnlySpan<char>(text, textLength);
            var special = all.IndexOfAny(Characters);
            var plain = special < 0 ? all : all[..special];

            // Half of a pair is no text; its replacement counts as an escape.
            var broken = plain.IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? -1 : BrokenIn(plain);
            return broken < 0 ? special : broken;
        }

        public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text)
        {
            var special = -1;
            for (var from = 0; from < utf8Text.Length; from++)
            {
                var next = utf8Text[from..].IndexOfAny(Bytes);
                if (next < 0)
                {
                    break;
                }

                from += next;
                if (Rune.DecodeFromUtf8(utf8Text[from..], out var rune, out _) != OperationStatus.Done || WillEncode(rune.Value))
                {
                    special = from;
                    break;
                }
            }

            var plain = special < 0 ? utf8Text : utf8Text[..special];
            return Utf8.IsValid(plain) ? special : BrokenIn(plain);
        }

        public override unsafe bool TryEncodeUnicodeScalar(
            int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
        {
            Span<char> escape = ['\\', 'u', '0', '0', '0', '0'];
            if (Short(unicodeScalar) is { } letter)
            {
                escape[1] = letter;
                escape = escape[..2];
            }
            else
            {
                unicodeScalar.TryFormat(escape[2..], out _, "X4", CultureInfo.InvariantCulture);
            }

            var fits = escape.TryCopyTo(new Span<char>(buffer, bufferLength));
            numberOfCharactersWritten = fits ? escape.Length : 0;
            return fits;
        }

        private static char? Short(int character) => character switch
        {
            '"' or '\\' => (char)character,
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\b' => 'b',
            '\f' => 'f',
            _ => null,
        };

        private static int BrokenIn(ReadOnlySpan<char> text)
        {
            for (var at = 0; at < text.Length;)
            {
                if (Rune.DecodeFromUtf16(text[at..], out _, out var length) != OperationStatus.Done)
                {
                    return at;
                }

                at += length;
            }

            return -1;
        }

        private static int BrokenIn(ReadOnlySpan<byte> text)
        {
            for (var at = 0; at < text.Length;)
            {
                if (Rune.DecodeFromUtf8(text[at..], out _, out var length) != OperationStatus.Done)
                {
                    return at;
                }

                at += length;
            }

            return -1;
        }
    }
}
