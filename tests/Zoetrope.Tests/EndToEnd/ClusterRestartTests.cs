using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Bfl;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>What the nodes of a cluster must bear without anybody noticing: restarts one by one, wrong clocks, a bucket that is away.</summary>
public sealed class ClusterRestartTests
{
    private const long Credits = 1_000_000;

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task Nodes_that_restart_one_by_one_with_paid_calls_in_the_air_fail_no_request()
    {
        await using var scene = await ClusterScene.StartAsync(64);
        scene.Finish();
        var customer = await scene.Nodes[0].Api.CreateCustomerAsync(Credits, mode: "live");
        await using var balancer = new Balancer(scene.Nodes);
        var (ids, replies, ended) = (new ConcurrentQueue<string>(), new ConcurrentQueue<(int Status, string Text)>(), false);
        var clients = Enumerable.Range(0, 4).Select(client => Until.HoldsAsync(
            async () =>
            {
                var prompt = $"client {client}, picture {ids.Count} {Guid.NewGuid()}";

                // Every answer takes a while, so that some are always in the air.
                scene.Vendor.Books.PlanFor(prompt, new JobPlan { AnswersAfter = Until.PassesAsync(TimeSpan.FromSeconds(1)), Polls = [PollAnswer.Succeeded] });
                var reply = await balancer.Next().GenerateAsync(customer, new { model = ClusterScene.Model, input = new { prompt } });
                replies.Enqueue((reply.Status, reply.Text));
                if (reply.Status == 200)
                {
                    ids.Enqueue(TaskAnswers.IdOf(reply.Text));
                }

                var read = await balancer.Next().GetAsync(customer, "/api/v1/credits");
                replies.Enqueue((read.Status, read.Text));
                return Volatile.Read(ref ended);
            },
            limit: TimeSpan.FromMinutes(10))).ToList();

        for (var node = 0; node < 3; node++)
        {
            await Until.PassesAsync(TimeSpan.FromSeconds(3));
            await scene.Nodes[node].TerminateAsync();
            Assert.Equal(0, await scene.Nodes[node].ExitCodeAsync(Until.Patience));
            await scene.Nodes[node].StartAgainAsync();
            await Until.HoldsAsync(() => balancer.IsIn(node));
        }

        Volatile.Write(ref ended, true);
        await Task.WhenAll(clients);
        Assert.All(replies, reply => Assert.True(reply.Status == 200, reply.Text));
        foreach (var id in ids)
        {
            var task = await scene.Nodes[0].Api.WaitAsync(customer, id);
            Assert.True(TaskAnswers.EndOf(task) == "completed", task.ToString());
        }

        Assert.Equal(ids.Count, scene.Vendor.Books.Submits);
        Assert.Equal(0, await scene.DeadlocksAsync());
        await scene.Nodes[0].Api.AssertLedgerIsCleanAsync();
    }

    [Fact]
    public async Task Nodes_whose_clocks_are_ten_minutes_apart_lose_nothing_and_buy_nothing_twice()
    {
        TestPostgres.SkipIfAbsent();
        await using var vendor = new FakeBfl();
        await vendor.OpenAsync();
        vendor.Books.Default = new JobPlan { Polls = [PollAnswer.Running, PollAnswer.Succeeded] };
        await using var right = await NodeAsync(vendor, null, TimeSpan.Zero);
        await using var ahead = await NodeAsync(vendor, right.Postgres, TimeSpan.FromMinutes(10));
        await using var behind = await NodeAsync(vendor, right.Postgres, TimeSpan.FromMinutes(-10));
        TestZoetrope[] nodes = [right, ahead, behind];
        var customers = await Task.WhenAll(nodes.Select(node => node.Api.CreateCustomerAsync(Credits, mode: "live")));
        var ids = await Task.WhenAll(Enumerable.Range(0, 27).Select(async i =>
        {
            var customer = customers[i % 9 / 3];
            var request = new { model = ClusterScene.Model, input = new { prompt = $"picture {i}" } };
            var reply = await nodes[i % 3].Api.GenerateAsync(customer, request, $"key {i}");
            var again = await nodes[(i + 1) % 3].Api.GenerateAsync(customer, request, $"key {i}");
            Assert.Equal(reply.Expect(200).Text, again.Text);
            return (Customer: customer, Id: TaskAnswers.IdOf(reply.Text), Node: nodes[(i + 2) % 3]);
        }));
        foreach (var (customer, id, node) in ids)
        {
            var task = await node.Api.WaitAsync(customer, id);
            Assert.True(TaskAnswers.EndOf(task) == "completed", task.ToString());
        }

        Assert.Equal(ids.Length, vendor.Books.Submits);
        foreach (var customer in customers)
        {
            Assert.Single((await Task.WhenAll(nodes.Select(node => node.Api.CreditsAsync(customer)))).Distinct());
        }
    }

    [Fact]
    public async Task A_bucket_that_is_away_for_a_while_fails_no_task()
    {
        TestPostgres.SkipIfAbsent();
        await using var bucket = await FakeS3.StartAsync();
        await using var first = await TestZoetrope.StartAsync(new TestServer { Database = SqlDialect.Postgres, Settings = bucket.Settings() });
        await using var second = await TestZoetrope.StartAsync(new TestServer { Database = SqlDialect.Postgres, Postgres = first.Postgres, Settings = bucket.Settings() });
        TestZoetrope[] nodes = [first, second];
        var customer = await first.Api.CreateCustomerAsync(Credits);
        var refused = 0;
        bucket.Fail = _ =>
        {
            Interlocked.Increment(ref refused);
            return S3Fault.Away;
        };
        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => nodes[i % 2].Api.GenerateAsync(customer, Picture($"picture {i}"))));

        // Each was drawn, and each was tried more than once.
        await Until.HoldsAsync(() => Volatile.Read(ref refused) >= 20, () => refused);
        foreach (var id in ids)
        {
            var task = (await second.Api.GetAsync(customer, $"/api/v1/tasks/{TaskAnswers.IdOf(id.Text)}")).Expect(200).Data;
            Assert.NotEqual("failed", task.GetProperty("status").GetString());
        }

        bucket.Fail = static _ => S3Fault.None;
        foreach (var id in ids)
        {
            var task = await second.Api.WaitAsync(customer, TaskAnswers.IdOf(id.Text));
            Assert.True(TaskAnswers.EndOf(task) == "completed", task.ToString());
            Assert.Equal(200, (await first.Api.GetAsync(customer, $"/api/v1/tasks/{TaskAnswers.IdOf(id.Text)}/download?mode=proxy")).Status);
        }
    }

    private static object Picture(string prompt) => new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" } };

    private static Task<TestZoetrope> NodeAsync(FakeBfl vendor, string? postgres, TimeSpan off)
    {
        var clock = new MovedClock();
        clock.Advance(off);
        return TestZoetrope.StartAsync(new TestServer
        {
            Database = SqlDialect.Postgres,
            Postgres = postgres,
            Register = services => services.Replace(ServiceDescriptor.Singleton(new ClusterTime(clock))),
            Settings = new Dictionary<string, string?>
            {
                ["Providers:bfl:BaseUrl"] = vendor.BaseUrl.ToString(),
                ["Providers:bfl:ApiKey"] = vendor.Key,
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            },
        });
    }
}
