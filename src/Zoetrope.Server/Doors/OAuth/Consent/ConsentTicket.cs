using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Doors.OAuth.Consent;

/// <summary>
/// The API key between the two steps of the consent page: sealed, bound to the form it was given with, and good for ten
/// minutes. So the key itself is never in a page, and nothing is kept on any node.
/// </summary>
internal sealed class ConsentTicket(OAuthKeys keys, TimeProvider time)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <param name="apiKey">What the person entered.</param>
    /// <param name="seal">The form's seal, which is one browser's and one request's.</param>
    public string Seal(string apiKey, string seal)
    {
        var plain = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(apiKey)];
        BinaryPrimitives.WriteInt64BigEndian(plain, (time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds());
        Encoding.UTF8.GetBytes(apiKey, plain.AsSpan(sizeof(long)));
        var ticket = new byte[NonceSize + TagSize + plain.Length];
        var nonce = ticket.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(keys.Tickets, TagSize);
        cipher.Encrypt(nonce, plain, ticket.AsSpan(NonceSize + TagSize), ticket.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(seal));
        return System.Buffers.Text.Base64Url.EncodeToString(ticket);
    }

    /// <summary>The API key; null if this is no ticket of that form, or it is too old.</summary>
    public string? Open(string ticket, string seal)
    {
        try
        {
            var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(ticket);
            if (bytes.Length <= NonceSize + TagSize + sizeof(long))
            {
                return null;
            }

            var plain = new byte[bytes.Length - NonceSize - TagSize];
            using var cipher = new AesGcm(keys.Tickets, TagSize);
            cipher.Decrypt(
                bytes.AsSpan(0, NonceSize),
                bytes.AsSpan(NonceSize + TagSize),
                bytes.AsSpan(NonceSize, TagSize),
                plain,
                Encoding.UTF8.GetBytes(seal));
            return BinaryPrimitives.ReadInt64BigEndian(plain) > time.GetUtcNow().ToUnixTimeMilliseconds()
                ? Encoding.UTF8.GetString(plain, sizeof(long), plain.Length - sizeof(long))
                : null;
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }
}
