using System.Text.Json;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations;

/// <summary>
/// A customer's cancel in every moment of a task's life, at a vendor that gives no evidence afterwards: an answer of its that
/// the cancel pushed aside would be lost for good. On both databases.
/// </summary>
public abstract class CancelConformance : VendorScene
{
    private const long Credits = 1_000;

    // The cancel itself waits for two seconds or for eight, and the vendor in these tests until it was answered; the rest is for a busy machine.
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(60);

    private Customer _customer = null!;

    private protected override FakeProviderAdapter Adapt(FakeProvider provider) => new(provider, EvidenceClass.None);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _customer = await Api.CreateCustomerAsync(Credits);
    }

    [Fact]
    public async Task A_cancel_while_the_submit_is_in_the_air_is_answered_soon_and_done_when_the_vendor_answers()
    {
        var answer = new TaskCompletionSource();
        var id = await StartAsync(new JobPlan { AnswersAfter = answer.Task, Polls = [PollAnswer.Running] }, jobIsThere: true);

        var began = TimeProvider.System.GetTimestamp();
        var wished = await CancelAsync(id);
        var took = TimeProvider.System.GetElapsedTime(began);
        answer.SetResult();
        var ended = await Api.WaitAsync(_customer, id);

        Assert.Equal(("processing", "requested"), (Text(wished, "status"), Text(wished, "cancel")));
        Assert.True(took < Prompt, $"It took {took}.");
        Assert.Equal("CANCELLED", ended.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(Credits, await Api.CreditsAsync(_customer));
        Assert.Single(Provider.Books.Accepted);
    }

    [Fact]
    public async Task A_cancel_while_the_submit_is_in_the_air_costs_nobody_the_job_that_its_vendor_will_not_stop()
    {
        var answer = new TaskCompletionSource();
        var id = await StartAsync(new JobPlan { AnswersAfter = answer.Task, RefusesCancel = true }, jobIsThere: true);

        await CancelAsync(id);
        answer.SetResult();
        var ended = await Api.WaitAsync(_customer, id);

        Assert.Equal("completed", Text(ended, "status"));
        Assert.True(await Api.CreditsAsync(_customer) < Credits);
        Assert.Single(Provider.Books.Accepted);
    }

    [Fact]
    public async Task A_cancel_that_the_vendor_declines_is_answered_soon_and_says_so()
    {
        var hold = new TaskCompletionSource();
        var id = await StartAsync(new JobPlan { RefusesCancel = true, Answer = () => hold.Task.IsCompleted ? PollAnswer.Succeeded : PollAnswer.Running }, jobIsThere: true);

        var began = TimeProvider.System.GetTimestamp();
        var first = await CancelAsync(id);
        var second = await CancelAsync(id);
        var took = TimeProvider.System.GetElapsedTime(began);
        hold.SetResult();
        var ended = await Api.WaitAsync(_customer, id);

        Assert.Equal(("processing", "declined"), (Text(first, "status"), Text(first, "cancel")));
        Assert.Equal("declined", Text(second, "cancel"));
        Assert.True(took < Prompt, $"It took {took}.");
        Assert.Equal("completed", Text(ended, "status"));
    }

    [Fact]
    public async Task A_cancel_while_the_result_is_fetched_delivers_what_was_made()
    {
        var serve = new TaskCompletionSource();
        var id = await StartAsync(new JobPlan { ServesAfter = serve.Task, Polls = [PollAnswer.Succeeded] }, jobIsThere: true);
        await Until.HoldsAsync(() => Provider.Books.Accepted[0].Fetches == 1);

        var canceling = CancelAsync(id);
        await Until.SeesAsync(() => ReadAsync(id), task => task.TryGetProperty("cancel", out _));
        serve.SetResult();

        Assert.Equal("completed", Text(await canceling, "status"));
        Assert.Equal(1, Provider.Books.Accepted[0].Fetches);
        Assert.True(await Api.CreditsAsync(_customer) < Credits);
    }

    [Fact]
    public async Task A_cancel_right_behind_each_of_many_submits_ends_every_one_of_them()
    {
        var ended = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var id = await StartAsync(new JobPlan { Polls = [PollAnswer.Running] }, jobIsThere: false, prompt: $"Picture {i}");
            await CancelAsync(id);
            return await Api.WaitAsync(_customer, id);
        }));

        Assert.All(ended, task => Assert.Equal("CANCELLED", task.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(Credits, await Api.CreditsAsync(_customer));
        Assert.True(Provider.Books.Submits <= 20);
    }

    private static string? Text(JsonElement task, string name) => task.TryGetProperty(name, out var value) ? value.GetString() : null;

    private async Task<string> StartAsync(JobPlan plan, bool jobIsThere, string prompt = "A red fox")
    {
        Provider.Books.PlanFor(prompt, plan);
        var id = (await Api.GenerateAsync(_customer, new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } })).Expect(200).Data.GetProperty("id").GetString()!;
        if (jobIsThere)
        {
            await Until.HoldsAsync(() => Provider.Books.Accepted.Count == 1);
        }

        return id;
    }

    private async Task<JsonElement> CancelAsync(string id) =>
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", _customer.Key)).Expect(200).Data;

    private async Task<JsonElement> ReadAsync(string id) => (await Api.GetAsync(_customer, $"/api/v1/tasks/{id}?wait=0.02")).Expect(200).Data;
}

public sealed class SqliteCancelTests : CancelConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresCancelTests : CancelConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
