using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>
/// Tells fal's webhooks from others: Ed25519 over the ids, the time and the body's hash, by one of the keys that fal
/// publishes. The keys are kept for a day and read again when none of them fits, once a minute at most.
/// </summary>
internal sealed class FalWebhooks(VendorClient client, Uri restUrl, TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _reading = new(1, 1);
    private KeySet _keys = new([], DateTimeOffset.MinValue);
    private DateTimeOffset _triedAt = DateTimeOffset.MinValue;

    public async ValueTask<CallbackReading> ReadAsync(ProviderCallback call, CancellationToken cancellationToken)
    {
        if (!call.Headers.TryGetValue("X-Fal-Webhook-Request-Id", out var requestId)
            || !call.Headers.TryGetValue("X-Fal-Webhook-User-Id", out var userId)
            || !call.Headers.TryGetValue("X-Fal-Webhook-Timestamp", out var timestamp)
            || !call.Headers.TryGetValue("X-Fal-Webhook-Signature", out var signature))
        {
            return new CallbackReading.Forged("it is not signed");
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - (double)seconds) > Tolerance.TotalSeconds)
        {
            return new CallbackReading.Forged("its time is not now");
        }

        var message = Encoding.UTF8.GetBytes($"{requestId}\n{userId}\n{timestamp}\n{Convert.ToHexStringLower(SHA256.HashData(call.Body.Span))}");
        return FromHex(signature) is { } bytes && await IsSignedAsync(message, bytes, cancellationToken)
            ? new CallbackReading.Genuine(IdOf(call.Body))
            : new CallbackReading.Forged("none of fal's keys made its signature");
    }

    private async Task<bool> IsSignedAsync(byte[] message, byte[] signature, CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _keys);
        if (time.GetUtcNow() - known.ReadAt < Kept && known.Made(message, signature))
        {
            return true;
        }

        var fresh = await ReadKeysAsync(known, cancellationToken);
        return fresh != known && fresh.Made(message, signature);
    }

    private async Task<KeySet> ReadKeysAsync(KeySet known, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_keys == known && now - _triedAt >= Pause)
            {
                _triedAt = now;
                var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(restUrl, ".well-known/jwks.json")), cancellationToken);
                if (answer.IsSuccess && Keys(answer.Json) is { Length: > 0 } keys)
                {
                    Volatile.Write(ref _keys, new KeySet(keys, now));
                }
            }

            return _keys;
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidDataException or IOException)
        {
            return known;
        }
        finally
        {
            _reading.Release();
        }
    }

    private static ImmutableArray<byte[]> Keys(JsonElement set) =>
    [
        .. from key in set.ItemsAt("keys")
           where key.TextAt("kty") == "OKP" && key.TextAt("crv") == "Ed25519"
           let bytes = FromBase64Url(key.TextAt("x"))
           where bytes?.Length == Ed25519.PublicKeySize
           select bytes,
    ];

    private static string? IdOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TextAt("request_id");
        }
        catch (JsonException)
        {
            return null;
        }
    }

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

    private sealed record KeySet(ImmutableArray<byte[]> Keys, DateTimeOffset ReadAt)
    {
        public bool Made(byte[] message, byte[] signature) => Keys.Any(key => Ed25519.Verify(signature, 0, key, 0, message, 0, message.Length));
    }
}
