using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Events;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>/api/v1/webhooks</c>: an account's endpoints, of its key's mode.</summary>
internal static class WebhookEndpoints
{
    public const string Root = "/api/v1/webhooks";
    public const int MaxBody = 16 * 1024;
    private const int MaxUrl = 2048;
    private const int MaxDescription = 200;

    public static IEndpointRouteBuilder MapWebhookEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root, CreateAsync)
            .RequireKey(Scopes.All)
            .WithBodyLimit(MaxBody)
            .WithName("createWebhook")
            .WithSummary("Add a webhook endpoint")
            .WithDescription(
                "The answer holds the signing secret, which is not shown again. Deliveries follow Standard Webhooks 1.0. The key needs "
                + "both scopes, because the endpoint is told what tasks contain. The endpoint is paused when the key ends.")
            .WithTags("Webhooks")
            .WithExample("""{"url": "https://example.com/hooks/zoetrope", "events": ["task.completed", "task.failed"]}""")
            .Accepts<WebhookRequest>("application/json")
            .Produces<Envelope<WebhookState>>();
        routes.MapGet(Root, ListAsync)
            .RequireKey(Scopes.Read)
            .WithName("listWebhooks")
            .WithSummary("List the webhook endpoints")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookList>>();
        routes.MapGet(Root + "/secret", SignerAsync)
            .RequireKey(Scopes.Read)
            .WithName("getWebhookSecret")
            .WithSummary("Read the public key of deliveries to the URLs in requests")
            .WithDescription(
                "Every `webhookUrl` of an account and mode is signed with one key. The secret itself is shown only "
                + "when it is created.")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookSecret>>();
        routes.MapPost(Root + "/secret", RotateSignerAsync)
            .RequireKey(Scopes.Generate)
            .WithoutBody()
            .WithName("rotateSharedWebhookSecret")
            .WithSummary("Create a new secret for deliveries to the URLs in requests")
            .WithDescription("The answer holds the secret, which is not shown again. The previous key keeps signing for a day.")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookSecret>>();
        routes.MapGet(Root + "/{id}", ReadAsync)
            .RequireKey(Scopes.Read)
            .WithName("getWebhook")
            .WithSummary("Read a webhook endpoint")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookState>>();
        routes.MapPatch(Root + "/{id}", UpdateAsync)
            .RequireKey(Scopes.All)
            .WithBodyLimit(MaxBody)
            .WithName("updateWebhook")
            .WithSummary("Change the URL, the event filter or the description")
            .WithDescription(
                "Only the given fields change; `\"events\": [\"*\"]` means all. With a new URL the endpoint belongs to your key. The key "
                + "needs both scopes.")
            .WithTags("Webhooks")
            .Accepts<WebhookRequest>("application/json")
            .Produces<Envelope<WebhookState>>();
        routes.MapDelete(Root + "/{id}", DeleteAsync)
            .RequireKey(Scopes.Generate)
            .WithName("deleteWebhook")
            .WithSummary("Delete a webhook endpoint with its deliveries")
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookDeleted>>();
        MapAction(
            routes,
            "rotate-secret",
            "rotateWebhookSecret",
            "Create a new secret; the old one keeps signing for a day",
            static (webhooks, by, caller, id) => webhooks.RotateAsync(by, caller.AccountId, caller.Mode, id),
            withSecret: true);
        MapAction(
            routes,
            "pause",
            "pauseWebhook",
            "Pause deliveries; they wait until the endpoint is resumed",
            static (webhooks, by, caller, id) => webhooks.PauseAsync(by, caller.AccountId, caller.Mode, id));
        MapAction(
            routes,
            "resume",
            "resumeWebhook",
            "Resume deliveries after a pause, or after the endpoint was disabled; it then belongs to your key",
            static (webhooks, by, caller, id) => webhooks.ResumeAsync(by, caller, id));
        routes.MapWebhookDeliveries();
        return routes;
    }

    private static void MapAction(
        IEndpointRouteBuilder routes,
        string verb,
        string name,
        string summary,
        Func<Webhooks, Actor, Caller, string, Task<Outcome<WebhookEndpoint>>> act,
        bool withSecret = false) =>
        routes.MapPost(
            $"{Root}/{{id}}/{verb}",
            async Task<Answer> (HttpContext context, Webhooks webhooks, WebhookSecrets secrets, string id) =>
                (await act(webhooks, context.Actor(), context.Caller(), id)).Failed(out var problem, out var endpoint)
                    ? problem
                    : Show(secrets, endpoint, withSecret))
            .RequireKey(Scopes.Generate)
            .WithoutBody()
            .WithName(name)
            .WithSummary(summary)
            .WithTags("Webhooks")
            .Produces<Envelope<WebhookState>>();

    private static Task<Answer> CreateAsync(
        HttpContext context, Webhooks webhooks, WebhookSecrets secrets) => RequestFields.ReadAsync(context, async fields =>
    {
        var (url, description, events) = Read(fields, isNew: true);
        var caller = context.Caller();
        return fields.Problem() is { } problem
            || (await webhooks.CreateAsync(context.Actor(), caller, url!, description, events)).Failed(out problem, out var endpoint)
                ? problem
                : Show(secrets, endpoint, withSecret: true);
    });

    private static Task<Answer> UpdateAsync(
        HttpContext context, Webhooks webhooks, WebhookSecrets secrets, string id) => RequestFields.ReadAsync(context, async fields =>
    {
        var (url, description, events) = Read(fields, isNew: false);
        var caller = context.Caller();
        return fields.Problem() is { } problem
            || (await webhooks.UpdateAsync(context.Actor(), caller, id, url, description, events)).Failed(out problem, out var endpoint)
                ? problem
                : Show(secrets, endpoint);
    });

    private static (string? Url, string? Description, IReadOnlyList<string>? Events) Read(RequestFields fields, bool isNew) =>
        (
            fields.Text("url", MaxUrl, required: isNew),
            fields.Text("description", MaxDescription),
            fields.ListOf("events", WebhookEvents.Filters));

    private static async Task<Answer> ListAsync(HttpContext context, Webhooks webhooks, WebhookSecrets secrets)
    {
        var caller = context.Caller();
        var endpoints = await webhooks.ListAsync(caller.AccountId, caller.Mode);
        var list = new WebhookList([.. endpoints.Select(endpoint => State(secrets, endpoint))]);
        return Answer.Json(new Envelope<WebhookList>(list), WebhookJson.Default.EnvelopeWebhookList);
    }

    private static async Task<Answer> ReadAsync(HttpContext context, Webhooks webhooks, WebhookSecrets secrets, string id)
    {
        var caller = context.Caller();
        return await webhooks.FindAsync(caller.AccountId, caller.Mode, id) is { } endpoint
            ? Show(secrets, endpoint)
            : Webhooks.NotFound(id);
    }

    private static async Task<Answer> DeleteAsync(HttpContext context, Webhooks webhooks, string id)
    {
        var caller = context.Caller();
        return await webhooks.DeleteAsync(context.Actor(), caller.AccountId, caller.Mode, id)
            ? Answer.Json(new Envelope<WebhookDeleted>(new WebhookDeleted(id, true)), WebhookJson.Default.EnvelopeWebhookDeleted)
            : Webhooks.NotFound(id);
    }

    private static Answer Show(WebhookSecrets secrets, WebhookEndpoint endpoint, bool withSecret = false) => Answer.Json(
        new Envelope<WebhookState>(State(secrets, endpoint) with { Secret = withSecret ? secrets.SecretOf(endpoint) : null }),
        WebhookJson.Default.EnvelopeWebhookState);

    private static async Task<Answer> SignerAsync(HttpContext context, WebhookSecrets secrets)
    {
        var caller = context.Caller();
        var (publicKey, until) = await secrets.SignerAsync(caller.AccountId, caller.Mode);
        return Show(new WebhookSecret(publicKey, caller.Mode.Word()) { PreviousSecretUntil = WireTime.Text(until) });
    }

    private static async Task<Answer> RotateSignerAsync(HttpContext context, WebhookSecrets secrets)
    {
        var caller = context.Caller();
        var (secret, publicKey, until) = await secrets.RotateSignerAsync(context.Actor(), caller.AccountId, caller.Mode);
        return Show(new WebhookSecret(publicKey, caller.Mode.Word()) { Secret = secret, PreviousSecretUntil = WireTime.Text(until) });
    }

    private static Answer Show(WebhookSecret secret) =>
        Answer.Json(new Envelope<WebhookSecret>(secret), WebhookJson.Default.EnvelopeWebhookSecret);

    private static WebhookState State(WebhookSecrets secrets, WebhookEndpoint endpoint) => new(
        endpoint.Id,
        endpoint.Url,
        WebhookEvents.FromRow(endpoint.Events),
        endpoint.Description,
        ((KeyMode)endpoint.Mode).Word(),
        endpoint.State,
        secrets.PublicKeyOf(endpoint),
        WireTime.Text(endpoint.CreatedAt))
    {
        Kind = endpoint.Kind,
        PreviousSecretUntil = WireTime.Text(endpoint.PreviousUntil),
        KeyId = endpoint.MadeBy,
        PausedReason = endpoint.PausedReason,
        DisabledReason = endpoint.DisabledReason,
        FailingSince = WireTime.Text(endpoint.FailingSince),
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Envelope<WebhookState>), TypeInfoPropertyName = "EnvelopeWebhookState")]
[JsonSerializable(typeof(Envelope<WebhookList>), TypeInfoPropertyName = "EnvelopeWebhookList")]
[JsonSerializable(typeof(Envelope<WebhookDeleted>), TypeInfoPropertyName = "EnvelopeWebhookDeleted")]
[JsonSerializable(typeof(Envelope<WebhookDeliveryState>), TypeInfoPropertyName = "EnvelopeWebhookDeliveryState")]
[JsonSerializable(typeof(Envelope<WebhookDeliveryPage>), TypeInfoPropertyName = "EnvelopeWebhookDeliveryPage")]
[JsonSerializable(typeof(Envelope<WebhookSecret>), TypeInfoPropertyName = "EnvelopeWebhookSecret")]
[JsonSerializable(typeof(Envelope<WebhookRedelivery>), TypeInfoPropertyName = "EnvelopeWebhookRedelivery")]
internal sealed partial class WebhookJson : JsonSerializerContext;
