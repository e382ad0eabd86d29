using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Operator;

/// <summary>What nobody knows is said to be unknown, and waits for the operator until somebody knows it.</summary>
public abstract class SuspenseConformance
{
    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task A_lost_outcome_is_neither_charged_nor_not_and_stays_in_suspense_until_it_is_resolved()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync(1_000);
        var before = await ListAsync(api);
        var refused = await EndAsync(api, customer, "[[refused]] a fox");
        var lost = await EndAsync(api, customer, "[[unknown-outcome]] a fox");
        var second = await EndAsync(api, customer, "[[unknown-outcome]] a wolf");
        var id = lost.GetProperty("id").GetString()!;

        Assert.Empty(before);
        Assert.Equal(JsonValueKind.False, Charged(refused).ValueKind);
        Assert.Equal("OUTCOME_UNKNOWN", lost.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, Charged(lost).ValueKind);
        Assert.Equal(1_000, await api.CreditsAsync(customer));
        var events = (await api.GetAsync(customer, $"/api/v1/tasks/{id}/events")).Text;
        Assert.Contains("\"charged\":null", events, StringComparison.Ordinal);
        await using (var client = await McpClients.ConnectAsync(api, customer.Key))
        {
            var read = await client.CallAsync("vicsee_get_task", new { task_id = id });
            Assert.Equal(JsonValueKind.Null, Charged(read.StructuredContent!.Value).ValueKind);
        }

        var listed = await ListAsync(api);
        Assert.Equal([second.GetProperty("id").GetString(), id], listed.Select(task => task.GetProperty("taskId").GetString()));
        var first = listed[^1];
        Assert.Equal((customer.AccountId, "test", "OUTCOME_UNKNOWN"), (first.GetProperty("accountId").GetString(), first.GetProperty("mode").GetString(), lost.GetProperty("error").GetProperty("code").GetString()));
        Assert.True(Price(first) > 0);
        Assert.NotEqual("", first.GetProperty("why").GetString());
        Assert.True(DateTimeOffset.Parse(first.GetProperty("since").GetString()!, System.Globalization.CultureInfo.InvariantCulture) <= TimeProvider.System.GetUtcNow());
        Assert.Equal(id, (await ListAsync(api, $"?limit=1&cursor={second.GetProperty("id").GetString()}")).Single().GetProperty("taskId").GetString());

        var path = $"/admin/v1/suspense/{id}/resolve";
        foreach (var (body, field) in new (object, string)[] { (new { reason = "a" }, "charged"), (new { charged = "yes", reason = "a" }, "charged"), (new { charged = true }, "reason"), (new { charged = true, reason = "a", note = "b" }, "note") })
        {
            var wrong = await api.OperateAsync(HttpMethod.Post, path, body);
            Assert.Equal((400, field), (wrong.Status, wrong.Json.GetProperty("error").GetProperty("field").GetString()));
        }

        var resolved = (await api.OperateAsync(HttpMethod.Post, path, new { charged = false, reason = "not in the invoice" })).Expect(200).Data;
        Assert.Equal((id, false, Price(first)), (resolved.GetProperty("taskId").GetString(), resolved.GetProperty("charged").GetBoolean(), Price(resolved)));
        Assert.Equal([second.GetProperty("id").GetString()], (await ListAsync(api)).Select(task => task.GetProperty("taskId").GetString()));
        var ledger = (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/tasks/{id}")).Expect(200).Data.GetProperty("ledger");
        Assert.Equal(["hold", "release", "suspend", "unsuspend"], ledger.EnumerateArray().Select(line => line.GetProperty("kind").GetString()));
        Assert.Equal("not charged: not in the invoice", ledger[3].GetProperty("reason").GetString());

        Assert.Equal((409, "INVALID_OPERATION"), await RefusalAsync(api, path));
        Assert.Equal((404, "TASK_NOT_FOUND"), await RefusalAsync(api, $"/admin/v1/suspense/{refused.GetProperty("id").GetString()}/resolve"));
        Assert.Equal(1_000, await api.CreditsAsync(customer));
    }

    private static JsonElement Charged(JsonElement task) => task.GetProperty("error").GetProperty("provider").GetProperty("charged");

    private static long Price(JsonElement suspended) => suspended.GetProperty("credits").GetInt64();

    private static async Task<(int, string?)> RefusalAsync(ZoetropeApi api, string path)
    {
        var reply = await api.OperateAsync(HttpMethod.Post, path, new { charged = true, reason = "a" });
        return (reply.Status, reply.Code);
    }

    private static async Task<List<JsonElement>> ListAsync(ZoetropeApi api, string query = "") =>
        [.. (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/suspense{query}")).Expect(200).Data.GetProperty("suspense").EnumerateArray()];

    private static async Task<JsonElement> EndAsync(ZoetropeApi api, Customer customer, string prompt)
    {
        var made = (await api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" } })).Expect(200);
        return await api.WaitAsync(customer, made.Data.GetProperty("id").GetString()!);
    }
}

public sealed class SqliteSuspenseTests : SuspenseConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresSuspenseTests : SuspenseConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
