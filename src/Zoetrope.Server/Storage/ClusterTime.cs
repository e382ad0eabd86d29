namespace Zoetrope.Server.Storage;

/// <summary>
/// The clock of everything that several nodes compare, such as leases and due times: the database's, carried on by this
/// machine's monotonic clock between two looks. A machine whose own clock is wrong, or is set while it runs, decides nothing
/// by it. Until the first look it is the machine's.
/// </summary>
/// <param name="machine">The clocks of this machine.</param>
internal sealed class ClusterTime(TimeProvider machine) : TimeProvider
{
    // A machine that slept, or whose clock was set: the monotonic clock may have stood still meanwhile.
    private static readonly TimeSpan Parting = TimeSpan.FromMilliseconds(100);
    private const int Looks = 3;

    private Anchor? _anchor;

    /// <summary>How far this machine's own clock is ahead of the cluster's.</summary>
    public TimeSpan MachineIsAhead => machine.GetUtcNow() - GetUtcNow();

    /// <summary>Whether the machine's two clocks have parted since the last look, so that only another look can tell the time.</summary>
    public bool IsDoubtful =>
        Volatile.Read(ref _anchor) is { } anchor
        && (machine.GetUtcNow() - anchor.Machine - machine.GetElapsedTime(anchor.Timestamp)).Duration() > Parting;

    public override DateTimeOffset GetUtcNow() =>
        Volatile.Read(ref _anchor) is { } anchor ? anchor.Cluster + machine.GetElapsedTime(anchor.Timestamp) : machine.GetUtcNow();

    /// <summary>Looks at the database's clock; of a few looks the quickest is the truest.</summary>
    public async Task LookAsync(Database database)
    {
        var (best, shortest) = (default(Anchor), TimeSpan.MaxValue);
        for (var look = 0; look < Looks; look++)
        {
            var (asked, answer, answered) = await database.ReadAsync(async session =>
            {
                // Timed inside: a connection that has to be opened first is no part of the way.
                var before = machine.GetTimestamp();
                var micros = await session.ScalarAsync<long>("select (extract(epoch from clock_timestamp()) * 1000000)::bigint");
                return (before, DateTimeOffset.UnixEpoch.AddMicroseconds(micros), machine.GetTimestamp());
            });
            var took = machine.GetElapsedTime(asked, answered);
            if (took < shortest)
            {
                var since = machine.GetElapsedTime(answered);
                (best, shortest) = (new Anchor(answered, answer + (took / 2), machine.GetUtcNow() - since), took);
            }
        }

        Volatile.Write(ref _anchor, best);
    }

    /// <param name="Timestamp">The moment, on the monotonic clock.</param>
    /// <param name="Cluster">The database's time then.</param>
    /// <param name="Machine">The machine's.</param>
    private sealed record Anchor(long Timestamp, DateTimeOffset Cluster, DateTimeOffset Machine);
}
