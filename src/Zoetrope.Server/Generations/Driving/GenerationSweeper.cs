using System.Collections.Concurrent;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// The safety net under every hint and timer: finds running rows that are due and wakes their grains. After a crash this is
/// what picks the work up again; nothing depends on a message that was lost.
/// </summary>
internal sealed partial class GenerationSweeper(
    Database database,
    ProviderRegistry providers,
    ProviderCallbacks callbacks,
    GenerationSignals signals,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<GenerationSweeper> logger) : BackgroundService
{
    private const int WakesInOneRound = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SignalPause = TimeSpan.FromMilliseconds(2);

    // A row is due to its own grain's timer first; the sweeper takes what nobody took.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, byte> _signalling = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        callbacks.Listen(attemptId => _ = WakeAttemptAsync(attemptId));
        signals.OnQueued(provider => SignalSoon(provider, stoppingToken));
        await RecoverAsync();
        foreach (var provider in providers.Names)
        {
            await grains.GetGrain<IProviderGrain>(provider).Start();
        }

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

    private async Task SweepAsync(string provider)
    {
        var due = await database.ReadAsync(session => GenerationStore.DueAsync(session, provider, time.GetUtcNow() - Grace, WakesInOneRound));
        foreach (var (accountId, id) in due)
        {
            await grains.GetGrain<IGenerationGrain>(GenerationGrain.Key(accountId, id)).Wake();
        }
    }

    private async Task WakeAttemptAsync(string attemptId)
    {
        try
        {
            var attempt = await database.ReadAsync(session => AttemptStore.FindAsync(session, attemptId));
            if (attempt is not null)
            {
                await grains.GetGrain<IGenerationGrain>(GenerationGrain.Key(attempt.AccountId, attempt.GenerationId)).Wake();
            }
        }
        catch (Exception exception)
        {
            // The poll's own timer will find what this callback would have told.
            LogCallbackFailed(exception, attemptId);
        }
    }

    // Thousands of submits a second need not be thousands of messages: one is under way for each provider at most.
    private void SignalSoon(string provider, CancellationToken stoppingToken)
    {
        if (stoppingToken.IsCancellationRequested || !_signalling.TryAdd(provider, 0))
        {
            return;
        }

        _ = Task.Run(
            async () =>
            {
                await Task.Delay(SignalPause, TimeProvider.System, stoppingToken);
                _signalling.TryRemove(provider, out _);
                await grains.GetGrain<IProviderGrain>(provider).Signal();
            },
            stoppingToken);
    }

    [LoggerMessage(LogLevel.Information, "{Count} running tasks of {Provider} are picked up after the restart")]
    private partial void LogRecovered(int count, string provider);

    [LoggerMessage(LogLevel.Error, "A sweep failed; the next one tries again")]
    private partial void LogSweepFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The callback of {AttemptId} could not be passed on")]
    private partial void LogCallbackFailed(Exception exception, string attemptId);
}
