using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>Somebody who calls, and the requests that they would send.</summary>
internal sealed record IsolationCaller(string Name, Func<HttpMethod, string, string?, Task<Reply>> SendAsync)
{
    /// <summary>What they may do; null for nobody.</summary>
    public string? Role { get; init; }

    public override string ToString() => Name;
}

/// <summary>An account with one thing of every kind, and everybody who is not its owner.</summary>
internal sealed class IsolationScene(TestZoetrope zoetrope, TestBrowser owner) : IDisposable
{
    private readonly List<OAuthBrowser> _programs = [];
    private string _key = "";
    private int _address;

    public Dictionary<string, string[]> Things { get; } = [];

    public List<IsolationCaller> Strangers { get; } = [];

    /// <summary>Of the account itself: another member, and a key of the other mode.</summary>
    public IsolationCaller Colleague { get; private set; } = null!;

    public IsolationCaller OtherMode { get; private set; } = null!;

    /// <summary>Those whose rights the walk over all endpoints holds against the rules.</summary>
    public List<IsolationCaller> Callers { get; } = [];

    public string AccountId => owner.AccountId;

    private ZoetropeApi Api => zoetrope.Api;

    private Database Database => zoetrope.Services.GetRequiredService<Database>();

    public static async Task<IsolationScene> MakeAsync(TestZoetrope zoetrope)
    {
        var scene = new IsolationScene(zoetrope, await TestBrowser.OperatorAsync(zoetrope));
        await scene.MakeThingsAsync();
        await scene.MakeStrangersAsync();
        return scene;
    }

    public void Dispose() => _programs.ForEach(static program => program.Dispose());

    /// <summary>What the account's owner sees of everything, and what its log says: a stranger changes none of it.</summary>
    public async Task<string> SeenAsync()
    {
        var parts = new List<string>();
        foreach (var kind in new[] { "tasks", "batches", "webhooks", "budgets", "keys", "grants" })
        {
            var path = $"/api/v1/{kind}/{Things[$"/api/v1/{kind}/"][0]}";
            parts.Add((await Api.SendAsync(HttpMethod.Get, path, _key)).Expect(200).Text);
        }

        foreach (var path in new[] { "/api/v1/account/members", "/api/v1/account/invitations" })
        {
            parts.Add((await owner.GetAsync(path)).Expect(200).Text);
        }

        parts.AddRange(await Database.ReadAsync(async session => await session.QueryAsync<string>(
            """
            select 'sessions ' || count(*) from api_keys where kind = 'session' and account_id = @AccountId and revoked_at is null
            union all select 'passkeys ' || count(*) from passkeys union all select 'logins ' || count(*) from outside_logins
            union all select 'audit ' || count(*) from audit_log where account_id = @AccountId
            """,
            new { AccountId })));
        return string.Join('\n', parts);
    }

