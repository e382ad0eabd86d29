using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>Webhooks from outside: a real server, real receivers on real ports, and every way in which a receiver can misbehave.</summary>
public abstract class WebhookConformance : WebhookScene
{
    [Fact]
    public async Task A_task_is_told_from_its_creation_to_its_end_signed_twice_and_once_each()
    {
        var endpoint = await CreateAsync();
        await CreateAsync("/ends", "task.completed", "task.failed");
        var live = new Customer(Customer.AccountId, await Zoetrope.Api.CreateKeyAsync(Customer.AccountId, "live"));
        (await PostAsync("/api/v1/webhooks", new { url = Receiver.Url("/live") }, live)).Expect(200);

        var created = (await Zoetrope.Api.GenerateAsync(Customer, Request("A red fox"))).Expect(200).Data;
        var task = await Zoetrope.Api.WaitAsync(Customer, Text(created, "id"));
        var deliveries = new List<ReceivedWebhook>();
        for (var i = 0; i < 4; i++)
        {
            deliveries.Add(await Receiver.NextAsync());
        }

        Assert.Equal(["task.completed", "task.created", "task.processing"], deliveries.Where(item => item.Path == "/hook").Select(item => item.Type).Order());
        Assert.Equal("task.completed", Assert.Single(deliveries, item => item.Path == "/ends").Type);
        Assert.All(deliveries.Where(item => item.Path == "/hook"), item => Assert.True(item.IsSignedWith(Text(endpoint, "secret")) && item.IsSignedByOwnerOf(Text(endpoint, "publicKey"))));
        Assert.All(deliveries.Where(item => item.Path == "/ends"), item => Assert.False(item.IsSignedWith(Text(endpoint, "secret")) || item.IsSignedByOwnerOf(Text(endpoint, "publicKey"))));
        Assert.Equal(4, deliveries.Select(item => item.Id).Distinct().Count());
        var end = deliveries.First(item => item.Type == "task.completed").Json.GetProperty("data");
        Assert.Equal(("completed", Text(task, "id")), (Text(end, "status"), Text(end, "id")));
        Assert.NotEmpty(await Zoetrope.Api.DownloadAsync(Text(end.GetProperty("result"), "url")));

        await UntilAsync(endpoint, items => items.Count == 3 && items.All(item => Text(item, "state") == "delivered"));
        Assert.Equal(4, Receiver.All.Count);
    }

    [Fact]
    public async Task A_failure_is_tried_again_with_the_same_id_and_a_new_time_until_it_is_taken()
    {
        var endpoint = await CreateAsync();
        Receiver.Answers["/hook"] = Status(500, "out of order");
        var test = await TestAsync(endpoint);
        var first = await Receiver.NextAsync();
        var failed = await UntilAsync(endpoint, items => items.Count == 1 && items[0].TryGetProperty("error", out _));
        Assert.Equal((500, "out of order", "pending"), (failed[0].GetProperty("responseStatus").GetInt32(), Text(failed[0], "responseBody"), Text(failed[0], "state")));
        var wait = Time(failed[0], "nextAttemptAt") - Time(failed[0], "attemptedAt");

        // The attempt itself takes its time on a busy machine.
        Assert.InRange(wait, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(60));

        Receiver.Answers.Clear();
        Clock.Advance(TimeSpan.FromSeconds(10));
        var second = await Receiver.NextAsync();
        var delivered = await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");

        Assert.Equal((first.Id, Text(test, "id")), (second.Id, first.Id));
        Assert.NotEqual(first.Timestamp, second.Timestamp);
        Assert.True(first.IsSignedWith(Text(endpoint, "secret")) && second.IsSignedWith(Text(endpoint, "secret")));
        Assert.Equal(2, delivered[0].GetProperty("attempts").GetInt32());
        Assert.False((await ReadAsync(endpoint)).TryGetProperty("failingSince", out _));
    }

