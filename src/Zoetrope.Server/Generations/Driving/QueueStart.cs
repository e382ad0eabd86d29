using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>Once, at the start: picks up what a process before this one left running, then sets every provider's scheduler going.</summary>
internal sealed partial class QueueStart(
    Database database, ProviderRegistry providers, IGrainFactory grains, TimeProvider time, ILogger<QueueStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await RecoverAsync();
        foreach (var provider in providers.Names)
        {
            await grains.GetGrain<IProviderGrain>(provider).Start();
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
}
