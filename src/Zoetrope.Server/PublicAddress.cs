using System.Net;

namespace Zoetrope.Server;

/// <summary>Where providers can reach this server: for callbacks, and for input files that they fetch themselves.</summary>
/// <param name="Url">Null unless the operator set <c>Zoetrope__PublicUrl</c> to an https address that is not of this machine.</param>
internal sealed record PublicAddress(Uri? Url)
{
    // Names that public DNS never answers: reserved by RFC 6761, 6762 and 8375, by ICANN, or by custom.
    private static readonly string[] PrivateSuffixes = [".localhost", ".local", ".internal", ".home.arpa", ".test", ".example", ".invalid", ".lan"];

    /// <param name="publicUrl">The setting; empty where the operator gave none.</param>
    public static PublicAddress From(string publicUrl) =>
        Uri.TryCreate(publicUrl, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && !url.IsLoopback && !IPAddress.TryParse(url.Host.Trim('[', ']'), out _)
        && url.Host.Contains('.') && !PrivateSuffixes.Any(suffix => url.Host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            ? new PublicAddress(url)
            : new PublicAddress(Url: null);
}
