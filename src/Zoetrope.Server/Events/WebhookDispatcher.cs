using System.Collections.Concurrent;

namespace Zoetrope.Server.Events;

/// <summary>
/// Empties the outbox. Each endpoint has its own few places, so one that hangs delays only itself. A delivery is claimed in
/// the database before it is sent and recorded afterwards: a crash in between sends it once more, with the same id.
/// </summary>
internal sealed partial class WebhookDispatcher(
    WebhookOutbox outbox, WebhookSender sender, WebhookOutcomes outcomes, WebhookOptions options, ILogger<WebhookDispatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan RingPause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, int> _inFlight = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    // Whose deliveries are under way. A clock set forward makes our own leases look over; what is here is never taken for dead.
    private readonly ConcurrentDictionary<long, string> _sending = new();
    private readonly SemaphoreSlim _bell = new(0, 1);
    private int _ringing;

    /// <summary>Looks at the outbox now rather than at the next tick.</summary>
    public void Wake()
    {
        try
        {
            _bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It rings already.
        }
        catch (ObjectDisposedException)
        {
            // The server has stopped.
        }
    }

    /// <summary>The same for commits, of which there may be thousands in a second: one ring is under way at most.</summary>
    public void WakeSoon()
    {
        if (Interlocked.Exchange(ref _ringing, 1) == 0)
        {
            _ = RingAsync();
        }
    }

    private async Task RingAsync()
    {
        await Task.Delay(RingPause, TimeProvider.System);
        Volatile.Write(ref _ringing, 0);
        Wake();
    }

    public override void Dispose()
    {
        _bell.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var recovered = false;
        try
        {
            while (true)
            {
                try
                {
                    if (!recovered)
                    {
                        await outbox.RecoverAsync();
                        recovered = true;
                    }

                    await StartDueAsync(stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogRoundFailed(exception);
                }

                await _bell.WaitAsync(options.PollInterval, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }

        await Task.WhenAll(_running.Keys);
    }

    private async Task StartDueAsync(CancellationToken stoppingToken)
    {
        var claimed = await outbox.ClaimAsync(options.MaxInFlight - _running.Count, _inFlight, _sending);
        foreach (var (endpoint, delivery) in claimed)
        {
            Start(endpoint, delivery, stoppingToken);
        }
    }

    private void Start(WebhookEndpoint endpoint, WebhookDelivery delivery, CancellationToken stoppingToken)
    {
        _inFlight.AddOrUpdate(endpoint.Id, 1, static (_, count) => count + 1);
        var done = new TaskCompletionSource();
        _running[done.Task] = 0;
        _sending[delivery.Seq] = delivery.AccountId;
        _ = RunAsync(endpoint, delivery, done, stoppingToken);
    }

    private async Task RunAsync(
        WebhookEndpoint endpoint, WebhookDelivery delivery, TaskCompletionSource done, CancellationToken stoppingToken)
    {
        try
        {
            // Off the dispatcher's loop at once: a look-up or a handshake of one receiver must not hold up the next.
            await Task.Yield();
            Trail.Current = delivery.Trail;
            var answer = await sender.SendAsync(endpoint, delivery, stoppingToken);
            CrashPoints.Hit("K13");
            await outcomes.RecordAsync(endpoint, delivery, answer);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Unrecorded: it is sent again after the next start, or by another node when the lease is over.
        }
        catch (Exception exception)
        {
            LogDeliveryFailed(exception, delivery.Id);
        }
        finally
        {
            _sending.TryRemove(delivery.Seq, out _);
            if (_inFlight.AddOrUpdate(endpoint.Id, 0, static (_, count) => count - 1) == 0)
            {
                _inFlight.TryRemove(new KeyValuePair<string, int>(endpoint.Id, 0));
            }

            _running.TryRemove(done.Task, out _);
            done.SetResult();
            if (!stoppingToken.IsCancellationRequested)
            {
                Wake();
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "The webhook outbox could not be read; the next read tries again")]
    private partial void LogRoundFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "Delivery {Id} could not be sent or recorded; it is sent again when its lease expires")]
    private partial void LogDeliveryFailed(Exception exception, string id);
}
