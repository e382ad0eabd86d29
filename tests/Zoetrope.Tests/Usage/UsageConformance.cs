using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Usage;

/// <summary>Usage over HTTP: what customers and the operator read after real tasks, batches, cancels and refunds; on both databases.</summary>
public abstract class UsageConformance
{
    private const string Model = "nano-banana-text-to-image";

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task An_account_reads_what_its_tasks_used_and_nobody_elses()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var api = zoetrope.Api;
        var (customer, other) = (await api.CreateCustomerAsync(), await api.CreateCustomerAsync());
        var price = 0L;
        var made = "";
        foreach (var (prompt, user, team) in new[] { ("A fox", "alice", "red"), ("A fox", "bob", "red"), ("[[fail]]", "alice", "blue"), ("A fox", null, null) })
        {
            var tags = team is null ? null : new Dictionary<string, string> { ["team"] = team };
            var created = (await api.GenerateAsync(customer, new { model = Model, prompt, user, tags })).Expect(200).Data;
            made = created.GetProperty("id").GetString()!;
            price = created.GetProperty("creditsUsed").GetInt64();
            await api.WaitAsync(customer, made);
        }

        var batch = (await api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, $$"""{"requests":[{"model":"{{Model}}","prompt":"A fox","user":"carol"},{"model":"{{Model}}","prompt":"A fox","user":"carol"}]}""")).Expect(200).Data;
        foreach (var item in batch.GetProperty("items").EnumerateArray())
        {
            await api.WaitAsync(customer, item.GetProperty("taskId").GetString()!);
        }

        (await api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/refunds", new { taskId = made, amount = 3, reason = "Ugly" })).Expect(200);
        var total = await Until.SeesAsync(
            async () => (await ReadAsync(api, customer, "by=model")).GetProperty("total"),
            sum => sum.GetProperty("requests").GetInt64() == 6 && sum.GetProperty("refunded").GetInt64() == 3,
            Until.Patience,
            "six counted tasks and a refund");

        Assert.Equal((5, 1, 0, (5 * price) - 3, 5 * price), (Number(total, "succeeded"), Number(total, "failed"), Number(total, "cancelled"), Number(total, "credits"), Number(total, "charged")));
        Assert.True(Number(total, "bytes") > 0);
        Assert.Equal(1_000_000 - Number(total, "credits"), await api.CreditsAsync(customer));
        Assert.Equal(["=1", "alice=2", "bob=1", "carol=2"], await GroupsAsync(api, customer, "by=user"));
        Assert.Equal(["blue=1", "red=2"], await GroupsAsync(api, customer, "by=tag:team"));
        Assert.Equal(["GENERATION_FAILED=1", "SUCCEEDED=5"], (await GroupsAsync(api, customer, "by=outcome")).Order(StringComparer.Ordinal));
        Assert.Equal([$"{Model}=6"], await GroupsAsync(api, customer, "by=model"));
        Assert.Single(await GroupsAsync(api, customer, "by=key"));
        Assert.Equal(["=6"], await GroupsAsync(api, customer, "by=member"));
        Assert.Equal(4, (await GroupsAsync(api, customer, "by=user,model&limit=1")).Count);
        Assert.Empty(await GroupsAsync(api, other, "by=user"));

        var csv = (await api.GetAsync(customer, "/api/v1/usage?by=user,outcome&format=csv")).Expect(200).Text.Split("\r\n");
        Assert.Equal("user,outcome,requests,succeeded,failed,cancelled,credits,charged,refunded,seconds,bytes", csv[0]);
        Assert.Contains(csv, line => line.StartsWith($"bob,SUCCEEDED,1,1,0,0,{price},{price},0,0,", StringComparison.Ordinal));

        foreach (var wrong in new[] { "by=provider", "by=account", "by=model,user,key", "by=tag:team,user", "by=tag:", "by=model,model", "from=soon", "from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01", "limit=0", "format=xml", "by=" + "x" })
        {
            Assert.Equal((wrong, "INVALID_PARAMETER"), (wrong, (await api.GetAsync(customer, $"/api/v1/usage?{wrong}")).Code));
        }

        Assert.Equal("INVALID_CURSOR", (await api.GetAsync(customer, "/api/v1/usage?cursor=x")).Code);
    }

    [Fact]
    public async Task The_operator_reads_live_tasks_in_the_columns_of_FOCUS()
    {
        var time = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = time });
        var (api, database) = (zoetrope.Api, (Database)zoetrope.Services.GetService(typeof(Database))!);
        var hour = time.GetUtcNow().ToUnixTimeSeconds() / 3_600;
        await database.InTransactionAsync(async tx =>
        {
            foreach (var (user, cost) in new[] { ("=cmd()", 1_234_567L), ("bob", 500L) })
            {
                foreach (var (table, column, at) in new[] { ("usage_hours", "hour", hour), ("usage_days", "day", hour / 24) })
                {
                    await tx.ExecuteAsync(
                        $"""
                        insert into {table} (account_id, mode, {column}, model, provider, key_id, person_id, end_user, outcome, tasks, charged, refunded, media_ms, bytes, cost_micros)
                        values ('acct_x', 1, @at, 'model-a', 'fal', 'key_1', '', @user, '', 2, 30, 10, 4000, 99, @cost)
                        """,
                        new { at, user, cost });
                }
            }
        });

        var lines = (await api.OperateAsync(HttpMethod.Get, "/admin/v1/usage?accountId=acct_x")).Expect(200).Data.GetProperty("lines");
        var line = lines.EnumerateArray().First();
        Assert.Equal((1.234567m, "USD", "fal", "model-a", "acct_x", 2), (line.GetProperty("BilledCost").GetDecimal(), line.GetProperty("BillingCurrency").GetString(), line.GetProperty("ProviderName").GetString(), line.GetProperty("SkuId").GetString(), line.GetProperty("SubAccountId").GetString(), line.GetProperty("ConsumedQuantity").GetInt64()));
        var first = await api.OperateAsync(HttpMethod.Get, "/admin/v1/usage?accountId=acct_x&format=csv&limit=1");
        Assert.StartsWith("BilledCost,", first.Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains(",'=cmd(),", first.Text, StringComparison.Ordinal);
        var next = first.Headers.GetValues("X-Next-Cursor").Single();
        var second = (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/usage?accountId=acct_x&limit=1&cursor={next}")).Expect(200).Data;
        Assert.Equal(("bob", JsonValueKind.Null), (second.GetProperty("lines")[0].GetProperty("x_EndUser").GetString(), second.GetProperty("nextCursor").ValueKind));
    }

    private static async Task<JsonElement> ReadAsync(ZoetropeApi api, Customer customer, string query) =>
        (await api.GetAsync(customer, $"/api/v1/usage?{query}")).Expect(200).Data;

    private static async Task<List<string>> GroupsAsync(ZoetropeApi api, Customer customer, string query)
    {
        var found = new List<string>();
        await foreach (var page in api.PagesAsync(customer, $"/api/v1/usage?{query}"))
        {
            found.AddRange(page.Data.GetProperty("groups").EnumerateArray().Select(group =>
                $"{group.GetProperty("group").EnumerateObject().First().Value.GetString()}={group.GetProperty("amounts").GetProperty("requests").GetInt64()}"));
        }

        return found;
    }

    private static long Number(JsonElement amounts, string name) => amounts.GetProperty(name).GetInt64();
}

public sealed class SqliteUsageTests : UsageConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresUsageTests : UsageConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
