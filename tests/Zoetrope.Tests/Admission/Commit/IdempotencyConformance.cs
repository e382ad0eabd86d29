using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Egress;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Commit;

/// <summary>One key, one task: however often, however many at once, and whatever else is sent under it.</summary>
public abstract class IdempotencyConformance : IAsyncLifetime
{
    private readonly MovedClock _clock = new();
    private TestZoetrope _zoetrope = null!;

    private protected abstract SqlDialect Dialect { get; }

    public async ValueTask InitializeAsync() =>
        _zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Time = _clock,
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
    public async Task A_hundred_at_once_make_one_task_and_get_the_same_bytes()
    {
        for (var round = 0; round < 5; round++)
        {
            var customer = await _zoetrope.Api.CreateCustomerAsync(1_000_000);
            var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _zoetrope.Api.GenerateAsync(customer, Request(), "the-same")));

            var text = Assert.Single(replies.Select(reply => reply.Expect(200).Text).Distinct());
            Assert.Single((await _zoetrope.Api.GetAsync(customer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").EnumerateArray());
            Assert.Equal(1_000_000 - JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("creditsUsed").GetInt64(), await _zoetrope.Api.CreditsAsync(customer));
            Assert.Equal(99, replies.Count(reply => reply.Headers.Contains("Idempotent-Replayed")));
        }
    }

    [Fact]
    public async Task A_thousand_changed_requests_are_refused_and_do_nothing()
    {
        var customer = await _zoetrope.Api.CreateCustomerAsync();
        var first = (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200);
        var credits = await _zoetrope.Api.CreditsAsync(customer);

        foreach (var chunk in Enumerable.Range(0, 1_000).Chunk(50))
        {
            var replies = await Task.WhenAll(chunk.Select(i => _zoetrope.Api.SendAsync(HttpMethod.Post, Path(i), customer.Key, Changed(i), "k")));
            Assert.All(replies, reply => Assert.True((reply.Status, reply.Code) == (422, "IDEMPOTENCY_MISMATCH"), reply.Text));
        }

        Assert.Equal(credits, await _zoetrope.Api.CreditsAsync(customer));
        Assert.Equal(first.Text, (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200).Text);
    }

    [Fact]
    public async Task A_key_belongs_to_one_account_and_one_mode()
    {
        var customer = await _zoetrope.Api.CreateCustomerAsync();
        var stranger = await _zoetrope.Api.CreateCustomerAsync();
        var live = customer with { Key = await _zoetrope.Api.CreateKeyAsync(customer.AccountId, "live") };
        var second = customer with { Key = await _zoetrope.Api.CreateKeyAsync(customer.AccountId) };

        var first = (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200);
        var foreign = (await _zoetrope.Api.GenerateAsync(stranger, Request(), "k")).Expect(200);
        var inLive = await _zoetrope.Api.GenerateAsync(live, Request(), "k");
        var sameAccount = (await _zoetrope.Api.GenerateAsync(second, Request(), "k")).Expect(200);

        Assert.NotEqual(first.Text, foreign.Text);
        Assert.Equal("MODEL_UNAVAILABLE", inLive.Code);
        Assert.Equal(first.Text, sameAccount.Text);
    }

    [Fact]
    public async Task A_replay_needs_no_credits_and_a_refusal_is_not_remembered()
    {
        var price = JsonDocument.Parse((await _zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", (await _zoetrope.Api.CreateCustomerAsync()).Key, JsonSerializer.Serialize(Request()))).Expect(200).Text)
            .RootElement.GetProperty("data").GetProperty("credits").GetInt64();
        var customer = await _zoetrope.Api.CreateCustomerAsync(price);

        var refused = await _zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", input = new { prompt = "" } }, "k");
        var first = (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200);
        var poor = await _zoetrope.Api.GenerateAsync(customer, Request(), "another");
        var again = (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200);
        (await _zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/grants", new { mode = "test", amount = price, reason = "test" })).Expect(200);
        var richer = await _zoetrope.Api.GenerateAsync(customer, Request(), "another");

        Assert.Equal(400, refused.Status);
        Assert.Equal("INSUFFICIENT_CREDITS", poor.Code);
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(200, richer.Status);
    }

    [Fact]
    public async Task Requests_that_meet_while_an_input_is_slow_make_one_task()
    {
        var asked = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var image = await File.ReadAllBytesAsync(TestMedia.Image(1280, 720));
        await using var slow = await LoopbackServer.StartAsync(async context =>
        {
            asked.TrySetResult();
            await release.Task;
            context.Response.ContentType = "image/png";
            await context.Response.Body.WriteAsync(image);
        });
        var customer = await _zoetrope.Api.CreateCustomerAsync(1_000_000);
        var request = new { model = "flux-2-pro-image-to-image", input = new { prompt = "In snow", image_urls = new[] { $"http://127.0.0.1:{slow.Port}/a.png" } } };

        var first = Enumerable.Range(0, 10).Select(_ => _zoetrope.Api.GenerateAsync(customer, request, "slow")).ToList();
        await asked.Task;
        var more = Enumerable.Range(0, 10).Select(_ => _zoetrope.Api.GenerateAsync(customer, request, "slow")).ToList();
        release.SetResult();
        var replies = await Task.WhenAll(first.Concat(more));

        var text = Assert.Single(replies.Select(reply => reply.Expect(200).Text).Distinct());
        Assert.Single((await _zoetrope.Api.GetAsync(customer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").EnumerateArray());
        Assert.Equal(1_000_000 - JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("creditsUsed").GetInt64(), await _zoetrope.Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task An_answer_is_replayed_for_a_day_and_longer()
    {
        var customer = await _zoetrope.Api.CreateCustomerAsync();
        var first = (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200);

        _clock.Advance(TimeSpan.FromHours(24.5));
        var again = (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200);

        Assert.Equal(first.Text, again.Text);
        Assert.Equal(["true"], again.Headers.GetValues("Idempotent-Replayed"));
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task The_order_of_the_fields_white_space_and_escapes_are_no_difference()
    {
        var customer = await _zoetrope.Api.CreateCustomerAsync();
        var first = (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200);

        foreach (var body in new[]
        {
            """{"input":{"aspect_ratio":"1:1","prompt":"A red fox"},"model":"nano-banana-text-to-image"}""",
            """{ "model" : "nano-banana-text-to-image" , "input" : { "prompt" : "A red fox" , "aspect_ratio" : "1:1" } }""",
            "\n{\t\"model\":\"nano-banana-text-to-image\",\r\n\"input\":{\"prompt\":\"A red fox\",\"aspect_ratio\":\"1:1\"}}\n",
            """{"model":"nano-banana-text-to-image","input":{"prompt":"\u0041 r\u0065d fox","aspect_ratio":"1:1"}}""",
        })
        {
            Assert.Equal(first.Text, (await _zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, body, "k")).Expect(200).Text);
        }
    }

    [Fact]
    public async Task A_key_has_at_most_255_characters()
    {
        var customer = await _zoetrope.Api.CreateCustomerAsync();
        var longest = new string('k', 255);

        var first = (await _zoetrope.Api.GenerateAsync(customer, Request(), longest)).Expect(200);
        var again = (await _zoetrope.Api.GenerateAsync(customer, Request(), longest)).Expect(200);
        var longer = await _zoetrope.Api.GenerateAsync(customer, Request(), longest + "k");

        Assert.Equal(first.Text, again.Text);
        Assert.Equal((400, "INVALID_IDEMPOTENCY_KEY"), (longer.Status, longer.Code));
    }

    [Fact]
    public async Task A_failure_of_the_server_has_no_effect_and_the_repetition_runs()
    {
        var customer = await _zoetrope.Api.CreateCustomerAsync(1_000_000);
        var database = _zoetrope.Services.GetRequiredService<Database>();
        await database.InTransactionAsync(tx => tx.ExecuteAsync("alter table events rename to hidden"));
        var failed = await _zoetrope.Api.GenerateAsync(customer, Request(), "k");
        await database.InTransactionAsync(tx => tx.ExecuteAsync("alter table hidden rename to events"));
        Assert.Equal((500, "INTERNAL_ERROR"), (failed.Status, failed.Code));
        Assert.Equal(1_000_000, await _zoetrope.Api.CreditsAsync(customer));

        var first = (await _zoetrope.Api.GenerateAsync(customer, Request(), "k")).Expect(200);

        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(1_000_000 - first.Data.GetProperty("creditsUsed").GetInt64(), await _zoetrope.Api.CreditsAsync(customer));
        Assert.Single((await _zoetrope.Api.GetAsync(customer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").EnumerateArray());
    }

    private static object Request() => new { model = "nano-banana-text-to-image", input = new { prompt = "A red fox", aspect_ratio = "1:1" } };

    private static string Path(int i) => i % 100 == 0 ? $"/api/v1/generate?a={i}" : i % 100 == 1 ? "/api/v1/tools/upscale-image" : "/api/v1/generate";

    // Each differs from the first request in one place.
    private static string Changed(int i)
    {
        var body = JsonSerializer.SerializeToNode(Request())!.AsObject();
        var input = body["input"]!.AsObject();
        switch (i % 10)
        {
            case 0 when i % 100 == 0:
            case 1 when i % 100 == 1:
                break;
            case 0:
                input["prompt"] = $"A red fox {i}";
                break;
            case 1:
                input["aspect_ratio"] = $"{i}:9";
                break;
            case 2:
                body["model"] = $"model-{i}";
                break;
            case 3:
                input[$"extra{i}"] = null;
                break;
            case 4:
                body[$"extra{i}"] = i;
                break;
            case 5:
                input["prompt"] = new JsonArray("A red fox", i);
                break;
            case 6:
                body["prompt"] = $"A red fox {i}";
                break;
            case 7:
                input["prompt"] = i;
                break;
            case 8:
                body["input"] = $"{i}";
                break;
            default:
                input.Remove("aspect_ratio");
                input["seed"] = i;
                break;
        }

        return body.ToJsonString();
    }
}

public sealed class SqliteIdempotencyTests : IdempotencyConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresIdempotencyTests : IdempotencyConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
