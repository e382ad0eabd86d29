using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Batches;

/// <summary>What customers read of their batches, and how they cancel one.</summary>
internal sealed class BatchReads(Database database, CancelGeneration cancel)
{
    // Each cancel is a transaction of its own, because it races with the task's driver; this many run at once.
    private const int CancelsAtOnce = 16;

    /// <summary>The batch's items, from which it is described; null where there is no such batch.</summary>
    public async ValueTask<List<BatchRow>?> FindAsync(string accountId, KeyMode mode, string id)
    {
        if (!Ids.IsValid(Ids.Batch, id))
        {
            return null;
        }

        var items = await database.ReadAsync(async session => await BatchStore.ItemsAsync(session, accountId, mode, id));
        return items.Count == 0 ? null : items;
    }

    public async ValueTask<List<BatchSummary>> ListAsync(string accountId, KeyMode mode, string? before, int take) =>
        await database.ReadAsync(async session => await BatchStore.ListAsync(session, accountId, mode, before, take));

    /// <summary>
    /// Asks every item that has not ended to end. What waits ends at once, what runs when its provider confirms. Repeating it
    /// is harmless, so a cancel that was interrupted is simply sent again.
    /// </summary>
    /// <returns>The batch's items afterwards; null where there is no such batch.</returns>
    public async Task<List<BatchRow>?> CancelAsync(string accountId, KeyMode mode, string id)
    {
        if (await FindAsync(accountId, mode, id) is not { } items)
        {
            return null;
        }

        // From the end: the scheduler comes from the beginning.
        var open = items.Where(
            item => item.Status == GenerationStatus.Queued.Word() || item.Status == GenerationStatus.Running.Word()).Reverse();
        await Parallel.ForEachAsync(
            open,
            new ParallelOptions { MaxDegreeOfParallelism = CancelsAtOnce },
            async (item, _) => await cancel.RequestAsync(accountId, mode, item.Id));
        return await FindAsync(accountId, mode, id);
    }
}
