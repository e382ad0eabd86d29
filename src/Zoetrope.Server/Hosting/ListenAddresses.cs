using System.Net;
using System.Net.Sockets;

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

    private static BindingAddress Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw Bad($"'{url}' is not an address to listen on; write http://127.0.0.1:8080");
        }
    }

    private static void Check(BindingAddress address, string url)
    {
        if (address.Scheme != Uri.UriSchemeHttp)
        {
            throw Bad($"{url}: only http; TLS belongs to the proxy in front");
        }

        if (address.IsUnixPipe || address.Port == 0)
        {
            return;
        }

        // Kestrel reads any name but localhost and an address as "every address".
        var ip = address.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(address.Host, out var parsed) ? parsed : IPAddress.Any;
        try
        {
            using var listener = new TcpListener(ip, address.Port);
            listener.Start();
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new StartException("ADDRESS_IN_USE", $"ZOETROPE_URLS: {url} is taken by another program", StartException.BadSettings);
        }
        catch (SocketException exception)
        {
            throw Bad($"cannot listen on {url}: {exception.Message}");
        }
    }

    private static StartException Bad(string message) => new("INVALID_SETTING", "ZOETROPE_URLS: " + message, StartException.BadSettings);
}
