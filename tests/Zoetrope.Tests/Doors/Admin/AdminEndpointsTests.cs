using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Doors.Admin;

public sealed class AdminEndpointsTests
{
    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task An_operator_makes_an_account_a_key_and_credits_and_the_customer_sees_them(object dialect)
    {
        await using var host = await DoorHost.StartAsync((SqlDialect)dialect);
        var account = (await host.AdminAsync(HttpMethod.Post, "/accounts", new { name = "Ada", plan = "pro" })).GetProperty("id").GetString();
        var created = await host.AdminAsync(HttpMethod.Post, $"/accounts/{account}/keys", new { name = "laptop", mode = "live", scopes = new[] { "read" }, requestsPerMinute = 60 });
        var key = created.GetProperty("key").GetString();
        await host.AdminAsync(HttpMethod.Post, $"/accounts/{account}/grants", new { mode = "live", amount = 4250 });
        await host.AdminAsync(HttpMethod.Post, $"/accounts/{account}/adjustments", new { mode = "live", amount = -50, reason = "typing error" });

        using var credits = await host.SendAsync(HttpMethod.Get, "/api/v1/credits", key);
        using var ledger = await host.SendAsync(HttpMethod.Get, "/api/v1/ledger?limit=1", key);

        Assert.Equal("""{"success":true,"data":{"credits":4200,"held":0,"mode":"live"}}""", await credits.Content.ReadAsStringAsync());
        Assert.Equal("500", credits.Headers.GetValues("X-RateLimit-Limit").Single());
        Assert.Equal("500", credits.Headers.GetValues("X-RateLimit-Remaining").Single());
        Assert.Equal("2024-12-28T00:00:00.000Z", credits.Headers.GetValues("X-RateLimit-Reset").Single());
        var page = (await DoorHost.ReadAsync(ledger)).GetProperty("data");
        Assert.Equal("adjust", page.GetProperty("entries")[0].GetProperty("type").GetString());
        using var second = await host.SendAsync(HttpMethod.Get, $"/api/v1/ledger?limit=1&cursor={page.GetProperty("nextCursor").GetString()}", key);
        page = (await DoorHost.ReadAsync(second)).GetProperty("data");
        Assert.Equal(("grant", JsonValueKind.Null), (page.GetProperty("entries")[0].GetProperty("type").GetString(), page.GetProperty("nextCursor").ValueKind));

        var listed = (await host.AdminAsync(HttpMethod.Get, $"/accounts/{account}/keys")).GetProperty("keys")[0];
        Assert.False(listed.TryGetProperty("key", out _));
        Assert.Equal(key![..12], listed.GetProperty("prefix").GetString());
        var balances = (await host.AdminAsync(HttpMethod.Get, $"/accounts/{account}/balances")).GetProperty("balances");
        Assert.Equal(4200, balances[1].GetProperty("posted").GetInt64());
        Assert.True((await host.AdminAsync(HttpMethod.Get, "/ledger/audit")).GetProperty("ok").GetBoolean());

        await host.AdminAsync(HttpMethod.Delete, $"/accounts/{account}/keys/{created.GetProperty("id").GetString()}");
        host.Time.Advance(TimeSpan.FromSeconds(2));
        using var revoked = await host.SendAsync(HttpMethod.Get, "/api/v1/credits", key);
        Assert.Equal((401, "INVALID_API_KEY", null), await DoorHost.RefusalAsync(revoked));
    }

