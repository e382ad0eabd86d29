using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>Renews a submit's lease while the call runs, so that only a dead sender's lease runs out.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;

    public LeaseKeeper(Database database, Generation generation, TimeSpan lease, TimeProvider time) =>
        _renewing = RenewAsync(database, generation, lease, time, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
    }

    private static async Task RenewAsync(
        Database database, Generation generation, TimeSpan lease, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var until = time.GetUtcNow() + lease;
                if (!await database.InTransactionAsync(tx => GenerationStore.RenewLeaseAsync(tx, generation, until)))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            // The database is away: the lease runs out and the answer counts as lost, which is the safe side.
        }
    }
}
