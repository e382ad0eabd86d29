using System.Security.Cryptography;

namespace Zoetrope.Server.Vouchers;

/// <summary>
/// The code of a voucher: 100 random bits as 20 characters of Crockford's base 32 and one that checks them, in three groups. A wrong
/// character, or two that changed places, never pass the check.
/// </summary>
internal static class VoucherCode
{
    /// <summary>The characters that a list shows, to recognise a code by; what is left is far too much to guess.</summary>
    public const int PreviewLength = 4;

    public const int MaxLength = 64;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Symbols = 20;
    private const int Group = 7;

    /// <summary>A new code, without its hyphens.</summary>
    public static string New()
    {
        Span<char> code = stackalloc char[Symbols + 1];
        for (var i = 0; i < Symbols; i++)
        {
            code[i] = Alphabet[RandomNumberGenerator.GetInt32(Alphabet.Length)];
        }

        code[Symbols] = Alphabet[Check(code[..Symbols])];
        return new string(code);
    }

    /// <summary>As people copy it.</summary>
    public static string Text(string code) => string.Join('-', code.Chunk(Group).Select(group => new string(group)));

    /// <summary>What somebody typed, as it was made; null where it is no code. Spaces, hyphens and case do not matter, nor O for 0.</summary>
    public static string? Read(string text)
    {
        Span<char> code = stackalloc char[Symbols + 1];
        var length = 0;
        foreach (var typed in text)
        {
            if (typed is '-' or ' ')
            {
                continue;
            }

            var symbol = char.ToUpperInvariant(typed) switch { 'O' => '0', 'I' or 'L' => '1', var other => other };
            if (length > Symbols || !Alphabet.Contains(symbol, StringComparison.Ordinal))
            {
                return null;
            }

            code[length++] = symbol;
        }

        return length == Symbols + 1 && Alphabet[Check(code[..Symbols])] == code[Symbols] ? new string(code) : null;
    }

    public static byte[] Hash(string code) => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(code));

    // The remainder of a polynomial over GF(32), so each place has a weight of its own.
    private static int Check(ReadOnlySpan<char> symbols)
    {
        var check = 0;
        foreach (var symbol in symbols)
        {
            check = Doubled(check) ^ Alphabet.IndexOf(symbol, StringComparison.Ordinal);
        }

        return Doubled(check);
    }

    private static int Doubled(int value) => (value << 1) < 32 ? value << 1 : (value << 1) ^ 0b100101;
}
