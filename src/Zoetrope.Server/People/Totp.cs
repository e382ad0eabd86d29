using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.People;

/// <summary>
/// The codes of authenticator apps (RFC 6238: HMAC-SHA1, six digits, thirty seconds). Identity has the same, but takes the machine's
/// clock, lets a code be used twice and accepts those of two and a half minutes.
/// </summary>
internal static class Totp
{
    public const int SecretBytes = 20;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int Seconds = 30;
    private const int Digits = 6;

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>The step of a code: now, or one before or after, for a clock that is a little off. Null if it is none of them.</summary>
    public static long? StepOf(byte[] secret, string code, DateTimeOffset now)
    {
        var given = code.Replace(" ", "", StringComparison.Ordinal);
        var current = now.ToUnixTimeSeconds() / Seconds;
        long? found = null;
        for (var step = current - 1; step <= current + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(CodeOf(secret, step)), Encoding.UTF8.GetBytes(given)))
            {
                found = step;
            }
        }

        return found;
    }

    public static string CodeAt(byte[] secret, DateTimeOffset time) => CodeOf(secret, time.ToUnixTimeSeconds() / Seconds);

    /// <summary>Base 32, as people type it into their app.</summary>
    public static string Text(byte[] secret)
    {
        var text = new StringBuilder();
        var (bits, count) = (0, 0);
        foreach (var part in secret)
        {
            (bits, count) = ((bits << 8) | part, count + 8);
            while (count >= 5)
            {
                count -= 5;
                text.Append(Alphabet[(bits >> count) & 31]);
            }
        }

        return text.ToString();
    }

    /// <summary>What an app reads from a picture or a link.</summary>
    public static string Address(byte[] secret, string name) =>
        $"otpauth://totp/Zoetrope:{Uri.EscapeDataString(name)}?secret={Text(secret)}&issuer=Zoetrope";

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6238 is HMAC-SHA1, and the apps know nothing else.")]
    private static string CodeOf(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 15)..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D" + Digits, CultureInfo.InvariantCulture);
    }
}
