using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>Addresses that one request names: told of that task alone, by the same machinery as endpoints.</summary>
public abstract class TaskWebhookConformance : WebhookScene
{
    // Nothing here hangs, and a busy machine must not make an attempt too late.
    private protected override Dictionary<string, string?> Further => new() { ["Webhooks:Timeout"] = "00:00:30" };

    private static readonly string[] Story = ["task.completed", "task.created", "task.processing"];
    private static readonly string[] Failure = ["task.created", "task.failed", "task.processing"];

    [Fact]
    public async Task A_request_s_own_address_is_told_of_its_task_alone_and_signed_with_the_shared_secret()
    {
        var before = (await Zoetrope.Api.GetAsync(Customer, "/api/v1/webhooks/secret")).Expect(200).Data;
        var secret = (await PostAsync("/api/v1/webhooks/secret")).Expect(200).Data;
        await CreateAsync("/account", "task.completed");

        var told = await StartAsync("A red fox", "/job?order=7");
        var untold = await StartAsync("A blue fox", path: null);
        await Zoetrope.Api.WaitAsync(Customer, told);
        await Zoetrope.Api.WaitAsync(Customer, untold);
        var all = await ReceiveAsync(5);

        Assert.Equal(Story, all.Where(item => item.Path == "/job").Select(item => item.Type).Order());
        Assert.All(all.Where(item => item.Path == "/job"), item => Assert.Equal(told, Text(item.Json.GetProperty("data"), "id")));
        Assert.Equal(new[] { told, untold }.Order(), all.Where(item => item.Path == "/account").Select(item => Text(item.Json.GetProperty("data"), "id")).Order());
        Assert.All(all, item => Assert.Equal(item.Path == "/job", item.IsSignedWith(Text(secret, "secret")) && item.IsSignedByOwnerOf(Text(secret, "publicKey")) && item.IsSignedByOwnerOf(Text(before, "publicKey"))));
        Assert.False((await Zoetrope.Api.GetAsync(Customer, "/api/v1/webhooks/secret")).Expect(200).Data.TryGetProperty("secret", out _));
        Assert.NotEqual(Text(before, "publicKey"), Text(secret, "publicKey"));

        var host = await HostAsync();
        Assert.Equal((Receiver.Url(""), "active"), (Text(host, "url"), Text(host, "state")));
        var deliveries = await UntilAsync(host, items => items.Count == 3 && items.All(item => Text(item, "state") == "delivered"));
        Assert.All(deliveries, item => Assert.Equal((Receiver.Url("/job?order=7"), told), (Text(item, "url"), Text(item, "taskId"))));
    }

    [Fact]
    public async Task Addresses_on_one_host_share_its_row_and_a_delivery_goes_again_to_its_own()
    {
        foreach (var path in new[] { "/a", "/b" })
        {
            await Zoetrope.Api.WaitAsync(Customer, await StartAsync("[[refused]]", path));
        }

        await ReceiveAsync(6);
        var host = await HostAsync();
        var deliveries = await UntilAsync(host, items => items.Count == 6 && items.All(item => Text(item, "state") == "delivered"));
        var again = deliveries.First(item => Text(item, "url").EndsWith("/a", StringComparison.Ordinal));
        (await PostAsync(Path(host, $"deliveries/{Text(again, "id")}/redeliver"))).Expect(200);
        var repeated = await Receiver.NextAsync();

        Assert.Equal(("/a", Text(again, "id")), (repeated.Path, repeated.Id));
        Assert.All(new[] { "/a", "/b" }, path => Assert.Equal(Failure, Receiver.All.Where(item => item.Path == path).Select(item => item.Type).Distinct().Order()));
        foreach (var verb in new[] { "test", "rotate-secret" })
        {
            Assert.Equal((409, "INVALID_OPERATION"), await RefusalAsync(PostAsync(Path(host, verb))));
        }

        Assert.Equal((409, "INVALID_OPERATION"), await RefusalAsync(Zoetrope.Api.SendAsync(HttpMethod.Patch, Path(host), Customer.Key, """{"description":"mine"}""")));
    }

