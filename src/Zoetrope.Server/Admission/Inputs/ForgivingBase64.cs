using System.Globalization;

namespace Zoetrope.Server.Admission.Inputs;

/// <summary>
/// Base64 as other programs write it, a piece at a time: with line ends, without padding, in the alphabet of URLs, and
/// percent-encoded as in a URL. What it means is never in doubt.
/// </summary>
internal struct ForgivingBase64
{
    private int _pads;
    private int _digits;

    /// <summary>What is wrong with the text, in words; null if nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Fills the block with plain base64, whole groups of four until the text ends.</summary>
    /// <param name="text">What is left of the text.</param>
    /// <param name="block">Holds a multiple of four characters.</param>
    /// <param name="taken">How much of the text was read.</param>
    public int Read(ReadOnlySpan<char> text, Span<char> block, out int taken)
    {
        var count = 0;
        for (taken = 0; taken < text.Length && count < block.Length && Fault is null; taken++)
        {
            var c = text[taken];
            if (c == '%' && taken + 2 < text.Length
                && byte.TryParse(text.Slice(taken + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                c = (char)code;
                taken += 2;
            }

            switch (c)
            {
                case ' ' or '\t' or '\r' or '\n' or '\f':
                    break;
                case '=':
                    _pads++;
                    break;
                case '-' or '_' or '+' or '/' or (>= '0' and <= '9') or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') when _pads == 0:
                    block[count++] = c == '-' ? '+' : c == '_' ? '/' : c;
                    _digits++;
                    break;
                default:
                    Fault = _pads > 0
                        ? "The base64 text goes on after its end, which '=' marks."
                        : $"The base64 text contains {Shown(c)}, which is not a character of base64.";
                    break;
            }
        }

        return taken < text.Length || Fault is not null ? count : End(block, count);
    }

    // A block that is full of whole groups needs no padding; the last one gets its own.
    private int End(Span<char> block, int count)
    {
        if (_digits % 4 == 1 || (_pads > 0 && _pads != (4 - (_digits % 4)) % 4))
        {
            Fault = "The base64 text was cut off: its last group of four characters is not complete.";
            return count;
        }

        while (count % 4 != 0)
        {
            block[count++] = '=';
        }

        return count;
    }

    private static string Shown(char c) => c is > ' ' and <= '~'
        ? $"'{c}'"
        : string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)c:X4}");
}
