using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Feeds;

/// <summary>Who waits for a task hears of its end from the log, whichever node it was made and driven on.</summary>
public sealed class WaitAmongNodesTests
{
    // A log that cannot be read is made up for by a look every ten seconds.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task A_wait_ends_at_every_node_as_soon_as_the_task_does()
    {
        await using var provider = await FakeProvider.StartAsync();
        var finished = false;
        provider.Books.Default = new JobPlan { Answer = () => finished ? PollAnswer.Succeeded : PollAnswer.Running };
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.QueryByOurId);
        var wanted = new TestServer { Database = SqlDialect.Postgres, Provider = adapter };
        await using var one = await TestZoetrope.StartAsync(wanted);
        await using var other = await TestZoetrope.StartAsync(wanted with { Postgres = one.Postgres });
        var customer = await one.Api.CreateCustomerAsync();
        var id = (await one.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "A red fox" } })).Expect(200).Data.GetProperty("id").GetString()!;

        // One of them sees it run meanwhile, and a short wait ends before the task does.
        Assert.Equal("processing", (await Until.SeesAsync(async () => (await other.Api.GetAsync(customer, $"/api/v1/tasks/{id}?wait=0.3")).Expect(200).Data, task => task.GetProperty("status").GetString() == "processing")).GetProperty("status").GetString());
        var waits = new[] { one, other, other }.Select(node => node.Api.GetAsync(customer, $"/api/v1/tasks/{id}?wait=60")).ToList();
        finished = true;
        await Until.HoldsAsync(async () => (await one.Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.GetProperty("status").GetString() == "completed");

        var ended = await Task.WhenAll(waits).WaitAsync(Soon);
        Assert.All(ended, reply => Assert.Equal("completed", reply.Expect(200).Data.GetProperty("status").GetString()));
        Assert.Equal(200, (await other.Api.GetAsync(customer, $"/api/v1/tasks/{id}?wait=60")).Status);
    }
}