    [Fact]
    public async Task An_endpoint_that_never_answered_is_tried_with_one_delivery_and_the_others_wait_for_its_success()
    {
        var endpoint = await CreateAsync();
        Receiver.Answers["/hook"] = Status(500);
        for (var i = 0; i < 4; i++)
        {
            await Zoetrope.Api.WaitAsync(Customer, Text((await Zoetrope.Api.GenerateAsync(Customer, Request("[[refused]]"))).Expect(200).Data, "id"));
        }

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await UntilAsync(endpoint, items => items.Any(item => item.GetProperty("attempts").GetInt32() == attempt && Settled(item)));
            Clock.Advance(attempt < 3 ? WebhookRetries.Schedule[attempt - 1] * 1.25 : TimeSpan.Zero);
        }

        Assert.Single(Receiver.All.Select(item => item.Id).Distinct());
        Assert.Equal(11, (await DeliveriesAsync(endpoint)).Count(item => item.GetProperty("attempts").GetInt32() == 0));

        // A test, and a delivery that is sent again by hand, are one more try each; the first that is taken brings all the others.
        await TestAsync(endpoint);
        await UntilAsync(endpoint, items => items.Any(item => Text(item, "type") == "webhook.test" && Settled(item)));
        Receiver.Answers.Clear();
        var waiting = (await DeliveriesAsync(endpoint)).First(item => item.GetProperty("attempts").GetInt32() == 0);
        (await PostAsync(Path(endpoint, $"deliveries/{Text(waiting, "id")}/redeliver"))).Expect(200);
        await UntilAsync(endpoint, items => items.Count == 13 && items.All(item => Text(item, "state") == "delivered"));
        Assert.Equal(13 + 4, Receiver.All.Count);

