using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>Claims the deliveries that are due for this process, as many as their endpoints and accounts have places for.</summary>
internal sealed class WebhookOutbox(Database database, WebhookOptions options, TimeProvider time)
{
    /// <summary>With SQLite this process is the only one, so whatever is leased was held by a dead one.</summary>
    public Task RecoverAsync() =>
        database.Dialect is SqlDialect.Sqlite ? database.InTransactionAsync(WebhookDeliveryStore.FreeAllAsync) : Task.CompletedTask;

    /// <summary>Claims what is due; nobody else sends it while the lease lasts.</summary>
    /// <param name="free">Places of this process.</param>
    /// <param name="inFlight">Deliveries under way to each endpoint.</param>
    /// <param name="sending">The deliveries under way, and whose they are.</param>
    public async Task<List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>> ClaimAsync(
        int free, IReadOnlyDictionary<string, int> inFlight, IReadOnlyDictionary<long, string> sending)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var candidates = await database.ReadAsync(session => FindAsync(session, now, free, inFlight, sending));
        if (candidates.Count == 0)
        {
            return [];
        }

        // Far beyond the timeout: while the sender lives nobody else may take it for dead.
        var lease = now + (long)((options.Timeout * 2) + TimeSpan.FromSeconds(30)).TotalMilliseconds;
        return await database.InTransactionAsync(async tx =>
        {
            var ours = new List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>();
            foreach (var (endpoint, delivery) in candidates)
            {
                if (await WebhookDeliveryStore.ClaimAsync(tx, delivery, now, lease))
                {
                    var claimed = delivery with { Version = delivery.Version + 1, Attempts = delivery.Attempts + 1, AttemptedAt = now };
                    ours.Add((endpoint, claimed));
                }
            }

            return ours;
        });
    }

    private async ValueTask<List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>> FindAsync(
        Session session, long now, int free, IReadOnlyDictionary<string, int> inFlight, IReadOnlyDictionary<long, string> sending)
    {
        var found = new List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>();
        var ofAccount = sending.Values.CountBy(accountId => accountId).ToDictionary(StringComparer.Ordinal);
        foreach (var endpoint in await WebhookEndpointStore.ReadyAsync(session, now))
        {
            var taken = inFlight.GetValueOrDefault(endpoint.Id);
            var inUse = ofAccount.GetValueOrDefault(endpoint.AccountId);
            var ofEndpoint = (endpoint.FailingSince is null ? options.EndpointConcurrency : 1) - taken;
            var places = Math.Min(ofEndpoint, Math.Min(options.AccountConcurrency - inUse, free - found.Count));
            if (places > 0)
            {
                var due = await WebhookDeliveryStore.DueAsync(session, endpoint.Id, now, places + taken);
                var chosen = due.Where(delivery => !sending.ContainsKey(delivery.Seq)).Take(places).ToList();
                found.AddRange(chosen.Select(delivery => (endpoint, delivery)));
                ofAccount[endpoint.AccountId] = inUse + chosen.Count;
            }
        }

        return found;
    }
}
