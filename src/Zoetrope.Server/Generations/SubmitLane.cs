using System.Collections.Concurrent;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Gathers the submits that wait while a transaction is being written and takes them all into the next one. The fsync is
/// shared, and a busy account's row is locked once for many of its requests.
/// </summary>
internal sealed class SubmitLane(Database database, CreditAlerts alerts, GenerationSignals signals, TimeProvider time)
{
    private const int MaxBatch = 512;

    private readonly ISubmitStatements _statements = database.Dialect is SqlDialect.Sqlite ? new SqliteSubmitStatements() : new PostgresSubmitStatements();
    private readonly ConcurrentQueue<PendingSubmit> _waiting = new();
    private int _draining;

    public Task<Outcome<Submission>> SubmitAsync(NewGeneration request)
    {
        var pending = new PendingSubmit(request);
        _waiting.Enqueue(pending);
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
            var batch = new List<PendingSubmit>();
            try
            {
                await database.InTransactionAsync(async tx =>
                {
                    // The queue is read when the transaction begins, not when it was asked for: whoever came meanwhile rides along.
                    // A retried transaction keeps what it took.
                    while (batch.Count < MaxBatch && _waiting.TryDequeue(out var pending))
                    {
                        batch.Add(pending);
                    }

                    await new SubmitBatch(_statements, alerts, time).RunAsync(tx, batch);
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

            Volatile.Write(ref _draining, 0);
        }
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _draining, 1) == 0);
    }
}
