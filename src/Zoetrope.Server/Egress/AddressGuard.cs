using System.Net;
using System.Net.Sockets;

namespace Zoetrope.Server.Egress;

/// <summary>
/// Says whether an address is part of the public internet. IPv4 is global unicast minus every special block of the
/// IANA registry; IPv6 is denied unless it is global unicast (2000::/3) minus its special blocks, because a deny-list
/// of IPv6 has always had one more hole.
/// </summary>
internal static class AddressGuard
{
    // https://www.iana.org/assignments/iana-ipv4-special-registry, plus the host address of one cloud's control plane.
    private static readonly IPNetwork[] ForbiddenV4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    private static readonly IPNetwork GlobalUnicastV6 = IPNetwork.Parse("2000::/3");

    // 2001::/23 holds Teredo, ORCHID and benchmarking; 6to4 embeds an IPv4 address and has no honest use left.
    private static readonly IPNetwork[] ForbiddenV6 =
    [
        .. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20" }.Select(text => IPNetwork.Parse(text)),
    ];

    public static bool IsPublic(IPAddress address)
    {
        var plain = Unwrap(address);
        if (plain.AddressFamily == AddressFamily.InterNetwork)
        {
            return !ForbiddenV4.Any(network => network.Contains(plain));
        }

        return plain.AddressFamily == AddressFamily.InterNetworkV6
            && plain.ScopeId == 0
            && GlobalUnicastV6.Contains(plain)
            && !ForbiddenV6.Any(network => network.Contains(plain))
            && !IsIsatap(plain);
    }

    /// <summary>The IPv4 address inside a mapped one; the operating system would connect to that.</summary>
    public static IPAddress Unwrap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    // ISATAP (RFC 5214) puts 0000:5efe or 0200:5efe and an IPv4 address behind any prefix.
    private static bool IsIsatap(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out _)
            && (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
    }
}
