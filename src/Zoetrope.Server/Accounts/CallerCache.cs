using System.Collections.Concurrent;

namespace Zoetrope.Server.Accounts;

/// <summary>What the lookup of a key read: everything that decides except the passing of time.</summary>
/// <param name="Caller">The caller this key makes.</param>
/// <param name="ExpiresAt">When the key stops working, in milliseconds; <see cref="long.MaxValue"/> for never.</param>
internal sealed record KnownKey(Caller Caller, long ExpiresAt);

/// <summary>
/// Remembers the callers of recent Authorization headers for one second, counted from before the row was read: a poll then
/// costs neither a hash nor a read. The price: a revocation or a change of plan by another process is felt within a second.
/// </summary>
internal sealed class CallerCache(TimeProvider time)
{
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private const int MaxEntries = 5_000;
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public KnownKey? Find(string authorization) =>
        _entries.TryGetValue(authorization, out var entry) && time.GetElapsedTime(entry.ReadAt) < MaxAge ? entry.Key : null;

    public void Remember(string authorization, KnownKey key, long readAt)
    {
        // Only keys that exist get here, so it grows with customers and not with attackers; starting again is cheap.
        if (_entries.Count >= MaxEntries)
        {
            _entries.Clear();
        }

        _entries[authorization] = new Entry(key, readAt);
    }

    public void Clear() => _entries.Clear();

    private readonly record struct Entry(KnownKey Key, long ReadAt);
}
