using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Events;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>/api/v1/webhooks/{id}/deliveries</c>: the log of what was sent, a test, and sending again.</summary>
internal static class WebhookDeliveryEndpoints
{
    private const string Root = WebhookEndpoints.Root;

    private static readonly string[] Ended = [WebhookDelivery.Delivered, WebhookDelivery.Failed];

    public static void MapWebhookDeliveries(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root + "/{id}/test", TestAsync)
            .RequireKey(Scopes.Generate)
            .WithoutBody()
            .WithName("testWebhook")
            .WithSummary("Send a test event")
            .WithDescription("Returns at once. Read the delivery to see its outcome.")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeliveryState>>();
        routes.MapGet(Root + "/{id}/deliveries", DeliveriesAsync)
            .RequireKey(Scopes.Read)
            .WithName("listWebhookDeliveries")
            .WithSummary("List deliveries, newest first")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeliveryPage>>();
        routes.MapGet(Root + "/{id}/deliveries/{delivery}", DeliveryAsync)
            .RequireKey(Scopes.Read)
            .WithName("getWebhookDelivery")
            .WithSummary("Read a delivery with its attempts")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeliveryState>>();
        routes.MapPost(Root + "/{id}/deliveries/{delivery}/redeliver", RedeliverAsync)
            .RequireKey(Scopes.Generate)
            .WithoutBody()
            .WithName("redeliverWebhook")
            .WithSummary("Send a delivery again")
            .WithDescription(
                "Sends it under the same `webhook-id`, at most once a minute. A delivery that is waiting for its next attempt is sent "
                + "at once.")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeliveryState>>();
        routes.MapPost(Root + "/{id}/redeliver", RedeliverRangeAsync)
            .RequireKey(Scopes.Generate)
            .WithBodyLimit(WebhookEndpoints.MaxBody)
            .WithName("redeliverWebhooks")
            .WithSummary("Send the deliveries of a time range again")
            .WithDescription(
                "Sends ended deliveries of events from `from` up to but not including `to` again; `state` narrows them to `failed` or "
                + "`delivered`. Each goes at most once a minute; `redelivered` counts those that go now.")
            .WithTags("Webhooks")
            .WithExample("""{"from": "2030-01-31T00:00:00Z", "to": "2030-02-01T00:00:00Z", "state": "failed"}""")
            .Accepts<WebhookRange>("application/json")
            .Produces<Envelope<WebhookRedelivery>>();
    }

    private static async Task<Answer> TestAsync(HttpContext context, Webhooks webhooks, string id)
    {
        var caller = context.Caller();
        return (await webhooks.TestAsync(context.Actor(), caller.AccountId, caller.Mode, id)).Failed(out var problem, out var delivery)
            ? problem
            : Show(delivery);
    }

    private static async Task<Answer> DeliveriesAsync(
        HttpContext context, Webhooks webhooks, string id, string? limit, string? cursor, string? state)
    {
        if (Paging.Read(limit, cursor, Ids.WebhookMessage).Failed(out var problem, out var page))
        {
            return problem;
        }

        if (state is not (null or WebhookDelivery.Pending or WebhookDelivery.Delivered or WebhookDelivery.Failed))
        {
            return Problems.InvalidParameter.With("Unknown delivery state.", "state", state, "pending, delivered, failed");
        }

        var caller = context.Caller();
        if (await webhooks.DeliveriesAsync(caller.AccountId, caller.Mode, id, state, page.Limit + 1, page.After) is not { } deliveries)
        {
            return Webhooks.NotFound(id);
        }

        var next = page.NextCursor(deliveries, delivery => delivery.Id);
        var answer = new WebhookDeliveryPage([.. deliveries.Take(page.Limit).Select(State)], next);
        return Answer.Json(new Envelope<WebhookDeliveryPage>(answer), WebhookJson.Default.EnvelopeWebhookDeliveryPage);
    }

    private static async Task<Answer> DeliveryAsync(HttpContext context, Webhooks webhooks, string id, string delivery)
    {
        var caller = context.Caller();
        return await webhooks.HistoryAsync(caller.AccountId, caller.Mode, id, delivery) is { } found
            ? Show(State(found.Delivery) with { History = [.. found.Attempts.Select(State)] })
            : Webhooks.NotFound(delivery);
    }

    private static async Task<Answer> RedeliverAsync(HttpContext context, Webhooks webhooks, string id, string delivery)
    {
        var caller = context.Caller();
        return (await webhooks.RedeliverAsync(context.Actor(), caller.AccountId, caller.Mode, id, delivery)).Failed(out var problem, out var found)
            ? problem
            : Show(found);
    }

    private static Task<Answer> RedeliverRangeAsync(
        HttpContext context, Webhooks webhooks, string id) => RequestFields.ReadAsync(context, async fields =>
    {
        var from = fields.Instant("from");
        var to = fields.Instant("to");
        var state = fields.OneOf("state", Ended);
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        if (from is null)
        {
            return Problems.MissingParameter.With("from is required.", "from", allowed: "an ISO 8601 time");
        }

        var caller = context.Caller();
        return await webhooks.RedeliverAsync(context.Actor(), caller.AccountId, caller.Mode, id, from.Value, to, state) is { } count
            ? Answer.Json(new Envelope<WebhookRedelivery>(new WebhookRedelivery(count)), WebhookJson.Default.EnvelopeWebhookRedelivery)
            : Webhooks.NotFound(id);
    });

    private static Answer Show(WebhookDelivery delivery) => Show(State(delivery));

    private static Answer Show(WebhookDeliveryState delivery) =>
        Answer.Json(new Envelope<WebhookDeliveryState>(delivery), WebhookJson.Default.EnvelopeWebhookDeliveryState);

    private static WebhookDeliveryState State(WebhookDelivery delivery) =>
        new(delivery.Id, delivery.Type, delivery.State, delivery.Attempts, WireTime.Text(delivery.CreatedAt))
        {
            TaskId = delivery.GenerationId,
            Url = delivery.Url,
            AttemptedAt = WireTime.Text(delivery.AttemptedAt),
            NextAttemptAt = delivery.State == WebhookDelivery.Pending ? WireTime.Text(delivery.NextAt) : null,
            FinishedAt = WireTime.Text(delivery.FinishedAt),
            ResponseStatus = delivery.ResponseStatus,
            ResponseBody = delivery.ResponseBody,
            Error = delivery.Error,
        };

    private static WebhookAttemptState State(WebhookAttempt attempt) => new(attempt.Number, WireTime.Text(attempt.At), attempt.DurationMs)
    {
        ResponseStatus = attempt.Status,
        ResponseBody = attempt.Body,
        Error = attempt.Error,
    };
}
