using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>Webhooks from outside: a real server, real receivers on real ports, and every way in which a receiver can misbehave.</summary>
public abstract class WebhookConformance : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly MovedClock _clock = new();
    private WebhookReceiver _receiver = null!;
    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;

    private protected abstract SqlDialect Dialect { get; }

    public async ValueTask InitializeAsync()
    {
        _receiver = await WebhookReceiver.StartAsync();
        _zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Time = _clock,
            Settings = new Dictionary<string, string?>
            {
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
                ["Webhooks:PollInterval"] = "00:00:00.050",
                ["Webhooks:Timeout"] = "00:00:01.500",
                ["Webhooks:MaxEndpoints"] = "12",
            },
        });
        _customer = await _zoetrope.Api.CreateCustomerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_zoetrope is not null)
        {
            await _zoetrope.DisposeAsync();
        }

        await _receiver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_task_is_told_from_its_creation_to_its_end_signed_twice_and_once_each()
    {
        var endpoint = await CreateAsync();
        await CreateAsync("/ends", "task.completed", "task.failed");
        var live = new Customer(_customer.AccountId, await _zoetrope.Api.CreateKeyAsync(_customer.AccountId, "live"));
        (await PostAsync("/api/v1/webhooks", new { url = _receiver.Url("/live") }, live)).Expect(200);

        var created = (await _zoetrope.Api.GenerateAsync(_customer, Request("A red fox"))).Expect(200).Data;
        var task = await _zoetrope.Api.WaitAsync(_customer, Text(created, "id"));
        var deliveries = new List<ReceivedWebhook>();
        for (var i = 0; i < 4; i++)
        {
            deliveries.Add(await _receiver.NextAsync());
        }

        Assert.Equal(["task.completed", "task.created", "task.processing"], deliveries.Where(item => item.Path == "/hook").Select(item => item.Type).Order());
        Assert.Equal("task.completed", Assert.Single(deliveries, item => item.Path == "/ends").Type);
        Assert.All(deliveries.Where(item => item.Path == "/hook"), item => Assert.True(item.IsSignedWith(Text(endpoint, "secret")) && item.IsSignedByOwnerOf(Text(endpoint, "publicKey"))));
        Assert.All(deliveries.Where(item => item.Path == "/ends"), item => Assert.False(item.IsSignedWith(Text(endpoint, "secret")) || item.IsSignedByOwnerOf(Text(endpoint, "publicKey"))));
        Assert.Equal(4, deliveries.Select(item => item.Id).Distinct().Count());
        var end = deliveries.First(item => item.Type == "task.completed").Json.GetProperty("data");
        Assert.Equal(("completed", Text(task, "id")), (Text(end, "status"), Text(end, "id")));
        Assert.NotEmpty(await _zoetrope.Api.DownloadAsync(Text(end.GetProperty("result"), "url")));

        await UntilAsync(endpoint, items => items.Count == 3 && items.All(item => Text(item, "state") == "delivered"));
        Assert.Equal(4, _receiver.All.Count);
    }

    [Fact]
    public async Task A_failure_is_tried_again_with_the_same_id_and_a_new_time_until_it_is_taken()
    {
        var endpoint = await CreateAsync();
        _receiver.Answers["/hook"] = Status(500, "out of order");
        var test = await TestAsync(endpoint);
        var first = await _receiver.NextAsync();
        var failed = await UntilAsync(endpoint, items => items.Count == 1 && items[0].TryGetProperty("error", out _));
        Assert.Equal((500, "out of order", "pending"), (failed[0].GetProperty("responseStatus").GetInt32(), Text(failed[0], "responseBody"), Text(failed[0], "state")));
        var wait = Time(failed[0], "nextAttemptAt") - Time(failed[0], "attemptedAt");
        Assert.InRange(wait, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(9));

        _receiver.Answers.Clear();
        _clock.Advance(TimeSpan.FromSeconds(10));
        var second = await _receiver.NextAsync();
        var delivered = await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");

        Assert.Equal((first.Id, Text(test, "id")), (second.Id, first.Id));
        Assert.NotEqual(first.Timestamp, second.Timestamp);
        Assert.True(first.IsSignedWith(Text(endpoint, "secret")) && second.IsSignedWith(Text(endpoint, "secret")));
        Assert.Equal(2, delivered[0].GetProperty("attempts").GetInt32());
        Assert.False((await ReadAsync(endpoint)).TryGetProperty("failingSince", out _));
    }

    [Fact]
    public async Task The_schedule_ends_after_ten_attempts_and_a_redelivery_begins_it_anew()
    {
        var endpoint = await CreateAsync();
        _receiver.Answers["/hook"] = Status(500);
        var id = Text(await TestAsync(endpoint), "id");
        for (var attempt = 1; attempt <= 10; attempt++)
        {
            await _receiver.NextAsync();
            await UntilAsync(endpoint, items => items[0].GetProperty("attempts").GetInt32() == attempt && Settled(items[0]));
            _clock.Advance(attempt == 10 ? TimeSpan.Zero : WebhookRetries.Schedule[attempt - 1] * 1.25);
        }

        Assert.Equal("failed", Text((await DeliveriesAsync(endpoint))[0], "state"));
        Assert.Equal("active", Text(await ReadAsync(endpoint), "state"));

        _receiver.Answers.Clear();
        (await PostAsync(Path(endpoint, $"deliveries/{id}/redeliver"))).Expect(200);
        Assert.Equal(id, (await _receiver.NextAsync()).Id);
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
    }

    [Fact]
    public async Task Five_days_of_nothing_but_failures_disable_and_announce_and_nothing_is_lost()
    {
        var broken = await CreateAsync("/broken");
        await CreateAsync("/watch", "webhook.disabled");
        _receiver.Answers["/broken"] = Status(500);
        await TestAsync(broken);
        for (var day = 0; Text(await ReadAsync(broken), "state") != "disabled"; day++)
        {
            Assert.InRange(day, 0, 6);
            await _receiver.NextAsync();
            await UntilAsync(broken, items => items[0].GetProperty("attempts").GetInt32() > day && Settled(items[0]));
            _clock.Advance(TimeSpan.FromHours(29));
        }

        var announced = (await _receiver.NextAsync()) is { Path: "/watch" } told ? told : await _receiver.NextAsync();
        Assert.Equal(("webhook.disabled", Text(broken, "id")), (announced.Type, Text(announced.Json.GetProperty("data"), "id")));
        Assert.Contains("120 hours", Text(await ReadAsync(broken), "disabledReason"));

        // What happens meanwhile waits.
        var task = Text((await _zoetrope.Api.GenerateAsync(_customer, Request("[[fail]]"))).Expect(200).Data, "id");
        await _zoetrope.Api.WaitAsync(_customer, task);
        _receiver.Answers.Clear();
        (await PostAsync(Path(broken, "resume"))).Expect(200);
        await UntilAsync(broken, items => items.Count(item => item.TryGetProperty("taskId", out var id) && id.GetString() == task && Text(item, "state") == "delivered") == 3);
    }

    [Fact]
    public async Task Failures_far_apart_never_disable()
    {
        var endpoint = await CreateAsync();
        for (var i = 0; i < 4; i++)
        {
            _receiver.Answers["/hook"] = Status(500);
            await TestAsync(endpoint);
            await _receiver.NextAsync();
            await UntilAsync(endpoint, items => Settled(items[0]));
            _receiver.Answers.Clear();
            _clock.Advance(TimeSpan.FromDays(3));
            await _receiver.NextAsync();
            await UntilAsync(endpoint, items => items.All(item => Text(item, "state") == "delivered"));
        }

        Assert.Equal("active", Text(await ReadAsync(endpoint), "state"));
    }

    [Fact]
    public async Task Gone_disables_at_once()
    {
        var endpoint = await CreateAsync();
        _receiver.Answers["/hook"] = Status(410);
        await TestAsync(endpoint);

        var items = await UntilAsync(endpoint, items => Text(items[0], "state") == "failed");

        Assert.Equal(410, items[0].GetProperty("responseStatus").GetInt32());
        Assert.Equal("disabled", Text(await ReadAsync(endpoint), "state"));
        Assert.Equal((409, "INVALID_OPERATION"), await RefusalAsync(PostAsync(Path(endpoint, "test"))));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_wish_for_a_pause_is_kept_by_every_delivery_of_the_endpoint(int status)
    {
        var endpoint = await CreateAsync();
        _receiver.Answers["/hook"] = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "600";
            return Task.CompletedTask;
        };
        await TestAsync(endpoint);
        await _receiver.NextAsync();
        var items = await UntilAsync(endpoint, items => Settled(items[0]));
        Assert.InRange(Time(items[0], "nextAttemptAt") - Time(items[0], "attemptedAt"), TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(605));

        // The event of another task waits as well; it comes when the time is over, and not before.
        _receiver.Answers.Clear();
        var task = Text((await _zoetrope.Api.GenerateAsync(_customer, Request("[[refused]]"))).Expect(200).Data, "id");
        await _zoetrope.Api.WaitAsync(_customer, task);
        Assert.Single(_receiver.All);
        _clock.Advance(TimeSpan.FromSeconds(610));
        await UntilAsync(endpoint, all => all.Count > 1 && all.All(item => Text(item, "state") == "delivered"));
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_its_target_is_never_visited()
    {
        var endpoint = await CreateAsync();
        foreach (var status in new[] { 301, 302, 307, 308 })
        {
            _receiver.Answers["/hook"] = context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = _receiver.Url("/elsewhere");
                return Task.CompletedTask;
            };
            var id = Text(await TestAsync(endpoint), "id");
            await UntilAsync(endpoint, items => Settled(items[0]) && items[0].GetProperty("responseStatus").GetInt32() == status);
            _receiver.Answers.Clear();
            (await PostAsync(Path(endpoint, $"deliveries/{id}/redeliver"))).Expect(200);
            await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        }

        Assert.DoesNotContain(_receiver.All, item => item.Path == "/elsewhere");
    }

    [Fact]
    public async Task A_huge_answer_is_cut_and_a_hanging_one_is_a_failure_that_delays_nobody_else()
    {
        var hanging = await CreateAsync("/hang");
        var huge = await CreateAsync("/huge");
        var release = new TaskCompletionSource();
        _receiver.Answers["/hang"] = context => release.Task.WaitAsync(context.RequestAborted);
        _receiver.Answers["/huge"] = async context =>
        {
            var chunk = new byte[65536];
            Array.Fill(chunk, (byte)'a');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }
        };
        await TestAsync(hanging);
        await _receiver.NextAsync();
        for (var i = 0; i < 3; i++)
        {
            await TestAsync(huge);
            var items = await UntilAsync(huge, items => items.Count == i + 1 && Text(items[0], "state") == "delivered");
            Assert.Equal(new string('a', 4096), Text(items[0], "responseBody"));
        }

        var hung = await UntilAsync(hanging, items => Settled(items[0]));
        Assert.False(hung[0].TryGetProperty("responseStatus", out _));
        Assert.Equal("The endpoint could not be reached, or gave no answer in time.", Text(hung[0], "error"));
        release.SetResult();
    }

    [Fact]
    public async Task Both_secrets_sign_for_a_day_after_a_rotation()
    {
        var endpoint = await CreateAsync();
        var rotated = (await PostAsync(Path(endpoint, "rotate-secret"))).Expect(200).Data;
        var (before, after) = (Text(endpoint, "secret"), Text(rotated, "secret"));
        Assert.NotEqual(before, after);

        await TestAsync(endpoint);
        var during = await _receiver.NextAsync();
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        _clock.Advance(TimeSpan.FromHours(25));
        await TestAsync(endpoint);
        var later = await _receiver.NextAsync();

        Assert.True(during.IsSignedWith(before) && during.IsSignedWith(after) && during.IsSignedByOwnerOf(Text(endpoint, "publicKey")) && during.IsSignedByOwnerOf(Text(rotated, "publicKey")));
        Assert.True(later.IsSignedWith(after) && !later.IsSignedWith(before) && !later.IsSignedByOwnerOf(Text(endpoint, "publicKey")));
        Assert.False((await ReadAsync(endpoint)).TryGetProperty("secret", out _));
    }

    [Fact]
    public async Task A_paused_endpoint_gathers_and_a_time_range_is_sent_again()
    {
        var endpoint = await CreateAsync("/hook", "task.failed");
        Assert.Equal("paused", Text((await PostAsync(Path(endpoint, "pause"))).Expect(200).Data, "state"));
        var task = Text((await _zoetrope.Api.GenerateAsync(_customer, Request("[[fail]]"))).Expect(200).Data, "id");
        await _zoetrope.Api.WaitAsync(_customer, task);
        var waiting = await DeliveriesAsync(endpoint);
        Assert.Equal(("pending", task), (Text(Assert.Single(waiting), "state"), Text(waiting[0], "taskId")));
        Assert.Empty(_receiver.All);

        (await PostAsync(Path(endpoint, "resume"))).Expect(200);
        var first = await _receiver.NextAsync();
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        var happened = Time(waiting[0], "createdAt");
        async Task<int> AgainAsync(DateTimeOffset from, DateTimeOffset to, string? state = null) =>
            (await PostAsync(Path(endpoint, "redeliver"), new { from, to, state })).Expect(200).Data.GetProperty("redelivered").GetInt32();

        Assert.Equal(0, await AgainAsync(happened.AddHours(-2), happened));
        Assert.Equal(0, await AgainAsync(happened, happened.AddHours(1), "failed"));
        Assert.Equal(1, await AgainAsync(happened, happened.AddHours(1)));
        Assert.Equal(first.Id, (await _receiver.NextAsync()).Id);
    }

    [Fact]
    public async Task An_account_sees_changes_and_deletes_its_own_endpoints_only()
    {
        var endpoint = await CreateAsync();
        var id = Text(await TestAsync(endpoint), "id");
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        var stranger = await _zoetrope.Api.CreateCustomerAsync();
        var live = new Customer(_customer.AccountId, await _zoetrope.Api.CreateKeyAsync(_customer.AccountId, "live"));
        foreach (var other in new[] { stranger, live })
        {
            foreach (var (method, path) in new[]
            {
                (HttpMethod.Get, Path(endpoint)), (HttpMethod.Delete, Path(endpoint)), (HttpMethod.Patch, Path(endpoint)), (HttpMethod.Get, Path(endpoint, "deliveries")),
                (HttpMethod.Get, Path(endpoint, $"deliveries/{id}")), (HttpMethod.Post, Path(endpoint, $"deliveries/{id}/redeliver")), (HttpMethod.Post, Path(endpoint, "rotate-secret")),
                (HttpMethod.Post, Path(endpoint, "pause")), (HttpMethod.Post, Path(endpoint, "resume")), (HttpMethod.Post, Path(endpoint, "test")),
            })
            {
                Assert.Equal((404, "WEBHOOK_NOT_FOUND"), await RefusalAsync(_zoetrope.Api.SendAsync(method, path, other.Key, method == HttpMethod.Patch ? "{}" : null)));
            }

            Assert.Equal((404, "WEBHOOK_NOT_FOUND"), await RefusalAsync(PostAsync(Path(endpoint, "redeliver"), new { from = "2020-01-01T00:00:00Z" }, other)));
            Assert.Equal(0, (await _zoetrope.Api.GetAsync(other, "/api/v1/webhooks")).Expect(200).Data.GetProperty("webhooks").GetArrayLength());
        }

        var changed = (await _zoetrope.Api.SendAsync(HttpMethod.Patch, Path(endpoint), _customer.Key, """{"description":"mine","events":["task.failed"]}""")).Expect(200).Data;
        Assert.Equal(("mine", "task.failed", _receiver.Url()), (Text(changed, "description"), changed.GetProperty("events")[0].GetString(), Text(changed, "url")));
        (await _zoetrope.Api.SendAsync(HttpMethod.Delete, Path(endpoint), _customer.Key)).Expect(200);
        Assert.Equal((404, "WEBHOOK_NOT_FOUND"), await RefusalAsync(_zoetrope.Api.GetAsync(_customer, Path(endpoint))));
    }

    [Theory]
    [InlineData("""{}""", "MISSING_PARAMETER")]
    [InlineData("""{"url":"https://169.254.169.254/latest"}""", "URL_NOT_ALLOWED")]
    [InlineData("""{"url":"http://example.com/"}""", "URL_NOT_ALLOWED")]
    [InlineData("""{"url":"ftp://example.com/"}""", "URL_NOT_ALLOWED")]
    [InlineData("""{"url":"https://user:word@example.com/"}""", "URL_NOT_ALLOWED")]
    [InlineData("""{"url":"https://example.com/","events":["task.exploded"]}""", "INVALID_PARAMETER")]
    [InlineData("""{"url":"https://example.com/","secret":"mine"}""", "UNKNOWN_PARAMETER")]
    public async Task An_endpoint_that_cannot_be_is_refused(string body, string code) =>
        Assert.Equal((400, code), await RefusalAsync(_zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", _customer.Key, body)));

    [Fact]
    public async Task A_receiver_that_fails_and_resets_at_random_takes_every_event_exactly_once()
    {
        var taken = new ConcurrentBag<string>();
        _receiver.Answers["/hook"] = async context =>
        {
            switch (Random.Shared.Next(100))
            {
                case < 30:
                    context.Response.StatusCode = Random.Shared.Next(2) == 0 ? 500 : 404;
                    break;
                case < 40:
                    context.Abort();
                    break;
                default:
                    taken.Add(context.Request.Headers["webhook-id"].ToString());
                    await context.Response.WriteAsync("thanks");
                    break;
            }
        };
        var endpoint = await CreateAsync();
        var tasks = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ => Text((await _zoetrope.Api.GenerateAsync(_customer, Request("[[refused]]"))).Expect(200).Data, "id")));
        foreach (var task in tasks)
        {
            await _zoetrope.Api.WaitAsync(_customer, task);
        }

        List<JsonElement> deliveries;
        while (true)
        {
            // Only when nothing is due does the clock go on: months would pass before the dispatcher has looked once.
            deliveries = await UntilAsync(endpoint, items => items.All(item => Text(item, "state") == "delivered" || (Settled(item) && Time(item, "nextAttemptAt") > _clock.GetUtcNow())), limit: 100);
            if (deliveries.All(item => Text(item, "state") == "delivered"))
            {
                break;
            }

            _clock.Advance(TimeSpan.FromHours(3));
        }

        Assert.Equal(tasks.Order(), deliveries.Select(item => Text(item, "taskId")).Distinct().Order());
        Assert.All(deliveries.GroupBy(item => Text(item, "taskId")), group => Assert.Equal(group.Count(), group.Select(item => Text(item, "type")).Distinct().Count()));
        Assert.Equal(deliveries.Select(item => Text(item, "id")).Order(), taken.Order());
        Assert.All(_receiver.All, item => Assert.True(item.IsSignedWith(Text(endpoint, "secret"))));
    }

    [Fact]
    public async Task There_may_be_so_many_endpoints_and_pages_of_deliveries_join()
    {
        var endpoint = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            await TestAsync(endpoint);
            await UntilAsync(endpoint, items => items.Count == i + 1 && Text(items[0], "state") == "delivered");
        }

        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await _zoetrope.Api.GetAsync(_customer, Path(endpoint, $"deliveries?limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}"))).Expect(200).Data;
            seen.AddRange(page.GetProperty("deliveries").EnumerateArray().Select(item => Text(item, "id")));
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(_receiver.All.Select(item => item.Id).Reverse(), seen);
        for (var i = 1; i < 12; i++)
        {
            await CreateAsync();
        }

        Assert.Equal((409, "INVALID_OPERATION"), await RefusalAsync(PostAsync("/api/v1/webhooks", new { url = _receiver.Url() })));
    }

    private static object Request(string prompt) => new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" } };

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static DateTimeOffset Time(JsonElement element, string name) => DateTimeOffset.Parse(Text(element, name), CultureInfo.InvariantCulture);

    // The newest attempt has an outcome: one under way still shows the due time from before it began.
    private static bool Settled(JsonElement delivery) =>
        delivery.TryGetProperty("error", out _) && (delivery.TryGetProperty("finishedAt", out _) || Time(delivery, "nextAttemptAt") > Time(delivery, "attemptedAt"));

    private static RequestDelegate Status(int status, string body = "") => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };

    private static string Path(JsonElement endpoint, string? rest = null) => $"/api/v1/webhooks/{Text(endpoint, "id")}{(rest is null ? "" : "/" + rest)}";

    private static async Task<(int, string?)> RefusalAsync(Task<Reply> call) => await call is var reply ? (reply.Status, reply.Code) : default;

    private Task<Reply> PostAsync(string path, object? body = null, Customer? caller = null) =>
        _zoetrope.Api.SendAsync(HttpMethod.Post, path, (caller ?? _customer).Key, body is null ? null : JsonSerializer.Serialize(body));

    private async Task<JsonElement> CreateAsync(string path = "/hook", params string[] events) =>
        (await PostAsync("/api/v1/webhooks", events.Length == 0 ? new { url = _receiver.Url(path) } : new { url = _receiver.Url(path), events })).Expect(200).Data;

    private async Task<JsonElement> TestAsync(JsonElement endpoint) => (await PostAsync(Path(endpoint, "test"))).Expect(200).Data;

    private async Task<JsonElement> ReadAsync(JsonElement endpoint) => (await _zoetrope.Api.GetAsync(_customer, Path(endpoint))).Expect(200).Data;

    private async Task<List<JsonElement>> DeliveriesAsync(JsonElement endpoint, int limit = 20) =>
        [.. (await _zoetrope.Api.GetAsync(_customer, Path(endpoint, $"deliveries?limit={limit}"))).Expect(200).Data.GetProperty("deliveries").EnumerateArray()];

    private async Task<List<JsonElement>> UntilAsync(JsonElement endpoint, Func<List<JsonElement>, bool> wanted, int limit = 20)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var items = await DeliveriesAsync(endpoint, limit);
            if (items.Count > 0 && wanted(items))
            {
                return items;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"Not reached: {string.Join("\n", items)}");
        }
    }
}

public sealed class SqliteWebhookTests : WebhookConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresWebhookTests : WebhookConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
