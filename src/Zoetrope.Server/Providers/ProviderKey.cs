using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Providers;

/// <summary>One credential of a provider. Its text is never written anywhere: printing it shows the fingerprint.</summary>
internal sealed class ProviderKey(string secret, int weight = 1)
{
    /// <summary>Stands for the absent key of a vendor that needs none.</summary>
    public static readonly ProviderKey None = new("");

    /// <summary>Eight hex digits that tell keys of one provider apart in rows, logs and metrics.</summary>
    public string Id { get; } = secret.Length == 0 ? "none" : Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(secret)))[..8];

    public string Secret { get; } = secret;

    /// <summary>Its share of the submits, against the weights of the others.</summary>
    public int Weight { get; } = weight;

    public override string ToString() => Id;
}
