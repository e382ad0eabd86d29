using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Zoetrope.Server.Accounts;

/// <summary>What the lookup of a key read: everything that decides except the passing of time.</summary>
/// <param name="Caller">The caller this key makes.</param>
/// <param name="ExpiresAt">When the key stops working, in milliseconds; <see cref="long.MaxValue"/> for never.</param>
internal sealed record KnownKey(Caller Caller, long ExpiresAt);

/// <summary>
/// Remembers known keys for two seconds, counted from before the row was read. It saves PostgreSQL a round trip per
/// request at the price that a revocation, or a change of plan, reaches every node within two seconds.
/// </summary>
internal sealed class CallerCache(TimeProvider time)
{
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);

    private const int MaxEntries = 20_000;
    private readonly ConcurrentDictionary<Hash, Entry> _entries = new();

    public KnownKey? Find(byte[] hash) =>
        _entries.TryGetValue(Hash.Of(hash), out var entry) && time.GetElapsedTime(entry.ReadAt) < MaxAge ? entry.Key : null;

    public void Remember(byte[] hash, KnownKey key, long readAt)
    {
        // Only keys that exist get here, so it grows with customers and not with attackers; starting again is cheap.
        if (_entries.Count >= MaxEntries)
        {
            _entries.Clear();
        }

        _entries[Hash.Of(hash)] = new Entry(key, readAt);
    }

    private readonly record struct Hash(UInt128 High, UInt128 Low)
    {
        public static Hash Of(byte[] bytes) => MemoryMarshal.Read<Hash>(bytes);
    }

    private readonly record struct Entry(KnownKey Key, long ReadAt);
}
