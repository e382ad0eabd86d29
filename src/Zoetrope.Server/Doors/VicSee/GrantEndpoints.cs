using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Bodies;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>
/// <c>/api/v1/grants</c>: the programs that a key gave access to on the consent page. Only that key sees and changes them: a
/// program cannot, so it cannot widen what it has.
/// </summary>
internal static class GrantEndpoints
{
    private const string Root = "/api/v1/grants";
    private const string One = Root + "/{id}";
    private const int MaxBody = 4 * 1024;

    public static IEndpointRouteBuilder MapGrantEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root, ListAsync)
            .RequireKey(Scopes.None)
            .WithName("listGrants")
            .WithSummary("List the programs that your key gave access to")
            .WithDescription(
                "A grant is made on the consent page of OAuth. Only the key that was entered there lists, changes and ends it. "
                + "Grants that have ended are not listed.")
            .WithTags("Grants")
            .Produces<Envelope<GrantList>>();
        routes.MapGet(One, ReadAsync)
            .RequireKey(Scopes.None)
            .WithName("getGrant")
            .WithSummary("Read one program's access")
            .WithTags("Grants")
            .Produces<Envelope<GrantState>>();
        routes.MapPatch(One, ChangeAsync)
            .RequireKey(Scopes.None)
            .WithBodyLimit(MaxBody)
            .WithName("changeGrant")
            .WithSummary("Change what a program may spend")
            .WithDescription(
                "Only the given fields change. `null` means the limit of your key, which no program can exceed. The change counts for "
                + "the program's next request; its tokens stay as they are.")
            .WithTags("Grants")
            .WithExample("""{"spendPerDay": 2000, "askAbove": 600}""")
            .Accepts<GrantRequest>("application/json")
            .Produces<Envelope<GrantState>>();
        routes.MapDelete(One, EndAsync)
            .RequireKey(Scopes.None)
            .WithName("endGrant")
            .WithSummary("End a program's access")
            .WithDescription(
                "Its tokens stop working within a second. Tasks that it has started go on and are charged.")
            .WithTags("Grants")
            .Produces<Envelope<GrantState>>();
        return routes;
    }

    private static async Task<Answer> ListAsync(HttpContext context, GivenGrants grants) => Answer.Json(
        new Envelope<GrantList>(new GrantList([.. (await grants.ListAsync(context.Caller())).Select(Wire)])),
        GrantJson.Default.EnvelopeGrantList);

    private static async Task<Answer> ReadAsync(HttpContext context, GivenGrants grants, string id) =>
        Show(await grants.FindAsync(context.Caller(), id));

    private static Task<Answer> ChangeAsync(
        HttpContext context, GivenGrants grants, string id) => RequestFields.ReadStrictAsync(context, async fields =>
            GrantFields.Read(fields).Failed(out var problem, out var change)
                ? problem
                : Show(await grants.ChangeAsync(context.Actor(), context.Caller(), id, change)));

    private static async Task<Answer> EndAsync(HttpContext context, GivenGrants grants, string id) =>
        Show(await grants.EndAsync(context.Actor(), context.Caller(), id));

    private static Answer Show(Outcome<ApiKey> outcome) => outcome.Failed(out var problem, out var grant)
        ? problem
        : Answer.Json(new Envelope<GrantState>(Wire(grant)), GrantJson.Default.EnvelopeGrantState);

    private static GrantState Wire(ApiKey grant) =>
        new(
            grant.Id,
            grant.Name,
            grant.ClientId!,
            ((KeyMode)grant.Mode).Word(),
            ((Scopes)grant.Scopes).Words(),
            grant.SpendPerDay,
            grant.AskAbove,
            grant.Spent ?? 0,
            WireTime.Text(grant.CreatedAt))
        {
            SpentOn = grant.SpentDay is > 0 ? UtcDay.Text(grant.SpentDay.Value) : null,
            ExpiresAt = WireTime.Text(grant.ExpiresAt),
            EndedAt = WireTime.Text(grant.RevokedAt),
        };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<GrantList>), TypeInfoPropertyName = "EnvelopeGrantList")]
[JsonSerializable(typeof(Envelope<GrantState>), TypeInfoPropertyName = "EnvelopeGrantState")]
internal sealed partial class GrantJson : JsonSerializerContext;
