using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Doors.Entry;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Audit;

/// <summary>Every change by anyone is one row of the audit log, and nothing else is.</summary>
public abstract class AuditConformance
{
    // A generation, and what belongs to it, is in the event log and in the ledger; the rest changes nothing that lasts.
    private static readonly Dictionary<string, string> Exempt = new()
    {
        ["POST /api/v1/generate"] = "a generation",
        ["POST /api/v1/estimate"] = "changes nothing",
        ["POST /api/v1/tools/upscale-image"] = "a generation",
        ["POST /api/v1/tools/upscale-video"] = "a generation",
        ["POST /api/v1/batches"] = "generations",
        ["POST /api/v1/batches/{id}/cancel"] = "generations",
        ["DELETE /api/v1/tasks/{id}"] = "cancels a generation",
        ["POST /api/v1/upload"] = "an input of generations",
        ["PUT /uploads/{key}"] = "an input of generations",
        ["POST /v1/images/generations"] = "a generation",
        ["POST /v1/images/edits"] = "a generation",
        ["POST /v1/videos"] = "a generation",
        ["DELETE /v1/videos/{id}"] = "cancels a generation, or deletes what it made",
        ["POST /hooks/{provider}/{token}"] = "a vendor's hint",
        ["POST /"] = "VicSee's address of the same tools",
        ["POST /mcp/"] = "tools that make generations",
        ["POST /mcp"] = "tools that make generations",
        ["DELETE /mcp"] = "a session without state",
        ["POST /oauth/token"] = "tokens of a grant; the theft of one ends the grant, which is a row",
        ["POST /oauth/register"] = "anonymous, and worth nothing before the consent page",
        ["POST /oauth/authorize"] = "the consent page: tested apart",
        ["POST /token"] = "as /oauth/token",
        ["POST /register"] = "as /oauth/register",
        ["POST /authorize"] = "as /oauth/authorize",
        ["POST /oauth/revoke"] = "tested apart",
        ["POST /api/v1/session"] = "signing in: a session is a row of its own, with its browser and its last use",
        ["PATCH /api/v1/session"] = "what a browser shows",
        ["DELETE /api/v1/session"] = "signing out",
        ["DELETE /api/v1/sessions/{id}"] = "signing out",
        ["POST /api/v1/session/proof"] = "a proof of ten minutes",
        ["POST /api/v1/session/passkey/options"] = "changes nothing",
        ["POST /api/v1/session/passkey"] = "signing in",
        ["POST /api/v1/person/passkeys/options"] = "changes nothing",
        ["POST /api/v1/person/passkeys"] = "a ceremony: PasskeyConformance",
        ["DELETE /api/v1/person/passkeys/{id}"] = "after a ceremony: PasskeyConformance",
        ["POST /api/v1/person/authenticator"] = "counts with its first code",
        ["POST /api/v1/welcome"] = "tested apart",
        ["POST /admin/v1/providers/{provider}/test"] = "changes nothing",
        ["POST /welcome"] = "the form of the same",
        ["POST /invitation"] = "the form of POST /api/v1/invitations/accept",
        ["POST /sign-in"] = "signing in",
        ["POST /account/security"] = "the forms of /api/v1/person",
        ["POST /sign-in/outside"] = "begins a sign-in; what comes of it is in OutsideConformance",
        ["DELETE /api/v1/person/logins/{id}"] = "after a sign-in elsewhere: OutsideConformance",
    };

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task Every_endpoint_that_changes_something_leaves_one_row_and_a_refusal_none()
    {
        var scene = await AuditScene.StartAsync(Dialect);
        await using var zoetrope = scene.Zoetrope;
        var api = scene.Api;
        var customer = await api.CreateCustomerAsync(mode: "test");
        var account = $"/admin/v1/accounts/{customer.AccountId}";
        var task = (await api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt = "a prompt that nobody may read" } })).Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(customer, task);
        var lost = (await api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[unknown-outcome]] a prompt that nobody may read" } })).Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(customer, lost);
        await scene.ExecuteAsync(
            "insert into cases (id, kind, provider, key_id, subject, detail, opened_at) values ('case_01m8p24y0q0005frs7m5pmv6fz', 'extra', 'fal', 'k', 's', 'd', 1)");
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(api, customer.Key);
        using var _ = browser;
        var grant = (await api.GetAsync(customer, "/api/v1/grants")).Expect(200).Data.GetProperty("grants")[0].GetProperty("id").GetString()!;
        var keeper = await api.CreateKeyAsync(customer.AccountId, limits: new { scopes = new[] { "generate", "read", "keys", "budgets" } });
        var owner = await TestBrowser.OperatorAsync(zoetrope);
        var guest = new TestBrowser(zoetrope) { Email = "guest@example.com" };
        var (webhook, delivery, made, id, token, app, code, secrets) = ("", "", "", "", "", "", "", new List<string> { TestBrowser.Password, customer.Key, TestZoetrope.OperatorKey, "nobody may read", "path-secret", "query-secret", tokens.Access, tokens.Refresh });

        // In order: what one makes, the next changes. Of each: its route, the call, the action, and a call that is refused.
        (string Route, Func<Task<Reply>> Act, string Action, Func<Task<Reply>> Refused)[] steps =
        [
            Operate("POST /admin/v1/accounts", "/admin/v1/accounts", new { name = "A", plan = "pro" }, "account.created", new { name = "A", plan = "gold" }),
            Operate("PATCH /admin/v1/accounts/{accountId}", account, new { plan = "enterprise" }, "account.changed", new { plan = "gold" }),
            Operate("POST /admin/v1/accounts/{accountId}/keys", $"{account}/keys", new { name = "k", mode = "test" }, "key.created", new { name = "k", mode = "both" }),
            ("POST /admin/v1/accounts/{accountId}/keys/{keyId}/rotate", () => OperateAsync("POST", $"{account}/keys/{made}/rotate", new { graceSeconds = 60 }), "key.rotated", () => OperateAsync("POST", $"{account}/keys/key_nothing/rotate", new { })),
            ("DELETE /admin/v1/accounts/{accountId}/keys/{keyId}", () => OperateAsync("DELETE", $"{account}/keys/{made}"), "key.revoked", () => OperateAsync("DELETE", $"{account}/keys/key_nothing")),
            Operate("PATCH /admin/v1/accounts/{accountId}/keys/{keyId}", $"{account}/keys/{grant}", new { spendPerDay = 500 }, "grant.changed", new { spendPerDay = 0 }),
            Operate("POST /admin/v1/accounts/{accountId}/grants", $"{account}/grants", new { mode = "test", amount = 5, reason = "r", reference = "once" }, "credits.granted", new { mode = "test", amount = 0 }),
            Operate("POST /admin/v1/accounts/{accountId}/adjustments", $"{account}/adjustments", new { mode = "test", amount = -5, reason = "r" }, "credits.adjusted", new { mode = "test", amount = -1_000_000_000, reason = "r" }),
            Operate("POST /admin/v1/accounts/{accountId}/refunds", $"{account}/refunds", new { taskId = task, amount = 1 }, "credits.refunded", new { taskId = task, amount = 1_000_000 }),
            Operate("POST /admin/v1/suspense/{taskId}/resolve", $"/admin/v1/suspense/{lost}/resolve", new { charged = false, reason = "r" }, "suspense.resolved", new { charged = false, reason = "again" }),
            Operate("POST /admin/v1/cases/{caseId}/close", "/admin/v1/cases/case_01m8p24y0q0005frs7m5pmv6fz/close", new { reason = "r" }, "case.closed", new { reason = "again" }),
            ("POST /admin/v1/tasks/{taskId}/reveal", () => OperateAsync("POST", $"/admin/v1/tasks/{task}/reveal", new { reason = "r" }), "prompt.revealed", () => OperateAsync("POST", $"/admin/v1/tasks/{task}/reveal", new { })),
            Operate("POST /admin/v1/vouchers", "/admin/v1/vouchers", new { count = 2, mode = "test", credits = 5, note = "n" }, "vouchers.made", new { count = 0, mode = "test", credits = 5 }),
            ("POST /api/v1/vouchers/redeem", () => CallAsync("POST", "/api/v1/vouchers/redeem", new { code }), "voucher.redeemed", () => CallAsync("POST", "/api/v1/vouchers/redeem", new { code = "7K3" })),
            ("DELETE /admin/v1/vouchers/{id}", () => OperateAsync("DELETE", $"/admin/v1/vouchers/{id}"), "vouchers.revoked", () => OperateAsync("DELETE", "/admin/v1/vouchers/vch_nothing")),
            Operate("POST /admin/v1/providers/{provider}/pause", "/admin/v1/providers/bfl/pause", new { reason = "r" }, "provider.paused", new { }),
            ("POST /admin/v1/providers/{provider}/resume", () => OperateAsync("POST", "/admin/v1/providers/bfl/resume"), "provider.resumed", () => OperateAsync("POST", "/admin/v1/providers/kling/resume")),
            ("PUT /api/v1/credits/alert", () => CallAsync("PUT", "/api/v1/credits/alert", new { below = 7 }), "credits.alert_changed", () => CallAsync("PUT", "/api/v1/credits/alert", new { below = -7 })),
            ("POST /api/v1/webhooks", () => CallAsync("POST", "/api/v1/webhooks", new { url = "https://hooks.invalid/path-secret?token=query-secret" }), "webhook.created", () => CallAsync("POST", "/api/v1/webhooks", new { url = "ftp://x" })),
            ("PATCH /api/v1/webhooks/{id}", () => CallAsync("PATCH", Hook(), new { description = "d" }), "webhook.changed", () => CallAsync("PATCH", Hook(), new { url = "ftp://x" })),
            Act("POST /api/v1/webhooks/{id}/test", () => Hook("/test"), "webhook.tested"),
            Act("POST /api/v1/webhooks/{id}/deliveries/{delivery}/redeliver", () => Hook($"/deliveries/{delivery}/redeliver"), "webhook.redelivered"),
            ("POST /api/v1/webhooks/{id}/redeliver", () => CallAsync("POST", Hook("/redeliver"), new { from = "2020-01-01T00:00:00Z" }), "webhook.redelivered", () => CallAsync("POST", Hook("/redeliver"), new { })),
            Act("POST /api/v1/webhooks/{id}/rotate-secret", () => Hook("/rotate-secret"), "webhook.secret_rotated"),
            Act("POST /api/v1/webhooks/{id}/pause", () => Hook("/pause"), "webhook.paused"),
            Act("POST /api/v1/webhooks/{id}/resume", () => Hook("/resume"), "webhook.resumed"),
            ("DELETE /api/v1/webhooks/{id}", () => CallAsync("DELETE", Hook()), "webhook.deleted", () => CallAsync("DELETE", "/api/v1/webhooks/whe_nothing")),
            ("POST /api/v1/webhooks/secret", () => CallAsync("POST", "/api/v1/webhooks/secret"), "webhook.shared_secret_rotated", () => api.SendAsync(HttpMethod.Post, "/api/v1/webhooks/secret", tokens.Access)),
            ("POST /api/v1/keys", () => KeyAsync("POST", "/api/v1/keys", new { name = "own" }), "key.created", () => KeyAsync("POST", "/api/v1/keys", new { name = "own", scopes = new[] { "members" } })),
            ("PATCH /api/v1/keys/{id}", () => KeyAsync("PATCH", $"/api/v1/keys/{made}", new { spendPerDay = 5 }), "key.changed", () => KeyAsync("PATCH", $"/api/v1/keys/{made}", new { spendPerDay = 0 })),
            ("POST /api/v1/keys/{id}/rotate", () => KeyAsync("POST", $"/api/v1/keys/{made}/rotate", new { }), "key.rotated", () => KeyAsync("POST", "/api/v1/keys/key_nothing/rotate", new { })),
            ("DELETE /api/v1/keys/{id}", () => KeyAsync("DELETE", $"/api/v1/keys/{made}"), "key.revoked", () => KeyAsync("DELETE", "/api/v1/keys/key_nothing")),
            ("PATCH /api/v1/tasks/{id}", () => CallAsync("PATCH", $"/api/v1/tasks/{task}", new { star = true, collection = "foxes" }), "task.changed", () => CallAsync("PATCH", $"/api/v1/tasks/{task}", new { star = "yes" })),
            ("POST /api/v1/tasks/{id}/share", () => CallAsync("POST", $"/api/v1/tasks/{task}/share", new { words = true }), "task.shared", () => CallAsync("POST", $"/api/v1/tasks/{lost}/share", new { words = true })),
            ("DELETE /api/v1/tasks/{id}/share", () => CallAsync("DELETE", $"/api/v1/tasks/{task}/share"), "task.unshared", () => CallAsync("DELETE", $"/api/v1/tasks/{lost}/share")),
            ("DELETE /api/v1/tasks/{id}/result", () => CallAsync("DELETE", $"/api/v1/tasks/{task}/result"), "result.deleted", () => CallAsync("DELETE", $"/api/v1/tasks/{lost}/result")),
            ("POST /api/v1/budgets", () => KeyAsync("POST", "/api/v1/budgets", new { name = "b", scope = "account", period = "day", limit = 1_000_000 }), "budget.created", () => KeyAsync("POST", "/api/v1/budgets", new { name = "b", scope = "world" })),
            ("PATCH /api/v1/budgets/{id}", () => KeyAsync("PATCH", $"/api/v1/budgets/{id}", new { limit = 2_000_000 }), "budget.changed", () => KeyAsync("PATCH", $"/api/v1/budgets/{id}", new { limit = 0 })),
            ("DELETE /api/v1/budgets/{id}", () => KeyAsync("DELETE", $"/api/v1/budgets/{id}"), "budget.deleted", () => KeyAsync("DELETE", "/api/v1/budgets/budget_nothing")),
            Operate("POST /admin/v1/accounts/{accountId}/budgets", $"{account}/budgets", new { name = "b", scope = "account", period = "day", limit = 1_000_000 }, "budget.created", new { name = "b", scope = "world" }),
            ("PATCH /admin/v1/accounts/{accountId}/budgets/{id}", () => OperateAsync("PATCH", $"{account}/budgets/{id}", new { limit = 2_000_000 }), "budget.changed", () => OperateAsync("PATCH", $"{account}/budgets/{id}", new { limit = 0 })),
            ("DELETE /admin/v1/accounts/{accountId}/budgets/{id}", () => OperateAsync("DELETE", $"{account}/budgets/{id}"), "budget.deleted", () => OperateAsync("DELETE", $"{account}/budgets/budget_nothing")),
            ("POST /api/v1/account/invitations", () => OwnerAsync("POST", "/api/v1/account/invitations", new { role = "member" }), "invitation.created", () => OwnerAsync("POST", "/api/v1/account/invitations", new { role = "king" })),
            ("POST /api/v1/invitations/accept", () => ComeAsync(token), "member.joined", () => ComeAsync("x")),
            ("PATCH /admin/v1/people/{personId}", () => OperateAsync("PATCH", $"/admin/v1/people/{guest.PersonId}", new { isOperator = true }), "person.operator_changed", () => OperateAsync("PATCH", $"/admin/v1/people/{owner.PersonId}", new { isOperator = false })),
            ("DELETE /admin/v1/people/{personId}/sessions", () => OperateAsync("DELETE", $"/admin/v1/people/{guest.PersonId}/sessions"), "person.signed_out", () => OperateAsync("DELETE", "/admin/v1/people/person_nobody/sessions")),
            ("PATCH /api/v1/account/members/{id}", () => OwnerAsync("PATCH", $"/api/v1/account/members/{guest.PersonId}", new { role = "viewer" }), "member.changed", () => OwnerAsync("PATCH", $"/api/v1/account/members/{guest.PersonId}", new { role = "king" })),
            ("DELETE /api/v1/account/members/{id}", () => OwnerAsync("DELETE", $"/api/v1/account/members/{guest.PersonId}"), "member.removed", () => OwnerAsync("DELETE", $"/api/v1/account/members/{owner.PersonId}")),
            ("POST /api/v1/account/invitations", () => OwnerAsync("POST", "/api/v1/account/invitations", new { role = "member" }), "invitation.created", () => OwnerAsync("POST", "/api/v1/account/invitations", new { })),
            ("DELETE /api/v1/account/invitations/{id}", () => OwnerAsync("DELETE", $"/api/v1/account/invitations/{id}"), "invitation.withdrawn", () => OwnerAsync("DELETE", "/api/v1/account/invitations/nothing")),
            ("PUT /api/v1/person/password", () => OwnerAsync("PUT", "/api/v1/person/password", new { password = "another " + TestBrowser.Password }), "person.password_changed", () => OwnerAsync("PUT", "/api/v1/person/password", new { password = "short" })),
            ("POST /api/v1/person/authenticator/confirm", ConfirmAsync, "person.authenticator_added", () => OwnerAsync("POST", "/api/v1/person/authenticator/confirm", new { code = "000000" })),
            ("POST /api/v1/person/recovery-codes", () => OwnerAsync("POST", "/api/v1/person/recovery-codes"), "person.recovery_codes_renewed", () => guest.SendAsync(HttpMethod.Post, "/api/v1/person/recovery-codes")),
            ("DELETE /api/v1/person/authenticator", () => OwnerAsync("DELETE", "/api/v1/person/authenticator"), "person.authenticator_removed", () => guest.SendAsync(HttpMethod.Delete, "/api/v1/person/authenticator")),
            ("PATCH /api/v1/grants/{id}", () => CallAsync("PATCH", $"/api/v1/grants/{grant}", new { spendPerDay = 400 }), "grant.changed", () => CallAsync("PATCH", $"/api/v1/grants/{grant}", new { spendPerDay = 0 })),
            ("DELETE /api/v1/grants/{id}", () => CallAsync("DELETE", $"/api/v1/grants/{grant}"), "grant.ended", () => CallAsync("DELETE", "/api/v1/grants/key_nothing")),
        ];

        var faults = new List<string>();
        foreach (var (route, act, action, refused) in steps)
        {
            var (refusal, none) = await scene.WatchAsync(refused);
            Demand(refusal.Status >= 400 && none.Count == 0, $"{route}: a refusal of {refusal.Status} left {none.Count} rows");
            var (reply, rows) = await scene.WatchAsync(act);
            Demand(reply.Status == 200 && rows.Count == 1 && rows[0].Action == action, $"{route}: {reply.Status} left {string.Join(", ", rows.Select(row => row.Action))} instead of {action}. {reply.Text}");
            if (reply.Status == 200)
            {
                Learn(route, reply.Data);
            }
        }

        var known = steps.Select(step => step.Route).Concat(Exempt.Keys).ToHashSet();
        faults.AddRange(AccessRules.List(zoetrope.Services.GetRequiredService<EndpointDataSource>())
            .Where(item => Regex.IsMatch(item.Route, "^(\\S*,)?(POST|PUT|PATCH|DELETE)[, ]") && !known.Contains(item.Route))
            .Where(item => !Exempt.ContainsKey($"POST {item.Route.Split(' ')[1]}"))
            .Select(item => $"{item.Route} is neither audited here nor exempt"));
        Assert.True(faults.Count == 0, string.Join('\n', faults));

        // A booking that is asked for again is booked once, and written once.
        var (again, nothing) = await scene.WatchAsync(() => OperateAsync("POST", $"{account}/grants", new { mode = "test", amount = 5, reason = "r", reference = "once" }));
        Assert.Equal((200, 0), (again.Status, nothing.Count));
        var all = await scene.RowsAsync();
        var log = JsonSerializer.Serialize(all, Zoetrope.Server.WireJson.Options);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
        Assert.Contains("https://hooks.invalid", log, StringComparison.Ordinal);
        Assert.All(all.Where(row => row.Actor is "operator" or "key"), row => Assert.Equal(("127.0.0.1", true), (row.Address, row.RequestId is { Length: > 0 })));
        Assert.Contains(all, row => row is { Action: "grant.created", Actor: "key", Door: "oauth" });

        void Demand(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }

        void Learn(string route, JsonElement data)
        {
            string Text(string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            if (route.EndsWith("/keys", StringComparison.Ordinal) || route.EndsWith("}/rotate", StringComparison.Ordinal))
            {
                made = Text("id");
                secrets.Add(Text("key"));
            }
            else if (route.EndsWith("/budgets", StringComparison.Ordinal) || route.EndsWith("/invitations", StringComparison.Ordinal))
            {
                id = Text("id");
                token = Text("url").Split('#')[^1];
                secrets.Add(token.Length > 0 ? token : TestBrowser.Password);
            }
            else if (route == "POST /admin/v1/vouchers")
            {
                id = data.GetProperty("batch").GetProperty("id").GetString()!;
                code = data.GetProperty("codes")[0].GetProperty("code").GetString()!;
                secrets.Add(code);
            }
            else if (route == "POST /api/v1/webhooks")
            {
                webhook = Text("id");
            }
            else if (route.EndsWith("/test", StringComparison.Ordinal))
            {
                delivery = Text("id");
            }

            if (Text("secret").Length > 0)
            {
                secrets.Add(Text("secret"));
            }
        }

        string Hook(string rest = "") => $"/api/v1/webhooks/{webhook}{rest}";

        Task<Reply> OperateAsync(string method, string path, object? body = null) => api.OperateAsync(new HttpMethod(method), path, body);

        Task<Reply> CallAsync(string method, string path, object? body = null) =>
            api.SendAsync(new HttpMethod(method), path, customer.Key, body is null ? null : JsonSerializer.Serialize(body));

        Task<Reply> KeyAsync(string method, string path, object? body = null) =>
            api.SendAsync(new HttpMethod(method), path, keeper, body is null ? null : JsonSerializer.Serialize(body));

        Task<Reply> OwnerAsync(string method, string path, object? body = null) => owner.SendAsync(new HttpMethod(method), path, body);

        async Task<Reply> ComeAsync(string invited)
        {
            var reply = await guest.SendAsync(HttpMethod.Post, "/api/v1/invitations/accept", new { token = invited, name = "Guest", email = guest.Email, password = TestBrowser.Password });
            if (reply.Status == 200)
            {
                guest.Came(reply);
            }

            return reply;
        }

        async Task<Reply> ConfirmAsync()
        {
            app = (await OwnerAsync("POST", "/api/v1/person/authenticator")).Expect(200).Data.GetProperty("secret").GetString()!;
            secrets.Add(app);
            return await OwnerAsync("POST", "/api/v1/person/authenticator/confirm", new { code = Totp.CodeAt(Base32.Bytes(app), TimeProvider.System.GetUtcNow()) });
        }

        (string, Func<Task<Reply>>, string, Func<Task<Reply>>) Operate(string route, string path, object body, string action, object wrong)
        {
            // What can be done once is refused the second time.
            var method = route.Split(' ')[0];
            var isOnce = route.Contains("/cases/", StringComparison.Ordinal) || route.Contains("/suspense/", StringComparison.Ordinal);
            return (route, () => OperateAsync(method, path, body), action, () => OperateAsync(method, isOnce ? path.Replace("_", "_x", StringComparison.Ordinal) : path, wrong));
        }

        (string, Func<Task<Reply>>, string, Func<Task<Reply>>) Act(string route, Func<string> path, string action) =>
            (route, () => CallAsync("POST", path()), action, () => CallAsync("POST", path().Replace(webhook, "whe_nothing", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_owner_reads_the_log_of_the_account_and_the_operator_reads_all()
    {
        var scene = await AuditScene.StartAsync(Dialect);
        await using var zoetrope = scene.Zoetrope;
        var (one, other) = (await scene.Api.CreateCustomerAsync(), await scene.Api.CreateCustomerAsync());
        var auditor = await scene.AuditorAsync(one.AccountId);
        for (var below = 1; below <= 5; below++)
        {
            (await scene.Api.SendAsync(HttpMethod.Put, "/api/v1/credits/alert", one.Key, $$"""{"below": {{below}}}""")).Expect(200);
        }

        Assert.Equal((403, "FORBIDDEN"), Short(await scene.Api.GetAsync(one, "/api/v1/audit")));
        Assert.Equal((400, "INVALID_PARAMETER"), Short(await scene.Api.GetAsync(auditor, "/api/v1/audit?action=Key")));
        Assert.Equal((400, "INVALID_PARAMETER"), Short(await scene.Api.GetAsync(auditor, "/api/v1/audit?from=yesterday")));
        Assert.Equal((400, "INVALID_CURSOR"), Short(await scene.Api.GetAsync(auditor, "/api/v1/audit?cursor=key_1")));
        var mine = await scene.ReadAsync(auditor, "?limit=100");
        Assert.All(mine, entry => Assert.Equal(one.AccountId, entry.GetProperty("accountId").GetString()));
        Assert.Equal(["key.created", "credits.granted", "key.created", "account.created"], mine.Where(entry => Text(entry, "actor") == "operator").Select(entry => Text(entry, "action")));
        Assert.All(mine.Where(entry => Text(entry, "actor") == "operator"), entry => Assert.Equal(JsonValueKind.Null, entry.GetProperty("address").ValueKind));
        Assert.Equal(Enumerable.Range(1, mine.Count).Reverse(), mine.Select(entry => entry.GetProperty("number").GetInt32()));
        Assert.Equal(5, (await scene.ReadAsync(auditor, "?action=credits.alert_changed")).Count);
        Assert.Equal(6, (await scene.ReadAsync(auditor, "?action=credits.")).Count);
        Assert.Empty(await scene.ReadAsync(auditor, "?to=2001-01-01"));
        Assert.Empty(await scene.ReadAsync(auditor, "?from=2101-01-01"));
        var change = (await scene.ReadAsync(auditor, "?action=credits.alert_changed&limit=1")).Single();
        Assert.Equal((4, 5), (change.GetProperty("before").GetProperty("below").GetInt32(), change.GetProperty("after").GetProperty("below").GetInt32()));
        var paged = new List<string>();
        await foreach (var page in scene.Api.PagesAsync(auditor, "/api/v1/audit?limit=2"))
        {
            paged.AddRange(page.Data.GetProperty("entries").EnumerateArray().Select(entry => Text(entry, "id")));
        }

        Assert.Equal(mine.Select(entry => Text(entry, "id")), paged);
        var all = (await scene.Api.OperateAsync(HttpMethod.Get, "/admin/v1/audit?limit=100")).Expect(200).Data.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(all.Select(entry => Text(entry, "id")).OrderDescending(StringComparer.Ordinal), all.Select(entry => Text(entry, "id")));
        Assert.Superset(new HashSet<string> { one.AccountId, other.AccountId }, all.Select(entry => Text(entry, "accountId")).ToHashSet());
        var theirs = (await scene.Api.OperateAsync(HttpMethod.Get, $"/admin/v1/audit?accountId={other.AccountId}")).Expect(200).Data.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal((3, "127.0.0.1"), (theirs.Count, Text(theirs[0], "address")));

        static (int, string?) Short(Reply reply) => (reply.Status, reply.Code);
        static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;
    }

    [Fact]
    public async Task The_chain_holds_under_many_at_once_and_names_the_first_row_that_was_touched()
    {
        var scene = await AuditScene.StartAsync(Dialect);
        await using var zoetrope = scene.Zoetrope;
        var customers = new[] { await scene.Api.CreateCustomerAsync(), await scene.Api.CreateCustomerAsync() };
        await Task.WhenAll(Enumerable.Range(1, 40).Select(async n =>
            (await scene.Api.SendAsync(HttpMethod.Put, "/api/v1/credits/alert", customers[n % 2].Key, $$"""{"below": {{n}}}""")).Expect(200)));
        var rows = (await scene.RowsAsync()).Where(row => row.AccountId == customers[0].AccountId).OrderBy(row => row.Number).ToList();
        Assert.Equal(Enumerable.Range(1, 23).Select(n => (long)n), rows.Select(row => row.Number));
        Assert.Empty(await scene.BrokenAsync());
        foreach (var sql in new[] { "update audit_log set target = 'x'", "delete from audit_log" })
        {
            Assert.Contains("append-only", (await Assert.ThrowsAnyAsync<Exception>(() => scene.ExecuteAsync(sql))).Message, StringComparison.Ordinal);
        }

        var (fifth, account) = (rows[4], rows[0].AccountId);
        await SwitchAsync(scene, on: false);
        Assert.All(await scene.BrokenAsync(), line => Assert.Contains("trigger is missing", line, StringComparison.Ordinal));
        var faults = new[]
        {
            ("update audit_log set actor_id = 'key_somebody_else' where id = @id", "update audit_log set actor_id = @ActorId where id = @id", fifth.Id),
            ("update audit_log set number = 1000 where id = @id", "update audit_log set number = 5 where id = @id", rows[5].Id),
        };
        foreach (var (break_, mend, named) in faults)
        {
            await scene.ExecuteAsync(break_, new { id = fifth.Id });
            Assert.StartsWith(named, Assert.Single(await scene.BrokenAsync(), line => !line.Contains("trigger", StringComparison.Ordinal)), StringComparison.Ordinal);
            await scene.ExecuteAsync(mend, new { id = fifth.Id, fifth.ActorId });
        }

        // Rows taken off the end are missed by the end that the chain remembers.
        await scene.ExecuteAsync("create table taken as select * from audit_log");
        await scene.ExecuteAsync("delete from audit_log where account_id = @account and number > 20", new { account });
        Assert.Contains("number 20 is not its end", Assert.Single(await scene.BrokenAsync(), line => !line.Contains("trigger", StringComparison.Ordinal)), StringComparison.Ordinal);
        await scene.ExecuteAsync("insert into audit_log select * from taken where account_id = @account and number > 20", new { account });
        await scene.ExecuteAsync("drop table taken");
        await SwitchAsync(scene, on: true);
        Assert.Empty(await scene.BrokenAsync());
    }

    [Fact]
    public async Task A_program_that_gives_its_token_back_ends_its_grant_in_the_log()
    {
        var scene = await AuditScene.StartAsync(Dialect);
        await using var zoetrope = scene.Zoetrope;
        var customer = await scene.Api.CreateCustomerAsync();
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(scene.Api, customer.Key);
        using var _ = browser;

        Assert.Equal(200, await browser.RevokeAsync(tokens.Refresh));

        var ended = Assert.Single(await scene.RowsAsync(), row => row.Action == "grant.ended");
        Assert.Equal(("grant", "oauth", ended.Target, customer.AccountId), (ended.Actor, ended.Door, ended.ActorId, ended.AccountId));
    }

    /// <summary>Takes away what keeps the rows as they are, or puts it back.</summary>
    private protected abstract Task SwitchAsync(AuditScene scene, bool on);
}

public sealed class SqliteAuditTests : AuditConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;

    private protected override async Task SwitchAsync(AuditScene scene, bool on)
    {
        foreach (var what in new[] { "update", "delete" })
        {
            await scene.ExecuteAsync(on
                ? $"create trigger audit_log_no_{what} before {what} on audit_log begin select raise(abort, 'the audit log is append-only'); end"
                : $"drop trigger audit_log_no_{what}");
        }
    }
}

public sealed class PostgresAuditTests : AuditConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    private protected override Task SwitchAsync(AuditScene scene, bool on) =>
        scene.ExecuteAsync($"alter table audit_log {(on ? "enable" : "disable")} trigger user");
}
