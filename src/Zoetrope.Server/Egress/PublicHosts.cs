using System.Net;

namespace Zoetrope.Server.Egress;

/// <summary>Whether a stranger on the internet could reach one of our URLs, as far as its text shows.</summary>
internal static class PublicHosts
{
    // Names that public DNS never answers (RFC 6761, RFC 6762, RFC 8375, RFC 9476, and ICANN's reserve for private use).
    private static readonly string[] PrivateSuffixes =
        [".localhost", ".local", ".internal", ".home.arpa", ".test", ".example", ".invalid", ".alt", ".lan", ".onion"];

    /// <param name="setting">What the operator wrote; empty where nothing.</param>
    public static PublicAddress AddressOf(string setting) =>
        new(Uri.TryCreate(setting, UriKind.Absolute, out var url) && Reach(url) ? url : null);

    public static bool Reach(Uri url)
    {
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return false;
        }

        var host = url.IdnHost.TrimEnd('.');
        return IPAddress.TryParse(host.Trim('[', ']'), out var address)
            ? AddressGuard.IsPublic(address)
            : host.Contains('.') && !PrivateSuffixes.Any(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
    }
}
