using System.Collections.Concurrent;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>Is called with what a transaction has decided, after it has committed; must return at once.</summary>
internal delegate void CommitListener(IReadOnlyList<Submit> submits);

/// <summary>
/// Gathers the submits that wait while a transaction is being written and takes them all into the next one. The fsync is
/// shared, and a busy account's row is locked once for many of its requests. A submit of very many requests has
/// its own transaction, after one for all other submits: a client that sends a thousand delays the others by one such
/// transaction, not by all.
/// </summary>
internal sealed class CommitLane(Database database, CreditAlerts alerts, CommitListener committed, CommitMetrics metrics, TimeProvider time)
{
    /// <summary>Requests that share a transaction.</summary>
    private const int MaxGroup = 512;

    /// <summary>More requests than this at once do not ride with others.</summary>
    private const int MaxShared = 32;

    // While the database is away.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    private const string SaveRateSql =
        """
        insert into key_usage (key_id, in_flight, next_allowed_us) values (@key, 0, @next)
        on conflict (key_id) do update set next_allowed_us = excluded.next_allowed_us
        """;

    // SQLite has one writer. On PostgreSQL an account whose row somebody keeps locked holds up only those of its own lane.
    private const int LanesOnPostgres = 8;

    private readonly Lane[] _lanes = NewLanes(database.Dialect is SqlDialect.Sqlite ? 1 : LanesOnPostgres);
    private readonly ICommitStatements _statements = database.Dialect is SqlDialect.Sqlite
        ? new SqliteCommitStatements()
        : new PostgresCommitStatements();

    /// <summary>What was made under this key before, or a problem if the key belongs to another request; null if the key is new.</summary>
    public async ValueTask<Outcome<Committed>?> FindAsync(Caller caller, IdempotentRequest request)
    {
        var stored = await database.ReadAsync(session => IdempotencyKeys.FindAsync(session, caller, request.Key));
        if (stored is null)
        {
            return null;
        }

        return stored.IsOf(request) ? stored.Read() : IdempotencyKeys.Mismatch(request.Key);
    }

    /// <summary>
    /// What the limits say of a request whose files have not been fetched yet. The call counts toward the key's rate from here on,
    /// whatever becomes of it: fetching and checking files is work.
    /// </summary>
    /// <param name="asked">The request without orders, at the price that is known of it.</param>
    /// <param name="rateOnly">It will not be submitted: only how often the key may ask is of interest.</param>
    public Task<Problem?> AskAsync(Submit asked, bool rateOnly) => database.InTransactionAsync(async tx =>
    {
        var now = time.GetUtcNow();
        var loaded = new CommitBooks();
        await _statements.LoadAsync(tx, [asked], UtcDay.Of(now), loaded);
        await loaded.LoadBudgetsAsync(tx, now);
        var books = loaded.Of(asked.Caller);
        if (RequestRate.Check(asked, books, now) is { } tooFast)
        {
            return tooFast;
        }

        if (asked.Caller.Limits.RequestsPerMinute is not null)
        {
            await tx.ExecuteAsync(
                SaveRateSql, new { key = asked.Caller.CountsWith, next = RequestRate.Next(asked, books, now).NextAllowedUs });
        }

        return rateOnly ? null : AdmissionGates.Check(asked, books, now);
    });

    /// <summary>All of the orders or none.</summary>
    public async ValueTask<Outcome<Committed>> SubmitAsync(Submit submit)
    {
        submit.WaitsSince = time.GetTimestamp();
        var lane = _lanes[(uint)StringComparer.Ordinal.GetHashCode(submit.Caller.AccountId) % (uint)_lanes.Length];
        (submit.Orders.Count > MaxShared ? lane.Large : lane.Waiting).Enqueue(submit);
        if (lane.Begin())
        {
            _ = DrainAsync(lane);
        }

        await submit.Completion.Task;
        if (submit.Refusal is { } refusal)
        {
            return refusal;
        }

        if (submit.Earlier is { } earlier)
        {
            return earlier.Read();
        }

        metrics.Submitted(submit.Orders, submit.Caller.Mode);
        return submit.Made!;
    }

