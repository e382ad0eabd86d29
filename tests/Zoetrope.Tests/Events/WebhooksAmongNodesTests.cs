using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>Three nodes share one outbox: an endpoint has its few places in all of them together, and nothing is sent twice.</summary>
public sealed class WebhooksAmongNodesTests
{
    private const int Places = 2;
    private const int Tasks = 6;

    [Fact]
    public async Task An_endpoint_has_its_places_in_the_whole_cluster_and_a_failing_one_has_one()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var nodes = new List<TestZoetrope>();
        await using var all = new Disposed(nodes);
        for (var i = 0; i < 3; i++)
        {
            nodes.Add(await TestZoetrope.StartAsync(Node(nodes.FirstOrDefault()?.Postgres)));
        }

        var customer = await nodes[0].Api.CreateCustomerAsync();
        foreach (var path in new[] { "/hangs", "/fails", "/takes" })
        {
            (await nodes[0].Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", customer.Key, JsonSerializer.Serialize(new { url = receiver.Url(path), events = new[] { "task.failed" } }))).Expect(200);
        }

        // Each has taken one, so none is on trial any more; then one fails, and one hangs.
        await GenerateAsync(0);
        await Until.HoldsAsync(() => receiver.All.Count == 3, () => receiver.Received);
        var release = new TaskCompletionSource();
        var failed = false;
        receiver.Answers["/fails"] = async context =>
        {
            context.Response.StatusCode = 500;
            await (failed ? release.Task : Task.CompletedTask);
            failed = true;
        };
        await GenerateAsync(0);
        await Until.HoldsAsync(() => failed && Count("/hangs") == 2 && Count("/takes") == 2, () => receiver.Received);
        receiver.Answers["/hangs"] = _ => release.Task;
        await Task.WhenAll(Enumerable.Range(0, Tasks).Select(i => GenerateAsync(i % 3)));

        // What comes later is taken while those still hang.
        await Until.HoldsAsync(() => Count("/takes") == Tasks + 2, () => receiver.Received);
        await GenerateAsync(1);
        await GenerateAsync(2);
        await Until.HoldsAsync(() => Count("/takes") == Tasks + 4 && Count("/hangs") == 2 + Places && Count("/fails") >= 3, () => receiver.Received);
        Assert.Equal((2 + Places, 3), (Count("/hangs"), Count("/fails")));

        receiver.Answers["/fails"] = _ => Task.CompletedTask;
        release.SetResult();
        await Until.HoldsAsync(() => Count("/hangs") == Tasks + 4, () => receiver.Received);
        await Until.HoldsAsync(() => Of("/fails").Distinct().Count() == Tasks + 4 && Count("/fails") == Tasks + 6, () => receiver.Received);
        Assert.Equal(Tasks + 4, Of("/hangs").Distinct().Count());
        Assert.Equal(Tasks + 4, Of("/takes").Distinct().Count());

        int Count(string path) => receiver.All.Count(item => item.Path == path);

        IEnumerable<string> Of(string path) => receiver.All.Where(item => item.Path == path).Select(item => item.Id);

        async Task GenerateAsync(int node) => (await nodes[node].Api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[refused]]", resolution = "0.5K" } })).Expect(200);
    }

    [Theory]
    [InlineData(nameof(SqlDialect.Sqlite))]
    [InlineData(nameof(SqlDialect.Postgres))]
    public async Task A_commit_rings_where_the_outbox_is_read_once_an_hour(string dialect)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var zoetrope = await TestZoetrope.StartAsync(Node(null) with
        {
            Database = Enum.Parse<SqlDialect>(dialect),
            Settings = new Dictionary<string, string?>
            {
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
                ["Webhooks:PollInterval"] = "01:00:00",
                ["Providers:sandbox:Concurrency"] = "1",
            },
        });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        await GenerateAsync();
        await Until.HoldsAsync(async () => (await zoetrope.Api.GetAsync(customer, "/api/v1/tasks?status=processing")).Expect(200).Text.Contains("task_", StringComparison.Ordinal));
        (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", customer.Key, JsonSerializer.Serialize(new { url = receiver.Url() }))).Expect(200);

        // It waits for the place of the first, so nothing but its commit can ring.
        await GenerateAsync();
        Assert.Equal("task.created", (await receiver.NextAsync()).Type);

        async Task GenerateAsync() => (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[never-finishes]]", resolution = "0.5K" } })).Expect(200);
    }

    private static TestServer Node(string? postgres) => new()
    {
        Database = SqlDialect.Postgres,
        Postgres = postgres,
        Settings = new Dictionary<string, string?>
        {
            ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            ["Webhooks:PollInterval"] = "00:00:00.050",
            ["Webhooks:EndpointConcurrency"] = $"{Places}",
            ["Webhooks:RetrySchedule"] = "00:00:00.100,00:00:00.100,00:00:00.100,00:00:00.100,00:00:00.100,00:00:00.100",

            // No delivery that hangs ends within this test.
            ["Webhooks:Timeout"] = "00:10:00",
        },
    };

    // The one that owns the database last.
    private sealed class Disposed(List<TestZoetrope> nodes) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var node in Enumerable.Reverse(nodes))
            {
                await node.DisposeAsync();
            }
        }
    }
}