    [Fact]
    public async Task A_repeated_grant_gives_once()
    {
        await using var host = await DoorHost.StartAsync();
        var account = (await host.AdminAsync(HttpMethod.Post, "/accounts", new { name = "Ada", plan = "pro" })).GetProperty("id").GetString();
        var path = $"/accounts/{account}/grants";
        var grant = new { mode = "test", amount = 10 };

        var first = await host.AdminAsync(HttpMethod.Post, path, grant, ("Idempotency-Key", "k1"));
        var again = await host.AdminAsync(HttpMethod.Post, path, grant, ("Idempotency-Key", "k1"));
        var spelled = await host.AdminAsync(HttpMethod.Post, path, new { mode = "test", amount = 10, reference = "k1" });

        Assert.False(first.GetProperty("replayed").GetBoolean());
        Assert.True(again.GetProperty("replayed").GetBoolean());
        Assert.Equal(first.GetProperty("transferId").GetString(), spelled.GetProperty("transferId").GetString());
        Assert.Equal(10, spelled.GetProperty("balance").GetProperty("available").GetInt64());
        Assert.Equal((422, "IDEMPOTENCY_MISMATCH", "reference"), await host.RefusedAsync(HttpMethod.Post, path, new { mode = "test", amount = 11 }, ("Idempotency-Key", "k1")));
    }

    [Fact]
    public async Task A_task_is_refunded_up_to_its_charge()
    {
        await using var host = await DoorHost.StartAsync();
        var account = (await host.AdminAsync(HttpMethod.Post, "/accounts", new { name = "Ada", plan = "pro" })).GetProperty("id").GetString()!;
        await host.AdminAsync(HttpMethod.Post, $"/accounts/{account}/grants", new { mode = "test", amount = 100 });
        var ledger = new CreditLedger(host.Time);
        var task = Ids.New(Ids.Generation, host.Time);
        await host.Db.Database.InTransactionAsync(async tx =>
        {
            await ledger.HoldAsync(tx, account, KeyMode.Test, task, 60);
            await ledger.SettleAsync(tx, account, KeyMode.Test, task, 60, 60);
            await tx.ExecuteAsync(
                """
                insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, output,
                    route, provider, attempts, retries, quoted, charged, cancel_requested, created_at, finished_at, result)
                values (@account, @task, 0, 'key_1', 'succeeded', 1, 'm', 'image', '', '{}', '{}', 0, 'sandbox', 0, 0, 60, 60, 0, 0, 0, '{}')
                """,
                new { account, task });
        });
        var path = $"/accounts/{account}/refunds";

        Assert.Equal(20, (await host.AdminAsync(HttpMethod.Post, path, new { taskId = task, amount = 20 })).GetProperty("amount").GetInt64());
        Assert.Equal((409, "INVALID_OPERATION", "amount"), await host.RefusedAsync(HttpMethod.Post, path, new { taskId = task, amount = 41 }));
        Assert.Equal(40, (await host.AdminAsync(HttpMethod.Post, path, new { taskId = task, reference = "r" })).GetProperty("amount").GetInt64());
        Assert.True((await host.AdminAsync(HttpMethod.Post, path, new { taskId = task, reference = "r" })).GetProperty("replayed").GetBoolean());
        Assert.Equal((409, "INVALID_OPERATION", null), await host.RefusedAsync(HttpMethod.Post, path, new { taskId = task }));
        Assert.Equal((404, "TASK_NOT_FOUND", "taskId"), await host.RefusedAsync(HttpMethod.Post, path, new { taskId = "task_other" }));
    }

