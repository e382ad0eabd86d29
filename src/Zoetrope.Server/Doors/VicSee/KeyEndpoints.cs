using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Bodies;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>/api/v1/keys</c>: the account's API keys, for whoever holds a key with the scope <c>keys</c>.</summary>
internal static class KeyEndpoints
{
    private const string Root = "/api/v1/keys";
    private const string One = Root + "/{id}";
    private const int MaxBody = 64 * 1024;

    private static readonly TimeSpan MaxGrace = TimeSpan.FromDays(30);
    private static readonly string[] Modes = [KeyMode.Test.Word(), KeyMode.Live.Word()];

    public static IEndpointRouteBuilder MapKeyEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root, CreateAsync)
            .RequireKey(Scopes.Keys)
            .RequireFreshProof()
            .WithBodyLimit(MaxBody)
            .WithName("createOwnKey")
            .WithSummary("Make an API key")
            .WithDescription(
                "The answer holds the secret, which is not shown again. The key has no right and no limit beyond those of yours: what you "
                + "leave out is that of your key. Where your key has limits that count, the new key counts with it.")
            .WithTags("Keys")
            .Accepts<KeyRequest>("application/json")
            .Produces<Envelope<KeyState>>();
        routes.MapGet(Root, ListAsync)
            .RequireKey(Scopes.Keys)
            .WithName("listOwnKeys")
            .WithSummary("List the API keys of your account, newest first")
            .WithDescription(
                "With a live key those of both modes, with a test key test keys only; with a key that belongs to a person that person's, "
                + "unless it has the scope `members`. Keys that were revoked or have expired are listed with `all=true`.")
            .WithTags("Keys")
            .WithQuery("all", "boolean", "true lists those that have ended as well.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .Produces<Envelope<KeyPage>>();
        routes.MapGet(One, ReadAsync)
            .RequireKey(Scopes.Keys)
            .WithName("getOwnKey")
            .WithSummary("Read an API key: its limits and what it has spent")
            .WithTags("Keys")
            .Produces<Envelope<KeyState>>();
        routes.MapPatch(One, ChangeAsync)
            .RequireKey(Scopes.Keys)
            .RequireFreshProof()
            .WithBodyLimit(MaxBody)
            .WithName("changeOwnKey")
            .WithSummary("Change an API key's name, rights and limits")
            .WithDescription(
                "Only the given fields change. `null` means what your key has. The change counts for the key's next request, on every node. "
                + "A key that has more rights than yours is not changed (`KEY_TOO_WIDE`).")
            .WithTags("Keys")
            .Accepts<KeyRequest>("application/json")
            .Produces<Envelope<KeyState>>();
        routes.MapDelete(One, EndAsync)
            .RequireKey(Scopes.Keys)
            .WithName("revokeOwnKey")
            .WithSummary("Revoke an API key for good")
            .WithDescription("When the answer arrives, no node accepts it. Its programs' access ends with it; its tasks go on.")
            .WithTags("Keys")
            .Produces<Envelope<KeyState>>();
        routes.MapPost(One + "/rotate", RotateAsync)
            .RequireKey(Scopes.Keys)
            .RequireFreshProof()
            .WithBodyLimit(MaxBody)
            .WithName("rotateOwnKey")
            .WithSummary("Replace an API key by one with a new secret")
            .WithDescription(
                "The new key has another id, the same rights and limits, and goes on with what was spent. The old one works for "
                + "`graceSeconds` more, so that running clients can be changed over.")
            .WithTags("Keys")
            .Accepts<KeyRotation>("application/json")
            .Produces<Envelope<KeyState>>();
        routes.MapGet(One + "/preview", PreviewAsync)
            .RequireKey(Scopes.Keys)
            .WithName("previewOwnKey")
            .WithSummary("List the models and prices as that key sees them")
            .WithDescription("Answers what `GET /api/v1/models` answers to that key.")
            .WithTags("Keys")
            .WithQuery("type", "string", "image, video or music.")
            .WithQuery("view", "string", "short, which is the default, or full.");
        return routes;
    }

    private static Task<Answer> CreateAsync(
        HttpContext context, OwnKeys keys, CatalogHolder catalog, TimeProvider time) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var caller = context.Caller();
        var mode = fields.OneOf("mode", Modes);
        if (KeyFields.Read(fields, isNew: true, catalog.Current, time.GetUtcNow()).Failed(out var problem, out var key))
        {
            return problem;
        }

        var ends = EndOf(caller);
        var wanted = new NewApiKey(caller.AccountId, mode is null ? caller.Mode : ModeOf(mode), key.Name!)
        {
            Scopes = key.Scopes ?? (Scopes.All & caller.Scopes),
            Limits = key.Limits,
            ExpiresAt = key.ExpiresAt ?? ends,
        };
        return Secret(context, await keys.CreateAsync(context.Actor(), caller, wanted), time);
    });

    private static async Task<Answer> ListAsync(HttpContext context, OwnKeys keys, TimeProvider time)
    {
        var query = context.Request.Query;
        string? all = query["all"];
        if (Paging.Read(query["limit"], query["cursor"], Ids.ApiKey).Failed(out var problem, out var page))
        {
            return problem;
        }

        if (all is not (null or "true" or "false"))
        {
            return Problems.InvalidParameter.With("all must be true or false.", "all", ShortText.Of(all), "true, false");
        }

        var found = await keys.ListAsync(context.Caller(), all == "true", page.Limit + 1, page.After);
        return Answer.Json(
            new Envelope<KeyPage>(new KeyPage(
                [.. found.Take(page.Limit).Select(key => KeyWire.Of(key, time))], page.NextCursor(found, key => key.Id))),
            KeyJson.Default.EnvelopeKeyPage);
    }

    private static async Task<Answer> ReadAsync(HttpContext context, OwnKeys keys, TimeProvider time, string id) =>
        Show(await keys.FindAsync(context.Caller(), id), time);

    private static Task<Answer> ChangeAsync(
        HttpContext context,
        OwnKeys keys,
        CatalogHolder catalog,
        TimeProvider time,
        string id) => RequestFields.ReadStrictAsync(context, async fields =>
            KeyFields.Read(fields, isNew: false, catalog.Current, time.GetUtcNow()).Failed(out var problem, out var change)
                ? problem
                : Show(await keys.ChangeAsync(context.Actor(), context.Caller(), id, key => change.On(key, context.Caller())), time));

    private static async Task<Answer> EndAsync(HttpContext context, OwnKeys keys, TimeProvider time, string id) =>
        Show(await keys.EndAsync(context.Actor(), context.Caller(), id), time);

    private static Task<Answer> RotateAsync(
        HttpContext context, OwnKeys keys, TimeProvider time, string id) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var grace = fields.Integer("graceSeconds", 0, (long)MaxGrace.TotalSeconds);
        return fields.Problem() is { } problem
            ? problem
            : Secret(
                context, await keys.RotateAsync(context.Actor(), context.Caller(), id, TimeSpan.FromSeconds(grace ?? 0)), time);
    });

    private static async Task<Answer> PreviewAsync(HttpContext context, OwnKeys keys, ModelAnswers models, string id)
    {
        if ((await keys.FindAsync(context.Caller(), id)).Failed(out var problem, out var key))
        {
            return problem;
        }

        return ListingView.Read(context.Request.Query, ["type", "view"]).Failed(out problem, out var query)
            ? problem
            : models.Of((KeyMode)key.Mode).List(query with { Only = key.Limits.Models });
    }

    private static DateTimeOffset? EndOf(Caller caller) =>
        caller.KeysEndAt is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null;

    private static KeyMode ModeOf(string word) => word == KeyMode.Live.Word() ? KeyMode.Live : KeyMode.Test;

    // No proxy or cache on the way may keep a secret.
    private static Answer Secret(HttpContext context, Outcome<CreatedKey> outcome, TimeProvider time)
    {
        context.Response.Headers.CacheControl = "no-store";
        return outcome.Failed(out var problem, out var created)
            ? problem
            : Show(KeyWire.Of(created.Key, time) with { Key = created.Secret });
    }

    private static Answer Show(Outcome<ApiKey> outcome, TimeProvider time) =>
        outcome.Failed(out var problem, out var key) ? problem : Show(KeyWire.Of(key, time));

    private static Answer Show(KeyState key) => Answer.Json(new Envelope<KeyState>(key), KeyJson.Default.EnvelopeKeyState);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<KeyPage>), TypeInfoPropertyName = "EnvelopeKeyPage")]
[JsonSerializable(typeof(Envelope<KeyState>), TypeInfoPropertyName = "EnvelopeKeyState")]
internal sealed partial class KeyJson : JsonSerializerContext;
