using System.Threading.RateLimiting;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>Claims the deliveries that are due for this process, as many as their endpoints and accounts have places for.</summary>
internal sealed class WebhookOutbox(Database database, WebhookOptions options, TimeProvider time) : IDisposable
{
    private const double SecondsOfMinute = 60;
    private const int BurstShare = 10;

    private readonly PartitionedRateLimiter<string> _ofTests = PartitionedRateLimiter.Create<string, string>(accountId =>
        RateLimitPartition.GetTokenBucketLimiter(accountId, _ => Pace(options.TestDeliveriesPerMinute)));

    public void Dispose() => _ofTests.Dispose();

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
        var (candidates, withdrawn) = await database.ReadAsync(session => FindAsync(session, now, free, inFlight, sending));
        if (candidates.Count == 0 && withdrawn.Count == 0)
        {
            return [];
        }

        // Far beyond the timeout: while the sender lives nobody else may take it for dead.
        var lease = now + (long)((options.Timeout * 2) + TimeSpan.FromSeconds(30)).TotalMilliseconds;
        return await database.InTransactionAsync(async tx =>
        {
            foreach (var endpointId in withdrawn)
            {
                await WebhookDeliveryStore.GiveUpWithdrawnAsync(tx, endpointId, now);
            }

            return tx.Dialect is SqlDialect.Postgres
                ? await ClaimAmongNodesAsync(tx, candidates, now, lease)
                : await ClaimAloneAsync(tx, candidates, now, lease);
        });
    }

    private static async Task<List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>> ClaimAloneAsync(
        Tx tx, List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)> candidates, long now, long lease)
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
    }

    // An endpoint has its few places in the whole cluster. One that another node is claiming for is left to that node.
    private async Task<List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>> ClaimAmongNodesAsync(
        Tx tx, List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)> candidates, long now, long lease)
    {
        var ours = new List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>();
        var held = await WebhookEndpointStore.LockAsync(tx, [.. candidates.Select(candidate => candidate.Endpoint.Id).Distinct()]);
        foreach (var group in candidates.GroupBy(candidate => candidate.Endpoint.Id).Where(group => held.ContainsKey(group.Key)))
        {
            var (endpoint, current) = (group.First().Endpoint, held[group.Key]);
            var claimed = await WebhookDeliveryStore.ClaimAsync(
                tx, [.. group.Select(candidate => candidate.Delivery)], PlacesOf(current), now, lease);
            ours.AddRange(claimed.Select(delivery => (endpoint, delivery)));
        }

        return ours;
    }

    private int PlacesOf(WebhookEndpoint endpoint) =>
        endpoint is { FailingSince: null, IsOnTrial: false } ? options.EndpointConcurrency : 1;

    /// <summary>What may be sent now, and the endpoints with deliveries that nobody wants any more.</summary>
    private async ValueTask<(List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)> Found, HashSet<string> Withdrawn)> FindAsync(
        Session session, long now, int free, IReadOnlyDictionary<string, int> inFlight, IReadOnlyDictionary<long, string> sending)
    {
        var found = new List<(WebhookEndpoint Endpoint, WebhookDelivery Delivery)>();
        var withdrawn = new HashSet<string>(StringComparer.Ordinal);
        var ofAccount = sending.Values.CountBy(accountId => accountId).ToDictionary(StringComparer.Ordinal);
        foreach (var endpoint in await WebhookEndpointStore.ReadyAsync(session, now))
        {
            var taken = Math.Max(inFlight.GetValueOrDefault(endpoint.Id), (int)endpoint.Sending);
            var inUse = ofAccount.GetValueOrDefault(endpoint.AccountId);
            var places = Math.Min(PlacesOf(endpoint) - taken, Math.Min(options.AccountConcurrency - inUse, free - found.Count));
            if (places <= 0)
            {
                continue;
            }

            var chosen = 0;
            foreach (var delivery in await DueAsync(session, endpoint, now, places + taken))
            {
                if (sending.ContainsKey(delivery.Seq))
                {
                    continue;
                }

                if (delivery.Withdrawn != 0)
                {
                    withdrawn.Add(endpoint.Id);
                    continue;
                }

                if (chosen == places || !MayGo(endpoint))
                {
                    break;
                }

                found.Add((endpoint, delivery));
                chosen++;
            }

            ofAccount[endpoint.AccountId] = inUse + chosen;
        }

        return (found, withdrawn);
    }

    private static Task<List<WebhookDelivery>> DueAsync(Session session, WebhookEndpoint endpoint, long now, int limit) =>
        endpoint is { IsOnTrial: true, Kind: WebhookEndpoint.OfAccount }
            ? WebhookDeliveryStore.TrialAsync(session, endpoint.Id, now)
            : WebhookDeliveryStore.DueAsync(session, endpoint.Id, now, limit);

    private bool MayGo(WebhookEndpoint endpoint)
    {
        if ((KeyMode)endpoint.Mode is not KeyMode.Test)
        {
            return true;
        }

        using var lease = _ofTests.AttemptAcquire(endpoint.AccountId);
        return lease.IsAcquired;
    }

    private static TokenBucketRateLimiterOptions Pace(int perMinute)
    {
        var atOnce = (int)Math.Ceiling(perMinute / SecondsOfMinute);
        return new TokenBucketRateLimiterOptions
        {
            TokensPerPeriod = atOnce,
            ReplenishmentPeriod = TimeSpan.FromMinutes((double)atOnce / perMinute),
            TokenLimit = Math.Max(atOnce, perMinute / BurstShare),
            QueueLimit = 0,
        };
    }
}
