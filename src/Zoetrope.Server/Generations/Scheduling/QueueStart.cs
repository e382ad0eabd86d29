using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Scheduling;

/// <summary>
/// Picks up, once, what a process before this one left running, then keeps every provider's scheduler alive: one that was on a
/// node that died begins again within seconds, on whichever node asks first.
/// </summary>
internal sealed partial class QueueStart(
    Database database, ProviderRegistry providers, IGrainFactory grains, TimeProvider time, ILogger<QueueStart> logger) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await RecoverAsync();
        using var timer = new PeriodicTimer(Between, time);
        try
        {
            do
            {
                foreach (var provider in providers.Names)
                {
                    await StartAsync(provider);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task StartAsync(string provider)
    {
        try
        {
            await grains.GetGrain<IProviderGrain>(provider).Start();
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            // Its node has just died, or is about to be declared dead.
            LogNotStarted(exception, provider);
        }
    }

    // With SQLite this process is the only one: whoever held a lease before is dead, and waiting for it would only cost time.
    private async Task RecoverAsync()
    {
        if (database.Dialect is not SqlDialect.Sqlite)
        {
            return;
        }

        foreach (var provider in providers.Names)
        {
            var woken = await database.InTransactionAsync(tx => GenerationStore.WakeAllRunningAsync(tx, provider, time.GetUtcNow()));
            if (woken > 0)
            {
                LogRecovered(woken, provider);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Resuming {Count} running tasks of {Provider} after the restart")]
    private partial void LogRecovered(int count, string provider);

    [LoggerMessage(LogLevel.Debug, "The scheduler of {Provider} did not answer; it is asked again")]
    private partial void LogNotStarted(Exception exception, string provider);
}
