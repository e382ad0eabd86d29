using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Driving;

/// <summary>A provider's places: whoever came first with long tasks does not hold all of them.</summary>
public abstract class PlacesConformance : VendorScene
{
    private const int Places = 20;
    private const int Kept = 2;

    // Each test has a number of places of its own.
    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_tenth_of_the_places_is_kept_for_accounts_that_run_nothing_there()
    {
        await StartAsync(Places);
        Provider.Books.Default = new JobPlan { Polls = [PollAnswer.Running] };
        var hog = await Api.CreateCustomerAsync();
        var newcomers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Api.CreateCustomerAsync()));
        var database = (Database)Zoetrope.Services.GetService(typeof(Database))!;
        Task<long> RunningAsync(Customer? customer = null) => database.ReadAsync(async session =>
            await session.ScalarAsync<long>("select count(*) from generations where status = 'running' and (@all = 1 or account_id = @id)", new { id = customer?.AccountId ?? "", all = customer is null ? 1 : 0 })).AsTask();

        await Task.WhenAll(Enumerable.Range(0, Places).Select(i => GenerateAsync(hog, $"hog {i}")));
        await Until.SeesAsync(() => RunningAsync(), running => running == Places - Kept, what: "all places but the kept ones");

        // Each newcomer has two tasks; the first of each gets a kept place, and nobody's second does.
        foreach (var newcomer in newcomers.Take(Kept))
        {
            await GenerateAsync(newcomer, "first");
            await GenerateAsync(newcomer, "second");
            await Until.SeesAsync(() => RunningAsync(newcomer), running => running == 1, what: "the newcomer's first task");
        }

        // Now all places are taken, and one that comes free is the third newcomer's, not the hog's.
        var last = await GenerateAsync(newcomers[^1], "last");
        Assert.Equal(Places, await RunningAsync());
        var first = (await Api.GetAsync(hog, "/api/v1/tasks?status=processing")).Expect(200).Data.GetProperty("tasks")[0].GetProperty("id").GetString();
        await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{first}", hog.Key);
        await Until.SeesAsync(() => RunningAsync(newcomers[^1]), running => running == 1, what: $"{last} to run");
    }

    [Fact]
    public async Task An_account_alone_with_one_place_uses_it()
    {
        await StartAsync(1);
        var customer = await Api.CreateCustomerAsync();

        foreach (var id in await Task.WhenAll(Enumerable.Range(0, 3).Select(i => GenerateAsync(customer, $"one of {i}"))))
        {
            Assert.Equal("completed", (await Api.WaitAsync(customer, id)).GetProperty("status").GetString());
        }
    }

    private Task StartAsync(int places) => StartAsync(new TestServer
    {
        Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = $"{places}" },
    });

    private async Task<string> GenerateAsync(Customer customer, string prompt) =>
        (await Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } })).Expect(200).Data.GetProperty("id").GetString()!;
}

public sealed class SqlitePlacesTests : PlacesConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresPlacesTests : PlacesConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