    [Theory]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-2-text-to-image","prompt":"A fox","webhookUrl":"https://169.254.169.254/latest"}""", "URL_NOT_ALLOWED")]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-2-text-to-image","prompt":"A fox","webhookUrl":"http://example.com/"}""", "URL_NOT_ALLOWED")]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-2-text-to-image","prompt":"A fox","webhookUrl":"https://user:word@example.com/"}""", "URL_NOT_ALLOWED")]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-2-text-to-image","prompt":"A fox","webhookUrl":["https://example.com/"]}""", "INVALID_PARAMETER")]
    [InlineData("/api/v1/estimate", """{"model":"nano-banana-2-text-to-image","prompt":"A fox","webhookUrl":"ftp://example.com/"}""", "URL_NOT_ALLOWED")]
    [InlineData("/api/v1/tools/upscale-image", """{"image_url":"https://example.com/a.png","webhookUrl":"https://10.0.0.1/"}""", "URL_NOT_ALLOWED")]
    [InlineData("/api/v1/tools/upscale-video", """{"video_url":"https://example.com/a.mp4","webhookUrl":7}""", "INVALID_PARAMETER")]
    public async Task An_address_that_cannot_be_told_is_refused_before_anything_is_held(string path, string body, string code)
    {
        var credits = await Zoetrope.Api.CreditsAsync(Customer);

        var refused = await Zoetrope.Api.SendAsync(HttpMethod.Post, path, Customer.Key, body);

        Assert.Equal((400, code, "webhookUrl"), (refused.Status, refused.Code, refused.Json.GetProperty("error").GetProperty("field").GetString()));
        Assert.Equal(credits, await Zoetrope.Api.CreditsAsync(Customer));
        Assert.Empty((await Zoetrope.Api.GetAsync(Customer, "/api/v1/webhooks")).Expect(200).Data.GetProperty("webhooks").EnumerateArray());
    }

    [Fact]
    public async Task The_address_is_part_of_what_an_idempotency_key_stands_for()
    {
        object Body(string path) => new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[refused]]", resolution = "0.5K" }, webhookUrl = Receiver.Url(path) };
        var first = (await Zoetrope.Api.GenerateAsync(Customer, Body("/a"), "k")).Expect(200);
        var again = (await Zoetrope.Api.GenerateAsync(Customer, Body("/a"), "k")).Expect(200);
        var other = await Zoetrope.Api.GenerateAsync(Customer, Body("/b"), "k");
        await Zoetrope.Api.WaitAsync(Customer, Text(first.Data, "id"));
        var told = await ReceiveAsync(3);
        await UntilAsync(await HostAsync(), items => items.Count == 3 && items.All(item => Text(item, "state") == "delivered"));

