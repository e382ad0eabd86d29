using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry.Outside;

/// <summary>Sign-in with an issuer of the operator's: who comes in, as whom, and what is refused without a trace.</summary>
public abstract class OutsideConformance : IAsyncLifetime
{
    private readonly MovedClock _clock = new();
    private readonly HeardLog _log = new(LogLevel.Trace);
    private FakeIssuer _issuer = null!;
    private TestZoetrope _zoetrope = null!;
    private TestBrowser _owner = null!;

    private protected abstract SqlDialect Dialect { get; }

    private protected FakeIssuer Issuer => _issuer;

    private protected TestZoetrope Zoetrope => _zoetrope;

    public async ValueTask InitializeAsync()
    {
        if (Dialect == SqlDialect.Postgres)
        {
            TestPostgres.SkipIfAbsent();
        }

        _issuer = await FakeIssuer.StartAsync();
        _zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Time = _clock,
            Settings = new Dictionary<string, string?>(_issuer.Settings)
            {
                ["Oidc:JoinDomains"] = "example.com, @other.example",
                ["Oidc:JoinRole"] = "viewer",
                ["Oidc:RoleClaim"] = "groups",
                ["Oidc:Roles"] = "chiefs = owner, makers = member, payers = billing",
                ["Logging:Level"] = "Trace",
            },
            Register = services => services.AddSingleton<ILoggerProvider>(_log).AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace)),
        });
        _owner = await TestBrowser.OperatorAsync(_zoetrope);
    }

    public async ValueTask DisposeAsync()
    {
        if (_zoetrope is not null)
        {
            await _zoetrope.DisposeAsync();
            await _issuer.DisposeAsync();
        }

        _log.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Who_comes_in_is_who_the_operator_lets_in_or_whom_an_owner_invited()
    {
        Assert.Contains("Sign in with Acme", (await Browser().GetAsync("/sign-in?next=/guides")).Text, StringComparison.Ordinal);

        // A verified address of a domain that may join, once and then again.
        _issuer.Is("grace", "Grace@Example.com");
        var grace = Browser();
        var came = await grace.ComeAsync(next: "/guides");
        Assert.Equal((303, "/guides"), (came.Status, came.Headers.Location?.OriginalString));
        var state = await StateAsync(grace);
        Assert.Equal(("Name of grace", "grace@example.com", "viewer", _owner.AccountId), (Text(state, "person", "name"), Text(state, "person", "email"), Text(state, "membership", "role"), Text(state, "membership", "accountId")));
        Assert.DoesNotContain(grace.Cookies.Keys, name => name.StartsWith("zt-outside", StringComparison.Ordinal));
        var again = Browser();
        Assert.Equal(303, (await again.ComeAsync()).Status);
        Assert.Equal(Text(state, "person", "id"), Text(await StateAsync(again), "person", "id"));

        // Another domain's, a name inside another's, one that is not verified, none: the same page, and nobody is made.
        foreach (var (subject, email, verified) in new[] { ("eve", "eve@evil.example", true), ("eve2", "eve@example.com.evil.example", true), ("eve3", "eve3@example.com", false), ("eve4", (string?)null, true) })
        {
            _issuer.Is(subject, email, verified);
            await RefusedAsync(403, "You have no place on this server", () => Browser().ComeAsync());
        }

        // The address of somebody who is here already makes nobody them.
        await _owner.InviteAsync("admin", "taken@example.com");
        _issuer.Is("thief", "taken@example.com");
        await RefusedAsync(409, "Somebody signs in here with your e-mail address already", () => Browser().ComeAsync());

        // An invitation lets in whoever holds it: an address that is not verified becomes nobody's name here.
        _issuer.Is("guest", "ada@example.com", verified: false);
        var link = (await _owner.SendAsync(HttpMethod.Post, "/api/v1/account/invitations", new { role = "admin", spendPerDay = 70 })).Expect(200).Data.GetProperty("url").GetString()!.Split('#')[1];
        Assert.Contains("formaction=\"/sign-in/outside\"", (await Browser().GetAsync("/invitation")).Text, StringComparison.Ordinal);
        var guest = Browser();
        Assert.Equal(303, (await guest.ComeAsync(token: link)).Status);
        state = await StateAsync(guest);
        Assert.Equal(("admin", 70, true), (Text(state, "membership", "role"), state["membership"]!["spendPerDay"]!.GetValue<int>(), state["person"]!["email"] is null));
        _issuer.Is("second", "second@evil.example");
        await RefusedAsync(403, "This link was used", () => Browser().ComeAsync(token: link));
        Assert.DoesNotContain(_issuer.Came, query => query.ToString()!.Contains(link, StringComparison.Ordinal));

        // Who knows somebody's session sees nothing of theirs; a removed one is not let in again by the domain.
        (await _owner.SendAsync(HttpMethod.Delete, $"/api/v1/account/members/{Text(await StateAsync(grace), "person", "id")}")).Expect(200);
        _issuer.Is("grace", "grace@example.com");
        Assert.Contains("You belong to no account", (await Browser().ComeAsync()).Expect(403).Text, StringComparison.Ordinal);

        var rows = await ReadAsync("select action || ' ' || coalesce(after_change, '') from audit_log where action = 'member.joined' order by number");
        Assert.Contains(rows, row => row.Contains("\"by\":\"domain\"", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains(FakeIssuer.ClientSecret, StringComparison.Ordinal) || line.Contains(link, StringComparison.Ordinal) || line.Contains(guest.Session!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_forged_replayed_or_late_is_refused_and_leaves_nothing()
    {
        _issuer.Is("grace", "grace@example.com");

        // Tokens that the issuer, or somebody in between, made wrong.
        (string What, Action Fault)[] faults =
        [
            ("another nonce", () => _issuer.Forge = claims => claims["nonce"] = "639000000000000000.YWJj"),
            ("no nonce", () => _issuer.Forge = claims => claims.Remove("nonce")),
            ("another issuer", () => _issuer.Forge = claims => claims["iss"] = "https://evil.example"),
            ("no issuer", () => _issuer.Forge = claims => claims.Remove("iss")),
            ("another audience", () => _issuer.Forge = claims => claims["aud"] = "another-client"),
            ("two audiences and another's party", () => _issuer.Forge = claims => (claims["aud"], claims["azp"]) = (new JsonArray("another-client", FakeIssuer.ClientId), "another-client")),
            ("no audience", () => _issuer.Forge = claims => claims.Remove("aud")),
            ("past", () => _issuer.Forge = claims => claims["exp"] = claims["iat"]!.GetValue<long>() - 3600),
            ("no end", () => _issuer.Forge = claims => claims.Remove("exp")),
            ("not yet", () => _issuer.Forge = claims => claims["nbf"] = claims["iat"]!.GetValue<long>() + 3600),
            ("no subject", () => _issuer.Forge = claims => claims.Remove("sub")),
            ("an endless subject", () => _issuer.Forge = claims => claims["sub"] = new string('s', 300)),
            ("no signature", () => _issuer.Algorithm = "none"),
            ("a signature cut off", () => _issuer.Algorithm = "stripped"),
            ("the client's secret as the key", () => _issuer.Algorithm = "HS256"),
            ("a key that it never published", () => _issuer.Algorithm = "unknown"),
            ("answers about somebody else", () => _issuer.AskedSubject = "ada"),
        ];
        foreach (var (what, fault) in faults)
        {
            _issuer.BeHonest();
            fault();
            await RefusedAsync(401, "did not come back as it began", () => Browser().ComeAsync(), what);
        }

        // Callbacks that nobody, somebody else, or the same browser sends a second time.
        _issuer.BeHonest();
        (string What, Func<Task<Reply>> Send)[] callbacks =
        [
            ("nothing", () => Browser().BackAsync("/sign-in/outside/callback")),
            ("a made up state", async () => await Browser().BackAsync((await CallbackAsync(Browser())).Split("&state=")[0] + "&state=bWFkZSB1cA")),
            ("no state", async () => await Browser().BackAsync((await CallbackAsync(Browser())).Split("&state=")[0])),
            ("another browser's", async () => await Browser().BackAsync(await CallbackAsync(Browser()))),
            ("another attempt's state", async () =>
            {
                var browser = Browser();
                var (one, two) = (await CallbackAsync(browser), await CallbackAsync(browser));
                return await browser.BackAsync(one.Split("&state=")[0] + "&state=" + two.Split("&state=")[1]);
            }),
            ("a made up code", async () =>
            {
                var browser = Browser();
                return await browser.BackAsync("/sign-in/outside/callback?code=made-up&state=" + (await CallbackAsync(browser)).Split("&state=")[1]);
            }),
            ("an error of the issuer", async () =>
            {
                var browser = Browser();
                return await browser.BackAsync("/sign-in/outside/callback?error=access_denied&state=" + (await CallbackAsync(browser)).Split("&state=")[1]);
            }),
        ];
        foreach (var (what, send) in callbacks)
        {
            await RefusedAsync(401, "did not come back as it began", send, what);
        }

        var kept = Browser();
        _issuer.CodesWorkTwice = true;
        var callback = await CallbackAsync(kept);
        var before = new Dictionary<string, string>(kept.Cookies);
        Assert.Equal(303, (await kept.BackAsync(callback)).Status);
        await RefusedAsync(401, "did not come back", () => Browser(before).BackAsync(callback), "a replay with the cookies of then");
        await RefusedAsync(401, "did not come back", () => kept.BackAsync(callback), "a replay");

        var late = Browser();
        callback = await CallbackAsync(late);
        _clock.Advance(TimeSpan.FromMinutes(16));
        await RefusedAsync(401, "did not come back", () => late.BackAsync(callback), "after sixteen minutes");

        // A page of another site begins nothing, and an issuer that is away says so.
        var forged = new HttpRequestMessage(HttpMethod.Post, "/sign-in/outside") { Content = new FormUrlEncodedContent([]) };
        forged.Headers.Add("Origin", "https://evil.example");
        Assert.Equal(403, (await _zoetrope.Api.SendAsync(forged)).Status);
    }

    [Fact]
    public async Task A_signed_in_person_adds_a_login_proves_with_it_and_keeps_a_way_in()
    {
        _issuer.Is("ada-there", "ada@elsewhere.example");
        var browser = Browser();
        browser.Cookies["zt"] = _owner.Cookie!.Split('=')[1];

        Assert.Equal(401, (await Browser().BeginAsync("link")).Status);
        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Contains("Prove that it is you first", (await browser.BeginAsync("link")).Expect(403).Text, StringComparison.Ordinal);
        (await _owner.SendAsync(HttpMethod.Post, "/api/v1/session/proof", new { password = TestBrowser.Password })).Expect(200);

        // Begun by one and finished by another session: nobody gets the login.
        var callback = await CallbackAsync(browser, "link");
        var other = Browser(browser.Cookies);
        other.Cookies["zt"] = (await _owner.InviteAsync("member", "lin@example.com")).Cookie!.Split('=')[1];
        await RefusedAsync(401, "signed in as somebody else", () => other.BackAsync(callback));
        Assert.Equal(303, (await browser.ComeAsync("link")).Status);
        Assert.Equal(303, (await browser.ComeAsync("link")).Status);
        var login = (await _owner.GetAsync("/api/v1/person/logins")).Expect(200).Data.GetProperty("logins").EnumerateArray().Single();
        Assert.Equal((_issuer.Address, "ada@elsewhere.example"), (login.GetProperty("issuer").GetString(), login.GetProperty("email").GetString()));
        Assert.Single(await ReadAsync("select action from audit_log where action = 'person.login_added'"));
        Assert.Contains("ada@elsewhere.example", (await browser.GetAsync("/account/security")).Text, StringComparison.Ordinal);

        // It is hers and nobody else's now, and a second browser comes in with it as her.
        await RefusedAsync(409, "somebody else signs in here", () => other.ComeAsync("link"));
        var second = Browser();
        Assert.Equal(303, (await second.ComeAsync()).Status);
        Assert.Equal(_owner.PersonId, Text(await StateAsync(second), "person", "id"));

        // An old session is proved by asking the issuer again; one that only remembers her does not count.
        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("PROOF_NEEDED", (await _owner.SendAsync(HttpMethod.Post, "/api/v1/person/recovery-codes")).Code);
        _issuer.Forge = claims => claims["auth_time"] = _clock.GetUtcNow().ToUnixTimeSeconds() - 3600;
        await RefusedAsync(401, "did not ask you again", () => browser.ComeAsync("prove"));
        _issuer.Is("somebody-else");
        await RefusedAsync(401, "signed in as somebody else", () => browser.ComeAsync("prove"));
        _issuer.Is("ada-there");
        _issuer.Forge = claims => claims["auth_time"] = _clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(303, (await browser.ComeAsync("prove")).Status);
        Assert.Equal(("login", "0"), (_issuer.Came.Last()["prompt"].ToString(), _issuer.Came.Last()["max_age"].ToString()));
        Assert.Equal("INVALID_OPERATION", (await _owner.SendAsync(HttpMethod.Post, "/api/v1/person/recovery-codes")).Code);

        // A sign-in proves as much as the issuer says.
        _issuer.Forge = claims => claims["auth_time"] = _clock.GetUtcNow().ToUnixTimeSeconds() - 3600;
        Assert.Equal(303, (await second.ComeAsync()).Status);
        Assert.Equal(403, (await second.BeginAsync("link")).Status);

        var path = $"/api/v1/person/logins/{login.GetProperty("id").GetString()}";
        Assert.Equal("PERSON_NOT_FOUND", (await (await SignedInAsync("lin@example.com")).SendAsync(HttpMethod.Delete, path)).Code);
        (await _owner.SendAsync(HttpMethod.Delete, path)).Expect(200);
        Assert.Equal("PERSON_NOT_FOUND", (await _owner.SendAsync(HttpMethod.Delete, path)).Code);
        Assert.Single(await ReadAsync("select action from audit_log where action = 'person.login_removed'"));
        _issuer.BeHonest();
        await RefusedAsync(403, "You have no place", () => Browser().ComeAsync());

        // Whoever has only a login cannot remove it; with a password they can.
        _issuer.Is("grace", "grace@example.com");
        var grace = Browser();
        Assert.Equal(303, (await grace.ComeAsync()).Status);
        var hers = new TestBrowser(_zoetrope) { Cookie = grace.Session };
        path = $"/api/v1/person/logins/{(await hers.GetAsync("/api/v1/person/logins")).Data.GetProperty("logins")[0].GetProperty("id").GetString()}";
        Assert.Equal("INVALID_OPERATION", (await hers.SendAsync(HttpMethod.Delete, path)).Code);
        Assert.Equal(409, (await grace.PostAsync("/account/security", ("action", "login"), ("id", path.Split('/')[^1]))).Status);
        Assert.Equal("SIGN_IN_FAILED", (await new TestBrowser(_zoetrope) { Email = "grace@example.com" }.SignInAsync()).Code);
        (await hers.SendAsync(HttpMethod.Put, "/api/v1/person/password", new { password = TestBrowser.Password })).Expect(200);
        (await grace.PostAsync("/account/security", ("action", "login"), ("id", path.Split('/')[^1]))).Expect(200);
        (await SignedInAsync("grace@example.com")).ToString();
    }

    [Fact]
    public async Task A_claim_gives_changes_and_takes_roles_and_leaves_what_an_owner_gave()
    {
        // Some issuers say groups only to whoever asks with the access token.
        _issuer.OnlyAsked = ["groups", "email", "email_verified"];
        _issuer.Is("grace", "grace@evil.example", groups: ["cooks", "makers"]);
        var grace = Browser();
        Assert.Equal(303, (await grace.ComeAsync()).Status);
        var id = Text(await StateAsync(grace), "person", "id");
        Assert.Equal("member", Text(await StateAsync(grace), "membership", "role"));

        await BecomesAsync("grace", ["payers"], "billing");
        await BecomesAsync("grace", ["payers", "chiefs"], "owner");
        await BecomesAsync("grace", [], null);
        await BecomesAsync("grace", ["makers"], "member");

        // By hand it is no longer the claim's.
        (await _owner.SendAsync(HttpMethod.Patch, $"/api/v1/account/members/{id}", new { role = "admin" })).Expect(200);
        await BecomesAsync("grace", ["payers"], "admin");
        await BecomesAsync("grace", [], "admin");

        // The last owner stays one, whatever the claim says.
        await BecomesAsync("lin", ["chiefs"], "owner");
        var lin = new TestBrowser(_zoetrope) { Cookie = Last!.Session };
        (await lin.SendAsync(HttpMethod.Delete, $"/api/v1/account/members/{_owner.PersonId}")).Expect(200);
        await BecomesAsync("lin", ["makers"], "owner");
        await BecomesAsync("lin", [], "owner");

        var rows = await ReadAsync($"select action from audit_log where person_id = '{id}' order by number");
        Assert.Equal(["member.joined", "member.changed", "member.changed", "member.removed", "member.joined"], rows);
    }

    private OutsideBrowser? Last { get; set; }

    private async Task BecomesAsync(string subject, string[] groups, string? role)
    {
        _issuer.Is(subject, groups: groups);
        Last = Browser();
        var reply = await Last.ComeAsync();
        Assert.Equal(role is null ? 403 : 303, reply.Status);
        Assert.True(role is null || Text(await StateAsync(Last), "membership", "role") == role, $"{subject} with {string.Join(", ", groups)}");
    }

    private protected OutsideBrowser Browser(Dictionary<string, string>? cookies = null) => new(_zoetrope, _issuer) { Cookies = new(cookies ?? []) };

    private static async Task<string> CallbackAsync(OutsideBrowser browser, string purpose = "come") => await browser.ThereAsync(await browser.BeginAsync(purpose));

    private async Task<TestBrowser> SignedInAsync(string email)
    {
        var browser = new TestBrowser(_zoetrope) { Email = email };
        (await browser.SignInAsync()).Expect(200);
        return browser;
    }

    private async Task RefusedAsync(int status, string words, Func<Task<Reply>> act, string what = "")
    {
        var before = await ReadAsync(Everything);
        var reply = await act();
        Assert.True(reply.Status == status && reply.Text.Contains(words, StringComparison.Ordinal), $"{what}: {reply.Status} {reply.Text}");
        Assert.Equal(before, await ReadAsync(Everything));
    }

    private const string Everything =
        """
        select (select count(*) from people) || ' ' || (select count(*) from outside_logins) || ' ' || (select count(*) from memberships) || ' '
            || (select count(*) from api_keys) || ' ' || (select count(*) from sessions where proved_at > 1) || ' ' || (select count(*) from audit_log)
        """;

    private ValueTask<List<string>> ReadAsync(string sql) => _zoetrope.Services.GetRequiredService<Database>().ReadAsync(async session => await session.QueryAsync<string>(sql));

    private async Task<JsonNode> StateAsync(OutsideBrowser browser) => JsonNode.Parse(
        (await new TestBrowser(_zoetrope) { Cookie = browser.Session }.GetAsync("/api/v1/session")).Expect(200).Data.GetRawText())!;

    private static string? Text(JsonNode state, string part, string name) => state[part]![name]?.GetValue<string>();
}

public sealed class SqliteOutsideTests : OutsideConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;

    [Fact]
    public async Task An_issuer_that_is_away_is_named_and_its_new_keys_are_fetched()
    {
        Issuer.IsAway = true;
        Assert.Contains("The issuer does not answer", (await Browser().BeginAsync()).Expect(503).Text, StringComparison.Ordinal);
        Issuer.IsAway = false;
        Issuer.Is("grace", "grace@example.com");
        await Until.HoldsAsync(async () => (await Browser().BeginAsync()).Status == 200);
        Assert.Equal(303, (await Browser().ComeAsync()).Status);
    }

    [Fact]
    public async Task Without_the_settings_there_is_no_button_and_no_way()
    {
        await using var plain = await TestZoetrope.StartAsync();
        var browser = new OutsideBrowser(plain, Issuer);

        Assert.DoesNotContain("outside", (await browser.GetAsync("/sign-in")).Expect(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("outside", (await browser.GetAsync("/invitation")).Expect(200).Text, StringComparison.Ordinal);
        Assert.Equal((409, 409), ((await browser.BeginAsync()).Status, (await browser.GetAsync("/sign-in/outside/callback")).Status));
        Assert.False(Directory.EnumerateFiles(plain.DataDirectory, "key-*.xml", SearchOption.AllDirectories).Any());
    }
}

public sealed class PostgresOutsideTests : OutsideConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    [Fact]
    public async Task What_one_node_began_another_finishes_once()
    {
        await using var two = await TestZoetrope.StartAsync(new TestServer { Postgres = Zoetrope.Postgres, Settings = Issuer.Settings });
        Issuer.Is("grace", "grace@example.com");
        Issuer.CodesWorkTwice = true;
        var browser = Browser();
        var callback = await browser.ThereAsync(await browser.BeginAsync());
        var kept = Browser(browser.Cookies);

        // The second node's settings let nobody join; a sign-in that it refused has come back all the same.
        Assert.Equal(403, (await browser.BackAsync(callback, two)).Status);
        Assert.Equal(401, (await kept.BackAsync(callback)).Status);
        Assert.Equal(303, (await Browser().ComeAsync()).Status);
        browser = Browser();
        callback = await browser.ThereAsync(await browser.BeginAsync());
        Assert.Equal(303, (await browser.BackAsync(callback, two)).Status);
    }
}
