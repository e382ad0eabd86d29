using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Generations.Gating;

namespace Zoetrope.Tests.Operator;

/// <summary>What happened to a task, for its customer and for an operator; and its words, which an operator must ask for.</summary>
public abstract class TimelineConformance
{
    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task A_task_tells_what_happened_to_it_and_its_words_are_told_only_with_a_reason()
    {
        await using var scene = await PauseScene.StartAsync(Dialect, nodes: 1);
        var (api, customer) = (scene.Api, scene.Customer);
        const string words = "a secret fox";
        scene.First.Books.PlanFor(words, new JobPlan { Submit = SubmitFault.RateLimited });

        // The first may still be left alone for the answer above.
        foreach (var vendor in new[] { scene.First, scene.Second })
        {
            vendor.Books.PlanFor("a broken fox", new JobPlan { Polls = [PollAnswer.Failed] });
        }

        var id = (await scene.RunAsync(words)).GetProperty("id").GetString()!;
        var broken = (await scene.RunAsync("a broken fox")).GetProperty("id").GetString()!;

        var mine = await StepsAsync(id);
        Assert.Equal(["made", "held", "sent", "refused", "sent", "ready", "stored", "settled"], mine.Select(Step));
        Assert.Equal(["bfl", "bfl", "fal", "fal"], mine.Where(step => step.TryGetProperty("provider", out _)).Select(step => step.GetProperty("provider").GetString()));
        Assert.Equal([1, 1, 2, 2], mine.Where(step => step.TryGetProperty("attempt", out _)).Select(step => step.GetProperty("attempt").GetInt32()));
        Assert.All(mine, step => Assert.True(step.GetProperty("seconds").GetDouble() >= 0));
        Assert.Equal(2, mine.Count(step => step.TryGetProperty("credits", out var credits) && credits.GetInt64() > 0));

        // What a vendor says of our account with it is not the customer's business.
        Assert.DoesNotContain("slow_down", JsonSerializer.Serialize(mine), StringComparison.Ordinal);
        Assert.Equal(["made", "held", "sent", "refused", "failed", "released"], (await StepsAsync(broken)).Select(Step).Order(Comparer<string>.Create((one, other) => Place(one) - Place(other))));
        Assert.Equal("GENERATION_FAILED", (await StepsAsync(broken)).Single(step => Step(step) == "failed").GetProperty("words").GetString());
        Assert.False((await api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.TryGetProperty("timeline", out _));
        Assert.Equal((400, "INVALID_PARAMETER"), Short(await api.GetAsync(customer, $"/api/v1/tasks/{id}?view=all")));
        Assert.Equal((404, "TASK_NOT_FOUND"), Short(await api.GetAsync(await api.CreateCustomerAsync(mode: "live"), $"/api/v1/tasks/{id}?view=full")));

        (await api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/refunds", new { taskId = id, amount = 1, reason = "six fingers" })).Expect(200);
        var record = (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/tasks/{id}")).Expect(200);
        var theirs = record.Data.GetProperty("timeline").EnumerateArray().ToList();
        Assert.Equal([.. mine.Select(Step), "refunded"], theirs.Select(Step));
        Assert.Contains("slow_down", theirs.Single(step => Step(step) == "refused").GetProperty("words").GetString(), StringComparison.Ordinal);
        Assert.Equal("six fingers", theirs[^1].GetProperty("words").GetString());
        Assert.DoesNotContain(words, record.Text, StringComparison.Ordinal);
        Assert.Equal([broken], await ListAsync("?errorCode=GENERATION_FAILED"));
        Assert.Equal([broken], await ListAsync($"?errorCode=GENERATION_FAILED&accountId={customer.AccountId}"));
        Assert.Empty(await ListAsync("?errorCode=TIMED_OUT"));
        Assert.Equal((400, "INVALID_PARAMETER"), Short(await api.OperateAsync(HttpMethod.Get, "/admin/v1/tasks?errorCode=NOT_FOUND")));
        Assert.DoesNotContain(words, (await api.OperateAsync(HttpMethod.Get, "/admin/v1/tasks")).Expect(200).Text, StringComparison.Ordinal);

        Assert.Equal((400, "MISSING_PARAMETER"), Short(await RevealAsync(id, new { })));
        Assert.Equal((404, "TASK_NOT_FOUND"), Short(await RevealAsync("task_00000000000000000000000000", new { reason = "r" })));
        var revealed = (await RevealAsync(id, new { reason = "a complaint" })).Expect(200);
        Assert.Equal((words, customer.AccountId, "1:1"), (revealed.Data.GetProperty("prompt").GetString(), revealed.Data.GetProperty("accountId").GetString(), revealed.Data.GetProperty("parameters").GetProperty("aspect_ratio").GetString()));
        Assert.Equal("no-store", revealed.Headers.CacheControl?.ToString());
        var auditor = new Customer(customer.AccountId, await api.CreateKeyAsync(customer.AccountId, "live", new { scopes = new[] { "read", "audit" } }));
        var log = (await api.GetAsync(auditor, "/api/v1/audit?action=prompt.revealed")).Expect(200);
        Assert.Equal("a complaint", Assert.Single(log.Data.GetProperty("entries").EnumerateArray()).GetProperty("after").GetProperty("reason").GetString());
        Assert.DoesNotContain(words, log.Text, StringComparison.Ordinal);

        async Task<List<JsonElement>> StepsAsync(string task) =>
            [.. (await api.GetAsync(customer, $"/api/v1/tasks/{task}?view=full")).Expect(200).Data.GetProperty("timeline").EnumerateArray()];

        async Task<List<string>> ListAsync(string query) =>
            [.. (await api.OperateAsync(HttpMethod.Get, $"/admin/v1/tasks{query}")).Expect(200).Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!)];

        Task<Reply> RevealAsync(string task, object body) => api.OperateAsync(HttpMethod.Post, $"/admin/v1/tasks/{task}/reveal", body);
    }

    private static string Step(JsonElement step) => step.GetProperty("step").GetString()!;

    // The end of a task and its booking are one transaction.
    private static int Place(string step) => Array.IndexOf(["made", "held", "sent", "refused", "failed", "released"], step);

    private static (int, string?) Short(Reply reply) => (reply.Status, reply.Code);
}

public sealed class SqliteTimelineTests : TimelineConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresTimelineTests : TimelineConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
