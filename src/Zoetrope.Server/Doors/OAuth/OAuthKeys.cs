using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using OpenIddict.Validation;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// What tokens are signed and sealed with: an ECDSA key. The key that seals codes and refresh tokens, and those that bind a consent
/// form to its browser and hide the API key in it, are derived from it.
/// </summary>
internal sealed class OAuthKeys
{
    public const string Name = "oauth";

    private readonly string _dataDirectory;
    private IReadOnlyList<OAuthKey> _keys;

    public OAuthKeys(string dataDirectory)
    {
        _dataDirectory = dataDirectory;
        _keys = Load();
    }

    public OAuthKey Current => Accepted[0];

    /// <summary>Keys whose tokens are good, the current one first.</summary>
    public IReadOnlyList<OAuthKey> Accepted => Volatile.Read(ref _keys);

    /// <param name="refreshTokenLifetime">What lives longest of all that it seals.</param>
    public static Secret Secret(TimeSpan refreshTokenLifetime) => new(Name, Make, refreshTokenLifetime);

    public void Reload() => Volatile.Write(ref _keys, Load());

    private static byte[] Make()
    {
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return fresh.ExportPkcs8PrivateKey();
    }

    private IReadOnlyList<OAuthKey> Load()
    {
        try
        {
            return [.. SecretFiles.Accepted(_dataDirectory, Secret(TimeSpan.Zero)).Select(OAuthKey.Of)];
        }
        catch (CryptographicException)
        {
            throw new InvalidDataException($"{SecretFiles.PathOf(_dataDirectory, Name)} is not an ECDSA key in PKCS #8.");
        }
    }
}

/// <summary>One of the keys, with what is derived from it.</summary>
internal sealed record OAuthKey(ECDsaSecurityKey Signing, SymmetricSecurityKey Sealing, byte[] Forms, byte[] Tickets)
{
    public static OAuthKey Of(byte[] key)
    {
        // Left to the garbage collector: a request may still use it when another has taken its place.
        var signing = ECDsa.Create();
        signing.ImportPkcs8PrivateKey(key, out _);
        var id = Convert.ToHexStringLower(SHA256.HashData(signing.ExportSubjectPublicKeyInfo()).AsSpan(0, 8));
        return new OAuthKey(
            new ECDsaSecurityKey(signing) { KeyId = id },
            new SymmetricSecurityKey(Derive(key, "seal")) { KeyId = "seal-" + id },
            Derive(key, "forms"),
            Derive(key, "tickets"));
    }

    private static byte[] Derive(byte[] key, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.ASCII.GetBytes(purpose));
}

/// <summary>Has OpenIddict take up other keys: its options are made again at the next request.</summary>
internal sealed class OAuthKeyChange(
    OAuthKeys keys, IOptionsMonitorCache<OpenIddictServerOptions> server, IOptionsMonitorCache<OpenIddictValidationOptions> validation)
{
    public void Reload()
    {
        keys.Reload();
        server.Clear();
        validation.Clear();
    }
}
