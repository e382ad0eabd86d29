using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Events;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>/api/v1/webhooks</c>: an account's endpoints, of its key's mode.</summary>
internal static class WebhookEndpoints
{
    private const string Root = "/api/v1/webhooks";
    private const int MaxBody = 16 * 1024;
    private const int MaxUrl = 2048;
    private const int MaxDescription = 200;

    private static readonly string[] Ended = [WebhookDelivery.Delivered, WebhookDelivery.Failed];

    public static IEndpointRouteBuilder MapWebhookEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root, (Delegate)CreateAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("createWebhook")
            .WithSummary("Add a webhook endpoint")
            .WithDescription("The answer holds the signing secret, which is not shown again. Deliveries follow Standard Webhooks 1.0.")
            .WithTags("Webhooks")
            .WithExample("""{"url": "https://example.com/hooks/zoetrope", "events": ["task.completed", "task.failed"]}""")
            .Accepts<WebhookRequest>("application/json")
            .Produces<Envelope<WebhookState>>();
        routes.MapGet(Root, ListAsync)
            .RequireCaller(Scopes.Read)
            .WithName("listWebhooks")
            .WithSummary("List the webhook endpoints")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookList>>();
        routes.MapGet(Root + "/secret", SignerAsync)
            .RequireCaller(Scopes.Read)
            .WithName("getWebhookSecret")
            .WithSummary("Read the public key of deliveries to addresses that requests name")
            .WithDescription("Every `webhookUrl` of an account and mode is signed with one key. The secret itself is only shown when it is made.")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookSecret>>();
        routes.MapPost(Root + "/secret", RotateSignerAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("rotateSharedWebhookSecret")
            .WithSummary("Make the secret of deliveries to addresses that requests name")
            .WithDescription("The answer holds the secret, which is not shown again. The key before signs too for a day.")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookSecret>>();
        routes.MapGet(Root + "/{id}", ReadAsync)
            .RequireCaller(Scopes.Read)
            .WithName("getWebhook")
            .WithSummary("Read a webhook endpoint")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookState>>();
        routes.MapPatch(Root + "/{id}", (Delegate)UpdateAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("updateWebhook")
            .WithSummary("Change the address, the filter or the description")
            .WithDescription("Only the given fields change; `\"events\": [\"*\"]` means all.")
            .WithTags("Webhooks")
            .Accepts<WebhookRequest>("application/json")
            .Produces<Envelope<WebhookState>>();
        routes.MapDelete(Root + "/{id}", DeleteAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("deleteWebhook")
            .WithSummary("Delete a webhook endpoint with its deliveries")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeleted>>();
        MapAction(routes, "rotate-secret", "rotateWebhookSecret", "Make a new secret; the old one signs too for a day", static (webhooks, caller, id) => webhooks.RotateAsync(caller.AccountId, caller.Mode, id), withSecret: true);
        MapAction(routes, "pause", "pauseWebhook", "Stop deliveries; they wait until it is resumed", static (webhooks, caller, id) => webhooks.PauseAsync(caller.AccountId, caller.Mode, id));
        MapAction(routes, "resume", "resumeWebhook", "Go on with deliveries, after a pause or when it was disabled", static (webhooks, caller, id) => webhooks.ResumeAsync(caller.AccountId, caller.Mode, id));
        routes.MapWebhookDeliveries();
        return routes;
    }

    /// <summary>The endpoint's deliveries: test, log, redelivery.</summary>
    private static void MapWebhookDeliveries(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root + "/{id}/test", TestAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("testWebhook")
            .WithSummary("Send a test event")
            .WithDescription("Answers at once; read the delivery to see what came of it.")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeliveryState>>();
        routes.MapGet(Root + "/{id}/deliveries", DeliveriesAsync)
            .RequireCaller(Scopes.Read)
            .WithName("listWebhookDeliveries")
            .WithSummary("List deliveries, newest first")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeliveryPage>>();
        routes.MapGet(Root + "/{id}/deliveries/{delivery}", DeliveryAsync)
            .RequireCaller(Scopes.Read)
            .WithName("getWebhookDelivery")
            .WithSummary("Read a delivery with its attempts")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeliveryState>>();
        routes.MapPost(Root + "/{id}/deliveries/{delivery}/redeliver", RedeliverAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("redeliverWebhook")
            .WithSummary("Send a delivery again")
            .WithDescription("Under the same `webhook-id`. One that waits for its next attempt is sent at once.")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeliveryState>>();
        routes.MapPost(Root + "/{id}/redeliver", (Delegate)RedeliverRangeAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("redeliverWebhooks")
            .WithSummary("Send the deliveries of a time again")
            .WithDescription("Those that ended, of events from `from` on and before `to`; `state` narrows to `failed` or `delivered`.")
            .WithTags("Webhooks")
            .WithExample("""{"from": "2030-01-31T00:00:00Z", "to": "2030-02-01T00:00:00Z", "state": "failed"}""")
            .Accepts<WebhookRange>("application/json")
            .Produces<Envelope<WebhookRedelivery>>();
    }

    private static void MapAction(
        IEndpointRouteBuilder routes, string verb, string name, string summary, Func<Webhooks, Caller, string, Task<Outcome<WebhookEndpoint>>> act, bool withSecret = false) =>
        routes.MapPost($"{Root}/{{id}}/{verb}", async (HttpContext context, Webhooks webhooks, string id) =>
                (await act(webhooks, context.Caller(), id)).Failed(out var problem, out var endpoint) ? problem.ToResult() : Answer(webhooks, endpoint, withSecret))
            .RequireCaller(Scopes.Generate)
            .WithName(name)
            .WithSummary(summary)
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookState>>();

    private static async Task<IResult> CreateAsync(HttpContext context, Webhooks webhooks)
    {
        var reading = await JsonBody.ReadAsync(context, MaxBody);
        if (reading.Failed(out var problem))
        {
            return problem.ToResult();
        }

        using var body = reading.Value;
        var fields = new RequestFields(body.RootElement);
        var url = fields.Text("url", MaxUrl, required: true);
        var description = fields.Text("description", MaxDescription);
        var events = fields.ListOf("events", WebhookEvents.Filters);
        if (fields.Problem() is { } wrong)
        {
            return wrong.ToResult();
        }

        var caller = context.Caller();
        return (await webhooks.CreateAsync(caller.AccountId, caller.Mode, url!, description, events)).Failed(out problem, out var endpoint)
            ? problem.ToResult()
            : Answer(webhooks, endpoint, withSecret: true);
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, Webhooks webhooks, string id)
    {
        var reading = await JsonBody.ReadAsync(context, MaxBody);
        if (reading.Failed(out var problem))
        {
            return problem.ToResult();
        }

        using var body = reading.Value;
        var fields = new RequestFields(body.RootElement);
        var url = fields.Text("url", MaxUrl);
        var description = fields.Text("description", MaxDescription);
        var events = fields.ListOf("events", WebhookEvents.Filters);
        if (fields.Problem() is { } wrong)
        {
            return wrong.ToResult();
        }

        var caller = context.Caller();
        return (await webhooks.UpdateAsync(caller.AccountId, caller.Mode, id, url, description, events)).Failed(out problem, out var endpoint)
            ? problem.ToResult()
            : Answer(webhooks, endpoint);
    }

    private static async Task<IResult> ListAsync(HttpContext context, Webhooks webhooks)
    {
        var caller = context.Caller();
        var endpoints = await webhooks.ListAsync(caller.AccountId, caller.Mode);
        var list = new WebhookList([.. endpoints.Select(endpoint => State(webhooks, endpoint))]);
        return TypedResults.Json(new Envelope<WebhookList>(list), WebhookJson.Default.EnvelopeWebhookList, ProblemResponse.ContentType);
    }

    private static async Task<IResult> ReadAsync(HttpContext context, Webhooks webhooks, string id)
    {
        var caller = context.Caller();
        return await webhooks.FindAsync(caller.AccountId, caller.Mode, id) is { } endpoint ? Answer(webhooks, endpoint) : Webhooks.NotFound(id).ToResult();
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, Webhooks webhooks, string id)
    {
        var caller = context.Caller();
        return await webhooks.DeleteAsync(caller.AccountId, caller.Mode, id)
            ? TypedResults.Json(new Envelope<WebhookDeleted>(new WebhookDeleted(id, true)), WebhookJson.Default.EnvelopeWebhookDeleted, ProblemResponse.ContentType)
            : Webhooks.NotFound(id).ToResult();
    }

    private static async Task<IResult> TestAsync(HttpContext context, Webhooks webhooks, string id)
    {
        var caller = context.Caller();
        return (await webhooks.TestAsync(caller.AccountId, caller.Mode, id)).Failed(out var problem, out var delivery) ? problem.ToResult() : Answer(delivery);
    }

    private static async Task<IResult> DeliveriesAsync(HttpContext context, Webhooks webhooks, string id, string? limit, string? cursor, string? state)
    {
        if (Paging.Read(limit, cursor, Ids.WebhookMessage).Failed(out var problem, out var page))
        {
            return problem.ToResult();
        }

        if (state is not (null or WebhookDelivery.Pending or WebhookDelivery.Delivered or WebhookDelivery.Failed))
        {
            return Problems.InvalidParameter.With("There is no such state of a delivery.", "state", state, "pending, delivered, failed").ToResult();
        }

        var caller = context.Caller();
        if (await webhooks.DeliveriesAsync(caller.AccountId, caller.Mode, id, state, page.Limit + 1, page.After) is not { } deliveries)
        {
            return Webhooks.NotFound(id).ToResult();
        }

        var next = page.NextCursor(deliveries, delivery => delivery.Id);
        var answer = new WebhookDeliveryPage([.. deliveries.Take(page.Limit).Select(State)], next);
        return TypedResults.Json(new Envelope<WebhookDeliveryPage>(answer), WebhookJson.Default.EnvelopeWebhookDeliveryPage, ProblemResponse.ContentType);
    }

    private static async Task<IResult> DeliveryAsync(HttpContext context, Webhooks webhooks, string id, string delivery)
    {
        var caller = context.Caller();
        return await webhooks.HistoryAsync(caller.AccountId, caller.Mode, id, delivery) is { } found
            ? Answer(State(found.Delivery) with { History = [.. found.Attempts.Select(State)] })
            : Webhooks.NotFound(delivery).ToResult();
    }

    private static async Task<IResult> RedeliverAsync(HttpContext context, Webhooks webhooks, string id, string delivery)
    {
        var caller = context.Caller();
        return await webhooks.RedeliverAsync(caller.AccountId, caller.Mode, id, delivery) is { } found ? Answer(found) : Webhooks.NotFound(delivery).ToResult();
    }

    private static async Task<IResult> RedeliverRangeAsync(HttpContext context, Webhooks webhooks, string id)
    {
        var reading = await JsonBody.ReadAsync(context, MaxBody);
        if (reading.Failed(out var problem))
        {
            return problem.ToResult();
        }

        using var body = reading.Value;
        var fields = new RequestFields(body.RootElement);
        var from = fields.Instant("from");
        var to = fields.Instant("to");
        var state = fields.OneOf("state", Ended);
        if (fields.Problem() is { } wrong)
        {
            return wrong.ToResult();
        }

        if (from is null)
        {
            return Problems.MissingParameter.With("from is required", "from", allowed: "an ISO 8601 time").ToResult();
        }

        var caller = context.Caller();
        return await webhooks.RedeliverAsync(caller.AccountId, caller.Mode, id, from.Value, to, state) is { } count
            ? TypedResults.Json(new Envelope<WebhookRedelivery>(new WebhookRedelivery(count)), WebhookJson.Default.EnvelopeWebhookRedelivery, ProblemResponse.ContentType)
            : Webhooks.NotFound(id).ToResult();
    }

    private static IResult Answer(Webhooks webhooks, WebhookEndpoint endpoint, bool withSecret = false) => TypedResults.Json(
        new Envelope<WebhookState>(State(webhooks, endpoint) with { Secret = withSecret ? webhooks.SecretOf(endpoint) : null }),
        WebhookJson.Default.EnvelopeWebhookState,
        ProblemResponse.ContentType);

    private static async Task<IResult> SignerAsync(HttpContext context, Webhooks webhooks)
    {
        var caller = context.Caller();
        var (publicKey, until) = await webhooks.SignerAsync(caller.AccountId, caller.Mode);
        return Answer(new WebhookSecret(publicKey, ModeOf(caller.Mode)) { PreviousSecretUntil = WireTime.Text(until) });
    }

    private static async Task<IResult> RotateSignerAsync(HttpContext context, Webhooks webhooks)
    {
        var caller = context.Caller();
        var (secret, publicKey, until) = await webhooks.RotateSignerAsync(caller.AccountId, caller.Mode);
        return Answer(new WebhookSecret(publicKey, ModeOf(caller.Mode)) { Secret = secret, PreviousSecretUntil = WireTime.Text(until) });
    }

    private static IResult Answer(WebhookSecret secret) =>
        TypedResults.Json(new Envelope<WebhookSecret>(secret), WebhookJson.Default.EnvelopeWebhookSecret, ProblemResponse.ContentType);

    private static IResult Answer(WebhookDelivery delivery) => Answer(State(delivery));

    private static IResult Answer(WebhookDeliveryState delivery) =>
        TypedResults.Json(new Envelope<WebhookDeliveryState>(delivery), WebhookJson.Default.EnvelopeWebhookDeliveryState, ProblemResponse.ContentType);

    private static WebhookState State(Webhooks webhooks, WebhookEndpoint endpoint) => new(
        endpoint.Id,
        endpoint.Url,
        WebhookEvents.FromRow(endpoint.Events),
        endpoint.Description,
        ModeOf((KeyMode)endpoint.Mode),
        endpoint.State,
        webhooks.PublicKeyOf(endpoint),
        WireTime.Text(endpoint.CreatedAt))
    {
        Kind = endpoint.Kind,
        PreviousSecretUntil = WireTime.Text(endpoint.PreviousUntil),
        DisabledReason = endpoint.DisabledReason,
        FailingSince = WireTime.Text(endpoint.FailingSince),
    };

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

    private static string ModeOf(KeyMode mode) => mode is KeyMode.Test ? "test" : "live";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Envelope<WebhookState>), TypeInfoPropertyName = "EnvelopeWebhookState")]
[JsonSerializable(typeof(Envelope<WebhookList>), TypeInfoPropertyName = "EnvelopeWebhookList")]
[JsonSerializable(typeof(Envelope<WebhookDeleted>), TypeInfoPropertyName = "EnvelopeWebhookDeleted")]
[JsonSerializable(typeof(Envelope<WebhookDeliveryState>), TypeInfoPropertyName = "EnvelopeWebhookDeliveryState")]
[JsonSerializable(typeof(Envelope<WebhookDeliveryPage>), TypeInfoPropertyName = "EnvelopeWebhookDeliveryPage")]
[JsonSerializable(typeof(Envelope<WebhookSecret>), TypeInfoPropertyName = "EnvelopeWebhookSecret")]
[JsonSerializable(typeof(Envelope<WebhookRedelivery>), TypeInfoPropertyName = "EnvelopeWebhookRedelivery")]
internal sealed partial class WebhookJson : JsonSerializerContext;
