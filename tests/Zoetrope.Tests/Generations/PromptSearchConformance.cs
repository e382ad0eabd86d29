using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server;
using Zoetrope.Server.Generations.Finding;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations;

/// <summary>Tasks are found by parts of their prompts, however many there are: those that the index has, and those that it does not have yet.</summary>
public abstract class PromptSearchConformance
{
    private const string Image = "nano-banana-2-text-to-image";
    private const int Many = 50_000;

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task What_is_indexed_and_what_is_not_yet_is_found_alike_in_any_language()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = clock });
        var (customer, other) = (await zoetrope.Api.CreateCustomerAsync(), await zoetrope.Api.CreateCustomerAsync());
        var ids = new List<string>();
        foreach (var prompt in new[] { "A red Fox, 100% wild_life \"in\" the snow", "雪の中の赤い狐が走る", "Лиса бежит по снегу", "a fo", "A foxglove at dawn" })
        {
            ids.Add(await MakeAsync(zoetrope.Api, customer, prompt));
        }

        await MakeAsync(zoetrope.Api, other, "A red fox of somebody else");
        await AssertFoundAsync();
        await IndexAsync(zoetrope, clock);
        Assert.Equal(6, await CountAsync(zoetrope));
        await AssertFoundAsync();

        // One that came since, and pages of one.
        ids.Add(await MakeAsync(zoetrope.Api, customer, "The last fox"));
        Assert.Equal([ids[5], ids[4], ids[0]], await ListAsync(zoetrope.Api, customer, "q=fox"));
        var paged = new List<string>();
        await foreach (var page in zoetrope.Api.PagesAsync(customer, "/api/v1/tasks?q=fox&limit=1"))
        {
            paged.AddRange(page.Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!));
        }

        Assert.Equal([ids[5], ids[4], ids[0]], paged);

        async Task AssertFoundAsync()
        {
            foreach (var (query, expected) in new (string, int[])[]
            {
                ("fox", [4, 0]), ("FOX", [4, 0]), ("foxgl", [4]), ("red+snow", [0]), ("100%25", [0]), ("wild_life", [0]), ("wildxlife", []), ("%22in%22", [0]), ("fo", [4, 3, 0]), ("red+fo", [0]),
                ("赤い狐", [1]), ("狐", [1]), ("走る", [1]), ("бежит", [2]), ("hedgehog", []), ("fox+OR+wolf", []), ("fox*", []), ("NEAR(red", []), ("text:fox", []),
            })
            {
                Assert.Equal((query, string.Join(',', expected)), (query, string.Join(',', (await ListAsync(zoetrope.Api, customer, "q=" + query)).Select(id => ids.IndexOf(id)))));
            }
        }
    }

    [Fact]
    public async Task The_text_of_a_deleted_task_is_deleted()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect, Time = clock, Settings = new Dictionary<string, string?> { ["Retention:EventDays"] = "1", ["Retention:TestGenerationDays"] = "1" },
        });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        await MakeAsync(zoetrope.Api, customer, "A fox");
        await IndexAsync(zoetrope, clock);
        Assert.Equal(1, await CountAsync(zoetrope));
        clock.Advance(TimeSpan.FromDays(80));
        await Until.HoldsAsync(async () => await CountAsync(zoetrope) == 0);
        Assert.Empty(await ListAsync(zoetrope.Api, customer, "q=fox"));
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task Fifty_thousand_results_of_one_account_are_searched_in_a_tenth_of_a_second()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = clock });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var rare = await MakeAsync(zoetrope.Api, customer, "A hedgehog under an umbrella");
        var database = zoetrope.Services.GetRequiredService<Database>();
        var id = Ids.First(Ids.Generation, clock.GetUtcNow() - TimeSpan.FromHours(2))[..^8];
        for (var first = 0; first < Many; first += 5_000)
        {
            await database.InTransactionAsync(async tx =>
            {
                for (var i = first; i < first + 5_000; i++)
                {
                    await tx.ExecuteAsync(
                        """
                        insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, output,
                            route, provider, attempts, retries, quoted, charged, cancel_requested, created_at, finished_at, result, result_deleted_at)
                        values (@account, @id, 0, 'key_1', 'succeeded', 1, 'm', 'image', @prompt, '{}', '{}', 0, 'sandbox', 0, 0, 1, 1, 0, @at, @at, '[]', @at)
                        """,
                        new { account = customer.AccountId, id = $"{id}{i:00000000}", prompt = $"A fox number {i} runs through the {(i % 2 == 0 ? "snow" : "rain")} at dawn, in oil", at = clock.GetUtcNow().ToUnixTimeMilliseconds() });
                }
            });
        }

        await IndexAsync(zoetrope, clock);
        Assert.Equal(Many + 1, await CountAsync(zoetrope));
        foreach (var (query, found) in new[] { ("q=hedgehog", 1), ("q=fox", 20), ("q=snow+oil", 20), ("q=49999", 1), ("q=unicorn", 0), ("q=fox&model=nothing", 0) })
        {
            var times = new List<TimeSpan>();
            for (var i = 0; i < 5; i++)
            {
                var began = Stopwatch.GetTimestamp();
                Assert.Equal(found, (await ListAsync(zoetrope.Api, customer, query)).Length);
                times.Add(Stopwatch.GetElapsedTime(began));
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{query}: {times.Min().TotalMilliseconds:0} ms");
            Assert.True(times.Min() < TimeSpan.FromMilliseconds(100), $"{query} took {times.Min().TotalMilliseconds:0} ms");
        }

        Assert.Equal([rare], await ListAsync(zoetrope.Api, customer, "q=hedgehog"));
        await database.InTransactionAsync(tx => tx.ExecuteAsync("delete from generations where key_id = 'key_1'"));
    }

    private static async Task IndexAsync(TestZoetrope zoetrope, MovedClock clock)
    {
        var newest = await zoetrope.Services.GetRequiredService<Database>().ReadAsync(async session => await session.ScalarAsync<string>("select max(id) from generations"));
        clock.Advance(AheadIds.Of(Ids.Generation, newest!) + TimeSpan.FromMinutes(3));
        await zoetrope.Services.GetRequiredService<PromptIndex>().CatchUpAsync(TestContext.Current.CancellationToken);
    }

    private static ValueTask<long> CountAsync(TestZoetrope zoetrope) => zoetrope.Services.GetRequiredService<Database>()
        .ReadAsync(async session => await session.ScalarAsync<long>("select count(*) from prompt_texts"));

    private static async Task<string> MakeAsync(ZoetropeApi api, Customer customer, string prompt)
    {
        var id = (await api.GenerateAsync(customer, new { model = Image, prompt })).Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(customer, id);
        return id;
    }

    private static async Task<string[]> ListAsync(ZoetropeApi api, Customer customer, string query) =>
        [.. (await api.GetAsync(customer, $"/api/v1/tasks?{query}")).Expect(200).Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!)];
}

public sealed class SqlitePromptSearchTests : PromptSearchConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresPromptSearchTests : PromptSearchConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
