using System.Net;

namespace Zoetrope.Server.Accounts;

/// <summary>The lists of a key as its row has them: words with spaces between.</summary>
internal static class KeyLists
{
    public static string? Column(IReadOnlyList<string>? models) => models is null ? null : string.Join(' ', models);

    public static string? Column(IReadOnlyList<IPNetwork>? addresses) => addresses is null ? null : string.Join(' ', addresses);

    public static IReadOnlyList<string> Models(string column) => column.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static IReadOnlyList<IPNetwork> Addresses(string column) => [.. Models(column).Select(text => IPNetwork.Parse(text))];

    /// <summary>A network as people write it, <c>203.0.113.0/24</c>, or one address; null if it is neither.</summary>
    public static IPNetwork? Network(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        return IPNetwork.TryParse(text, out var network) ? network : null;
    }

    /// <summary>Whether all of one network lies in another.</summary>
    public static bool Contains(this IPNetwork outer, IPNetwork inner) =>
        outer.BaseAddress.AddressFamily == inner.BaseAddress.AddressFamily
        && outer.PrefixLength <= inner.PrefixLength
        && outer.Contains(inner.BaseAddress);
}
