using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>
/// Everybody at every endpoint, generated from the routes: what a rule says is what happens, and another's thing is to everybody, byte for
/// byte, a thing that does not exist.
/// </summary>
public abstract class IsolationConformance
{
    // What belongs to no account, or is opened by a signature or token in its address.
    private static readonly string[] OfNobody = ["/api/v1/models/", "/v1/models/", "/models/", "/files/", "/uploads/", "/hooks/", "/guides/", "/openapi/", "/docs", "/admin/v1/providers/"];

    // Whoever may call these is answered with a stream, or is signed out.
    private static readonly string[] NotWhereAllowed = ["GET /api/v1/events", "GET /api/v1/tasks/{id}/events", "DELETE /api/v1/session"];

    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["PATCH /api/v1/tasks/{id}"] = """{"star":true}""",
        ["PATCH /api/v1/budgets/{id}"] = """{"limit":5}""",
        ["PATCH /api/v1/keys/{id}"] = """{"name":"taken"}""",
        ["PATCH /api/v1/grants/{id}"] = """{"spendPerDay":5}""",
        ["PATCH /api/v1/webhooks/{id}"] = """{"description":"taken"}""",
        ["POST /api/v1/webhooks/{id}/redeliver"] = """{"from":"2020-01-01T00:00:00Z"}""",
        ["PATCH /api/v1/account/members/{id}"] = """{"role":"viewer"}""",
    };

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task Everybody_may_do_at_every_endpoint_what_its_rule_says_and_anothers_thing_is_one_that_never_was()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Settings = new Dictionary<string, string?> { ["OAuth:RegistrationsPerMinute"] = "1000", ["Server:TrustedProxies"] = "127.0.0.1" },
        });
        using var scene = await IsolationScene.MakeAsync(zoetrope);
        var routes = AccessRules.List(zoetrope.Services.GetRequiredService<EndpointDataSource>()).DistinctBy(route => route.Route).ToList();
        var faults = new List<string>();
        var before = await scene.SeenAsync();

        foreach (var (route, rule) in routes.Where(route => route.Rule is not AccessRule.Anonymous && route.Route.Contains('{', StringComparison.Ordinal)))
        {
            if (OfNobody.Any(root => route.Contains(' ' + root, StringComparison.Ordinal)))
            {
                continue;
            }

            if (scene.Things.Where(thing => route.Split(' ')[1].StartsWith(thing.Key, StringComparison.Ordinal)).Select(thing => thing.Value).FirstOrDefault() is not { } ids)
            {
                faults.Add($"{route}: IsolationScene has no thing of this kind. Make one there, or say here why it belongs to nobody.");
                continue;
            }

            var isPersonal = rule is AccessRule.Session;
            var isOfMode = Regex.IsMatch(route, " /(api/v1/(tasks|batches|webhooks|budgets)|v1/videos)/");
            foreach (var caller in scene.Strangers.Concat(isPersonal ? [scene.Colleague] : []).Concat(isOfMode ? [scene.OtherMode] : []))
            {
                await CompareAsync(route, caller, ids);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Equal(before, await scene.SeenAsync());

        foreach (var (route, rule) in routes.Where(route => route.Rule is not AccessRule.Anonymous))
        {
            foreach (var caller in scene.Callers)
            {
                await HoldAsync(route, rule!, caller);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));

        async Task CompareAsync(string route, IsolationCaller caller, string[] ids)
        {
            var (foreign, missing) = (await SendAsync(route, caller, ids), await SendAsync(route, caller, [.. ids.Select(Missing)]));
            var words = foreign.Text;
            for (var i = 0; i < ids.Length; i++)
            {
                words = words.Replace(ids[i], Missing(ids[i]), StringComparison.Ordinal);
            }

            if (foreign.Status != missing.Status || words != missing.Text || HeadersOf(foreign) != HeadersOf(missing) || foreign.Status is < 400 or 429 or >= 500)
            {
                faults.Add($"{caller} at {route}: {foreign.Status} {foreign.Text} ({HeadersOf(foreign)}), and of nothing {missing.Status} {missing.Text} ({HeadersOf(missing)})");
            }
        }

        async Task HoldAsync(string route, AccessRule rule, IsolationCaller caller)
        {
            var isAllowed = MayCall(rule, caller);
            if (isAllowed && NotWhereAllowed.Contains(route))
            {
                return;
            }

            var reply = await SendAsync(route, caller, ["nothing", "nothing"]);
            if (reply.Status is 401 or 403 == isAllowed || reply.Status >= 500)
            {
                faults.Add($"{caller} {(isAllowed ? "may" : "may not")} call {route}: {reply.Status} {reply.Text}");
            }
        }
    }

    private static bool MayCall(AccessRule rule, IsolationCaller caller) => (rule, caller) switch
    {
        (_, { Name: "nobody" }) => false,
        (AccessRule.Operator, _) => caller.Name == "operator's key",
        (_, { Name: "operator's key" }) => false,
        (AccessRule.Session, _) => caller.Role is not null,
        (AccessRule.Key { NotSessions: true }, { Role: not null }) => false,
        (AccessRule.Key { NotGrants: true }, { Name: "grant" }) => false,
        (AccessRule.Key key, _) => (key.Scopes & ~ScopesOf(caller)) == Scopes.None,
        _ => throw new InvalidOperationException($"Nobody knows whether {caller} may call what is {rule}."),
    };

    private static Scopes ScopesOf(IsolationCaller caller) => caller switch
    {
        { Role: { } role } => Roles.ScopesOf(role),
        { Name: "key" } => Scopes.All | Scopes.Keys | Scopes.Members | Scopes.Budgets | Scopes.Audit,
        { Name: "narrow key" } => Scopes.Read,
        _ => Scopes.All,
    };

    private static Task<Reply> SendAsync(string route, IsolationCaller caller, string[] ids)
    {
        var (methods, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        var method = methods == "*" ? HttpMethod.Post : new HttpMethod(methods.Split(',')[0]);
        var next = 0;
        var body = method == HttpMethod.Get || method == HttpMethod.Delete ? null : Bodies.GetValueOrDefault(route, "{}");
        return caller.SendAsync(method, Regex.Replace(path, @"\{[^}]*\}", _ => ids[Math.Min(next++, ids.Length - 1)]), body);
    }

    // As well-formed as the other, and nobody's.
    private static string Missing(string id) => id[..^6] + (id[^6] == '7' ? '5' : '7') + id[^5..];

    private static string HeadersOf(Reply reply) => string.Join(", ", reply.Headers
        .Where(static header => header.Key is not ("Date" or "X-Request-ID" or "Server") && !header.Key.StartsWith("X-RateLimit", StringComparison.OrdinalIgnoreCase))
        .Select(static header => $"{header.Key}: {string.Join(' ', header.Value)}").Order(StringComparer.Ordinal));
}

public sealed class SqliteIsolationTests : IsolationConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresIsolationTests : IsolationConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
