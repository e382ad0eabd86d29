using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Gates;

/// <summary>How many tasks test keys may start on a day; of a whole account, whatever becomes of the tasks.</summary>
public abstract class TestTaskConformance
{
    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task An_account_starts_so_many_test_tasks_a_day()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Time = clock,
            Settings = new Dictionary<string, string?> { ["Generations:TestTasksPerDay"] = "6", ["Providers:sandbox:Concurrency"] = "0" },
        });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var other = await zoetrope.Api.CreateCustomerAsync();
        var sibling = customer with { Key = await zoetrope.Api.CreateKeyAsync(customer.AccountId) };

        // A replay and a refusal count nothing.
        (await zoetrope.Api.GenerateAsync(customer, Request("a"), "once")).Expect(200);
        (await zoetrope.Api.GenerateAsync(customer, Request("a"), "once")).Expect(200);
        (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image" })).Expect(400);
        var poor = customer with { Key = await zoetrope.Api.CreateKeyAsync(customer.AccountId, limits: new { spendPerDay = 1 }) };
        (await zoetrope.Api.GenerateAsync(poor, Request("a"))).Expect(402);
        var (made, refused) = await AllAsync(zoetrope, customer, sibling);
        Assert.Equal((5, 7), (made, refused));

        var full = await zoetrope.Api.GenerateAsync(sibling, Request("one more"));
        Assert.Equal((429, "RATE_LIMITED"), (full.Status, full.Code));
        Assert.NotNull(full.Headers.RetryAfter);
        (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/batches", other.Key, $$"""{"requests":[{{string.Join(',', Enumerable.Repeat("""{"model":"nano-banana-text-to-image","prompt":"a"}""", 7))}}]}""")).Expect(429);
        (await zoetrope.Api.GenerateAsync(other, Request("a"))).Expect(200);

        clock.Advance(TimeSpan.FromDays(1));
        (await zoetrope.Api.GenerateAsync(customer, Request("tomorrow"))).Expect(200);
    }

    private static async Task<(int Made, int Refused)> AllAsync(TestZoetrope zoetrope, params Customer[] keys)
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => zoetrope.Api.GenerateAsync(keys[i % keys.Length], Request($"{i}"))));
        return (replies.Count(reply => reply.Status == 200), replies.Count(reply => reply.Status == 429));
    }

    private static object Request(string prompt) => new { model = "nano-banana-text-to-image", input = new { prompt } };
}

public sealed class SqliteTestTaskTests : TestTaskConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresTestTaskTests : TestTaskConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