        Assert.Equal(first.Text, again.Text);
        Assert.Equal((422, "IDEMPOTENCY_MISMATCH"), (other.Status, other.Code));
        Assert.Equal(Failure, told.Select(item => item.Type).Order());
    }

    [Fact]
    public async Task Gone_ends_one_task_s_events_and_neither_the_host_nor_other_tasks()
    {
        Receiver.Answers["/gone"] = Status(410);
        var unwanted = await StartAsync("[[never-finishes]]", "/gone");
        await ReceiveAsync(1);
        var host = await HostAsync();
        await UntilAsync(host, items => items.Any(item => item.TryGetProperty("responseStatus", out var status) && status.GetInt32() == 410));
        await UntilAsync(host, items => items.All(item => Text(item, "state") == "failed"));
        var known = (await DeliveriesAsync(host)).Count;
        (await Zoetrope.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{unwanted}", Customer.Key)).Expect(200);
        await Zoetrope.Api.WaitAsync(Customer, unwanted);
        await Zoetrope.Api.WaitAsync(Customer, await StartAsync("[[refused]]", "/wanted"));
        var items = await UntilAsync(host, items => items.Count == known + 3 && items.Count(item => Text(item, "state") == "delivered") == 3);

        Assert.DoesNotContain(items, item => Text(item, "type") == "task.cancelled");
        Assert.Equal("active", Text(await ReadAsync(host), "state"));
    }

    [Fact]
    public async Task A_host_that_was_disabled_gets_another_chance_when_it_is_named_again_but_not_one_that_was_paused()
    {
        Receiver.Answers["/dead"] = Status(500);
        await Zoetrope.Api.WaitAsync(Customer, await StartAsync("[[refused]]", "/dead"));
        var host = await HostAsync();
        await Until.SeesAsync(
            async () =>
            {
                // Only when nothing is due does the clock go on: days would pass before the dispatcher has looked once.
                var read = await ReadAsync(host);
                if (Text(read, "state") != "disabled" && (await DeliveriesAsync(host)).All(item => Settled(item) && Time(item, "nextAttemptAt") > Clock.GetUtcNow()))
                {
                    Clock.Advance(TimeSpan.FromHours(29));
                }

                return read;
            },
            read => Text(read, "state") == "disabled");

        await Zoetrope.Api.WaitAsync(Customer, await StartAsync("[[refused]]", "/alive"));
        Assert.Equal("active", Text(await ReadAsync(host), "state"));
        await UntilAsync(host, items => items.Count(item => Text(item, "state") == "delivered") == 3);

        (await PostAsync(Path(host, "pause"))).Expect(200);
        await Zoetrope.Api.WaitAsync(Customer, await StartAsync("[[refused]]", "/later"));
        Assert.Equal("paused", Text(await ReadAsync(host), "state"));
        Assert.DoesNotContain(Receiver.All, item => item.Path == "/later");
    }

    [Fact]
    public async Task So_many_hosts_may_be_named_and_no_more()
    {
        for (var port = 1; port <= 12; port++)
        {
            await StartAsync("[[refused]]", path: null, url: $"http://127.0.0.1:{port}/");
        }

        var credits = await Zoetrope.Api.CreditsAsync(Customer);
        var refused = await Zoetrope.Api.GenerateAsync(Customer, Request("[[refused]]", "http://127.0.0.1:13/"));
        await StartAsync("[[refused]]", path: null, url: "http://127.0.0.1:12/another");
        await CreateAsync();

        Assert.Equal((409, "INVALID_OPERATION"), (refused.Status, refused.Code));
        Assert.InRange(await Zoetrope.Api.CreditsAsync(Customer), credits - 1_000, 1_000_000);
    }

    [Fact]
    public async Task However_many_name_a_new_host_at_once_no_more_hosts_are_kept_than_there_may_be()
    {
        var replies = await Task.WhenAll(Enumerable.Range(1, 60).Select(port => Zoetrope.Api.GenerateAsync(Customer, Request("[[refused]]", $"http://127.0.0.1:{port}/"))));
        var batch = await PostAsync("/api/v1/batches", new { requests = Enumerable.Range(100, 3).Select(port => Request("[[refused]]", $"http://127.0.0.1:{port}/")), webhookUrl = "http://127.0.0.1:200/" });

        Assert.Equal(12, replies.Count(reply => reply.Status == 200));
        Assert.All(replies.Where(reply => reply.Status != 200).Append(batch), reply => Assert.Equal((409, "INVALID_OPERATION"), (reply.Status, reply.Code)));
        Assert.Equal(12, (await Zoetrope.Api.GetAsync(Customer, "/api/v1/webhooks")).Expect(200).Data.GetProperty("webhooks").GetArrayLength());

        // Each of a batch's hosts would still fit alone, all of them do not, and nothing of it is kept.
        var other = await Zoetrope.Api.CreateCustomerAsync();
        var credits = await Zoetrope.Api.CreditsAsync(other);
        var tooMany = await PostAsync("/api/v1/batches", new { requests = Enumerable.Range(1, 12).Select(port => Request("[[refused]]", $"http://127.0.0.1:{port}/")), webhookUrl = "http://127.0.0.1:13/" }, other);
        Assert.Equal((409, "INVALID_OPERATION", credits), (tooMany.Status, tooMany.Code, await Zoetrope.Api.CreditsAsync(other)));
        Assert.Equal(0, (await Zoetrope.Api.GetAsync(other, "/api/v1/webhooks")).Expect(200).Data.GetProperty("webhooks").GetArrayLength());
        (await PostAsync("/api/v1/batches", new { requests = Enumerable.Range(1, 12).Select(port => Request("[[refused]]", $"http://127.0.0.1:{port}/")) }, other)).Expect(200);
    }

    [Fact]
    public async Task Every_attempt_is_kept_with_its_answer_and_forgotten_with_the_delivery()
    {
        var endpoint = await CreateAsync();
        var host = Text(endpoint, "id");
        Receiver.Answers["/hook"] = Status(503, new string('é', 4_000));
        var id = Text(await TestAsync(endpoint), "id");
        await UntilAsync(endpoint, items => Settled(items[0]));
        Receiver.Answers["/hook"] = Status(200, "taken");
        Clock.Advance(TimeSpan.FromSeconds(10));
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");

        var delivery = (await Zoetrope.Api.GetAsync(Customer, $"/api/v1/webhooks/{host}/deliveries/{id}")).Expect(200).Data;
        var history = delivery.GetProperty("history").EnumerateArray().ToList();
        Assert.Equal([(1, 503), (2, 200)], history.Select(item => (item.GetProperty("number").GetInt32(), item.GetProperty("responseStatus").GetInt32())));
        Assert.Equal((new string('é', 512), "taken"), (Text(history[0], "responseBody"), Text(history[1], "responseBody")));
        Assert.Equal("The endpoint answered 503.", Text(history[0], "error"));
        Assert.All(history, item => Assert.InRange(item.GetProperty("durationMs").GetInt64(), 0, 60_000));
        Assert.True(Time(history[1], "attemptedAt") > Time(history[0], "attemptedAt"));
        Assert.False((await DeliveriesAsync(endpoint))[0].TryGetProperty("history", out _));

        for (var i = 0; i < 18; i++)
        {
            Clock.Advance(TimeSpan.FromMinutes(1));
            (await PostAsync($"/api/v1/webhooks/{host}/deliveries/{id}/redeliver")).Expect(200);
            await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered" && items[0].GetProperty("attempts").GetInt32() == i + 3);
        }

        var kept = (await Zoetrope.Api.GetAsync(Customer, $"/api/v1/webhooks/{host}/deliveries/{id}")).Expect(200).Data.GetProperty("history").EnumerateArray().Select(item => item.GetProperty("number").GetInt32());
        Assert.Equal(Enumerable.Range(6, 15), kept);
        Assert.Equal(15, await CountAsync("webhook_attempts"));

        await Zoetrope.Api.WaitAsync(Customer, await StartAsync("[[refused]]", "/job"));
        Assert.NotEqual(0, await CountAsync("task_webhooks"));
        Clock.Advance(TimeSpan.FromDays(31));
        foreach (var table in new[] { "webhook_attempts", "webhook_deliveries", "task_webhooks" })
        {
            await ForgottenAsync(table, 0);
        }

        // The host goes with the next round, once nothing leads to it; the customer's own endpoint stays.
        Clock.Advance(TimeSpan.FromHours(2));
        await ForgottenAsync("webhook_endpoints", 1);
    }

    private protected object Request(string prompt, string? url) => new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" }, webhookUrl = url };

    private async Task<string> StartAsync(string prompt, string? path, string? url = null) =>
        Text((await Zoetrope.Api.GenerateAsync(Customer, Request(prompt, url ?? (path is null ? null : Receiver.Url(path))))).Expect(200).Data, "id");

    private async Task<List<ReceivedWebhook>> ReceiveAsync(int count)
    {
        var all = new List<ReceivedWebhook>();
        for (var i = 0; i < count; i++)
        {
            all.Add(await Receiver.NextAsync());
        }

        return all;
    }

    /// <summary>The one host that requests named.</summary>
    private async Task<JsonElement> HostAsync() =>
        Assert.Single((await Zoetrope.Api.GetAsync(Customer, "/api/v1/webhooks")).Expect(200).Data.GetProperty("webhooks").EnumerateArray(), item => Text(item, "kind") == "task");

    private Task<long> CountAsync(string table) =>
        Zoetrope.Services.GetRequiredService<Database>().ReadAsync(async session => await session.ScalarAsync<long>($"select count(*) from {table}")).AsTask();

    private Task ForgottenAsync(string table, long left) => Until.SeesAsync(() => CountAsync(table), rows => rows == left, what: $"{left} rows in {table}");
}

public sealed class SqliteTaskWebhookTests : TaskWebhookConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresTaskWebhookTests : TaskWebhookConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
