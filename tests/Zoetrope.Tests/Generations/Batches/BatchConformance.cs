using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Egress;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Batches;

/// <summary>Batches before anything runs: all or nothing, once, within the limits, and each account its own. The provider is paused.</summary>
public abstract class BatchConformance : IAsyncLifetime
{
    private const string Model = "nano-banana-text-to-image";
    private TestZoetrope _zoetrope = null!;

    private protected abstract SqlDialect Dialect { get; }

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync() => _zoetrope = await TestZoetrope.StartAsync(new TestServer
    {
        Database = Dialect,
        Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = "0", ["Egress:AllowedPrivateHosts"] = "127.0.0.1" },
    });

    public async ValueTask DisposeAsync()
    {
        if (_zoetrope is not null)
        {
            await _zoetrope.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_batch_holds_the_sum_and_its_items_are_tasks_in_the_order_of_the_requests()
    {
        var customer = await Api.CreateCustomerAsync(10_000);
        var prices = new[] { await PriceAsync(customer, Request("one")), await PriceAsync(customer, Video("two")), await PriceAsync(customer, Request("three")) };

        var batch = (await CreateAsync(customer, [Request("one"), Video("two"), Request("three")])).Expect(200).Data;

        Assert.Equal("processing", Text(batch, "status"));
        Assert.Equal(prices.Sum(), batch.GetProperty("creditsUsed").GetInt64());
        Assert.Equal(10_000 - prices.Sum(), batch.GetProperty("creditsRemaining").GetInt64());
        Assert.Equal(10_000 - prices.Sum(), await Api.CreditsAsync(customer));
        Assert.Equal((3, 3, 0, 0, 0, 0), Counts(batch));
        var items = batch.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([0, 1, 2], items.Select(item => item.GetProperty("index").GetInt32()));
        Assert.Equal(prices, items.Select(item => item.GetProperty("creditsUsed").GetInt64()));
        Assert.Equal([Model, "seedance-2-0-text-to-video", Model], items.Select(item => Text(item, "model")));
        foreach (var (item, prompt) in items.Zip(["one", "two", "three"]))
        {
            var task = (await Api.GetAsync(customer, $"/api/v1/tasks/{Text(item, "taskId")}")).Expect(200).Data;
            Assert.Equal((prompt, Text(batch, "id"), "pending"), (Text(task, "prompt"), Text(task, "batchId"), Text(task, "status")));
        }

        var read = (await Api.GetAsync(customer, $"/api/v1/batches/{Text(batch, "id")}")).Expect(200).Data;
        Assert.Equal(batch.GetProperty("items").GetRawText(), read.GetProperty("items").GetRawText());
        Assert.Equal((batch.GetProperty("counts").GetRawText(), Text(batch, "createdAt")), (read.GetProperty("counts").GetRawText(), Text(read, "createdAt")));
        Assert.False(read.TryGetProperty("creditsRemaining", out _) || read.TryGetProperty("completedAt", out _));
        var alone = (await Api.GenerateAsync(customer, Request("alone"))).Expect(200).Data;
        Assert.False((await Api.GetAsync(customer, $"/api/v1/tasks/{Text(alone, "id")}")).Expect(200).Data.TryGetProperty("batchId", out _));
    }

    [Fact]
    public async Task The_first_request_that_is_refused_refuses_all_and_nothing_is_held()
    {
        var customer = await Api.CreateCustomerAsync(10_000);
        var good = Enumerable.Range(0, 40).Select(i => Request($"good {i}")).ToList();

        await RefusedAsync(customer, [.. good, new { model = Model, input = new { prompt = "x", aspect_ratio = "7:3" } }], "INVALID_PARAMETER", "requests[40].input.aspect_ratio");
        await RefusedAsync(customer, [Request("x"), new { model = "seedance-2-0-text-to-video", prompt = "x", options = new { duration = 7_000 } }, new { }], "INVALID_PARAMETER", "requests[1].options.duration");
        await RefusedAsync(customer, [Request("x"), new { prompt = "x" }], "MISSING_MODEL", "requests[1].model");
        await RefusedAsync(customer, [Request("x"), "text"], "INVALID_PARAMETER", "requests[1]");
        await RefusedAsync(customer, [Request("x"), new { model = Model, prompt = "x", input = 5 }], "INVALID_PARAMETER", "requests[1].input");
        await RefusedAsync(customer, [Request("x"), ImageToImage("data:image/png;base64,aGVsbG8gd29ybGQ=")], "INVALID_INPUT", "requests[1].input.image_urls[0]");

        Assert.Equal(10_000, await Api.CreditsAsync(customer));
        Assert.Empty((await Api.GetAsync(customer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").EnumerateArray());
        Assert.Empty((await Api.GetAsync(customer, "/api/v1/batches")).Expect(200).Data.GetProperty("batches").EnumerateArray());
    }

    [Fact]
    public async Task A_batch_that_is_none_is_refused_with_what_to_send()
    {
        var customer = await Api.CreateCustomerAsync();

        await RefusedAsync(customer, "{}", "MISSING_PARAMETER", "requests");
        await RefusedAsync(customer, """{"requests":null}""", "MISSING_PARAMETER", "requests");
        await RefusedAsync(customer, """{"requests":{}}""", "INVALID_PARAMETER", "requests");
        await RefusedAsync(customer, """{"requests":[]}""", "MISSING_PARAMETER", "requests");
        await RefusedAsync(customer, """{"requests":[],"concurrency":5}""", "UNKNOWN_PARAMETER", "concurrency");
        await RefusedAsync(customer, $$"""{"requests":[{{string.Join(',', Enumerable.Repeat("{}", 1_001))}}]}""", "INVALID_PARAMETER", "requests");
        await RefusedAsync(customer, """{"requests":[{"model":"nano-banana-text-to-image","prompt":"x"}],"webhookUrl":"https://169.254.169.254/hook"}""", "URL_NOT_ALLOWED", "webhookUrl");
        await RefusedAsync(customer, """{"requests":[{"model":"nano-banana-text-to-image","prompt":"x"},{"model":"nano-banana-text-to-image","prompt":"x","webhookUrl":"https://10.0.0.1/"}]}""", "URL_NOT_ALLOWED", "requests[1].webhookUrl");
        Assert.Equal("INVALID_JSON", (await PostAsync(customer, "[]")).Code);
    }

    [Fact]
    public async Task The_sum_is_what_must_be_affordable()
    {
        var price = await PriceAsync(await Api.CreateCustomerAsync(), Request("x"));
        var customer = await Api.CreateCustomerAsync((price * 5) - 1);

        var refused = await CreateAsync(customer, [.. Enumerable.Range(0, 5).Select(i => Request($"{i}"))]);

        Assert.Equal((402, "INSUFFICIENT_CREDITS"), (refused.Status, refused.Code));
        Assert.Equal((price * 5) - 1, await Api.CreditsAsync(customer));
        (await CreateAsync(customer, [.. Enumerable.Range(0, 4).Select(i => Request($"{i}"))])).Expect(200);
        Assert.Equal(price - 1, await Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task A_hundred_at_once_under_one_key_make_one_batch_and_get_the_same_bytes()
    {
        var customer = await Api.CreateCustomerAsync();
        object[] requests = [.. Enumerable.Range(0, 40).Select(i => Request($"{i}"))];

        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => CreateAsync(customer, requests, "the-same")));

        Assert.Single(replies.Select(reply => reply.Expect(200).Text).Distinct());
        Assert.Equal(99, replies.Count(reply => reply.Headers.Contains("Idempotent-Replayed")));
        Assert.Single((await Api.GetAsync(customer, "/api/v1/batches")).Expect(200).Data.GetProperty("batches").EnumerateArray());
        Assert.Equal(1_000_000 - replies[0].Data.GetProperty("creditsUsed").GetInt64(), await Api.CreditsAsync(customer));

        var changed = await CreateAsync(customer, [.. requests.Skip(1)], "the-same");
        var single = await Api.GenerateAsync(customer, Request("0"), "the-same");
        Assert.Equal((422, "IDEMPOTENCY_MISMATCH"), (changed.Status, changed.Code));
        Assert.Equal((422, "IDEMPOTENCY_MISMATCH"), (single.Status, single.Code));
        Assert.Equal(replies[0].Text, (await CreateAsync(customer, requests, "the-same")).Expect(200).Text);
    }

    [Fact]
    public async Task A_batch_is_one_call_a_minute_its_number_a_day_and_its_number_in_flight()
    {
        var minute = await Api.CreateCustomerAsync(keyLimits: new { requestsPerMinute = 1 });
        (await CreateAsync(minute, [Request("a"), Request("b"), Request("c")])).Expect(200);
        Assert.Equal("RATE_LIMITED", (await CreateAsync(minute, [Request("d")])).Code);

        var day = await Api.CreateCustomerAsync(plan: "starter");
        var first = (await CreateAsync(day, [.. Enumerable.Range(0, 60).Select(i => Request($"{i}"))])).Expect(200);
        Assert.Equal("40", first.Headers.GetValues("X-RateLimit-Remaining").Single());
        var full = await CreateAsync(day, [.. Enumerable.Range(0, 41).Select(i => Request($"{i}"))]);
        Assert.Equal((429, "RATE_LIMITED"), (full.Status, full.Code));
        Assert.Contains("This call has 41 requests and 40 are left today.", full.Text, StringComparison.Ordinal);
        await RefusedAsync(day, [.. Enumerable.Range(0, 101).Select(i => Request($"{i}"))], "INVALID_PARAMETER", "requests");
        (await CreateAsync(day, [.. Enumerable.Range(0, 40).Select(i => Request($"{i}"))])).Expect(200);
        Assert.Equal("RATE_LIMITED", (await Api.GenerateAsync(day, Request("one more"))).Code);

        var flight = await Api.CreateCustomerAsync(keyLimits: new { inFlightLimit = 5 });
        await RefusedAsync(flight, [.. Enumerable.Range(0, 6).Select(i => Request($"{i}"))], "INVALID_PARAMETER", "requests");
        (await CreateAsync(flight, [Request("1"), Request("2"), Request("3")])).Expect(200);
        var tooMany = await CreateAsync(flight, [Request("4"), Request("5"), Request("6")]);
        Assert.Equal((429, "TOO_MANY_IN_FLIGHT"), (tooMany.Status, tooMany.Code));
        Assert.NotNull(tooMany.Headers.RetryAfter);
        (await CreateAsync(flight, [Request("4"), Request("5")])).Expect(200);
    }

    [Fact]
    public async Task A_file_that_many_requests_name_is_fetched_once()
    {
        var fetched = 0;
        var picture = await File.ReadAllBytesAsync(TestMedia.Png);
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            Interlocked.Increment(ref fetched);
            await context.Response.Body.WriteAsync(picture);
        });
        var customer = await Api.CreateCustomerAsync();
        var url = $"http://127.0.0.1:{server.Port}/picture.png";

        (await CreateAsync(customer, [.. Enumerable.Range(0, 50).Select(i => ImageToImage($"{url}?{i % 2}"))])).Expect(200);

        Assert.Equal(2, fetched);
    }

    [Fact]
    public async Task A_foreign_batch_is_one_that_does_not_exist()
    {
        var customer = await Api.CreateCustomerAsync();
        var stranger = await Api.CreateCustomerAsync();
        var live = customer with { Key = await Api.CreateKeyAsync(customer.AccountId, "live") };
        var id = Text((await CreateAsync(customer, [Request("a"), Request("b")])).Expect(200).Data, "id");

        foreach (var other in new[] { stranger, live })
        {
            Assert.Equal((404, "BATCH_NOT_FOUND"), StatusOf(await Api.GetAsync(other, $"/api/v1/batches/{id}")));
            Assert.Equal((404, "BATCH_NOT_FOUND"), StatusOf(await CancelAsync(other, id)));
            Assert.Empty((await Api.GetAsync(other, "/api/v1/batches")).Expect(200).Data.GetProperty("batches").EnumerateArray());
        }

        Assert.Equal((404, "BATCH_NOT_FOUND"), StatusOf(await Api.GetAsync(customer, "/api/v1/batches/nonsense")));
        Assert.Equal((2, 2, 0, 0, 0, 0), Counts((await Api.GetAsync(customer, $"/api/v1/batches/{id}")).Expect(200).Data));
    }

    [Fact]
    public async Task Batches_are_listed_newest_first_in_pages()
    {
        var customer = await Api.CreateCustomerAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, Text((await CreateAsync(customer, [Request("a"), Request("b")])).Expect(200).Data, "id"));
        }

        var listed = new List<JsonElement>();
        await foreach (var page in Api.PagesAsync(customer, "/api/v1/batches?limit=2"))
        {
            listed.AddRange(page.Data.GetProperty("batches").EnumerateArray());
        }

        Assert.Equal(ids, listed.Select(batch => Text(batch, "id")));
        Assert.All(listed, batch => Assert.Equal((2, 2, 0, 0, 0, 0), Counts(batch)));
        Assert.All(listed, batch => Assert.False(batch.TryGetProperty("items", out _)));
        Assert.Equal("INVALID_CURSOR", (await Api.GetAsync(customer, "/api/v1/batches?cursor=task_1")).Code);
        Assert.Equal("INVALID_PARAMETER", (await Api.GetAsync(customer, "/api/v1/batches?limit=0")).Code);
    }

    [Fact]
    public async Task When_the_last_items_end_at_the_same_time_the_end_is_told_exactly_once()
    {
        const int Pairs = 40;
        var customer = await Api.CreateCustomerAsync();
        var batches = new List<JsonElement>();
        for (var i = 0; i < Pairs; i++)
        {
            batches.Add((await CreateAsync(customer, [Request("a"), Request("b")])).Expect(200).Data);
        }

        await Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (batch, _) =>
            await Task.WhenAll(batch.GetProperty("items").EnumerateArray()
                .Select(item => Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{Text(item, "taskId")}", customer.Key))));

        // The next batch's event comes behind all of theirs.
        var last = (await CreateAsync(customer, [Request("z")])).Expect(200).Data;
        (await CancelAsync(customer, Text(last, "id"))).Expect(200);
        await using var events = await EventReader.OpenAsync(Api, customer, "/api/v1/events?after=0");
        var told = new List<JsonElement>();
        var ended = new HashSet<string>();
        foreach (var next in await events.ThroughAsync(seen => seen[^1].Type == "batch.completed" && seen[^1].TaskId == Text(last, "id")))
        {
            if (next.Type == "task.cancelled")
            {
                ended.Add(next.TaskId);
            }
            else if (next.Type == "batch.completed")
            {
                told.Add(next.Task);
                Assert.All(batches.Append(last).Single(batch => Text(batch, "id") == next.TaskId).GetProperty("items").EnumerateArray(), item => Assert.Contains(Text(item, "taskId"), ended));
            }
        }

        Assert.Equal(batches.Append(last).Select(batch => Text(batch, "id")).Order(), told.Select(batch => Text(batch, "id")).Order());
        Assert.All(told.SkipLast(1), batch => Assert.Equal(("completed", (2, 0, 0, 0, 0, 2)), (Text(batch, "status"), Counts(batch))));
        Assert.Equal(1_000_000, await Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task A_thousand_items_are_one_transaction_and_are_cancelled_together()
    {
        var customer = await Api.CreateCustomerAsync();
        var batch = (await CreateAsync(customer, [.. Enumerable.Range(0, 1_000).Select(i => Request($"{i}"))])).Expect(200).Data;
        Assert.Equal((1_000, 1_000, 0, 0, 0, 0), Counts(batch));
        Assert.Equal(1_000_000 - batch.GetProperty("creditsUsed").GetInt64(), await Api.CreditsAsync(customer));

        var cancelled = (await CancelAsync(customer, Text(batch, "id"))).Expect(200).Data;
        var again = (await CancelAsync(customer, Text(batch, "id"))).Expect(200).Data;

        Assert.Equal((1_000, 0, 0, 0, 0, 1_000), Counts(cancelled));
        Assert.Equal(("completed", 0), (Text(cancelled, "status"), cancelled.GetProperty("creditsUsed").GetInt64()));
        Assert.NotEmpty(Text(cancelled, "completedAt"));
        Assert.Equal(cancelled.GetRawText(), again.GetRawText());
        Assert.Equal(1_000_000, await Api.CreditsAsync(customer));
    }

    private static object Request(string prompt) => new { model = Model, input = new { prompt } };

    private static object Video(string prompt) => new { model = "seedance-2-0-text-to-video", prompt, options = new { duration = 5 } };

    private static object ImageToImage(string url) => new { model = "nano-banana-image-to-image", input = new { prompt = "x", image_urls = new[] { url } } };

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static (int Status, string? Code) StatusOf(Reply reply) => (reply.Status, reply.Code);

    private static (int Total, int Pending, int Processing, int Completed, int Failed, int Cancelled) Counts(JsonElement batch)
    {
        int Count(string name) => batch.GetProperty("counts").GetProperty(name).GetInt32();
        return (Count("total"), Count("pending"), Count("processing"), Count("completed"), Count("failed"), Count("cancelled"));
    }

    private Task<Reply> CreateAsync(Customer customer, object[] requests, string? key = null) => PostAsync(customer, JsonSerializer.Serialize(new { requests }), key);

    private Task<Reply> PostAsync(Customer customer, string body, string? key = null) => Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, body, key);

    private Task<Reply> CancelAsync(Customer customer, string id) => Api.SendAsync(HttpMethod.Post, $"/api/v1/batches/{id}/cancel", customer.Key);

    private Task RefusedAsync(Customer customer, object[] requests, string code, string field) => RefusedAsync(customer, JsonSerializer.Serialize(new { requests }), code, field);

    private async Task RefusedAsync(Customer customer, string body, string code, string field)
    {
        var reply = await PostAsync(customer, body);
        Assert.True((reply.Status, reply.Code) == (400, code), reply.Text);
        Assert.Equal(field, reply.Json.GetProperty("error").GetProperty("field").GetString());
    }

    private async Task<long> PriceAsync(Customer customer, object request) =>
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(request))).Expect(200).Data.GetProperty("credits").GetInt64();
}

public sealed class SqliteBatchTests : BatchConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresBatchTests : BatchConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
