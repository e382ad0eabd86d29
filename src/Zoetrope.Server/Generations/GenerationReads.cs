using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>What customers read of their generations.</summary>
internal sealed class GenerationReads(Database database, GenerationSignals signals, TimeProvider time)
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // Another node's change gives no hint here, so a waiter looks for itself now and then.
    private static readonly TimeSpan Reread = TimeSpan.FromSeconds(1);

    public async ValueTask<Generation?> FindAsync(string accountId, KeyMode mode, string id)
    {
        if (!Ids.IsValid(Ids.Generation, id))
        {
            return null;
        }

        var generation = await database.ReadAsync(session => GenerationStore.FindAsync(session, accountId, id));
        return generation?.Mode == mode ? generation : null;
    }

    /// <summary>The task once it has ended, or as it is when the wait is over.</summary>
    public async Task<Generation?> WaitAsync(string accountId, KeyMode mode, string id, TimeSpan wait, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + (wait < LongestWait ? wait : LongestWait);
        try
        {
            while (true)
            {
                var change = signals.NextChange(id);
                var generation = await FindAsync(accountId, mode, id);
                var left = until - time.GetUtcNow();
                if (generation is null || generation.IsTerminal || left <= TimeSpan.Zero)
                {
                    return generation;
                }

                await Task.WhenAny(change, Task.Delay(left < Reread ? left : Reread, time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            signals.Forget(id);
        }
    }

    public ValueTask<(List<Generation> Page, string? Next)> ListAsync(string accountId, KeyMode mode, GenerationFilter filter) =>
        database.ReadAsync(session => GenerationStore.ListAsync(session, accountId, mode, filter));
}
