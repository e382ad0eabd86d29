using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>
/// Checks that a webhook comes from fal: Ed25519 over the ids, the time and the body's hash, by one of the keys that fal
/// publishes.
/// </summary>
internal sealed class FalWebhooks
{
    private readonly VendorClient _client;
    private readonly Uri _keysUrl;
    private readonly SigningSecrets _keys;

    public FalWebhooks(VendorClient client, Uri restUrl, TimeProvider time)
    {
        (_client, _keysUrl) = (client, new Uri(restUrl, ".well-known/jwks.json"));
        _keys = new SigningSecrets(ReadKeysAsync, time);
    }

    public async ValueTask<CallbackReading> ReadAsync(ProviderCallback call, CancellationToken cancellationToken)
    {
        if (!call.Headers.TryGetValue("X-Fal-Webhook-Request-Id", out var requestId)
            || !call.Headers.TryGetValue("X-Fal-Webhook-User-Id", out var userId)
            || !call.Headers.TryGetValue("X-Fal-Webhook-Timestamp", out var timestamp)
            || !call.Headers.TryGetValue("X-Fal-Webhook-Signature", out var signature))
        {
            return new CallbackReading.Forged("it is not signed");
        }

        if (!_keys.IsNow(timestamp))
        {
            return new CallbackReading.Forged("its timestamp is too far from the present");
        }

        var message = Encoding.UTF8.GetBytes(
            $"{requestId}\n{userId}\n{timestamp}\n{Convert.ToHexStringLower(SHA256.HashData(call.Body.Span))}");
        return FromHex(signature) is { } bytes
            && await _keys.AnyAsync(key => Ed25519.Verify(bytes, 0, key, 0, message, 0, message.Length), cancellationToken)
            ? new CallbackReading.Genuine(JsonReading.Parse(call.Body).TextAt("request_id"))
            : new CallbackReading.Forged("its signature matches none of fal's keys");
    }

    private async Task<IReadOnlyList<byte[]>> ReadKeysAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Get, _keysUrl), cancellationToken);
            return answer.IsSuccess ? Keys(answer.Json) : [];
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidDataException or IOException)
        {
            return [];
        }
    }

    private static IReadOnlyList<byte[]> Keys(JsonElement set) =>
    [
        .. from key in set.ItemsAt("keys")
           where key.TextAt("kty") == "OKP" && key.TextAt("crv") == "Ed25519"
           let bytes = FromBase64Url(key.TextAt("x"))
           where bytes?.Length == Ed25519.PublicKeySize
           select bytes,
    ];

    private static byte[]? FromBase64Url(string? text)
    {
        try
        {
            return text is null ? null : Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static byte[]? FromHex(string text)
    {
        try
        {
            var bytes = Convert.FromHexString(text);
            return bytes.Length == Ed25519.SignatureSize ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
