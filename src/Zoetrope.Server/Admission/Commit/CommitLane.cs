using System.Collections.Concurrent;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// Gathers the submits that wait while a transaction is being written and takes them all into the next one. The fsync is
/// shared, and a busy account's row is locked once for many of its requests. A submit of very many requests has a
/// transaction of its own, after one for everybody else: whoever sends a thousand delays the others by one such, not by all.
/// </summary>
internal sealed class CommitLane(Database database, CreditAlerts alerts, GenerationSignals signals, TimeProvider time)
{
    /// <summary>Requests that share a transaction.</summary>
    private const int MaxBatch = 512;

    /// <summary>More requests than this at once do not ride with others.</summary>
    private const int MaxShared = 32;

    private readonly ICommitStatements _statements = database.Dialect is SqlDialect.Sqlite ? new SqliteCommitStatements() : new PostgresCommitStatements();
    private readonly ConcurrentQueue<PendingSubmit> _waiting = new();
    private readonly ConcurrentQueue<PendingSubmit> _large = new();
    private int _draining;

    public Task<Outcome<Submission>> SubmitAsync(NewSubmit request)
    {
        var pending = new PendingSubmit(request);
        (request.Items.Count > MaxShared ? _large : _waiting).Enqueue(pending);
        if (Interlocked.Exchange(ref _draining, 1) == 0)
        {
            _ = DrainAsync();
        }

        return pending.Completion.Task;
    }

    private async Task DrainAsync()
    {
        do
        {
            await WriteAsync(_waiting, MaxBatch);
            await WriteAsync(_large, 1);
            Volatile.Write(ref _draining, 0);
        }
        while ((!_waiting.IsEmpty || !_large.IsEmpty) && Interlocked.Exchange(ref _draining, 1) == 0);
    }

    private async Task WriteAsync(ConcurrentQueue<PendingSubmit> queue, int requests)
    {
        if (queue.IsEmpty)
        {
            return;
        }

        var batch = new List<PendingSubmit>();
        try
        {
            await database.InTransactionAsync(async tx =>
            {
                // The queue is read when the transaction begins, not when it was asked for: whoever came meanwhile rides along.
                // A retried transaction keeps what it took.
                var taken = batch.Sum(pending => pending.Request.Items.Count);
                while (taken < requests && queue.TryDequeue(out var pending))
                {
                    batch.Add(pending);
                    taken += pending.Request.Items.Count;
                }

                await new CommitGroup(_statements, alerts, time).RunAsync(tx, batch);
            });
            CrashPoints.Hit("K3");
            signals.Queued(batch);
            foreach (var pending in batch)
            {
                pending.Completion.SetResult(pending.Result);
            }
        }
        catch (Exception exception)
        {
            foreach (var pending in batch)
            {
                pending.Completion.SetException(exception);
            }
        }
    }
}
