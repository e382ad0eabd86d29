using System.Net;

namespace Zoetrope.Server;

/// <summary>Where providers can reach this server: for callbacks, and for input files that they fetch themselves.</summary>
/// <param name="Url">Null unless the operator set <c>Zoetrope__PublicUrl</c> to an https address that is not of this machine.</param>
internal sealed record PublicAddress(Uri? Url)
{
    /// <param name="publicUrl">The setting; empty where the operator gave none.</param>
    public static PublicAddress From(string publicUrl) =>
        Uri.TryCreate(publicUrl, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && !url.IsLoopback && !IPAddress.TryParse(url.Host.Trim('[', ']'), out _)
            ? new PublicAddress(url)
            : new PublicAddress(Url: null);
}
