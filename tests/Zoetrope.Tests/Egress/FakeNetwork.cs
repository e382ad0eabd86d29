using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Zoetrope.Server.Egress;

namespace Zoetrope.Tests.Egress;

/// <summary>
/// A made-up internet: names resolve as the test says and dialled public addresses land on loopback servers. Every
/// dial is recorded, so a test counts connections, not messages.
/// </summary>
internal sealed class FakeNetwork
{
    public const string PublicAddress = "93.184.215.14";

    private readonly ConcurrentDictionary<string, Func<IPAddress[]>> _names = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentQueue<IPEndPoint> Dialled { get; } = new();

    public HashSet<IPAddress> Own { get; } = [];

    /// <summary>Where public addresses really lead.</summary>
    public int LoopbackPort { get; set; }

    public FakeNetwork Name(string name, params string[] addresses)
    {
        _names[name] = () => [.. addresses.Select(IPAddress.Parse)];
        return this;
    }

    public FakeNetwork Name(string name, Func<IPAddress[]> answer)
    {
        _names[name] = answer;
        return this;
    }

    public EgressNetwork Build() => new()
    {
        Resolve = (name, _) => _names.TryGetValue(name, out var answer)
            ? Task.FromResult(answer())
            : throw new SocketException((int)SocketError.HostNotFound),
        Connect = async (endPoint, cancellationToken) =>
        {
            Dialled.Enqueue(endPoint);
            var real = endPoint.Address.Equals(IPAddress.Parse(PublicAddress)) ? new IPEndPoint(IPAddress.Loopback, LoopbackPort) : endPoint;
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(real, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
        OwnAddresses = () => Own,
    };
}
