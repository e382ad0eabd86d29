using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Accounts;

internal enum KeyShape
{
    /// <summary>Does not even begin like an API key.</summary>
    NotAKey,

    /// <summary>Begins like one, but no key we ever issued looks like this.</summary>
    Broken,

    WellFormed,
}

/// <summary>
/// The secret's text: <c>sk-test-</c> or <c>sk-live-</c>, 32 random base-62 characters (190 bits) and 6 more that are the
/// CRC-32 of all before them. A typing error or a guess is refused from the text alone; a secret scanner can do the same.
/// </summary>
internal static class ApiKeys
{
    public const string TestPrefix = "sk-test-";
    public const string LivePrefix = "sk-live-";
    public const int Length = PrefixLength + RandomLength + ChecksumLength;
    public const int HashLength = SHA256.HashSizeInBytes;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int PrefixLength = 8;
    private const int RandomLength = 32;
    private const int ChecksumLength = 6;

    // The prefix and four characters: enough to recognise a key by, and 166 bits stay secret.
    private const int ShownLength = 12;

    public static string New(KeyMode mode)
    {
        var body = (mode == KeyMode.Test ? TestPrefix : LivePrefix) + RandomNumberGenerator.GetString(Alphabet, RandomLength);
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(body, checksum);
        return string.Concat(body, checksum);
    }

    public static KeyShape ShapeOf(ReadOnlySpan<char> key)
    {
        if (!key.StartsWith("sk-", StringComparison.Ordinal))
        {
            return KeyShape.NotAKey;
        }

        if (key.Length != Length
            || !(key.StartsWith(TestPrefix, StringComparison.Ordinal) || key.StartsWith(LivePrefix, StringComparison.Ordinal))
            || key[PrefixLength..].ContainsAnyExceptInAlphabet())
        {
            return KeyShape.Broken;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(key[..^ChecksumLength], checksum);
        return key[^ChecksumLength..].SequenceEqual(checksum) ? KeyShape.WellFormed : KeyShape.Broken;
    }

    /// <summary>What is stored. The secret has 190 random bits, so a fast hash is as good as a slow one.</summary>
    public static byte[] Hash(ReadOnlySpan<char> key)
    {
        Span<byte> text = stackalloc byte[Length];
        var written = Encoding.ASCII.GetBytes(key, text);
        return SHA256.HashData(text[..written]);
    }

    public static string Shown(string key) => key[..ShownLength];

    private static bool ContainsAnyExceptInAlphabet(this ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteChecksum(ReadOnlySpan<char> body, Span<char> checksum)
    {
        var crc = Crc32.Of(body);
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            checksum[i] = Alphabet[(int)(crc % 62)];
            crc /= 62;
        }
    }
}
