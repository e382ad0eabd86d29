using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

public sealed class PostgresDatabaseTests : DatabaseConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    [Fact]
    public async Task A_deadlock_is_resolved_by_running_the_loser_again()
    {
        await Db.ExecuteAsync("insert into balances (account_id, mode, available, held) values ('a', 0, 0, 0), ('b', 0, 0, 0)");
        var runs = 0;
        using var bothHoldOne = new CountdownEvent(2);

        await Task.WhenAll(
            Task.Run(() => AddToBothAsync("a", "b")),
            Task.Run(() => AddToBothAsync("b", "a")));

        Assert.True(runs > 2, "Neither unit was run twice, so there was no deadlock to resolve.");
        Assert.Equal([2, 2], await Db.QueryAsync<long>("select available from balances order by account_id"));

        Task AddToBothAsync(string first, string second) => Db.Database.InTransactionAsync(async tx =>
        {
            Interlocked.Increment(ref runs);
            await tx.ExecuteAsync("update balances set available = available + 1 where account_id = @first", new { first });
            if (!bothHoldOne.IsSet)
            {
                bothHoldOne.Signal();
                Assert.True(bothHoldOne.Wait(Until.Patience));
            }

            await tx.ExecuteAsync("update balances set available = available + 1 where account_id = @second", new { second });
        });
    }
}
