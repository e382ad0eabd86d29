using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Scheduling;

/// <summary>
/// The safety net under every hint and timer: finds running rows that are due and wakes their grains. After a crash this is
/// what picks the work up again; nothing depends on a message that was lost.
/// </summary>
internal sealed class DueTasks(Database database, IGrainFactory grains, TimeProvider time)
{
    private const int WakesInOneRound = 1_000;

    /// <summary>A row is due to its own grain's timer first; this takes what nobody took.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // While the database was away no node could renew a lease. Whoever holds one renews it, and writes down what they learned,
    // within two seconds of its return, or when a connection that hangs is given up (15 s). Only then does a lease that ran out
    // say that its holder is dead.
    private static readonly TimeSpan AfterOutage = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    // Of this process: written by whichever provider's round fails, read by all.
    private long _failedAt = long.MinValue;

    /// <summary>Wakes what nobody took; returns how long the provider may be left alone.</summary>
    public async Task<TimeSpan> WakeAsync(string provider)
    {
        var now = time.GetUtcNow();
        var (first, hasQueue) = await database.ReadAsync(session => GenerationStore.NextDueAsync(session, provider));
        if (first <= now - Grace && !IsAfterOutage())
        {
            var due = await database.ReadAsync(
                session => GenerationStore.DueAsync(session, provider, now - Grace, WakesInOneRound));
            foreach (var (accountId, id) in due)
            {
                await grains.GetGrain<IGenerationGrain>(GenerationGrain.Key(accountId, id)).Wake();
            }
        }

        // What was just woken needs a moment; what is queued may wait for a place, or for its own time.
        var pause = hasQueue || first <= now - Grace ? Soon : LongestPause;
        var untilDue = first + Grace - now;
        return untilDue > TimeSpan.Zero && untilDue < pause ? Longer(untilDue.Value, ShortestPause) : pause;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>A round failed.</summary>
    public void Failed(Exception exception)
    {
        if (database.Dialect is SqlDialect.Postgres && database.MayPass(exception))
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
        }
    }

    private bool IsAfterOutage() =>
        Volatile.Read(ref _failedAt) is var failed and not long.MinValue && time.GetElapsedTime(failed) < AfterOutage;
}
