using System.Net;
using System.Net.Sockets;

namespace Zoetrope.Server.Egress;

/// <summary>
/// Opens connections for the guarded client: resolves, checks every answer, and dials the very address it checked.
/// There is no second look-up that could answer differently.
/// </summary>
internal sealed class GuardedConnector(EgressOptions options, AllowedHosts allowed, EgressNetwork network, TimeProvider time)
{
    private static readonly TimeSpan OwnAddressesAge = TimeSpan.FromMinutes(1);
    private IReadOnlySet<IPAddress> _own = new HashSet<IPAddress>();
    private long _ownReadAt = long.MinValue;

    public async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var addresses = await ResolveAsync(target, both.Token);
            return await DialAsync(addresses, target.Port, both.Token);
        }
        catch (Exception exception) when (exception is SocketException or IOException or ArgumentException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new EgressException(EgressFailure.Unreachable($"{target.Host}:{target.Port}: {exception.Message}"), exception);
        }
    }

    // All answers must be allowed: a name that mixes public and private addresses is an attack or a mistake.
    private async Task<IPAddress[]> ResolveAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host.Trim('[', ']'), out var literal)
            ? [literal]
            : await network.Resolve(target.Host, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new EgressException(EgressFailure.Unreachable($"{target.Host} has no address"));
        }

        if (allowed.Names(target.Host, target.Port))
        {
            return addresses;
        }

        var own = OwnAddresses();
        foreach (var address in addresses)
        {
            var plain = AddressGuard.Unwrap(address);
            if (!allowed.Contains(plain, target.Port) && (!AddressGuard.IsPublic(plain) || own.Contains(plain)))
            {
                throw new EgressException(EgressFailure.Forbidden($"{target.Host} resolves to forbidden {plain}"));
            }
        }

        return addresses;
    }

    private async Task<Stream> DialAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await network.Connect(new IPEndPoint(AddressGuard.Unwrap(addresses[i]), port), cancellationToken);
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                // The next address may answer; the time limit covers them all.
            }
        }
    }

    private IReadOnlySet<IPAddress> OwnAddresses()
    {
        var now = time.GetTimestamp();
        var readAt = Volatile.Read(ref _ownReadAt);
        if (readAt == long.MinValue || time.GetElapsedTime(readAt, now) > OwnAddressesAge)
        {
            _own = network.OwnAddresses();
            Volatile.Write(ref _ownReadAt, now);
        }

        return _own;
    }
}
