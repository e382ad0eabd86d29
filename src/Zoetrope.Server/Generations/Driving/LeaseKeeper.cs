using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// Renews a lease while a submit is in the air, or a result is being stored, until what came of it is written down: only a dead
/// holder's lease runs out. Where the database was away, it is renewed as soon as the database is back.
/// </summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;

    /// <param name="database">Where the row is.</param>
    /// <param name="generation">Whose lease.</param>
    /// <param name="lease">How long it lasts from each renewal.</param>
    /// <param name="fence">Is moved on with each renewal.</param>
    /// <param name="time">The clock of leases.</param>
    public LeaseKeeper(Database database, Generation generation, TimeSpan lease, SubmitFence fence, TimeProvider time)
    {
        _renewing = RenewAsync(database, generation, lease, fence, time, _stop.Token);
    }

    // Whoever waits goes on here, not on a thread of its own: the end of every submit passes by.
    public ValueTask DisposeAsync()
    {
        _stop.Cancel();
        return EndAsync();
    }

    private async ValueTask EndAsync()
    {
        await _renewing;
        _stop.Dispose();
    }

    private static async Task RenewAsync(
        Database database, Generation generation, TimeSpan lease, SubmitFence fence, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop) && await RenewOnceAsync(database, generation, lease, fence, time, stop))
            {
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception)
        {
            // A fault of ours, or the database is closed with the process: the lease runs out and the answer counts as lost,
            // which is the safe side.
        }
    }

    private static async Task<bool> RenewOnceAsync(
        Database database, Generation generation, TimeSpan lease, SubmitFence fence, TimeProvider time, CancellationToken stop)
    {
        var pauses = new Pauses(time);
        while (true)
        {
            try
            {
                var asked = fence.Now();
                var renewed = await database.InTransactionAsync(
                    tx => GenerationStore.RenewLeaseAsync(tx, generation, time.GetUtcNow() + lease));
                if (renewed)
                {
                    fence.Extend(asked, lease);
                }

                return renewed;
            }
            catch (Exception exception) when (database.MayPass(exception))
            {
                await pauses.NextAsync(stop);
            }
        }
    }
}