    private static Lane[] NewLanes(int count) => [.. Enumerable.Range(0, count).Select(static _ => new Lane())];

    private async Task DrainAsync(Lane lane)
    {
        // It works for whoever waits, not for the request that happened to start it.
        Trail.Current = null;
        do
        {
            await WriteAsync(lane, lane.Waiting, MaxGroup);
            await WriteAsync(lane, lane.Large, 1);
            lane.End();
        }
        while (!lane.IsEmpty && lane.Begin());
    }

    private async Task WriteAsync(Lane lane, ConcurrentQueue<Submit> queue, int requests)
    {
        if (queue.IsEmpty)
        {
            return;
        }

        var group = new List<Submit>();
        try
        {
            await CommitAsync(group, () =>
            {
                // The queue is read when the transaction begins, not when it was requested, so submits that arrived in between
                // are included. A retried transaction keeps what it took.
                var taken = group.Sum(submit => submit.Orders.Count);
                while (taken < requests && queue.TryDequeue(out var submit))
                {
                    group.Add(submit);
                    taken += submit.Orders.Count;
                }
            });
        }
        catch (Exception exception) when (database.IsLockedOut(exception) && group.Exists(one => !IsOf(group[0], one)))
        {
            // Somebody keeps a row of one of these accounts locked; the others do not wait with it.
            await Task.WhenAll(group.GroupBy(submit => submit.Caller.AccountId).Select(account => CommitAloneAsync([.. account])));
        }
        catch (Exception exception)
        {
            Fail(group, exception);
            if (database.MayPass(exception))
            {
                // A transaction that could not even begin has gathered nobody. Whoever has waited long hears it all the same, and a
                // database that is away is not asked without a pause.
                Fail(lane.TakeOlderThan(time, LongestWait), exception);
                await Task.Delay(PauseAfterFailure, time);
            }
        }
    }

    private static bool IsOf(Submit one, Submit other) => one.Caller.AccountId == other.Caller.AccountId;

    private async Task CommitAloneAsync(List<Submit> group)
    {
        try
        {
            await CommitAsync(group, static () => { });
        }
        catch (Exception exception)
        {
            Fail(group, exception);
        }
    }

    private async Task CommitAsync(List<Submit> group, Action gather)
    {
        await database.InTransactionAsync(async tx =>
        {
            gather();
            await new CommitGroup(_statements, alerts, time).RunAsync(tx, group);
        });
        CrashPoints.Hit("K3");
        committed(group);
        foreach (var submit in group)
        {
            submit.Completion.SetResult();
        }
    }

    private static void Fail(List<Submit> submits, Exception exception)
    {
        foreach (var submit in submits)
        {
            submit.Completion.SetException(exception);
        }
    }

    /// <summary>What waits for the next transaction of some accounts; one transaction at a time.</summary>
    private sealed class Lane
    {
        private int _draining;

        public ConcurrentQueue<Submit> Waiting { get; } = new();

        public ConcurrentQueue<Submit> Large { get; } = new();

        public bool IsEmpty => Waiting.IsEmpty && Large.IsEmpty;

        /// <summary>False when somebody drains it already.</summary>
        public bool Begin() => Interlocked.Exchange(ref _draining, 1) == 0;

        public void End() => Volatile.Write(ref _draining, 0);

        public List<Submit> TakeOlderThan(TimeProvider time, TimeSpan age)
        {
            var old = new List<Submit>();
            foreach (var queue in (ConcurrentQueue<Submit>[])[Waiting, Large])
            {
                while (queue.TryPeek(out var first) && time.GetElapsedTime(first.WaitsSince) > age && queue.TryDequeue(out var taken))
                {
                    old.Add(taken);
                }
            }

            return old;
        }
    }
}
