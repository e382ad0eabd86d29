using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Events;

/// <summary>
/// The signing keys of endpoints. Each is derived from <c>secrets/webhooks.key</c>, the endpoint's id and its version, so the
/// database and its backups hold nothing with which a delivery could be forged. Nodes share the file as they share the URL key.
/// </summary>
internal sealed class WebhookKeys
{
    /// <summary>Customers hold what is derived from it, so nothing outlives it: another one takes every endpoint's secret away.</summary>
    public static readonly Secret Root = new("webhooks", () => RandomNumberGenerator.GetBytes(KeyBytes), Overlap: null);

    private const int KeyBytes = 32;
    private readonly string _dataDirectory;
    private byte[] _root;

    public WebhookKeys(string dataDirectory)
    {
        _dataDirectory = dataDirectory;
        _root = Load();
    }

    public void Reload() => Volatile.Write(ref _root, Load());

    public byte[] Secret(string keyId, long version) => Derive("v1", keyId, version);

    /// <summary>As the customer is shown it, once.</summary>
    public string SecretText(string keyId, long version) => "whsec_" + Convert.ToBase64String(Secret(keyId, version));

    public string PublicKeyText(string keyId, long version) =>
        "whpk_" + Convert.ToBase64String(WebhookSignature.PublicKey(Derive("v1a", keyId, version)));

    /// <summary>The whole header: the newest key's signatures first, then those of the key it replaced while that is still good.</summary>
    public string Sign(WebhookEndpoint endpoint, string messageId, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var signatures = new List<string>(4);
        var oldest = endpoint.PreviousUntil > now.ToUnixTimeMilliseconds() ? endpoint.SecretVersion - 1 : endpoint.SecretVersion;
        for (var version = endpoint.SecretVersion; version >= oldest; version--)
        {
            signatures.Add(WebhookSignature.Symmetric(Secret(endpoint.KeyId, version), messageId, now.ToUnixTimeSeconds(), body));
            signatures.Add(WebhookSignature.Asymmetric(Derive("v1a", endpoint.KeyId, version), messageId, now.ToUnixTimeSeconds(), body));
        }

        return string.Join(' ', signatures);
    }

    private byte[] Load() => SecretFiles.ReadOrMake(_dataDirectory, Root) is { Length: KeyBytes } root
        ? root
        : throw new InvalidDataException($"{SecretFiles.PathOf(_dataDirectory, Root.Name)} is not {KeyBytes} bytes long.");

    private byte[] Derive(string purpose, string keyId, long version) =>
        HMACSHA256.HashData(_root, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{purpose}\n{keyId}\n{version}")));
}
