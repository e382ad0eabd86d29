using System.Security.Cryptography;

namespace Zoetrope.Server.Artifacts;

/// <summary>The keys of signed URLs. A URL lives for seven days at most, and so long its key is accepted.</summary>
internal sealed class SigningKeys
{
    public static readonly Secret Secret =
        new("url-signing", () => RandomNumberGenerator.GetBytes(KeyBytes), ArtifactOptions.MaxUrlLifetime);

    private const int KeyBytes = 32;
    private readonly string _dataDirectory;
    private IReadOnlyList<byte[]> _keys;

    public SigningKeys(ArtifactOptions options)
    {
        _dataDirectory = options.DataDirectory;
        _keys = Load();
    }

    public byte[] Current => _keys[0];

    /// <summary>Keys that verify, the current one first.</summary>
    public IReadOnlyList<byte[]> Accepted => Volatile.Read(ref _keys);

    public void Reload() => Volatile.Write(ref _keys, Load());

    private IReadOnlyList<byte[]> Load() =>
        SecretFiles.Accepted(_dataDirectory, Secret) is var keys && keys.All(key => key.Length == KeyBytes)
        ? keys
        : throw new InvalidDataException(
            $"A URL signing key under {SecretFiles.DirectoryOf(_dataDirectory)} is not {KeyBytes} bytes long.");
}
