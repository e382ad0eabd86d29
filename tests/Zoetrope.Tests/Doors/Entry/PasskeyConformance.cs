using System.Text.Json.Nodes;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry;

/// <summary>Passkeys: made once, used without a name, and refused in every way in which somebody could bend a ceremony.</summary>
public abstract class PasskeyConformance : IAsyncLifetime
{
    private readonly MovedClock _clock = new();
    private TestZoetrope _zoetrope = null!;
    private TestBrowser _ada = null!;
    private string _origin = "";

    private protected abstract SqlDialect Dialect { get; }

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = _clock });
        _ada = await TestBrowser.OperatorAsync(_zoetrope);

        // A passkey is of a name, and an address is none.
        _origin = $"http://localhost:{_zoetrope.Api.Address.Port}";
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
    public async Task A_passkey_signs_in_without_name_password_or_code_and_no_longer_once_it_is_removed()
    {
        using var authenticator = new SoftAuthenticator(_origin);
        var made = (await MakeAsync(_ada, authenticator, "Laptop")).Expect(200).Data.GetProperty("passkeys");
        var id = made[0].GetProperty("id").GetString();
        Assert.Equal("Laptop", made[0].GetProperty("name").GetString());
        Assert.Equal("SIGN_IN_FAILED", (await MakeAsync(_ada, new SoftAuthenticator("http://evil.example"), "x")).Code);

        var browser = new TestBrowser(_zoetrope);
        var used = (await UseAsync(browser, authenticator)).Expect(200);
        Assert.Equal("ada@example.com", used.Data.GetProperty("person").GetProperty("email").GetString());
        browser.Cookie = used.Headers.GetValues("Set-Cookie").Single(set => set.StartsWith("zt=", StringComparison.Ordinal)).Split(';')[0];
        (await browser.GetAsync("/api/v1/session")).Expect(200);
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, (await browser.GetAsync("/api/v1/person/passkeys")).Data.GetProperty("passkeys")[0].GetProperty("usedAt").ValueKind);

        (await _ada.SendAsync(HttpMethod.Delete, $"/api/v1/person/passkeys/{id}")).Expect(200);
        Assert.Equal("PERSON_NOT_FOUND", (await _ada.SendAsync(HttpMethod.Delete, $"/api/v1/person/passkeys/{id}")).Code);
        Assert.Equal("SIGN_IN_FAILED", (await UseAsync(new TestBrowser(_zoetrope), authenticator)).Code);
    }

    [Fact]
    public async Task A_bent_ceremony_is_refused()
    {
        using var authenticator = new SoftAuthenticator(_origin);
        (await MakeAsync(_ada, authenticator, "Laptop")).Expect(200);
        var browser = new TestBrowser(_zoetrope);

        var (options, state) = await BeginAsync(browser, "/api/v1/session/passkey/options");
        var good = authenticator.Get(options);
        Assert.Equal("SIGN_IN_FAILED", (await FinishAsync(browser, "/api/v1/session/passkey", good, null)).Code);
        (await FinishAsync(browser, "/api/v1/session/passkey", good, state)).Expect(200);

        // The answer to another question, a changed one, one for another purpose, and one that took too long.
        var (other, otherState) = await BeginAsync(browser, "/api/v1/session/passkey/options");
        Assert.Equal("SIGN_IN_FAILED", (await FinishAsync(browser, "/api/v1/session/passkey", good, otherState)).Code);
        var changed = authenticator.Get(other);
        changed["response"]!["authenticatorData"] = changed["response"]!["clientDataJSON"]!.GetValue<string>();
        Assert.Equal("SIGN_IN_FAILED", (await FinishAsync(browser, "/api/v1/session/passkey", changed, otherState)).Code);
        var (making, makingState) = await BeginAsync(_ada, "/api/v1/person/passkeys/options");
        Assert.Equal("SIGN_IN_FAILED", (await FinishAsync(browser, "/api/v1/session/passkey", authenticator.Get(making), makingState)).Code);
        Assert.Equal("INVALID_PARAMETER", (await browser.SendAsync(HttpMethod.Post, "/api/v1/session/passkey", new { credential = "x" })).Code);
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("SIGN_IN_FAILED", (await FinishAsync(browser, "/api/v1/session/passkey", authenticator.Get(other), otherState)).Code);

        using var stranger = new SoftAuthenticator(_origin) { UserHandle = authenticator.UserHandle };
        Assert.Equal("SIGN_IN_FAILED", (await UseAsync(browser, stranger)).Code);
        using var unverified = new SoftAuthenticator(_origin) { Verifies = false };
        Assert.Equal("SIGN_IN_FAILED", (await MakeAsync(_ada, unverified, "x")).Code);

        // A member's authenticator does not answer for another person.
        var grace = await _ada.InviteAsync("member", "grace@example.com");
        var (hers, herState) = await BeginAsync(grace, "/api/v1/person/passkeys/options");
        Assert.Equal("SIGN_IN_FAILED", (await FinishAsync(_ada, "/api/v1/person/passkeys", new SoftAuthenticator(_origin).Create(hers), herState)).Code);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("PROOF_NEEDED", (await MakeAsync(_ada, new SoftAuthenticator(_origin), "x")).Code);
    }

    private async Task<Reply> MakeAsync(TestBrowser browser, SoftAuthenticator authenticator, string name)
    {
        var begun = await SendAsync(browser, "/api/v1/person/passkeys/options", null, null);
        return begun.Status != 200 ? begun : await FinishAsync(browser, "/api/v1/person/passkeys", authenticator.Create(begun.Data.GetProperty("options")), StateOf(begun), name);
    }

    private async Task<Reply> UseAsync(TestBrowser browser, SoftAuthenticator authenticator)
    {
        var (options, state) = await BeginAsync(browser, "/api/v1/session/passkey/options");
        return await FinishAsync(browser, "/api/v1/session/passkey", authenticator.Get(options), state);
    }

    private async Task<(System.Text.Json.JsonElement Options, string State)> BeginAsync(TestBrowser browser, string path)
    {
        var begun = (await SendAsync(browser, path, null, null)).Expect(200);
        return (begun.Data.GetProperty("options"), StateOf(begun));
    }

    private Task<Reply> FinishAsync(TestBrowser browser, string path, JsonObject credential, string? state, string? name = null)
    {
        var body = new JsonObject { ["credential"] = credential.DeepClone() };
        if (name is not null)
        {
            body["name"] = name;
        }

        return SendAsync(browser, path, body, state);
    }

    private Task<Reply> SendAsync(TestBrowser browser, string path, object? body, string? state) => browser.SendAsync(
        HttpMethod.Post, path, body, ("Cookie", string.Join("; ", new[] { browser.Cookie, state }.OfType<string>())), ("Origin", _origin), ("Host", new Uri(_origin).Authority));

    private static string StateOf(Reply reply) => reply.Headers.GetValues("Set-Cookie").Single(set => set.StartsWith("zt-passkey=", StringComparison.Ordinal)).Split(';')[0];
}

public sealed class SqlitePasskeyTests : PasskeyConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresPasskeyTests : PasskeyConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
