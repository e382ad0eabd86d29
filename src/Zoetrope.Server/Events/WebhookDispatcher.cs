using System.Collections.Concurrent;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// Empties the outbox. Each endpoint has its own few places, so one that hangs delays only itself. A delivery is claimed in
/// the database before it is sent and recorded afterwards: a crash in between sends it once more, with the same id.
/// </summary>
internal sealed partial class WebhookDispatcher(
    Database database, WebhookSender sender, WebhookOutcomes outcomes, WebhookOptions options, TimeProvider time, ILogger<WebhookDispatcher> logger)
    : BackgroundService
{
    private readonly ConcurrentDictionary<string, int> _inFlight = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    // Whose deliveries are under way. A clock set forward makes our own leases look over; what is here is never taken for dead.
    private readonly ConcurrentDictionary<long, string> _sending = new();
    private readonly SemaphoreSlim _bell = new(0, 1);

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
                        await RecoverAsync();
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

    // With SQLite this process is the only one, so whatever is leased was held by a dead one.
    private Task RecoverAsync() => database.Dialect is SqlDialect.Sqlite ? database.InTransactionAsync(WebhookDeliveryStore.FreeAllAsync) : Task.CompletedTask;

    private async Task StartDueAsync(CancellationToken stoppingToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var free = options.MaxInFlight - _running.Count;
        var candidates = await database.ReadAsync(async session =>
        {
            var found = new List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>();
            var ofAccount = _sending.Values.CountBy(accountId => accountId).ToDictionary(StringComparer.Ordinal);
            foreach (var endpoint in await WebhookEndpointStore.ReadyAsync(session, now))
            {
                var taken = _inFlight.GetValueOrDefault(endpoint.Id);
                var inUse = ofAccount.GetValueOrDefault(endpoint.AccountId);
                var places = Math.Min((endpoint.FailingSince is null ? options.EndpointConcurrency : 1) - taken, Math.Min(options.AccountConcurrency - inUse, free - found.Count));
                if (places > 0)
                {
                    var due = await WebhookDeliveryStore.DueAsync(session, endpoint.Id, now, places + taken);
                    var chosen = due.Where(delivery => !_sending.ContainsKey(delivery.Seq)).Take(places).ToList();
                    found.AddRange(chosen.Select(delivery => (endpoint, delivery)));
                    ofAccount[endpoint.AccountId] = inUse + chosen.Count;
                }
            }

            return found;
        });
        if (candidates.Count == 0)
        {
            return;
        }

        // Far beyond the timeout: while the sender lives nobody else may take it for dead.
        var lease = now + (long)((options.Timeout * 2) + TimeSpan.FromSeconds(30)).TotalMilliseconds;
        var claimed = await database.InTransactionAsync(async tx =>
        {
            var ours = new List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>();
            foreach (var (endpoint, delivery) in candidates)
            {
                if (await WebhookDeliveryStore.ClaimAsync(tx, delivery, now, lease))
                {
                    ours.Add((endpoint, delivery with { Version = delivery.Version + 1, Attempts = delivery.Attempts + 1, AttemptedAt = now }));
                }
            }

            return ours;
        });
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

    private async Task RunAsync(WebhookEndpoint endpoint, WebhookDelivery delivery, TaskCompletionSource done, CancellationToken stoppingToken)
    {
        try
        {
            // Off the dispatcher's loop at once: a look-up or a handshake of one receiver must not hold up the next.
            await Task.Yield();
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

    [LoggerMessage(LogLevel.Error, "A look at the webhook outbox failed; the next one tries again")]
    private partial void LogRoundFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "The delivery {Id} could not be sent or recorded; it is sent again when its lease is over")]
    private partial void LogDeliveryFailed(Exception exception, string id);
}
