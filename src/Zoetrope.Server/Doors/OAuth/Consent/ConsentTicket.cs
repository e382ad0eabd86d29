using System.Buffers.Binary;
using System.Text;

namespace Zoetrope.Server.Doors.OAuth.Consent;

/// <summary>
/// The API key between the two steps of the consent page: sealed, bound to the form it was given with, and good for ten
/// minutes. So the key itself is never in a page, and nothing is kept on any node.
/// </summary>
internal sealed class ConsentTicket(OAuthKeys keys, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <param name="apiKey">What the person entered.</param>
    /// <param name="seal">The form's seal, which is one browser's and one request's.</param>
    public string Seal(string apiKey, string seal)
    {
        var plain = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(apiKey)];
        BinaryPrimitives.WriteInt64BigEndian(plain, (time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds());
        Encoding.UTF8.GetBytes(apiKey, plain.AsSpan(sizeof(long)));
        return System.Buffers.Text.Base64Url.EncodeToString(SealedBytes.Seal(keys.Current.Tickets, seal, plain));
    }

    /// <summary>The API key; null if this is no ticket of that form, or it is too old.</summary>
    public string? Open(string ticket, string seal)
    {
        byte[] bytes;
        try
        {
            bytes = System.Buffers.Text.Base64Url.DecodeFromChars(ticket);
        }
        catch (FormatException)
        {
            return null;
        }

        var opened = keys.Accepted.Select(key => SealedBytes.Open(key.Tickets, seal, bytes))
            .FirstOrDefault(static plain => plain is not null);
        return opened is { Length: > sizeof(long) } plain
            && BinaryPrimitives.ReadInt64BigEndian(plain) > time.GetUtcNow().ToUnixTimeMilliseconds()
                ? Encoding.UTF8.GetString(plain, sizeof(long), plain.Length - sizeof(long))
                : null;
    }
}
