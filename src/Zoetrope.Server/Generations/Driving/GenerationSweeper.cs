using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// The safety net under every hint and timer: finds running rows that are due and wakes their grains. After a crash this is
/// what picks the work up again; nothing depends on a message that was lost.
/// </summary>
internal sealed partial class GenerationSweeper(
    Database database, ProviderRegistry providers, IGrainFactory grains, TimeProvider time, ILogger<GenerationSweeper> logger)
    : BackgroundService
{
    private const int WakesInOneRound = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A row is due to its own grain's timer first; the sweeper takes what nobody took.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // While the database was away no node could renew a lease. Whoever holds one renews it, and writes down what they learned,
    // within two seconds of its return, or when a connection that hangs is given up (15 s). Only then does a lease that ran out
    // say that its holder is dead.
    private static readonly TimeSpan AfterOutage = TimeSpan.FromSeconds(20);

    private long? _failedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                foreach (var provider in providers.Names)
                {
                    await SweepAsync(provider);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(exception);
                if (database.Dialect is SqlDialect.Postgres && database.MayPass(exception))
                {
                    _failedAt = time.GetTimestamp();
                }
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task SweepAsync(string provider)
    {
        var due = await database.ReadAsync(
            session => GenerationStore.DueAsync(session, provider, time.GetUtcNow() - Grace, WakesInOneRound));
        if (_failedAt is { } failed && time.GetElapsedTime(failed) < AfterOutage)
        {
            return;
        }

        foreach (var (accountId, id) in due)
        {
            await grains.GetGrain<IGenerationGrain>(GenerationGrain.Key(accountId, id)).Wake();
        }
    }

    [LoggerMessage(LogLevel.Error, "A sweep failed; the next one tries again")]
    private partial void LogSweepFailed(Exception exception);
}
