using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Zoetrope.Server.Events;

/// <summary>
/// Both signatures of Standard Webhooks 1.0: <c>v1</c> (HMAC-SHA256) and <c>v1a</c> (Ed25519) over <c>id.timestamp.body</c>.
/// </summary>
internal static class WebhookSignature
{
    public static string Symmetric(ReadOnlySpan<byte> secret, string id, long timestamp, ReadOnlySpan<byte> body) =>
        secret.IsEmpty
            ? throw new ArgumentException("An empty secret signs nothing.", nameof(secret))
            : "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, Content(id, timestamp, body)));

    public static string Asymmetric(byte[] seed, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var content = Content(id, timestamp, body);
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(seed, 0, content, 0, content.Length, signature, 0);
        return "v1a," + Convert.ToBase64String(signature);
    }

    public static byte[] PublicKey(byte[] seed)
    {
        var key = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, key, 0);
        return key;
    }

    private static byte[] Content(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        var content = new byte[head.Length + body.Length];
        head.CopyTo(content, 0);
        body.CopyTo(content.AsSpan(head.Length));
        return content;
    }
}