    private async Task MakeThingsAsync()
    {
        foreach (var mode in new[] { "test", "live" })
        {
            (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{AccountId}/grants", new { mode, amount = 100_000, reason = "test" })).Expect(200);
        }

        var colleague = await owner.InviteAsync("member", "colleague@example.com");
        Colleague = Of("a colleague", owner, "owner");
        _key = await Api.CreateKeyAsync(AccountId, limits: new { scopes = new[] { "generate", "read", "keys", "members", "budgets", "audit" } });
        var live = await Api.CreateKeyAsync(AccountId, "live", new { scopes = new[] { "generate", "read", "keys", "members", "budgets", "audit" } });
        OtherMode = Of("the account's key of the other mode", live, null);
        var task = await MadeAsync("/api/v1/generate", new { model = "nano-banana-text-to-image", prompt = "a fox" });
        await Api.WaitAsync(new Customer(AccountId, _key), task);
        var webhook = await MadeAsync("/api/v1/webhooks", new { url = "https://hooks.invalid/" });
        var video = (await Api.SendAsync(HttpMethod.Post, "/v1/videos", _key, """{"model":"seedance-2-0","prompt":"a red fox","seconds":"4","size":"1280x720"}""")).Expect(200).Json.GetProperty("id").GetString()!;
        await Api.WaitAsync(new Customer(AccountId, _key), video);
        var batch = await MadeAsync("/api/v1/batches", new { requests = new[] { new { model = "nano-banana-text-to-image", prompt = "a fox" } } });
        await Until.SeesAsync(() => Api.SendAsync(HttpMethod.Get, $"/api/v1/batches/{batch}", _key), static reply => reply.Data.GetProperty("status").GetString() is "completed", Until.Patience, "the batch's end");
        var (program, _) = await OAuthBrowser.ConnectAsync(Api, _key);
        _programs.Add(program);

        Things["/api/v1/tasks/"] = [task];
        Things["/api/v1/batches/"] = [batch];
        Things["/v1/videos/"] = [video];
        Things["/api/v1/webhooks/"] = [webhook, await MadeAsync($"/api/v1/webhooks/{webhook}/test", new { })];
        Things["/api/v1/budgets/"] = [await MadeAsync("/api/v1/budgets", new { name = "b", scope = "account", period = "month", limit = 1_000_000_000 })];
        Things["/api/v1/keys/"] = [await MadeAsync("/api/v1/keys", new { name = "k" })];
        Things["/api/v1/grants/"] = [(await Api.SendAsync(HttpMethod.Get, "/api/v1/grants", _key)).Expect(200).Data.GetProperty("grants")[0].GetProperty("id").GetString()!];
        Things["/api/v1/account/members/"] = [colleague.PersonId];
        Things["/api/v1/account/invitations/"] = [(await owner.SendAsync(HttpMethod.Post, "/api/v1/account/invitations", new { role = "viewer" })).Expect(200).Data.GetProperty("id").GetString()!];
        Things["/api/v1/sessions/"] = [(await colleague.GetAsync("/api/v1/session")).Expect(200).Data.GetProperty("sessionId").GetString()!];
        Things["/api/v1/person/passkeys/"] = ["pass_01m8p24y0q0005frs7m5pmv6fz"];
        Things["/api/v1/person/logins/"] = ["login_01m8p24y0q0005frs7m5pmv6fz"];
        Things["/admin/v1/accounts/"] = [AccountId, Things["/api/v1/keys/"][0]];
        Things["/admin/v1/tasks/"] = [task];
        Things["/admin/v1/suspense/"] = [task];
        Things["/admin/v1/people/"] = [colleague.PersonId];
        Things["/admin/v1/vouchers/"] = [(await Api.OperateAsync(HttpMethod.Post, "/admin/v1/vouchers", new { mode = "test", count = 1, credits = 5 })).Expect(200).Data.GetProperty("batch").GetProperty("id").GetString()!];
        Things["/admin/v1/cases/"] = ["case_01m8p24y0q0005frs7m5pmv6fz"];
        await Database.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(
                "insert into passkeys (id, person_id, credential_id, public_key, sign_count, is_user_verified, is_backup_eligible, is_backed_up, attestation, client_data, created_at) values (@id, @person, @bytes, @bytes, 0, 1, 0, 0, @bytes, @bytes, 1)",
                new { id = Things["/api/v1/person/passkeys/"][0], person = colleague.PersonId, bytes = new byte[] { 1 } });
            await tx.ExecuteAsync(
                "insert into outside_logins (id, person_id, issuer, subject, created_at, used_at) values (@id, @person, 'https://issuer.example', 's', 1, 1)",
                new { id = Things["/api/v1/person/logins/"][0], person = colleague.PersonId });
        });
    }

    private async Task MakeStrangersAsync()
    {
        var elsewhere = await Api.CreateCustomerAsync(keyLimits: new { scopes = new[] { "generate", "read", "keys", "members", "budgets", "audit" } });
        foreach (var role in new[] { "owner", "admin", "member", "viewer", "billing" })
        {
            var url = (await Api.SendAsync(HttpMethod.Post, "/api/v1/account/invitations", elsewhere.Key, JsonSerializer.Serialize(new { role }))).Expect(200).Data.GetProperty("url").GetString()!;
            var guest = new TestBrowser(zoetrope) { Email = $"{role}@elsewhere.example" };
            guest.Came((await guest.SendAsync(HttpMethod.Post, "/api/v1/invitations/accept", new { token = url.Split('#')[1], name = role, email = guest.Email, password = TestBrowser.Password })).Expect(200));
            Strangers.Add(Of(role, guest, role));
        }

        var (program, tokens) = await OAuthBrowser.ConnectAsync(Api, elsewhere.Key);
        _programs.Add(program);
        Strangers.Add(Of("key", elsewhere.Key, null));
        Strangers.Add(Of("grant", tokens.Access, null));
        Strangers.Add(Of("nobody", (string?)null, null));
        Callers.AddRange(Strangers);
        Callers.Add(Of("narrow key", await Api.CreateKeyAsync(elsewhere.AccountId, limits: new { scopes = new[] { "read" } }), null));
        Callers.Add(Of("operator's key", TestZoetrope.OperatorKey, null));
    }

    private async Task<string> MadeAsync(string path, object body) =>
        (await Api.SendAsync(HttpMethod.Post, path, _key, JsonSerializer.Serialize(body))).Expect(200).Data.GetProperty("id").GetString()!;

    private static IsolationCaller Of(string name, TestBrowser browser, string role) =>
        new(name, (method, path, body) => browser.SendAsync(method, path, body is null ? null : JsonDocument.Parse(body).RootElement)) { Role = role };

    private IsolationCaller Of(string name, string? key, string? role) => new(name, (method, path, body) =>
    {
        // From an address of its own each time: so many wrong keys from one would only be told to wait.
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Forwarded-For", $"10.{++_address >> 16}.{(_address >> 8) & 255}.{_address & 255}");
        if (key is not null)
        {
            request.Headers.Add("Authorization", $"Bearer {key}");
        }

        return Api.SendAsync(request);
    })
    {
        Role = role,
    };
}
