using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>
/// The certificate by which the nodes of a database know each other: one for all, compared as it is. No clock has a say in it, because
/// a machine's may be wrong.
/// </summary>
internal sealed class SiloCertificate
{
    public static readonly Secret Secret = new("silo", Make, TimeSpan.FromHours(1));

    private string _dataDirectory = "";
    private IReadOnlyList<X509Certificate2> _certificates = [];

    /// <summary>What this node shows.</summary>
    public X509Certificate2 Current => Volatile.Read(ref _certificates) is [var current, ..]
        ? current
        : throw new InvalidOperationException("The nodes have not agreed on their secrets yet.");

    /// <summary>Reads it, once the nodes have agreed on their secrets.</summary>
    public void Load(string dataDirectory)
    {
        _dataDirectory = dataDirectory;
        Reload();
    }

    public void Reload()
    {
        if (_dataDirectory.Length > 0)
        {
            Volatile.Write(
                ref _certificates,
                [.. SecretFiles.Accepted(_dataDirectory, Secret).Select(static bytes => X509CertificateLoader.LoadPkcs12(bytes, null))]);
        }
    }

    /// <summary>Whether a node that shows this is one of ours.</summary>
    public bool Accepts(X509Certificate? shown)
    {
        var print = shown?.GetCertHash(HashAlgorithmName.SHA256);
        return print is not null
            && Volatile.Read(ref _certificates).Any(own => own.GetCertHash(HashAlgorithmName.SHA256).SequenceEqual(print));
    }

    private static byte[] Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=zoetrope", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(
            new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