    [Fact]
    public async Task Mistakes_in_a_body_are_named()
    {
        await using var host = await DoorHost.StartAsync();
        var account = (await host.AdminAsync(HttpMethod.Post, "/accounts", new { name = "Ada", plan = "pro" })).GetProperty("id").GetString();
        var (accounts, keys, grants) = ("/accounts", $"/accounts/{account}/keys", $"/accounts/{account}/grants");

        Assert.Equal((400, "MISSING_PARAMETER", "name"), await host.RefusedAsync(HttpMethod.Post, accounts, new { plan = "pro" }));
        Assert.Equal((400, "INVALID_PLAN", "plan"), await host.RefusedAsync(HttpMethod.Post, accounts, new { name = "a", plan = "gold" }));
        Assert.Equal((400, "UNKNOWN_PARAMETER", "credits"), await host.RefusedAsync(HttpMethod.Post, accounts, new { name = "a", plan = "pro", credits = 5 }));
        Assert.Equal((400, "INVALID_JSON", null), await host.RefusedAsync(HttpMethod.Post, accounts, """{"name":"a","name":"b","plan":"pro"}"""));
        Assert.Equal((400, "INVALID_PARAMETER", "mode"), await host.RefusedAsync(HttpMethod.Post, keys, new { name = "a", mode = "prod" }));
        Assert.Equal((400, "INVALID_PARAMETER", "scopes"), await host.RefusedAsync(HttpMethod.Post, keys, new { name = "a", mode = "test", scopes = new[] { "admin" } }));
        Assert.Equal((400, "INVALID_PARAMETER", "requestsPerMinute"), await host.RefusedAsync(HttpMethod.Post, keys, new { name = "a", mode = "test", requestsPerMinute = 0 }));
        Assert.Equal((400, "INVALID_PARAMETER", "expiresAt"), await host.RefusedAsync(HttpMethod.Post, keys, new { name = "a", mode = "test", expiresAt = "2020-01-01T00:00:00Z" }));
        foreach (var amount in new[] { "0", "-1", "1000000000001", "1.5", "\"5\"", "1e400", "9223372036854775808" })
        {
            Assert.Equal((400, "INVALID_PARAMETER", "amount"), await host.RefusedAsync(HttpMethod.Post, grants, $$"""{"mode":"test","amount":{{amount}}}"""));
        }

        Assert.Equal((404, "ACCOUNT_NOT_FOUND", null), await host.RefusedAsync(HttpMethod.Post, "/accounts/acct_x/grants", new { mode = "test", amount = 5 }));
        Assert.Equal((404, "KEY_NOT_FOUND", null), await host.RefusedAsync(HttpMethod.Delete, $"{keys}/key_x"));
        Assert.Equal((400, "INVALID_CURSOR", "cursor"), await host.RefusedAsync(HttpMethod.Get, "/accounts?cursor=5"));
        Assert.Equal((400, "INVALID_PARAMETER", "limit"), await host.RefusedAsync(HttpMethod.Get, "/accounts?limit=1000"));
    }

    [Fact]
    public async Task Only_the_operator_key_opens_the_door()
    {
        await using var host = await DoorHost.StartAsync();
        var created = (await FirstStart.EnsureAsync(host.Db.Database, host.Time))!;

        foreach (var (key, code) in new[] { (null, "MISSING_AUTH_HEADER"), (created.Secret, "INVALID_API_KEY"), (DoorHost.AdminKey + "x", "INVALID_API_KEY") })
        {
            using var response = await host.SendAsync(HttpMethod.Get, "/admin/v1/accounts", key);
            Assert.Equal((401, code, null), await DoorHost.RefusalAsync(response));
        }

        using var customer = await host.SendAsync(HttpMethod.Get, "/api/v1/credits", DoorHost.AdminKey);
        Assert.Equal((401, "INVALID_KEY_FORMAT", null), await DoorHost.RefusalAsync(customer));
    }

    [Fact]
    public async Task Accounts_are_paged_and_plans_are_changed()
    {
        await using var host = await DoorHost.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await host.AdminAsync(HttpMethod.Post, "/accounts", new { name = $"A{i}", plan = "starter" });
        }

        var names = new List<string?>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await host.AdminAsync(HttpMethod.Get, $"/accounts?limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            names.AddRange(page.GetProperty("accounts").EnumerateArray().Select(account => account.GetProperty("name").GetString()));
            cursor = page.GetProperty("nextCursor").GetString();
            var id = page.GetProperty("accounts")[0].GetProperty("id").GetString();
            Assert.Equal("enterprise", (await host.AdminAsync(HttpMethod.Patch, $"/accounts/{id}", new { plan = "enterprise" })).GetProperty("plan").GetString());
        }

        Assert.Equal(["A0", "A1", "A2", "A3", "A4"], names);
    }
}
