using System.Text.Json;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// What an account does with its endpoints. Every call names the account and the mode: a foreign endpoint does not exist.
/// </summary>
internal sealed class Webhooks(
    Database database, EgressClient egress, WebhookDispatcher dispatcher, WebhookOptions options, TimeProvider time)
{
    public static Problem NotFound(string id) => Problems.WebhookNotFound.With(
        "No webhook endpoint or delivery with this id exists in this account.", given: id);

    /// <summary>
    /// What is wrong with a URL, and how to go on: whoever tries this out has a server on a laptop. Only the text was judged, so
    /// what it says of the address tells nothing about the operator's network.
    /// </summary>
    public static Problem Refused(EgressFailure failure, string field, string url)
    {
        var problem = failure.ToProblem(field, url);
        return problem.Kind != Problems.UrlNotAllowed ? problem : problem with
        {
            Message = failure.Kind is EgressFailureKind.Unreachable
                ? $"{field}: Webhooks are sent to public addresses only, and this one is not."
                : problem.Message,
            Allowed = "a public https URL. For a server on your own computer run `zoetrope webhooks listen --forward <url>`, which needs "
                + "no public address. The operator can allow a private host with the setting Egress:AllowedPrivateHosts "
                + "(Zoetrope__Egress__AllowedPrivateHosts)",
        };
    }

    private static Problem OfRequests(string id) => Problems.InvalidOperation.With(
        "This endpoint is a host that requests use in webhookUrl. It can only be read, paused, resumed and deleted. "
        + "Its secret is at /api/v1/webhooks/secret.", given: id);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<Outcome<WebhookEndpoint>> CreateAsync(
        Actor by, Caller caller, string url, string? description, IReadOnlyList<string>? events)
    {
        if (egress.Check(url, out _) is { } failure)
        {
            return Refused(failure, "url", url);
        }

        var endpoint = new WebhookEndpoint
        {
            Id = Ids.New(Ids.WebhookEndpoint, time),
            AccountId = caller.AccountId,
            Mode = (long)caller.Mode,
            MadeBy = caller.ApiKeyId,
            Url = url,
            Description = description,
            Events = WebhookEvents.ToRow(events),
            SecretVersion = 1,
            CreatedAt = Now,
        };
        return await database.InTransactionAsync<Outcome<WebhookEndpoint>>(async tx =>
        {
            var others = await WebhookEndpointStore.ListAsync(tx, caller.AccountId, caller.Mode, Now);
            if (others.Count(other => other.Kind == WebhookEndpoint.OfAccount) >= options.MaxEndpoints)
            {
                return Problems.InvalidOperation.With(
                    $"The account already has {options.MaxEndpoints} webhook endpoints, the maximum. Delete one first.",
                    allowed: $"at most {options.MaxEndpoints}");
            }

            await WebhookEndpointStore.InsertAsync(tx, endpoint);
            await WriteAsync(tx, by, "webhook.created", endpoint, before: null, endpoint.Facts);
            return endpoint;
        });
    }

    public ValueTask<List<WebhookEndpoint>> ListAsync(string accountId, KeyMode mode) =>
        database.ReadAsync(async session => await WebhookEndpointStore.ListAsync(session, accountId, mode, Now));

    public ValueTask<WebhookEndpoint?> FindAsync(string accountId, KeyMode mode, string id) =>
        database.ReadAsync(async session => await WebhookEndpointStore.FindAsync(session, accountId, mode, id, Now));

    /// <summary>A new URL belongs to the key that wrote it.</summary>
    public Task<Outcome<WebhookEndpoint>> UpdateAsync(
        Actor by, Caller caller, string id, string? url, string? description, IReadOnlyList<string>? events) =>
        url is not null && egress.Check(url, out _) is { } failure
            ? Task.FromResult<Outcome<WebhookEndpoint>>(Refused(failure, "url", url))
            : ChangeAsync(
                new(by, "webhook.changed"),
                caller.AccountId,
                caller.Mode,
                id,
                ofTasksToo: false,
                (tx, endpoint) => WebhookEndpointStore.UpdateAsync(tx, endpoint with
                {
                    Url = url ?? endpoint.Url,
                    MadeBy = caller.ApiKeyId,
                    Description = description ?? endpoint.Description,
                    Events = events is null ? endpoint.Events : WebhookEvents.ToRow(events),
                }));

    public Task<Outcome<WebhookEndpoint>> RotateAsync(Actor by, string accountId, KeyMode mode, string id) => ChangeAsync(
        new(by, "webhook.secret_rotated"),
        accountId,
        mode,
        id,
        ofTasksToo: false,
        (tx, endpoint) => WebhookEndpointStore.RotateAsync(tx, endpoint.Id, options.OverlapEnd(time.GetUtcNow())));

    public Task<Outcome<WebhookEndpoint>> PauseAsync(Actor by, string accountId, KeyMode mode, string id) => ChangeAsync(
        new(by, "webhook.paused"),
        accountId,
        mode,
        id,
        ofTasksToo: true,
        (tx, endpoint) => WebhookEndpointStore.PauseAsync(tx, endpoint.Id));

    public Task<Outcome<WebhookEndpoint>> ResumeAsync(Actor by, Caller caller, string id) => ChangeAsync(
        new(by, "webhook.resumed"),
        caller.AccountId,
        caller.Mode,
        id,
        ofTasksToo: true,
        (tx, endpoint) => WebhookEndpointStore.ResumeAsync(tx, endpoint.Id, caller.ApiKeyId, Now));

    public Task<bool> DeleteAsync(Actor by, string accountId, KeyMode mode, string id) => database.InTransactionAsync(async tx =>
    {
        if (await WebhookEndpointStore.FindAsync(tx, accountId, mode, id, Now) is not { } endpoint)
        {
            return false;
        }

        await WebhookEndpointStore.DeleteAsync(tx, id);
        await WriteAsync(tx, by, "webhook.deleted", endpoint, endpoint.Facts, after: null);
        return true;
    });

    public async Task<Outcome<WebhookDelivery>> TestAsync(Actor by, string accountId, KeyMode mode, string id)
    {
        var outcome = await database.InTransactionAsync<Outcome<WebhookDelivery>>(async tx =>
        {
            if (await WebhookEndpointStore.FindAsync(tx, accountId, mode, id, Now) is not { } endpoint)
            {
                return NotFound(id);
            }

            if (endpoint.Kind == WebhookEndpoint.OfTasks)
            {
                return OfRequests(id);
            }

            if (endpoint.State != WebhookEndpoint.Active)
            {
                return Problems.InvalidOperation.With($"The endpoint is {endpoint.State}; resume it first.", given: id);
            }

            // Otherwise the button would be a way to make this server call somebody as often as one likes.
            if (await WebhookDeliveryStore.AnyPendingAsync(tx, id, WebhookEvents.Test))
            {
                return Problems.InvalidOperation.With("A test of this endpoint is already in progress. Wait until it ends.", given: id);
            }

            var payload = JsonSerializer.Serialize(
                new { id = endpoint.Id, message = "This is a test. Nothing happened to any task." }, WireJson.Options);
            var delivery = WebhookEvents.Message(endpoint, WebhookEvents.Test, payload, Now);
            await WebhookDeliveryStore.InsertAsync(tx, delivery);
            await WriteAsync(tx, by, "webhook.tested", endpoint, before: null, new { delivery = delivery.Id });
            return delivery;
        });
        dispatcher.Wake();
        return outcome;
    }

    public ValueTask<List<WebhookDelivery>?> DeliveriesAsync(
        string accountId, KeyMode mode, string id, string? state, int limit, string? after) =>
        database.ReadAsync(async session => await WebhookEndpointStore.FindAsync(session, accountId, mode, id, Now) is null
            ? null
            : await WebhookDeliveryStore.ListAsync(session, id, state, limit, after, Now));

    /// <summary>The delivery with its attempts, oldest first.</summary>
    public ValueTask<(WebhookDelivery Delivery, List<WebhookAttempt> Attempts)?> HistoryAsync(
        string accountId, KeyMode mode, string id, string deliveryId) =>
        database.ReadAsync<(WebhookDelivery, List<WebhookAttempt>)?>(async session =>
            await WebhookEndpointStore.FindAsync(session, accountId, mode, id, Now) is not null
                && await WebhookDeliveryStore.FindAsync(session, id, deliveryId, Now) is { } delivery
                ? (delivery, await WebhookAttemptStore.ListAsync(session, delivery.Seq))
                : null);

    /// <summary>
    /// Sends one again under the same message id, at most once a minute: otherwise this server would call somebody as often as one
    /// likes.
    /// </summary>
    public async Task<Outcome<WebhookDelivery>> RedeliverAsync(Actor by, string accountId, KeyMode mode, string id, string deliveryId)
    {
        var outcome = await database.InTransactionAsync<Outcome<WebhookDelivery>>(async tx =>
        {
            var now = Now;
            if (await WebhookEndpointStore.FindAsync(tx, accountId, mode, id, now) is not { } endpoint
                || await WebhookDeliveryStore.FindAsync(tx, id, deliveryId, now) is not { } delivery)
            {
                return NotFound(deliveryId);
            }

            if (Unsendable(delivery, now) is { } problem)
            {
                return problem;
            }

            if (endpoint.IsOnTrial)
            {
                await WebhookDeliveryStore.HurryAsync(tx, id, now);
            }

            await WebhookDeliveryStore.RequeueAsync(tx, delivery, now);
            await WriteAsync(tx, by, "webhook.redelivered", endpoint, before: null, new { delivery = deliveryId });
            return (await WebhookDeliveryStore.FindAsync(tx, id, deliveryId, now))!;
        });
        dispatcher.Wake();
        return outcome;
    }

    private static Problem? Unsendable(WebhookDelivery delivery, long now)
    {
        if (delivery.Withdrawn != 0)
        {
            return Problems.InvalidOperation.With(
                "The API key or program whose request named this URL has ended. Nothing more is sent for it.", given: delivery.Id);
        }

        var wait = TimeSpan.FromMilliseconds((delivery.RedeliveredAt ?? 0) - now) + WebhookDeliveryStore.RedeliveryPause;
        return delivery.RedeliveredAt is null || wait <= TimeSpan.Zero
            ? null
            : Problems.RateLimited.With(
                "This delivery was sent again less than a minute ago. Read its outcome, or wait a minute.",
                given: delivery.Id,
                allowed: "once a minute for each delivery") with
            { RetryAfter = wait };
    }

    /// <summary>
    /// Sends again what ended of the events of a time, without what was sent again less than a minute ago; null if there is no such
    /// endpoint.
    /// </summary>
    public async Task<int?> RedeliverAsync(
        Actor by, string accountId, KeyMode mode, string id, DateTimeOffset from, DateTimeOffset? to, string? state)
    {
        var count = await database.InTransactionAsync<int?>(async tx =>
        {
            if (await WebhookEndpointStore.FindAsync(tx, accountId, mode, id, Now) is not { } endpoint)
            {
                return null;
            }

            var until = to?.ToUnixTimeMilliseconds() ?? long.MaxValue;
            var redelivered = await WebhookDeliveryStore.RequeueAsync(tx, id, from.ToUnixTimeMilliseconds(), until, state, Now);
            var range = new { from = WireTime.Text(from), to = WireTime.Text(to?.ToUnixTimeMilliseconds()), state, redelivered };
            await WriteAsync(tx, by, "webhook.redelivered", endpoint, before: null, range);
            return redelivered;
        });
        dispatcher.Wake();
        return count;
    }

    private async Task<Outcome<WebhookEndpoint>> ChangeAsync(
        (Actor By, string Action) asked,
        string accountId,
        KeyMode mode,
        string id,
        bool ofTasksToo, Func<Tx, WebhookEndpoint, Task> change)
    {
        var outcome = await database.InTransactionAsync<Outcome<WebhookEndpoint>>(async tx =>
        {
            if (await WebhookEndpointStore.FindAsync(tx, accountId, mode, id, Now) is not { } endpoint)
            {
                return NotFound(id);
            }

            if (!ofTasksToo && endpoint.Kind == WebhookEndpoint.OfTasks)
            {
                return OfRequests(id);
            }

            await change(tx, endpoint);
            var changed = (await WebhookEndpointStore.FindAsync(tx, accountId, mode, id, Now))!;
            await WriteAsync(tx, asked.By, asked.Action, endpoint, endpoint.Facts, changed.Facts);
            return changed;
        });
        dispatcher.Wake();
        return outcome;
    }

    private Task WriteAsync(Tx tx, Actor by, string action, WebhookEndpoint endpoint, object? before, object? after) =>
        AuditLog.AppendAsync(
            tx,
            by,
            new AuditEntry(endpoint.AccountId, action, endpoint.Id) { Before = before, After = after },
            time.GetUtcNow());
}
