using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Feeds;

/// <summary>Progress at a vendor that tells none, and changes that no hint announces; on both databases.</summary>
public abstract class ProgressConformance : VendorScene
{
    private Customer _customer = null!;

    private protected override FakeProviderAdapter Adapt(FakeProvider provider) =>
        new(provider, EvidenceClass.QueryByOurId) { TellsProgress = false };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _customer = await Api.CreateCustomerAsync();
    }

    [Fact]
    public async Task Without_measured_runs_nothing_is_said_and_with_them_it_is_an_estimate_that_only_grows()
    {
        var (first, finishFirst) = await HoldAsync("First");
        var before = await UntilProcessingAsync(first);
        finishFirst.SetResult();
        await Api.WaitAsync(_customer, first);
        for (var i = 1; i < RunTimes.FewestRuns; i++)
        {
            await Api.WaitAsync(_customer, await StartAsync($"Measured {i}"));
        }

        var (held, finish) = await HoldAsync("Held");
        await using var reader = await EventReader.OpenAsync(Api, _customer, $"/api/v1/tasks/{held}/events");
        var seen = await reader.ThroughAsync(seen => seen.Count(item => item.Type == "task.progress") >= 2);
        var read = (await Api.GetAsync(_customer, $"/api/v1/tasks/{held}")).Expect(200).Data;
        finish.SetResult();
        seen.AddRange(await reader.AllAsync());

        Assert.Equal(0, before.GetProperty("progress").GetInt32());
        Assert.False(before.TryGetProperty("progressEstimated", out _) || before.TryGetProperty("etaSeconds", out _));
        Assert.True(read.GetProperty("progressEstimated").GetBoolean());
        Assert.InRange(read.GetProperty("progress").GetInt32(), 1, 99);
        var progress = seen.Where(item => item.Type == "task.progress").ToList();
        Assert.All(progress, item => Assert.Null(item.Id));
        Assert.True(progress[0].Task.GetProperty("progressEstimated").GetBoolean());
        var told = seen.Select(item => item.Task.GetProperty("progress").GetInt32()).ToList();
        Assert.Equal(told.Order(), told);
        Assert.Equal(("task.completed", 100), (seen[^1].Type, told[^1]));
        Assert.Equal(100, told.Last());
        Assert.DoesNotContain(100, told.SkipLast(1));
    }

    [Fact]
    public async Task What_was_measured_is_found_by_another_node_and_after_a_restart()
    {
        for (var i = 0; i < RunTimes.FewestRuns; i++)
        {
            await Api.WaitAsync(_customer, await StartAsync($"Measured {i}"));
        }

        var database = Zoetrope.Services.GetRequiredService<Database>();
        var own = Zoetrope.Services.GetRequiredService<RunTimes>();
        using var other = new RunTimes(database, TimeProvider.System, NullLogger<RunTimes>.Instance);
        var (held, finish) = await HoldAsync("Held");
        var generation = (await database.ReadAsync(session => GenerationStore.FindAsync(session, _customer.AccountId, held)))!;
        var variant = RunTimes.VariantOf(generation);
        var ignorant = other.Find(generation.Model, variant);
        await own.ExchangeAsync(read: false);
        await other.ExchangeAsync(read: true);
        await own.ExchangeAsync(read: true);

        Assert.Null(ignorant);
        Assert.Equal(RunTimes.FewestRuns, other.Find(generation.Model, variant)?.Runs);
        Assert.Equal(RunTimes.FewestRuns, own.Find(generation.Model, variant)?.Runs);
        finish.SetResult();
        await Api.WaitAsync(_customer, held);
    }

    [Fact]
    public async Task Events_and_progress_that_another_process_wrote_are_found_without_a_hint()
    {
        var database = Zoetrope.Services.GetRequiredService<Database>();
        var (held, finish) = await HoldAsync("Held");
        await UntilProcessingAsync(held);
        await using var all = await EventReader.OpenAsync(Api, _customer, "/api/v1/events");
        await using var one = await EventReader.OpenAsync(Api, _customer, $"/api/v1/tasks/{held}/events?after=0");

        await database.InTransactionAsync(tx => EventLog.AppendAsync(tx, _customer.AccountId, held, "task.written", DateTimeOffset.UnixEpoch));
        Assert.Equal("task.written", await FindAsync(all, item => item.Id is not null));
        Assert.Equal("task.written", await FindAsync(one, item => item.Type == "task.written"));

        if (Dialect is SqlDialect.Postgres)
        {
            // SQLite has no other node that could drive the task.
            await database.InTransactionAsync(tx => tx.ExecuteAsync("update generations set progress = 42, version = version + 1 where id = @held", new { held }));
            Assert.Equal("task.progress", await FindAsync(all, item => item.Task.GetProperty("progress").GetInt32() == 42));
            Assert.Equal("task.progress", await FindAsync(one, item => item.Task.GetProperty("progress").GetInt32() == 42));
        }

        finish.SetResult();
        await Api.WaitAsync(_customer, held);
    }

    private static async Task<string> FindAsync(EventReader reader, Func<SeenEvent, bool> wanted) => (await reader.FindAsync(wanted)).Type;

    private async Task<(string Id, TaskCompletionSource Finish)> HoldAsync(string prompt)
    {
        var finish = new TaskCompletionSource();
        Provider.Books.PlanFor(prompt, new JobPlan { Answer = () => finish.Task.IsCompleted ? PollAnswer.Succeeded : PollAnswer.Running });
        return (await StartAsync(prompt), finish);
    }

    private async Task<string> StartAsync(string prompt) =>
        (await Api.GenerateAsync(_customer, new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } })).Expect(200).Data.GetProperty("id").GetString()!;

    private Task<JsonElement> UntilProcessingAsync(string id) => Until.SeesAsync(
        async () => (await Api.GetAsync(_customer, $"/api/v1/tasks/{id}?wait=0.05")).Expect(200).Data,
        task => task.GetProperty("status").GetString() != "pending");
}

public sealed class SqliteProgressTests : ProgressConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresProgressTests : ProgressConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
