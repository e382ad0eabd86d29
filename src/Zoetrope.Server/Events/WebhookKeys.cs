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
    private const int KeyBytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly byte[] _root;

    public WebhookKeys(string dataDirectory)
    {
        var directory = Path.Combine(Path.GetFullPath(dataDirectory), "secrets");
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "webhooks.key");
        if (!File.Exists(path))
        {
            Create(path);
        }

        _root = File.ReadAllBytes(path);
        if (_root.Length != KeyBytes)
        {
            throw new InvalidDataException($"{path} is not {KeyBytes} bytes long.");
        }
    }

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

    private byte[] Derive(string purpose, string keyId, long version) =>
        HMACSHA256.HashData(_root, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{purpose}\n{keyId}\n{version}")));

    // Written beside and then given its name: of two processes that start at once one publishes, and both read that key.
    private static void Create(string path)
    {
        var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(draft, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(KeyBytes));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
