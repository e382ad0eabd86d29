using System.Net;

namespace Zoetrope.Server.Egress;

/// <summary>The rules of a URL's text. They come before the address check of the connection and never replace it.</summary>
internal static class UrlRules
{
    private const int MaxLength = 8192;

    // Ports a browser refuses too (fetch.spec.whatwg.org, "bad port") above 1023; below, only the web's own are open.
    private static readonly HashSet<int> BadPorts =
        [1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080];

    /// <summary>Reads a URL from outside; the failure says which rule it breaks.</summary>
    public static EgressFailure? Check(string text, EgressOptions options, AllowedHosts allowed, out Uri url)
    {
        url = null!;
        if (text.Length > MaxLength)
        {
            return EgressFailure.BadUrl($"The URL is longer than {MaxLength} characters.");
        }

        // Two parsers disagree first on what is no URL character at all: backslashes, controls, spaces, line ends.
        if (text.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0 || text.Contains('\\') || text.Contains('\u007f'))
        {
            return EgressFailure.BadUrl("The URL contains characters that must be percent-encoded.");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var parsed))
        {
            return EgressFailure.BadUrl("This is not an absolute URL.");
        }

        url = parsed;
        return Check(parsed, options, allowed);
    }

    public static EgressFailure? Check(Uri url, EgressOptions options, AllowedHosts allowed)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            return EgressFailure.BadUrl("The URL must begin with https://.");
        }

        if (url.UserInfo.Length > 0 || RawAuthority(url).Contains('@'))
        {
            return EgressFailure.BadUrl("The URL must not contain a user name or password.");
        }

        if (!HasPlainHost(url))
        {
            return EgressFailure.BadUrl("The URL's host must be a domain name or an IP address in standard notation.");
        }

        if (allowed.Names(url.IdnHost, url.Port))
        {
            return null;
        }

        if (url.Scheme == Uri.UriSchemeHttp && !options.AllowHttp)
        {
            return EgressFailure.BadUrl("The URL must begin with https://.");
        }

        if (url.Port is < 1 or (< 1024 and not 80 and not 443) || BadPorts.Contains(url.Port))
        {
            return EgressFailure.BadUrl("The URL's port is not allowed.");
        }

        return IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var literal)
            && !AddressGuard.IsPublic(literal)
            && !allowed.Contains(literal, url.Port)
            ? EgressFailure.Forbidden($"forbidden address {literal}")
            : null;
    }

    // 127.1, 2130706433, 0x7f000001, 0177.0.0.1, %31..., full-width digits: .NET, libc and other parsers read these
    // differently, so only the spelling every parser agrees on passes.
    private static bool HasPlainHost(Uri url)
    {
        var raw = RawHost(url);
        if (raw.Length == 0 || raw.Contains('%'))
        {
            return false;
        }

        switch (url.HostNameType)
        {
            case UriHostNameType.IPv4:
                return raw.Equals(url.Host, StringComparison.Ordinal);
            case UriHostNameType.IPv6:
                return true;
            case UriHostNameType.Dns:
                var host = url.IdnHost.TrimEnd('.');
                var last = host[(host.LastIndexOf('.') + 1)..];
                return host.Length > 0 && !char.IsAsciiDigit(last[0]) && !IPAddress.TryParse(host, out _);
            default:
                return false;
        }
    }

    private static ReadOnlySpan<char> RawAuthority(Uri url)
    {
        var text = url.OriginalString.AsSpan();
        var start = text.IndexOf("//", StringComparison.Ordinal);
        if (start < 0)
        {
            return [];
        }

        text = text[(start + 2)..];
        var end = text.IndexOfAny('/', '?', '#');
        return end < 0 ? text : text[..end];
    }

    private static string RawHost(Uri url)
    {
        // A relative redirect keeps no authority of its own; the resolved Uri's text is canonical then.
        var authority = RawAuthority(url).ToString();
        if (authority.StartsWith('['))
        {
            return authority[..(authority.IndexOf(']') + 1)];
        }

        var colon = authority.LastIndexOf(':');
        return colon < 0 ? authority : authority[..colon];
    }
}
