using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Driving;

/// <summary>A result that takes long to fetch has one driver, however many look at its row.</summary>
public sealed class IngestLeaseTests
{
    // Longer than the ten seconds for which a result was once left alone.
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(24);

    private static readonly Dictionary<string, string?> Patient = new() { ["Egress:HeaderTimeout"] = "00:05:00" };

    [Fact]
    public async Task A_slow_result_is_fetched_once_by_one_of_two_nodes()
    {
        var (polled, serve) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var provider = await FakeProvider.StartAsync();
        provider.Books.Default = new JobPlan { Answer = () => polled.Task.IsCompleted ? PollAnswer.Succeeded : PollAnswer.Running, ServesAfter = serve.Task };
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.QueryByOurId);
        var wanted = new TestServer
        {
            Database = SqlDialect.Postgres,
            Provider = adapter,
            Time = new MovedClock(),
            Settings = new Dictionary<string, string?>(Patient) { ["Generations:LeaseSeconds"] = "600" },
        };
        await using var one = await TestZoetrope.StartAsync(wanted);
        await using var other = await TestZoetrope.StartAsync(wanted with { Postgres = one.Postgres });
        var customer = await one.Api.CreateCustomerAsync();
        var id = (await one.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "A red fox" } })).Expect(200).Data.GetProperty("id").GetString()!;
        var stale = await Until.FoundAsync(async () => await RowAsync(one, customer, id) is { Step: GenerationStep.Poll } row ? row : null);
        polled.SetResult();
        await Until.HoldsAsync(() => provider.Books.Accepted[0].Fetches == 1);
        ((MovedClock)wanted.Time).Advance(Slow);
        var asked = provider.Requests.Count;

        // Each node's driver looks, and one that was late: it polled before the result was taken.
        foreach (var node in new[] { one, other })
        {
            await node.Services.GetRequiredService<GenerationDriver>().StepAsync(customer.AccountId, id).WaitAsync(Until.Patience);
            await node.Services.GetRequiredService<IngestStep>().RunAsync(stale, [new ProviderOutput(new Uri(provider.Address, $"/results/{provider.Books.Accepted[0].Id}/0"), null)]).WaitAsync(Until.Patience);
        }

        Assert.Equal((1, asked), (provider.Books.Accepted[0].Fetches, provider.Requests.Count));
        serve.SetResult();
        var task = await one.Api.WaitAsync(customer, id);
        Assert.Equal(("completed", 1), (task.GetProperty("status").GetString(), provider.Books.Accepted[0].Fetches));
    }

    [Fact]
    public async Task The_lease_is_renewed_while_the_result_is_fetched()
    {
        var serve = new TaskCompletionSource();
        await using var provider = await FakeProvider.StartAsync();
        provider.Books.Default = new JobPlan { Polls = [PollAnswer.Succeeded], ServesAfter = serve.Task };
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.QueryByOurId);
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Provider = adapter, Settings = new Dictionary<string, string?>(Patient) { ["Generations:LeaseSeconds"] = "5" } });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var id = (await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "A red fox" } })).Expect(200).Data.GetProperty("id").GetString()!;
        var storing = await Until.FoundAsync(async () => await RowAsync(zoetrope, customer, id) is { Step: GenerationStep.Ingest } row ? row : null);

        var later = await Until.SeesAsync(() => RowAsync(zoetrope, customer, id), row => row!.NextRunAt > storing.NextRunAt + TimeSpan.FromSeconds(2));
        serve.SetResult();

        Assert.Equal((storing.Version, GenerationStep.Ingest), (later!.Version, later.Step));
        Assert.Equal("completed", (await zoetrope.Api.WaitAsync(customer, id)).GetProperty("status").GetString());
        Assert.Equal(1, provider.Books.Accepted[0].Fetches);
    }

    private static async Task<Generation?> RowAsync(TestZoetrope zoetrope, Customer customer, string id) =>
        await zoetrope.Services.GetRequiredService<GenerationBooks>().FindAsync(customer.AccountId, id);
}
