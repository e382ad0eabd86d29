using System.Globalization;
using System.Net;

namespace Zoetrope.Server.Egress;

/// <summary>The private hosts the operator lets customers' and providers' URLs reach; empty by default.</summary>
internal sealed class AllowedHosts
{
    private readonly List<(string Host, int? Port)> _names = [];
    private readonly List<(IPNetwork Network, int? Port)> _networks = [];

    /// <param name="list">Comma-separated: <c>host</c>, <c>host:port</c>, <c>10.0.0.5</c>, <c>[fd00::5]:8080</c>,
    /// <c>10.1.0.0/16</c>.</param>
    /// <exception cref="FormatException">An entry cannot be read; a typo must not silently open or close anything.</exception>
    public AllowedHosts(string? list)
    {
        foreach (var entry in (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            Add(entry);
        }
    }

    /// <summary>Whether the host was named as the URL writes it; all its addresses may then be reached.</summary>
    public bool Names(string host, int port) =>
        _names.Any(entry => (entry.Port is null || entry.Port == port) && entry.Host.Equals(host, StringComparison.OrdinalIgnoreCase))
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && Contains(address, port));

    public bool Contains(IPAddress address, int port)
    {
        var plain = AddressGuard.Unwrap(address);
        return _networks.Any(entry => (entry.Port is null || entry.Port == port) && entry.Network.Contains(plain));
    }

    private void Add(string entry)
    {
        if (IPNetwork.TryParse(entry, out var network))
        {
            _networks.Add((network, null));
            return;
        }

        var (host, port) = SplitPort(entry);
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
        {
            var plain = AddressGuard.Unwrap(address);
            _networks.Add((new IPNetwork(plain, plain.GetAddressBytes().Length * 8), port));
            return;
        }

        if (Uri.CheckHostName(host) != UriHostNameType.Dns)
        {
            throw new FormatException(
                $"Zoetrope:Egress:AllowedPrivateHosts: cannot read '{entry}'. "
                + "Write host, host:port, an IP address or a CIDR block.");
        }

        _names.Add((host, port));
    }

    private static (string Host, int? Port) SplitPort(string entry)
    {
        var colon = entry.LastIndexOf(':');
        var bareV6 = entry.IndexOf(':') != colon && !entry.StartsWith('[');
        if (colon < 0 || bareV6 || entry.EndsWith(']'))
        {
            return (entry, null);
        }

        return int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535
            ? (entry[..colon], port)
            : throw new FormatException($"Zoetrope:Egress:AllowedPrivateHosts: '{entry}' has no valid port.");
    }
}
