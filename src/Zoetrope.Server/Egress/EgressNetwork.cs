using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Zoetrope.Server.Egress;

/// <summary>
/// The three things only the operating system can do. Tests replace it as a whole; nothing else in the server touches it.
/// </summary>
internal sealed record EgressNetwork
{
    public required Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; }

    public required Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; }

    /// <summary>This machine's own addresses, public ones included: nobody may reach us through ourselves.</summary>
    public required Func<IReadOnlySet<IPAddress>> OwnAddresses { get; init; }

    public static EgressNetwork System { get; } = new()
    {
        Resolve = Dns.GetHostAddressesAsync,
        Connect = ConnectAsync,
        OwnAddresses = () => NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address)
            .ToHashSet(),
    };

    private static async Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