        // Another address has to show anew that it works.
        Receiver.Answers["/new"] = Status(500);
        (await Zoetrope.Api.SendAsync(HttpMethod.Patch, Path(endpoint), Customer.Key, $$"""{"url":"{{Receiver.Url("/new")}}"}""")).Expect(200);
        await Zoetrope.Api.WaitAsync(Customer, Text((await Zoetrope.Api.GenerateAsync(Customer, Request("[[refused]]"))).Expect(200).Data, "id"));
        await UntilAsync(endpoint, items => items.Count(item => item.GetProperty("attempts").GetInt32() == 1 && Settled(item) && Text(item, "state") == "pending") == 1);
        Assert.Equal(2, (await DeliveriesAsync(endpoint)).Count(item => item.GetProperty("attempts").GetInt32() == 0));
    }

    [Fact]
    public async Task A_delivery_is_sent_again_once_a_minute_and_a_range_counts_those_that_are()
    {
        var endpoint = await CreateAsync();
        var id = Text(await TestAsync(endpoint), "id");
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        var range = new { from = Clock.GetUtcNow().AddHours(-1) };
        async Task<int> RangeAsync() => (await PostAsync(Path(endpoint, "redeliver"), range)).Expect(200).Data.GetProperty("redelivered").GetInt32();

        (await PostAsync(Path(endpoint, $"deliveries/{id}/redeliver"))).Expect(200);
        await UntilAsync(endpoint, items => items[0].GetProperty("attempts").GetInt32() == 2 && Text(items[0], "state") == "delivered");
        var refused = await PostAsync(Path(endpoint, $"deliveries/{id}/redeliver"));
        Assert.Equal((429, "RATE_LIMITED"), (refused.Status, refused.Code));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(0, await RangeAsync());

        Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(1, await RangeAsync());
        Assert.Equal(0, await RangeAsync());
        Assert.Equal((429, "RATE_LIMITED"), await RefusalAsync(PostAsync(Path(endpoint, $"deliveries/{id}/redeliver"))));
        await UntilAsync(endpoint, items => items[0].GetProperty("attempts").GetInt32() == 3 && Text(items[0], "state") == "delivered");
        Assert.Equal(3, Receiver.All.Count);
    }

    [Fact]
    public async Task The_schedule_ends_after_ten_attempts_and_a_redelivery_begins_it_anew()
    {
        var endpoint = await CreateAsync();
        Receiver.Answers["/hook"] = Status(500);
        var id = Text(await TestAsync(endpoint), "id");
        for (var attempt = 1; attempt <= 10; attempt++)
        {
            await Receiver.NextAsync();
            await UntilAsync(endpoint, items => items[0].GetProperty("attempts").GetInt32() == attempt && Settled(items[0]));
            Clock.Advance(attempt == 10 ? TimeSpan.Zero : WebhookRetries.Schedule[attempt - 1] * 1.25);
        }

        Assert.Equal("failed", Text((await DeliveriesAsync(endpoint))[0], "state"));
        Assert.Equal("active", Text(await ReadAsync(endpoint), "state"));

        Receiver.Answers.Clear();
        (await PostAsync(Path(endpoint, $"deliveries/{id}/redeliver"))).Expect(200);
        Assert.Equal(id, (await Receiver.NextAsync()).Id);
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
    }

    [Fact]
    public async Task Five_days_of_nothing_but_failures_disable_and_announce_and_nothing_is_lost()
    {
        var broken = await CreateAsync("/broken");
        await CreateAsync("/watch", "webhook.disabled");
        Receiver.Answers["/broken"] = Status(500);
        await TestAsync(broken);
        for (var day = 0; Text(await ReadAsync(broken), "state") != "disabled"; day++)
        {
            Assert.InRange(day, 0, 6);
            await Receiver.NextAsync();
            await UntilAsync(broken, items => items[0].GetProperty("attempts").GetInt32() > day && Settled(items[0]));
            Clock.Advance(TimeSpan.FromHours(29));
        }

        var announced = (await Receiver.NextAsync()) is { Path: "/watch" } told ? told : await Receiver.NextAsync();
        Assert.Equal(("webhook.disabled", Text(broken, "id")), (announced.Type, Text(announced.Json.GetProperty("data"), "id")));
        Assert.Contains("120 hours", Text(await ReadAsync(broken), "disabledReason"));

        // What happens meanwhile waits.
        var task = Text((await Zoetrope.Api.GenerateAsync(Customer, Request("[[fail]]"))).Expect(200).Data, "id");
        await Zoetrope.Api.WaitAsync(Customer, task);
        Receiver.Answers.Clear();
        (await PostAsync(Path(broken, "resume"))).Expect(200);
        await UntilAsync(broken, items => items.Count(item => item.TryGetProperty("taskId", out var id) && id.GetString() == task && Text(item, "state") == "delivered") == 3);
    }

    [Theory]
    [InlineData(72, 4)]
    [InlineData(20, 8)]
    public async Task Failures_with_a_success_in_between_or_far_apart_never_disable(int hours, int times)
    {
        var endpoint = await CreateAsync();
        for (var i = 0; i < times; i++)
        {
            Receiver.Answers["/hook"] = Status(500);
            await TestAsync(endpoint);
            await Receiver.NextAsync();
            await UntilAsync(endpoint, items => Settled(items[0]));
            Receiver.Answers.Clear();
            Clock.Advance(TimeSpan.FromHours(hours));
            await Receiver.NextAsync();
            await UntilAsync(endpoint, items => items.All(item => Text(item, "state") == "delivered"));
        }

        Assert.Equal("active", Text(await ReadAsync(endpoint), "state"));
    }

    [Fact]
    public async Task Gone_disables_at_once()
    {
        var endpoint = await CreateAsync();
        Receiver.Answers["/hook"] = Status(410);
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
        Receiver.Answers["/hook"] = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "600";
            return Task.CompletedTask;
        };
        await TestAsync(endpoint);
        await Receiver.NextAsync();
        var items = await UntilAsync(endpoint, items => Settled(items[0]));
        Assert.InRange(Time(items[0], "nextAttemptAt") - Time(items[0], "attemptedAt"), TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(660));

        // The event of another task waits as well; it comes when the time is over, and not before.
        Receiver.Answers.Clear();
        var task = Text((await Zoetrope.Api.GenerateAsync(Customer, Request("[[refused]]"))).Expect(200).Data, "id");
        await Zoetrope.Api.WaitAsync(Customer, task);
        Assert.Single(Receiver.All);
        Clock.Advance(TimeSpan.FromSeconds(610));
        await UntilAsync(endpoint, all => all.Count > 1 && all.All(item => Text(item, "state") == "delivered"));
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_its_target_is_never_visited()
    {
        var endpoint = await CreateAsync();
        foreach (var status in new[] { 301, 302, 307, 308 })
        {
            Receiver.Answers["/hook"] = context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = Receiver.Url("/elsewhere");
                return Task.CompletedTask;
            };
            var id = Text(await TestAsync(endpoint), "id");
            await UntilAsync(endpoint, items => Settled(items[0]) && items[0].GetProperty("responseStatus").GetInt32() == status);
            Receiver.Answers.Clear();
            (await PostAsync(Path(endpoint, $"deliveries/{id}/redeliver"))).Expect(200);
            await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        }

        Assert.DoesNotContain(Receiver.All, item => item.Path == "/elsewhere");
    }

    [Fact]
    public async Task A_huge_answer_is_cut_and_a_hanging_one_is_a_failure_that_delays_nobody_else()
    {
        var hanging = await CreateAsync("/hang");
        var huge = await CreateAsync("/huge");
        var release = new TaskCompletionSource();
        Receiver.Answers["/hang"] = context => release.Task.WaitAsync(context.RequestAborted);
        Receiver.Answers["/huge"] = async context =>
        {
            var chunk = new byte[65536];
            Array.Fill(chunk, (byte)'a');
            await HostileAnswers.EndlessAsync(context, chunk);
        };
        await TestAsync(hanging);
        await Receiver.NextAsync();
        for (var i = 0; i < 3; i++)
        {
            await TestAsync(huge);
            var items = await UntilAsync(huge, items => items.Count == i + 1 && Text(items[0], "state") == "delivered");
            Assert.Equal(new string('a', 4096), Text(items[0], "responseBody"));
        }

        var hung = await UntilAsync(hanging, items => Settled(items[0]));
        Assert.False(hung[0].TryGetProperty("responseStatus", out _));
        Assert.Equal("The endpoint could not be reached or did not answer in time.", Text(hung[0], "error"));
        release.SetResult();
    }

    [Fact]
    public async Task An_answer_that_drips_is_cut_at_the_timeout_whether_its_status_came_or_not()
    {
        Assert.Equal(TimeSpan.FromSeconds(15), new WebhookOptions().Timeout);
        var body = await CreateAsync("/drip");
        Receiver.Answers["/drip"] = context => HostileAnswers.EndlessAsync(context, "."u8.ToArray(), drips: true);
        using var raw = new TcpListener(IPAddress.Loopback, 0);
        raw.Start();
        var head = (await PostAsync("/api/v1/webhooks", new { url = $"http://127.0.0.1:{((IPEndPoint)raw.LocalEndpoint).Port}/" })).Expect(200).Data;
        await TestAsync(body);
        await TestAsync(head);
        using var connection = await raw.AcceptTcpClientAsync();
        var dripping = DripAsync(connection.GetStream());

        var dripped = await UntilAsync(body, items => Text(items[0], "state") == "delivered");
        var unanswered = await UntilAsync(head, items => Settled(items[0]));

        await dripping;
        Assert.InRange(Text(dripped[0], "responseBody").Length, 1, 1_000);
        Assert.False(unanswered[0].TryGetProperty("responseStatus", out _));
        foreach (var (endpoint, item) in new[] { (body, dripped[0]), (head, unanswered[0]) })
        {
            var attempt = (await Zoetrope.Api.GetAsync(Customer, Path(endpoint, $"deliveries/{Text(item, "id")}"))).Expect(200).Data.GetProperty("history")[0];
            Assert.InRange(attempt.GetProperty("durationMs").GetInt64(), 1_300, 120_000);
        }
    }

    // A head that never ends, a byte at a time, until the other side has had enough.
    private static async Task DripAsync(Stream stream)
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nX-Drip: "u8.ToArray());
        await HostileAnswers.DripAsync(stream);
    }

    [Fact]
    public async Task Both_secrets_sign_for_a_day_after_a_rotation()
    {
        var endpoint = await CreateAsync();
        var rotated = (await PostAsync(Path(endpoint, "rotate-secret"))).Expect(200).Data;
        var (before, after) = (Text(endpoint, "secret"), Text(rotated, "secret"));
        Assert.NotEqual(before, after);

        await TestAsync(endpoint);
        var during = await Receiver.NextAsync();
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        Clock.Advance(TimeSpan.FromHours(25));
        await TestAsync(endpoint);
        var later = await Receiver.NextAsync();

        Assert.True(during.IsSignedWith(before) && during.IsSignedWith(after) && during.IsSignedByOwnerOf(Text(endpoint, "publicKey")) && during.IsSignedByOwnerOf(Text(rotated, "publicKey")));
        Assert.True(later.IsSignedWith(after) && !later.IsSignedWith(before) && !later.IsSignedByOwnerOf(Text(endpoint, "publicKey")));
        Assert.False((await ReadAsync(endpoint)).TryGetProperty("secret", out _));
    }

    [Fact]
    public async Task A_paused_endpoint_gathers_and_a_time_range_is_sent_again()
    {
        var endpoint = await CreateAsync("/hook", "task.failed");
        Assert.Equal("paused", Text((await PostAsync(Path(endpoint, "pause"))).Expect(200).Data, "state"));
        var task = Text((await Zoetrope.Api.GenerateAsync(Customer, Request("[[fail]]"))).Expect(200).Data, "id");
        await Zoetrope.Api.WaitAsync(Customer, task);
        var waiting = await DeliveriesAsync(endpoint);
        Assert.Equal(("pending", task), (Text(Assert.Single(waiting), "state"), Text(waiting[0], "taskId")));
        Assert.Empty(Receiver.All);

        (await PostAsync(Path(endpoint, "resume"))).Expect(200);
        var first = await Receiver.NextAsync();
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        var happened = Time(waiting[0], "createdAt");
        async Task<int> AgainAsync(DateTimeOffset from, DateTimeOffset to, string? state = null) =>
            (await PostAsync(Path(endpoint, "redeliver"), new { from, to, state })).Expect(200).Data.GetProperty("redelivered").GetInt32();

        Assert.Equal(0, await AgainAsync(happened.AddHours(-2), happened));
        Assert.Equal(0, await AgainAsync(happened, happened.AddHours(1), "failed"));
        Assert.Equal(1, await AgainAsync(happened, happened.AddHours(1)));
        Assert.Equal(first.Id, (await Receiver.NextAsync()).Id);
    }

    [Fact]
    public async Task An_account_sees_changes_and_deletes_its_own_endpoints_only()
    {
        var endpoint = await CreateAsync();
        var id = Text(await TestAsync(endpoint), "id");
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        var stranger = await Zoetrope.Api.CreateCustomerAsync();
        var live = new Customer(Customer.AccountId, await Zoetrope.Api.CreateKeyAsync(Customer.AccountId, "live"));
        foreach (var other in new[] { stranger, live })
        {
            foreach (var (method, path) in new[]
            {
                (HttpMethod.Get, Path(endpoint)), (HttpMethod.Delete, Path(endpoint)), (HttpMethod.Patch, Path(endpoint)), (HttpMethod.Get, Path(endpoint, "deliveries")),
                (HttpMethod.Get, Path(endpoint, $"deliveries/{id}")), (HttpMethod.Post, Path(endpoint, $"deliveries/{id}/redeliver")), (HttpMethod.Post, Path(endpoint, "rotate-secret")),
                (HttpMethod.Post, Path(endpoint, "pause")), (HttpMethod.Post, Path(endpoint, "resume")), (HttpMethod.Post, Path(endpoint, "test")),
            })
            {
                Assert.Equal((404, "WEBHOOK_NOT_FOUND"), await RefusalAsync(Zoetrope.Api.SendAsync(method, path, other.Key, method == HttpMethod.Patch ? "{}" : null)));
            }

            Assert.Equal((404, "WEBHOOK_NOT_FOUND"), await RefusalAsync(PostAsync(Path(endpoint, "redeliver"), new { from = "2020-01-01T00:00:00Z" }, other)));
            Assert.Equal(0, (await Zoetrope.Api.GetAsync(other, "/api/v1/webhooks")).Expect(200).Data.GetProperty("webhooks").GetArrayLength());
        }

        var changed = (await Zoetrope.Api.SendAsync(HttpMethod.Patch, Path(endpoint), Customer.Key, """{"description":"mine","events":["task.failed"]}""")).Expect(200).Data;
        Assert.Equal(("mine", "task.failed", Receiver.Url()), (Text(changed, "description"), changed.GetProperty("events")[0].GetString(), Text(changed, "url")));
        (await Zoetrope.Api.SendAsync(HttpMethod.Delete, Path(endpoint), Customer.Key)).Expect(200);
        Assert.Equal((404, "WEBHOOK_NOT_FOUND"), await RefusalAsync(Zoetrope.Api.GetAsync(Customer, Path(endpoint))));
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
        Assert.Equal((400, code), await RefusalAsync(Zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", Customer.Key, body)));

    [Fact]
    public async Task A_receiver_that_fails_and_resets_at_random_takes_every_event_exactly_once()
    {
        var taken = new ConcurrentBag<string>();
        var endpoint = await CreateAsync();

        // One that has answered before: until then the others would wait for the first.
        await TestAsync(endpoint);
        await UntilAsync(endpoint, items => Text(items[0], "state") == "delivered");
        taken.Add((await Receiver.NextAsync()).Id);
        Receiver.Answers["/hook"] = async context =>
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
        var tasks = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ => Text((await Zoetrope.Api.GenerateAsync(Customer, Request("[[refused]]"))).Expect(200).Data, "id")));
        foreach (var task in tasks)
        {
            await Zoetrope.Api.WaitAsync(Customer, task);
        }

        var deliveries = await UntilAsync(
            endpoint,
            items =>
            {
                // Only when nothing is due does the clock go on: months would pass before the dispatcher has looked once.
                var delivered = items.All(item => Text(item, "state") == "delivered");
                if (!delivered && items.All(item => Text(item, "state") == "delivered" || (Settled(item) && Time(item, "nextAttemptAt") > Clock.GetUtcNow())))
                {
                    Clock.Advance(TimeSpan.FromHours(3));
                }

                return delivered;
            },
            limit: 100);

        var ofTasks = deliveries.Where(item => Text(item, "type") != "webhook.test").ToList();
        Assert.Equal(tasks.Order(), ofTasks.Select(item => Text(item, "taskId")).Distinct().Order());
        Assert.All(ofTasks.GroupBy(item => Text(item, "taskId")), group => Assert.Equal(group.Count(), group.Select(item => Text(item, "type")).Distinct().Count()));
        Assert.Equal(deliveries.Select(item => Text(item, "id")).Order(), taken.Order());
        Assert.All(Receiver.All, item => Assert.True(item.IsSignedWith(Text(endpoint, "secret"))));
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
        await foreach (var page in Zoetrope.Api.PagesAsync(Customer, Path(endpoint, "deliveries?limit=2")))
        {
            seen.AddRange(page.Data.GetProperty("deliveries").EnumerateArray().Select(item => Text(item, "id")));
        }

        Assert.Equal(Receiver.All.Select(item => item.Id).Reverse(), seen);
        for (var i = 1; i < 12; i++)
        {
            await CreateAsync();
        }

        Assert.Equal((409, "INVALID_OPERATION"), await RefusalAsync(PostAsync("/api/v1/webhooks", new { url = Receiver.Url() })));
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
