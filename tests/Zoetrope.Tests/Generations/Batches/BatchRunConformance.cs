using System.Diagnostics;
using System.Text.Json;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Batches;

/// <summary>Batches that run at a vendor to their end, with failures and a cancel on the way.</summary>
public abstract class BatchRunConformance : VendorScene
{
    private const string Model = "flux-2-pro-text-to-image";
    private WebhookReceiver _receiver = null!;

    private protected override TestServer Wanted => new()
    {
        Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = "16", ["Webhooks:PollInterval"] = "00:00:00.100" },
    };

    public override async ValueTask InitializeAsync()
    {
        _receiver = await WebhookReceiver.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _receiver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_batch_ends_when_every_item_has_and_says_so_once_to_webhooks_and_streams()
    {
        var customer = await Api.CreateCustomerAsync();
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", customer.Key, JsonSerializer.Serialize(new { url = _receiver.Url(), events = new[] { "batch.completed" } }))).Expect(200);
        Provider.Books.PlanFor("item 3", new JobPlan { Polls = [PollAnswer.Moderated] });
        Provider.Books.PlanFor("item 7", new JobPlan { Submit = SubmitFault.Refused });

        var batch = await CreateAsync(customer, 20, _receiver.Url("/own"));
        var id = batch.GetProperty("id").GetString()!;
        var read = await UntilAsync(customer, id, found => found.GetProperty("status").GetString() == "completed");
        await using var events = await EventReader.OpenAsync(Api, customer, "/api/v1/events?after=0");
        var seen = await events.ThroughAsync(seen => seen[^1].Type == "batch.completed");
        var counts = seen.CountBy(item => item.Type).ToDictionary();
        var told = seen[^1];

        Assert.Equal((20, 18, 2), (counts["task.created"], counts["task.completed"], counts["task.failed"]));
        Assert.Equal((20, 0, 0, 18, 2, 0), Counts(read));
        Assert.Equal("completed", read.GetProperty("status").GetString());
        var items = read.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(new[] { 3, 7 }, items.Where(item => item.GetProperty("status").GetString() == "failed").Select(item => item.GetProperty("index").GetInt32()));
        Assert.Equal(items.Sum(item => item.GetProperty("creditsUsed").GetInt64()), read.GetProperty("creditsUsed").GetInt64());
        Assert.Equal(1_000_000 - read.GetProperty("creditsUsed").GetInt64(), await Api.CreditsAsync(customer));

        // What was told is the batch as it is read, without its items.
        foreach (var property in told.Task.EnumerateObject())
        {
            Assert.Equal(property.Value.GetRawText(), read.GetProperty(property.Name).GetRawText());
        }

        Assert.False(told.Task.TryGetProperty("items", out _));
        // The account's endpoint, and the address that the batch named: one delivery each.
        var deliveries = new[] { await _receiver.NextAsync(), await _receiver.NextAsync() };
        Assert.Equal(["/hook", "/own"], deliveries.Select(delivery => delivery.Path).Order());
        Assert.All(deliveries, delivery => Assert.Equal(("batch.completed", told.Task.GetRawText()), (delivery.Type, delivery.Json.GetProperty("data").GetRawText())));
        Assert.Equal(2, _receiver.All.Count);

        // A stream that resumes behind it is not told again.
        await using var later = await EventReader.OpenAsync(Api, customer, $"/api/v1/events?after={told.Id}");
        var next = (await Api.GenerateAsync(customer, Request("alone"))).Expect(200).Data.GetProperty("id").GetString();
        Assert.Equal(("task.created", next), ((await later.NextAsync())!.Type, next));
    }

    [Fact]
    public async Task A_cancel_midway_ends_what_waits_and_what_its_vendor_stops_and_pays_for_the_rest()
    {
        var customer = await Api.CreateCustomerAsync();
        Provider.Books.Default = new JobPlan { Polls = [PollAnswer.Running] };
        var stubborn = new JobPlan { Polls = [PollAnswer.Running], RefusesCancel = true, Answer = () => Volatile.Read(ref _released) ? PollAnswer.Succeeded : PollAnswer.Running };
        Provider.Books.PlanFor("item 0", stubborn);
        var batch = await CreateAsync(customer, 40);
        var id = batch.GetProperty("id").GetString()!;
        // Of sixteen places one is kept for other accounts.
        await UntilAsync(customer, id, found => Counts(found).Processing == 15);

        var cancelled = (await Api.SendAsync(HttpMethod.Post, $"/api/v1/batches/{id}/cancel", customer.Key)).Expect(200).Data;
        Assert.True(Counts(cancelled).Cancelled >= 25, cancelled.GetProperty("counts").ToString());
        var waiting = await UntilAsync(customer, id, found => Counts(found).Cancelled == 39);
        Assert.Equal("processing", waiting.GetProperty("status").GetString());
        Volatile.Write(ref _released, true);
        var ended = await UntilAsync(customer, id, found => found.GetProperty("status").GetString() == "completed");

        Assert.Equal((40, 0, 0, 1, 0, 39), Counts(ended));
        var price = batch.GetProperty("creditsUsed").GetInt64() / 40;
        Assert.Equal((price, 1_000_000 - price), (ended.GetProperty("creditsUsed").GetInt64(), await Api.CreditsAsync(customer)));
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task A_thousand_items_run_to_their_end()
    {
        var customer = await Api.CreateCustomerAsync(10_000_000);
        var watch = Stopwatch.StartNew();
        var batch = await CreateAsync(customer, 1_000);
        var created = watch.Elapsed;
        var ends = await UntilAsync(customer, batch.GetProperty("id").GetString()!, found => found.GetProperty("status").GetString() == "completed", TimeSpan.FromMinutes(10));

        Assert.Equal((1_000, 0, 0, 1_000, 0, 0), Counts(ends));
        Assert.Equal(1_000, Provider.Books.Accepted.Count);
        Assert.Equal(10_000_000 - ends.GetProperty("creditsUsed").GetInt64(), await Api.CreditsAsync(customer));
        TestContext.Current.SendDiagnosticMessage("1,000 items: made in {0:0} ms, ended after {1:0.0} s", created.TotalMilliseconds, watch.Elapsed.TotalSeconds);
    }

    private bool _released;

    private static object Request(string prompt) => new { model = Model, input = new { prompt } };

    private static (int Total, int Pending, int Processing, int Completed, int Failed, int Cancelled) Counts(JsonElement batch)
    {
        int Count(string name) => batch.GetProperty("counts").GetProperty(name).GetInt32();
        return (Count("total"), Count("pending"), Count("processing"), Count("completed"), Count("failed"), Count("cancelled"));
    }

    private async Task<JsonElement> CreateAsync(Customer customer, int count, string? webhookUrl = null)
    {
        var requests = Enumerable.Range(0, count).Select(i => Request($"item {i}"));
        return (await Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, JsonSerializer.Serialize(new { requests, webhookUrl }))).Expect(200).Data;
    }

    // Whatever is read on the way adds up and agrees with the status.
    private Task<JsonElement> UntilAsync(Customer customer, string id, Func<JsonElement, bool> done, TimeSpan? within = null) => Until.SeesAsync(
        async () =>
        {
            var batch = (await Api.GetAsync(customer, $"/api/v1/batches/{id}")).Expect(200).Data;
            var (total, pending, processing, completed, failed, cancelled) = Counts(batch);
            Assert.Equal(total, pending + processing + completed + failed + cancelled);
            Assert.Equal(pending + processing == 0 ? "completed" : "processing", batch.GetProperty("status").GetString());
            return batch;
        },
        done,
        within);
}

public sealed class SqliteBatchRunTests : BatchRunConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresBatchRunTests : BatchRunConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
