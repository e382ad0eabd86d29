using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Replicate;

/// <summary>
/// Checks that a webhook comes from Replicate: HMAC-SHA256 over id, time and body, by the secret of the account. Each token's
/// account has its own.
/// </summary>
internal sealed class ReplicateWebhooks
{
    private const string Version = "v1,";
    private const string SecretPrefix = "whsec_";
    private readonly VendorClient _client;
    private readonly Uri _secretUrl;
    private readonly IReadOnlyList<ProviderKey> _keys;
    private readonly SigningSecrets _secrets;

    public ReplicateWebhooks(VendorClient client, Uri baseUrl, IReadOnlyList<ProviderKey> keys, TimeProvider time)
    {
        (_client, _secretUrl, _keys) = (client, new Uri(baseUrl, "webhooks/default/secret"), keys);
        _secrets = new SigningSecrets(ReadSecretsAsync, time);
    }

    public async ValueTask<CallbackReading> ReadAsync(ProviderCallback call, CancellationToken cancellationToken)
    {
        if (!call.Headers.TryGetValue("webhook-id", out var id)
            || !call.Headers.TryGetValue("webhook-timestamp", out var timestamp)
            || !call.Headers.TryGetValue("webhook-signature", out var signatures))
        {
            return new CallbackReading.Forged("it is not signed");
        }

        if (!_secrets.IsNow(timestamp))
        {
            return new CallbackReading.Forged("its timestamp is too far from the present");
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. call.Body.Span];
        return await _secrets.AnyAsync(secret => Made(secret, signed, signatures), cancellationToken)
            ? new CallbackReading.Genuine(ReplicateWire.IdOf(JsonReading.Parse(call.Body)))
            : new CallbackReading.Forged("its signature does not match the account's secret");
    }

    private static bool Made(byte[] secret, byte[] signed, string signatures)
    {
        var right = Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(secret, signed)));
        return signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(item => item.StartsWith(Version, StringComparison.Ordinal))
            .Any(item => CryptographicOperations.FixedTimeEquals(right, Encoding.UTF8.GetBytes(item[Version.Length..])));
    }

    private async Task<IReadOnlyList<byte[]>> ReadSecretsAsync(CancellationToken cancellationToken)
    {
        var secrets = new List<byte[]>();
        foreach (var key in _keys)
        {
            if (await SecretAsync(key, cancellationToken) is { } secret)
            {
                secrets.Add(secret);
            }
        }

        return secrets;
    }

    private async Task<byte[]?> SecretAsync(ProviderKey key, CancellationToken cancellationToken)
    {
        try
        {
            var request = new HttpRequestMessage(HttpMethod.Get, _secretUrl);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
            var answer = await _client.SendAsync(request, cancellationToken);
            return answer.IsSuccess && answer.Json.TextAt("key") is { } text && text.StartsWith(SecretPrefix, StringComparison.Ordinal)
                ? Convert.FromBase64String(text[SecretPrefix.Length..])
                : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidDataException or IOException or FormatException)
        {
            return null;
        }
    }
}
