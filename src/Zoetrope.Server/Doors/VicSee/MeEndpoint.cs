using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>GET /api/v1/me</c>: who is asking, and what still fits.</summary>
internal static class MeEndpoint
{
    private const string Balance = "credits";

    public static IEndpointRouteBuilder MapMeEndpoint(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/me", ReadAsync)
            .RequireCaller(Scopes.None)
            .WithName("getMe")
            .WithSummary("Read who you are to the server, your limits and your credits")
            .WithDescription(
                "The account, the key or grant that was used, the person behind it, every limit with what is used of it and when it begins "
                + "anew, and the credits of the key's mode. `binding` names what leaves the fewest credits for the next request.")
            .WithTags("Account")
            .Produces<Envelope<MeState>>();
        return routes;
    }

    private static async Task<Answer> ReadAsync(HttpContext context, Database database, TimeProvider time)
    {
        var (caller, now) = (context.Caller(), time.GetUtcNow());
        var mayRead = caller.Scopes.HasFlag(Scopes.Read);
        var (usage, balance, member) = await database.ReadAsync(async session => (
            await CallerUsage.ReadAsync(session, caller),
            await CreditLedger.BalanceAsync(session, caller.AccountId, caller.Mode),
            caller.PersonId is { } personId ? await Memberships.FindAsync(session, caller.AccountId, personId) : null));
        List<MeLimit> limits = [.. Limits(caller, usage, now)];
        var state = new MeState(
            new MeAccount(usage.Account.Id, usage.Account.Name, usage.Account.Plan),
            new MeCredential(
                caller.Session?.Id ?? caller.ApiKeyId,
                KindOf(caller),
                caller.Session is null ? usage.KeyName : "Browser",
                caller.Mode.Word(),
                caller.Scopes.Words())
            {
                ExpiresAt = caller.EndsAt == long.MaxValue ? null : WireTime.Text(caller.EndsAt),
                RequestsPerMinute = caller.Limits.RequestsPerMinute,
                AskAbove = caller.Limits.AskAbove,
                Models = caller.Limits.Models,
            },
            limits)
        {
            Person = caller.PersonId is { } person ? new MePerson(person) { Name = member?.PersonName, Role = member?.Role } : null,
            Credits = mayRead ? CreditWire.Of(balance, caller.Mode) : null,
            Binding = mayRead ? BindingOf(limits, balance) : null,
        };
        return Answer.Json(new Envelope<MeState>(state), MeJson.Default.EnvelopeMeState);
    }

    private static IEnumerable<MeLimit> Limits(Caller caller, CallerUsage usage, DateTimeOffset now)
    {
        if (caller.Plan.RequestsPerDay is { } requests)
        {
            yield return Of("requestsPerDay", "account", requests, caller.UsedToday, UtcDay.End(now));
        }

        // A key and its programs have their tasks in flight together.
        var whose = KindOf(caller);
        if (caller.Limits.InFlight is { } inFlight)
        {
            yield return Of("inFlight", usage.Granter is null ? whose : "granter", inFlight, (usage.Granter ?? usage.Own).InFlight, null);
        }

        foreach (var (name, limit, used, resets) in usage.Own.Caps(caller.Limits, now))
        {
            yield return Of(name, whose, limit, used, resets);
        }

        foreach (var (name, limit, used, resets) in usage.Granter?.Caps(caller.Granter!.Limits, now) ?? [])
        {
            yield return Of(name, "granter", limit, used, resets);
        }
    }

    private static string KindOf(Caller caller) => caller.Session is not null ? "session" : caller.Granter is null ? "key" : "grant";

    private static MeLimit Of(string name, string whose, long limit, long used, DateTimeOffset? resets) =>
        new(name, whose, limit, used, Math.Max(0, limit - used)) { ResetsAt = resets is { } at ? WireTime.Text(at) : null };

    private static string BindingOf(IEnumerable<MeLimit> limits, Balance balance)
    {
        var tightest = limits.Where(limit => limit.Name.StartsWith("spend", StringComparison.Ordinal)).MinBy(limit => limit.Left);
        return tightest is not null && tightest.Left < balance.Available ? tightest.Name : Balance;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<MeState>), TypeInfoPropertyName = "EnvelopeMeState")]
internal sealed partial class MeJson : JsonSerializerContext;
