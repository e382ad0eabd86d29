using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Storage;
using Zoetrope.Server.Usage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Usage;

/// <summary>What is counted is what the ledger says, for every hour, whoever counts and however often; on both databases.</summary>
public abstract class UsageBooksConformance
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private protected abstract SqlDialect Dialect { get; }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Usage_is_the_ledger_hour_by_hour_and_a_rebuild_changes_nothing(int seed) => HoldsAsync(seed, rounds: 6, tasks: 100);

    [Fact]
    [Trait("Category", "Nightly")]
    public Task Usage_is_the_ledger_over_a_hundred_thousand_tasks() => HoldsAsync(7, rounds: 20, tasks: 5_000);

    [Fact]
    public async Task What_began_before_anybody_counted_is_counted_once_somebody_does()
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        var (time, history) = await BeginAsync(database, 3);
        await history.GoOnAsync(100);

        // The log is forgotten long before the ledger.
        await database.ExecuteAsync("delete from events");
        var books = new UsageBooks(database.Database, new RetentionOptions(), time);
        await history.CountAsync(books);

        await CheckAsync(history);
    }

    [Fact]
    public async Task Hours_whose_tasks_retention_deleted_stay_as_they_were_counted()
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        var (time, history) = await BeginAsync(database, 4);
        var books = new UsageBooks(database.Database, new RetentionOptions { AttemptDays = 0 }, time);
        await history.GoOnAsync(100);
        await history.CountAsync(books);
        var before = await history.RowsAsync();

        await database.ExecuteAsync("delete from generations where mode = 0");
        foreach (var account in history.Accounts)
        {
            await books.RebuildAsync(account);
        }

        Assert.Equal(before, await history.RowsAsync());
        await history.GoOnAsync(100);
        await history.CountAsync(books);

        // Here even tasks end and are refunded that are gone: their credits are counted, and nobody knows what for.
        var (ledger, usage, _) = await history.SumsAsync();
        Assert.Equal(ledger, usage);
    }

    private async Task HoldsAsync(int seed, int rounds, int tasks)
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        var (time, history) = await BeginAsync(database, seed);
        for (var round = 0; round < rounds; round++)
        {
            await history.GoOnAsync(tasks);

            // Two nodes believe that it is theirs to count.
            var books = Enumerable.Range(0, 2).Select(_ => new UsageBooks(database.Database, new RetentionOptions { AttemptDays = 0, UsageDays = 0 }, time));
            await Task.WhenAll(books.Select(history.CountAsync));
            await CheckAsync(history);
        }

        await CheckSpansAsync(database, history, time, seed);
        var counted = await history.RowsAsync();
        Assert.NotEmpty(counted);
        var again = new UsageBooks(database.Database, new RetentionOptions { AttemptDays = 0, UsageDays = 0 }, time);
        await history.CountAsync(again);
        Assert.Equal(counted, await history.RowsAsync());
        foreach (var account in history.Accounts)
        {
            await again.RebuildAsync(account);
        }

        Assert.Equal(counted, await history.RowsAsync());
    }

    private static async Task<(FakeTimeProvider, UsageHistory)> BeginAsync(TestDatabase database, int seed)
    {
        var time = new FakeTimeProvider(Start);
        var history = new UsageHistory(database, time, seed);
        await history.BeginAsync();
        return (time, history);
    }

    private static async Task CheckAsync(UsageHistory history)
    {
        var (ledger, usage, tagged) = await history.SumsAsync();
        Assert.NotEmpty(ledger);
        Assert.Equal(ledger, usage);
        Assert.Equal(ledger, tagged);
    }

    /// <summary>What is read of a span is what its hours say, wherever its ends are in a day.</summary>
    private static async Task CheckSpansAsync(TestDatabase database, UsageHistory history, FakeTimeProvider time, int seed)
    {
        var (random, reads) = (new Random(seed), new UsageReads(database.Database));
        var (first, end) = (UsageHours.Of(Start), UsageHours.Of(time.GetUtcNow()) + 2);
        for (var i = 0; i < 40; i++)
        {
            var from = first + random.NextInt64(end - first);
            var query = new UsageQuery
            {
                AccountId = history.Accounts[random.Next(3)],
                Mode = (KeyMode)random.Next(2),
                From = from,
                To = Math.Min(end, from + 1 + random.Next(100)),
                By = random.Next(2) == 0 ? ["day", "model"] : ["model"],
                Limit = 1_000,
            };
            var (byHours, byDays) = ((await reads.TotalAsync(query with { By = ["hour"] })).Sum, (await reads.TotalAsync(query)).Sum);
            Assert.Equal(byHours, byDays);
            var (groups, _) = await reads.GroupsAsync(query);
            Assert.Equal(byHours, groups.Aggregate(UsageSum.None, (sum, group) => sum.Plus(group.Sum)));
        }
    }
}

public sealed class SqliteUsageBooksTests : UsageBooksConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresUsageBooksTests : UsageBooksConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
