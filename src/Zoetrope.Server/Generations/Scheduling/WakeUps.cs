using System.Collections.Concurrent;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Scheduling;

/// <summary>
/// Passes hints on to the grains: a provider's queue has grown, a vendor has called back. A hint that is lost costs a tick of
/// the scheduler or the wait for the next poll, and nothing else.
/// </summary>
internal sealed partial class WakeUps(
    Database database, ProviderCallbacks callbacks, GenerationSignals signals, IGrainFactory grains, ILogger<WakeUps> logger)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan SignalPause = TimeSpan.FromMilliseconds(2);

    private readonly ConcurrentDictionary<string, byte> _signalling = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        callbacks.Listen(attemptId => _ = WakeAttemptAsync(attemptId));
        signals.OnQueued(SignalSoon);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();

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
            // The poll's own timer will find what this callback would have reported.
            LogCallbackFailed(exception, attemptId);
        }
    }

    // Thousands of submits a second need not be thousands of messages: one is under way for each provider at most.
    private void SignalSoon(string provider)
    {
        if (_stopping.IsCancellationRequested || !_signalling.TryAdd(provider, 0))
        {
            return;
        }

        _ = Task.Run(async () =>
        {
            await Task.Delay(SignalPause, TimeProvider.System);
            _signalling.TryRemove(provider, out _);
            if (!_stopping.IsCancellationRequested)
            {
                await grains.GetGrain<IProviderGrain>(provider).Signal();
            }
        });
    }

    [LoggerMessage(LogLevel.Warning, "The callback of {AttemptId} could not be passed on")]
    private partial void LogCallbackFailed(Exception exception, string attemptId);
}
