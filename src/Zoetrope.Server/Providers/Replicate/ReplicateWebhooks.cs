using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Providers.Replicate;

/// <summary>
/// Tells Replicate's webhooks from others: HMAC-SHA256 over id, time and body, by the secret of the account. Each token's
/// account has its own; they are asked for once a day, and again when none fits, once a minute at most.
/// </summary>
internal sealed class ReplicateWebhooks(VendorClient client, Uri baseUrl, IReadOnlyList<ProviderKey> keys, TimeProvider time)
{
    private const string Version = "v1,";
    private const string SecretPrefix = "whsec_";
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _reading = new(1, 1);
    private SecretSet _secrets = new([], DateTimeOffset.MinValue);
    private DateTimeOffset _triedAt = DateTimeOffset.MinValue;

    public async ValueTask<CallbackReading> ReadAsync(ProviderCallback call, CancellationToken cancellationToken)
    {
        if (!call.Headers.TryGetValue("webhook-id", out var id)
            || !call.Headers.TryGetValue("webhook-timestamp", out var timestamp)
            || !call.Headers.TryGetValue("webhook-signature", out var signatures))
        {
            return new CallbackReading.Forged("it is not signed");
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - (double)seconds) > Tolerance.TotalSeconds)
        {
            return new CallbackReading.Forged("its time is not now");
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. call.Body.Span];
        return await IsSignedAsync(signed, signatures, cancellationToken)
            ? new CallbackReading.Genuine(PredictionOf(call.Body))
            : new CallbackReading.Forged("the account's secret did not make its signature");
    }

    private async Task<bool> IsSignedAsync(byte[] signed, string signatures, CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _secrets);
        if (time.GetUtcNow() - known.ReadAt < Kept && known.Made(signed, signatures))
        {
            return true;
        }

        var fresh = await ReadSecretsAsync(known, cancellationToken);
        return fresh != known && fresh.Made(signed, signatures);
    }

    private async Task<SecretSet> ReadSecretsAsync(SecretSet known, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_secrets == known && now - _triedAt >= Pause)
            {
                _triedAt = now;
                var secrets = new List<byte[]>();
                foreach (var key in keys)
                {
                    if (await SecretAsync(key, cancellationToken) is { } secret)
                    {
                        secrets.Add(secret);
                    }
                }

                if (secrets.Count > 0)
                {
                    Volatile.Write(ref _secrets, new SecretSet(secrets, now));
                }
            }

            return _secrets;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<byte[]?> SecretAsync(ProviderKey key, CancellationToken cancellationToken)
    {
        try
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(baseUrl, "webhooks/default/secret"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
            var answer = await client.SendAsync(request, cancellationToken);
            return answer.IsSuccess && answer.Json.TextAt("key") is { } text && text.StartsWith(SecretPrefix, StringComparison.Ordinal)
                ? Convert.FromBase64String(text[SecretPrefix.Length..])
                : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidDataException or IOException or FormatException)
        {
            return null;
        }
    }

    private static string? PredictionOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return ReplicateWire.IdOf(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record SecretSet(IReadOnlyList<byte[]> Secrets, DateTimeOffset ReadAt)
    {
        public bool Made(byte[] signed, string signatures)
        {
            var listed = signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(item => item.StartsWith(Version, StringComparison.Ordinal)).ToList();
            return Secrets.Any(secret =>
            {
                var right = Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(secret, signed)));
                return listed.Any(item => CryptographicOperations.FixedTimeEquals(right, Encoding.UTF8.GetBytes(item[Version.Length..])));
            });
        }
    }
}
