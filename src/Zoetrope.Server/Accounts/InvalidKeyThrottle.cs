using System.Net;
using System.Net.Sockets;

namespace Zoetrope.Server.Accounts;

/// <summary>
/// Counts wrong credentials per address and minute. Only a request that has already failed is counted or refused here,
/// so a good client behind the same address never notices. Memory is fixed: addresses that fall into the same slot share
/// their count, which at worst turns one wrong key's 401 into a 429.
/// </summary>
internal sealed class InvalidKeyThrottle(TimeProvider time)
{
    public const int AllowedPerMinute = 20;

    private const int Slots = 8192;
    private const long TicksPerMinute = TimeSpan.TicksPerMinute;

    // Minute in the upper half, count in the lower.
    private readonly long[] _slots = new long[Slots];

    /// <summary>Counts one failure; the problem to answer instead when there were too many.</summary>
    public Problem? Count(IPAddress? remote)
    {
        var now = time.GetUtcNow().UtcTicks;
        var minute = (now / TicksPerMinute) & int.MaxValue;
        if (Increment(ref _slots[SlotOf(remote)], minute) <= AllowedPerMinute)
        {
            return null;
        }

        return Problems.RateLimited.With(
            "Too many requests with an invalid API key came from this IP address. Wait a minute, then use a valid key.") with
        {
            RetryAfter = TimeSpan.FromTicks(TicksPerMinute - (now % TicksPerMinute)),
        };
    }

    private static uint Increment(ref long slot, long minute)
    {
        while (true)
        {
            var seen = Volatile.Read(ref slot);
            var count = seen >> 32 == minute ? (uint)seen : 0;
            var next = Math.Min(count + 1, uint.MaxValue - 1);
            if (Interlocked.CompareExchange(ref slot, (minute << 32) | next, seen) == seen)
            {
                return next;
            }
        }
    }

    // An IPv6 customer owns a whole /64; the seed of HashCode is random in every process.
    private static int SlotOf(IPAddress? remote)
    {
        if (remote is null)
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        var address = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
        address.TryWriteBytes(bytes, out var written);
        var hash = new HashCode();
        hash.AddBytes(bytes[..(address.AddressFamily == AddressFamily.InterNetworkV6 ? 8 : written)]);
        return (int)((uint)hash.ToHashCode() % Slots);
    }
}
