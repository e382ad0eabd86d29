using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry;

/// <summary>Signed-in browsers: who gets in, what they may do as what, and what another site or an ended membership makes of it.</summary>
public abstract class SessionConformance : IAsyncLifetime
{
    private readonly MovedClock _clock = new();
    private TestZoetrope _zoetrope = null!;
    private TestBrowser _owner = null!;

    private protected abstract SqlDialect Dialect { get; }

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = _clock });
        _owner = await TestBrowser.OperatorAsync(_zoetrope);
    }

    public async ValueTask DisposeAsync()
    {
        if (_zoetrope is not null)
        {
            await _zoetrope.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_session_acts_as_its_persons_seat_in_either_mode_and_is_no_key_of_any_list()
    {
        var account = _owner.AccountId;
        (await _zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{account}/grants", new { mode = "test", amount = 1000, reason = "test" })).Expect(200);
        (await _zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{account}/grants", new { mode = "live", amount = 7, reason = "test" })).Expect(200);

        var state = (await _owner.GetAsync("/api/v1/session")).Expect(200).Data;
        var test = (await _owner.GetAsync("/api/v1/credits")).Expect(200).Data.GetProperty("credits").GetInt64();
        var live = (await _owner.SendAsync(HttpMethod.Get, "/api/v1/credits", null, ("X-Zoetrope-Mode", "live"))).Expect(200).Data.GetProperty("credits").GetInt64();
        var odd = await _owner.SendAsync(HttpMethod.Get, "/api/v1/credits", null, ("X-Zoetrope-Mode", "both"));
        var task = (await _owner.SendAsync(HttpMethod.Post, "/api/v1/generate", new { model = "nano-banana-text-to-image", prompt = "a fox" })).Expect(200).Data.GetProperty("id").GetString()!;
        (await Until.SeesAsync(() => _owner.GetAsync($"/api/v1/tasks/{task}"), reply => reply.Data.GetProperty("status").GetString() is "completed", Until.Patience, "its end")).Expect(200);

        Assert.Equal(("The studio", "owner", true), (state.GetProperty("membership").GetProperty("accountName").GetString(), state.GetProperty("membership").GetProperty("role").GetString(), state.GetProperty("person").GetProperty("isOperator").GetBoolean()));
        Assert.Equal((1000, 7), (test % 2000, live));
        Assert.Equal((400, "INVALID_PARAMETER"), (odd.Status, odd.Code));
        Assert.DoesNotContain("Se", (await _zoetrope.Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{account}/keys")).Expect(200).Text, StringComparison.Ordinal);
        Assert.StartsWith("zt=", _owner.Cookie, StringComparison.Ordinal);

        (await _owner.SendAsync(HttpMethod.Delete, "/api/v1/session")).Expect(200);
        Assert.Equal((401, "SIGNED_OUT"), ((await _owner.GetAsync("/api/v1/credits")).Status, (await _owner.GetAsync("/api/v1/credits")).Code));
        (await _owner.SignInAsync()).Expect(200);
        Assert.Contains(task, (await _owner.GetAsync("/api/v1/tasks")).Expect(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_site_makes_a_browser_send_is_refused_at_every_door()
    {
        var routes = AccessRules.List(_zoetrope.Services.GetRequiredService<EndpointDataSource>());
        var faults = new List<string>();
        foreach (var (route, rule) in routes.Where(route => route.Rule is { TakesSessions: true }))
        {
            var (method, path) = (new HttpMethod(route.Split(' ')[0].Split(',')[0]), PathOf(route));
            (string What, (string, string?)[] Headers)[] forged =
            [
                ("a foreign origin", [("Origin", "https://evil.example")]),
                ("a foreign site", [("Sec-Fetch-Site", "cross-site")]),
                ("a neighbour", [("Sec-Fetch-Site", "same-site")]),
                .. method == HttpMethod.Get ? (IEnumerable<(string, (string, string?)[])>)[] :
                [
                    ("no header", [("X-Zoetrope-Studio", null)]),
                    ("no origin", [("Origin", null)]),
                    ("an Authorization header", [("Authorization", "Bearer sk-test-nonsense")]),
                ],
            ];
            foreach (var (what, headers) in forged)
            {
                var reply = await _owner.SendAsync(method, path, method == HttpMethod.Get ? null : new { }, headers);
                if (reply.Status != 403 || !reply.Text.Contains("CROSS_SITE", StringComparison.Ordinal) || reply.Headers.Contains("Access-Control-Allow-Credentials"))
                {
                    faults.Add($"{route} with {what}: {reply.Status} {reply.Text}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        foreach (var (what, headers) in new (string, (string, string?)[])[] { ("origin", [("Origin", "https://evil.example")]), ("header", [("X-Zoetrope-Studio", null)]) })
        {
            Assert.True((await _owner.SendAsync(HttpMethod.Post, "/api/v1/session", new { email = "a@b.c", password = "x" }, headers)).Code == "CROSS_SITE", what);
        }
    }

    [Fact]
    public void Which_endpoints_a_session_may_call() => Assert.Equal(
        [
            "* /mcp", "DELETE /v1/videos/{id}", "GET /v1/models", "GET /v1/models/{**id}", "GET /v1/videos", "GET /v1/videos/{id}", "GET /v1/videos/{id}/content",
            "POST /v1/images/edits", "POST /v1/images/generations", "POST /v1/videos",
        ],
        AccessRules.List(_zoetrope.Services.GetRequiredService<EndpointDataSource>())
            .Where(route => route.Rule is AccessRule.Key { TakesSessions: false } && !route.Route.EndsWith(" /", StringComparison.Ordinal) && !route.Route.Contains("mcp", StringComparison.Ordinal))
            .Select(route => route.Route).Append("* /mcp").Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_role_may_do_what_it_says_at_every_door_and_nobody_elses_account_is_there()
    {
        var routes = AccessRules.List(_zoetrope.Services.GetRequiredService<EndpointDataSource>());
        var faults = new List<string>();
        foreach (var role in new[] { "owner", "admin", "member", "viewer", "billing" })
        {
            var browser = await _owner.InviteAsync(role, $"{role}@example.com");
            foreach (var (route, rule) in routes.Where(route => route.Rule is AccessRule.Key { TakesSessions: true }))
            {
                var needed = ((AccessRule.Key)rule!).Scopes;
                var method = new HttpMethod(route.Split(' ')[0].Split(',')[0]);
                if (route.Contains("/events", StringComparison.Ordinal) && method == HttpMethod.Get)
                {
                    continue;
                }

                var reply = await browser.SendAsync(method, PathOf(route), method == HttpMethod.Get ? null : new { });
                var refused = reply.Status == 403 && reply.Text.Contains("Your role", StringComparison.Ordinal);
                if (refused != ((needed & ~Roles.ScopesOf(role)) != Scopes.None) || reply.Status is 401 or >= 500)
                {
                    faults.Add($"{role} at {route}: {reply.Status} {reply.Text}");
                }
            }

            Assert.Equal((403, "FORBIDDEN"), ((await browser.GetAsync("/admin/v1/accounts")).Status, (await browser.GetAsync("/admin/v1/accounts")).Code));
        }

        (await _owner.GetAsync("/admin/v1/accounts")).Expect(200);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Whoever_is_removed_or_demoted_loses_sessions_and_keys_at_once_and_the_last_owner_stays()
    {
        var member = await _owner.InviteAsync("admin", "grace@example.com", new { spendPerDay = 500 });
        var keys = new ApiKeyStore(_clock);
        var key = await _zoetrope.Services.GetRequiredService<Database>().InTransactionAsync(tx => keys.CreateAsync(
            tx, new NewApiKey(member.AccountId, KeyMode.Test, "Grace's") { PersonId = member.PersonId }));
        var path = $"/api/v1/account/members/{member.PersonId}";
        Task<Reply> AsKey(HttpMethod method, string at, string? body = null) => _zoetrope.Api.SendAsync(method, at, key.Secret, body);
        (await AsKey(HttpMethod.Post, "/api/v1/estimate", """{"model":"nano-banana-text-to-image","prompt":"a"}""")).Expect(200);

        Assert.Equal("FORBIDDEN", (await member.SendAsync(HttpMethod.Patch, $"/api/v1/account/members/{_owner.PersonId}", new { role = "viewer" })).Code);
        Assert.Equal("FORBIDDEN", (await member.SendAsync(HttpMethod.Patch, path, new { role = "owner" })).Code);
        Assert.Equal("FORBIDDEN", (await member.SendAsync(HttpMethod.Post, "/api/v1/account/invitations", new { role = "owner" })).Code);
        Assert.Equal("INVALID_OPERATION", (await _owner.SendAsync(HttpMethod.Patch, $"/api/v1/account/members/{_owner.PersonId}", new { role = "admin" })).Code);
        Assert.Equal("INVALID_OPERATION", (await _owner.SendAsync(HttpMethod.Delete, $"/api/v1/account/members/{_owner.PersonId}")).Code);

        Assert.Equal("viewer", (await _owner.SendAsync(HttpMethod.Patch, path, new { role = "viewer" })).Expect(200).Data.GetProperty("role").GetString());
        Assert.Equal("FORBIDDEN", (await AsKey(HttpMethod.Post, "/api/v1/estimate", "{}")).Code);
        Assert.Equal("FORBIDDEN", (await member.GetAsync("/api/v1/account/members")).Code);
        (await member.GetAsync("/api/v1/credits")).Expect(200);
        Assert.Equal(500, (await _owner.GetAsync("/api/v1/account/members")).Data.GetProperty("members")[1].GetProperty("spendPerDay").GetInt64());

        (await _owner.SendAsync(HttpMethod.Delete, path)).Expect(200);
        Assert.Equal((401, 401), ((await member.GetAsync("/api/v1/credits")).Status, (await AsKey(HttpMethod.Get, "/api/v1/credits")).Status));
        Assert.Equal("FORBIDDEN", (await member.SignInAsync()).Code);
        Assert.Equal("PERSON_NOT_FOUND", (await _owner.SendAsync(HttpMethod.Delete, path)).Code);

        // The same person may come back, with the password that they have.
        var back = await _owner.InviteAsync("member", "grace@example.com");
        Assert.Equal(member.PersonId, back.PersonId);
        (await back.GetAsync("/api/v1/credits")).Expect(200);
    }

    [Fact]
    public async Task A_members_caps_and_models_hold_for_their_browser_and_narrow_what_they_made()
    {
        (await _zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{_owner.AccountId}/grants", new { mode = "test", amount = 10_000, reason = "test" })).Expect(200);
        var member = await _owner.InviteAsync("member", "grace@example.com");
        var path = $"/api/v1/account/members/{member.PersonId}";
        const string Model = "nano-banana-text-to-image", Other = "nano-banana-2-text-to-image";
        var free = (await member.SendAsync(HttpMethod.Post, "/api/v1/keys", new { name = "free" })).Expect(200).Data.GetProperty("key").GetString()!;
        var both = (await member.SendAsync(HttpMethod.Post, "/api/v1/keys", new { name = "both", models = new[] { Model, Other } })).Expect(200).Data.GetProperty("key").GetString()!;
        var other = (await member.SendAsync(HttpMethod.Post, "/api/v1/keys", new { name = "other", models = new[] { Other } })).Expect(200).Data.GetProperty("key").GetString()!;
        var (program, tokens) = await OAuthBrowser.ConnectAsync(_zoetrope.Api, free);
        using var _ = program;
        Task<Reply> EstimateAsync(string model, string? key = null) => key is null
            ? member.SendAsync(HttpMethod.Post, "/api/v1/estimate", new { model, prompt = "a fox" })
            : _zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", key, $$"""{"model":"{{model}}","prompt":"a fox"}""");
        async Task<string> CodesAsync(string model)
        {
            var codes = new List<string?>();
            foreach (var key in new[] { null, free, both, other, tokens.Access })
            {
                codes.Add((await EstimateAsync(model, key)) is { Status: 200 } ? "yes" : (await EstimateAsync(model, key)).Code);
            }

            return string.Join(' ', codes);
        }

        var price = (await EstimateAsync(Model)).Expect(200).Data.GetProperty("credits").GetInt64();
        foreach (var (body, code) in new (object, string)[] { (new { spendPerMonth = 0 }, "INVALID_PARAMETER"), (new { models = new[] { "nano-bananas" } }, "INVALID_MODEL"), (new { models = "all" }, "INVALID_PARAMETER"), (new { spendPerWeek = 5 }, "UNKNOWN_PARAMETER") })
        {
            Assert.Equal(code, (await _owner.SendAsync(HttpMethod.Patch, path, body)).Code);
        }

        Assert.Equal("yes yes yes no yes".Replace("no", "MODEL_NOT_ALLOWED", StringComparison.Ordinal), await CodesAsync(Model));
        var changed = (await _owner.SendAsync(HttpMethod.Patch, path, new { spendPerMonth = price, models = new[] { Model } })).Expect(200).Data;
        Assert.Equal(("member", price, Model), (changed.GetProperty("role").GetString(), changed.GetProperty("spendPerMonth").GetInt64(), changed.GetProperty("models")[0].GetString()));
        Assert.Equal("yes yes yes MODEL_NOT_ALLOWED yes", await CodesAsync(Model));
        Assert.Equal(string.Join(' ', Enumerable.Repeat("MODEL_NOT_ALLOWED", 5)), await CodesAsync(Other));

        var me = (await member.GetAsync("/api/v1/me")).Expect(200).Data;
        Assert.Equal(("spendPerMonth", Model), (me.GetProperty("binding").GetString(), me.GetProperty("credential").GetProperty("models")[0].GetString()));
        (await member.SendAsync(HttpMethod.Post, "/api/v1/generate", new { model = Model, prompt = "a fox" })).Expect(200);
        Assert.Equal("SPEND_CAP_REACHED", (await member.SendAsync(HttpMethod.Post, "/api/v1/generate", new { model = Model, prompt = "a fox" })).Code);
        Assert.Equal("KEY_TOO_WIDE", (await member.SendAsync(HttpMethod.Post, "/api/v1/keys", new { name = "wide", models = new[] { Other } })).Code);

        // A role alone keeps the rest. What was taken from keys and programs does not come back; the browser gets it back.
        Assert.Equal(price, (await _owner.SendAsync(HttpMethod.Patch, path, new { role = "admin" })).Expect(200).Data.GetProperty("spendPerMonth").GetInt64());
        (await _owner.SendAsync(HttpMethod.Patch, path, new { spendPerMonth = (long?)null, models = (string[]?)null })).Expect(200);
        Assert.Equal("yes MODEL_NOT_ALLOWED MODEL_NOT_ALLOWED MODEL_NOT_ALLOWED MODEL_NOT_ALLOWED", await CodesAsync(Other));
        (await member.SendAsync(HttpMethod.Post, "/api/v1/generate", new { model = Model, prompt = "a fox" })).Expect(200);
    }

    [Fact]
    public async Task Sessions_end_by_themselves_and_by_their_person_and_old_proofs_are_asked_for_again()
    {
        var member = await _owner.InviteAsync("member", "grace@example.com");
        var second = new TestBrowser(_zoetrope) { Email = member.Email };
        (await second.SignInAsync()).Expect(200);
        var sessions = (await member.GetAsync("/api/v1/sessions")).Expect(200).Data.GetProperty("sessions").EnumerateArray().ToList();
        var other = sessions.Single(session => !session.GetProperty("isCurrent").GetBoolean()).GetProperty("id").GetString();
        Assert.Equal(2, sessions.Count);
        Assert.Equal("PERSON_NOT_FOUND", (await _owner.SendAsync(HttpMethod.Delete, $"/api/v1/sessions/{other}")).Code);
        (await member.SendAsync(HttpMethod.Delete, $"/api/v1/sessions/{other}")).Expect(200);
        Assert.Equal("SIGNED_OUT", (await second.GetAsync("/api/v1/session")).Code);

        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("PROOF_NEEDED", (await member.SendAsync(HttpMethod.Put, "/api/v1/person/password", new { password = "another long password" })).Code);
        Assert.Equal("PROOF_NEEDED", (await _owner.SendAsync(HttpMethod.Post, $"/admin/v1/accounts/{_owner.AccountId}/grants", new { mode = "test", amount = 1 })).Code);
        Assert.Equal("SIGN_IN_FAILED", (await member.SendAsync(HttpMethod.Post, "/api/v1/session/proof", new { password = "wrong" })).Code);
        (await member.SendAsync(HttpMethod.Post, "/api/v1/session/proof", new { password = TestBrowser.Password })).Expect(200);
        (await second.SignInAsync()).Expect(200);
        (await member.SendAsync(HttpMethod.Put, "/api/v1/person/password", new { password = "another long password" })).Expect(200);
        Assert.Equal("SIGNED_OUT", (await second.GetAsync("/api/v1/session")).Code);
        Assert.Equal("SIGN_IN_FAILED", (await second.SignInAsync()).Code);

        // Twelve hours for whoever runs the server; a month without use for everybody else.
        _clock.Advance(TimeSpan.FromHours(12));
        Assert.Equal("SIGNED_OUT", (await _owner.GetAsync("/api/v1/session")).Code);
        _clock.Advance(TimeSpan.FromDays(20));
        (await member.GetAsync("/api/v1/session")).Expect(200);
        _clock.Advance(TimeSpan.FromDays(20));
        (await member.GetAsync("/api/v1/session")).Expect(200);
        _clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal("SIGNED_OUT", (await member.GetAsync("/api/v1/session")).Code);

        // A month later nothing is left of them.
        _clock.Advance(TimeSpan.FromDays(31));
        var database = _zoetrope.Services.GetRequiredService<Database>();
        await Until.HoldsAsync(async () => await database.ReadAsync(async session => await session.ScalarAsync<long>(
            "select (select count(*) from sessions) + (select count(*) from api_keys where kind = 'session') + (select count(*) from sign_in_attempts)")) == 0);
    }

    private static string PathOf(string route) => System.Text.RegularExpressions.Regex.Replace(route.Split(' ')[1], @"\{[^}]*\}", "nothing");
}

public sealed class SqliteSessionTests : SessionConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresSessionTests : SessionConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    [Fact]
    public async Task Once_a_removal_is_answered_no_node_takes_the_session()
    {
        await using var one = await TestZoetrope.StartAsync(new TestServer { Database = SqlDialect.Postgres });
        await using var two = await TestZoetrope.StartAsync(new TestServer { Postgres = one.Postgres });
        var owner = await TestBrowser.OperatorAsync(one);
        var member = await owner.InviteAsync("member", "grace@example.com");
        var elsewhere = new TestBrowser(two) { Cookie = member.Cookie };
        for (var i = 0; i < 3; i++)
        {
            (await elsewhere.GetAsync("/api/v1/credits")).Expect(200);
        }

        (await owner.SendAsync(HttpMethod.Delete, $"/api/v1/account/members/{member.PersonId}")).Expect(200);

        Assert.Equal("SIGNED_OUT", (await elsewhere.GetAsync("/api/v1/credits")).Code);
        Assert.Equal("SIGNED_OUT", (await member.GetAsync("/api/v1/credits")).Code);
    }
}
