using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// What tokens are signed and sealed with: <c>secrets/oauth.key</c>, an ECDSA key. The key that seals codes and refresh
/// tokens, and those that bind a consent form to its browser and hide the API key in it, are derived from it. Nodes share the file as
/// they share the URL key.
/// </summary>
internal sealed class OAuthKeys : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly ECDsa _signing = ECDsa.Create();

    public OAuthKeys(string dataDirectory)
    {
        var directory = Path.Combine(Path.GetFullPath(dataDirectory), "secrets");
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "oauth.key");
        if (!File.Exists(path))
        {
            Create(path);
        }

        var key = File.ReadAllBytes(path);
        try
        {
            _signing.ImportPkcs8PrivateKey(key, out _);
        }
        catch (CryptographicException)
        {
            throw new InvalidDataException($"{path} is not an ECDSA key in PKCS #8.");
        }

        var id = Convert.ToHexStringLower(SHA256.HashData(_signing.ExportSubjectPublicKeyInfo()).AsSpan(0, 8));
        Signing = new ECDsaSecurityKey(_signing) { KeyId = id };
        Sealing = new SymmetricSecurityKey(Derive(key, "seal")) { KeyId = "seal-" + id };
        Forms = Derive(key, "forms");
        Tickets = Derive(key, "tickets");
    }

    public ECDsaSecurityKey Signing { get; }

    public SymmetricSecurityKey Sealing { get; }

    public byte[] Forms { get; }

    public byte[] Tickets { get; }

    public void Dispose() => _signing.Dispose();

    private static byte[] Derive(byte[] key, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: System.Text.Encoding.ASCII.GetBytes(purpose));

    // Written beside and then given its name: of two processes that start at once one publishes, and both read that key.
    private static void Create(string path)
    {
        var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        using (var file = new FileStream(draft, options))
        {
            file.Write(fresh.ExportPkcs8PrivateKey());
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
