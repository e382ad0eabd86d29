using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace Zoetrope.Server.Hosting;

/// <summary>Checks ZOETROPE_URLS before anything starts, so that a mistake is one line and not the log of a half-started silo.</summary>
internal static class ListenAddresses
{
    public static void Check(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            Check(Parse(url), url);
        }
    }

    /// <summary>A listening address as a client on this machine would write it.</summary>
    public static string Reachable(string url) => url
        .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
        .TrimEnd('/');

    /// <summary>Whether only programs of this machine reach the address.</summary>
    public static bool IsLoopback(string url) => BindingAddress.Parse(url) is var address
        && (address.IsUnixPipe
            || address.Host == "localhost"
            || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip)));

    private static BindingAddress Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw Bad($"The server cannot listen on '{url}'. Write a URL such as {HostSettings.DefaultUrls}.");
        }
    }

    private static void Check(BindingAddress address, string url)
    {
        if (address.Scheme != Uri.UriSchemeHttp)
        {
            throw Bad($"The server cannot listen on {url}: it speaks only http. Put a TLS proxy in front of it.");
        }

        if (address.PathBase.Length > 0 && !address.IsUnixPipe)
        {
            throw Bad($"The server cannot listen on {url}: an address to listen on has no path. Write {WithoutPath(address)}.");
        }

        if (address.IsUnixPipe || address.Port == 0)
        {
            return;
        }

        // Kestrel reads any name but localhost and an address as "every address".
        var wanted = address.Host == "localhost"
            ? IPAddress.Loopback
            : IPAddress.TryParse(address.Host, out var parsed) ? parsed : IPAddress.Any;
        if (!IsEvery(wanted) && !IPAddress.IsLoopback(wanted) && !IsOfThisMachine(wanted))
        {
            throw Bad($"The server cannot listen on {url}: this machine does not have that address.");
        }

        // The table of listeners is read rather than tried: only Egress opens sockets.
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
        if (taken.Any(other => other.Port == address.Port && (IsEvery(wanted) || IsEvery(other.Address) || other.Address.Equals(wanted))))
        {
            throw new StartException(
                "ADDRESS_IN_USE",
                $"ZOETROPE_URLS: Another program listens on {url}. Stop it, or choose another port.",
                StartException.BadSettings);
        }
    }

    private static string WithoutPath(BindingAddress address) =>
        string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{address.Host}:{address.Port}");

    private static bool IsEvery(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool IsOfThisMachine(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces()
        .Any(card => card.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));

    private static StartException Bad(string message) => new("INVALID_SETTING", "ZOETROPE_URLS: " + message, StartException.BadSettings);
}
