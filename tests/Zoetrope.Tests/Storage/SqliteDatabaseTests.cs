using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

public sealed class SqliteDatabaseTests : DatabaseConformance
{
    private const string InsertAccount = "insert into accounts (id, name, plan, created_at) values (@id, '', 'pro', 0)";

    private protected override SqlDialect Dialect => SqlDialect.Sqlite;

    [Fact]
    public async Task A_unit_that_awaits_anything_but_the_database_is_refused_and_rolled_back()
    {
        var never = new TaskCompletionSource();

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Db.Database.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(InsertAccount, new { id = "acct_1" });
            await never.Task;
        }).WaitAsync(Until.Patience));
        await Db.ExecuteAsync(InsertAccount, new { id = "acct_2" });

        Assert.Contains("awaited something other than the database", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["acct_2"], await Db.QueryAsync<string>("select id from accounts"));
    }

    [Fact]
    public async Task A_refused_unit_that_wakes_up_later_can_write_nothing()
    {
        var foreign = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var afterwards = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Db.Database.InTransactionAsync(async tx =>
        {
            await foreign.Task;
            try
            {
                await tx.ExecuteAsync(InsertAccount, new { id = "acct_stray" });
                afterwards.SetResult(true);
            }
            catch (InvalidOperationException)
            {
                afterwards.SetResult(false);
            }
        }));
        foreign.SetResult();
        await afterwards.Task.WaitAsync(Until.Patience);

        Assert.Empty(await Db.QueryAsync<string>("select id from accounts"));
    }

    [Fact]
    public async Task Nothing_that_was_read_is_left_to_the_finalizers_thread()
    {
        // A statement that is finalized beside the lane's own thread corrupts the connection, and the process dies of it.
        for (var round = 0; round < 20; round++)
        {
            var reads = Enumerable.Range(0, 50).Select(i => Db.Database.InTransactionAsync(async tx =>
            {
                await tx.ExecuteAsync(InsertAccount, new { id = $"acct_{round}_{i}" });
                return await tx.RowsAsync("select id from accounts where id = @id", new { id = $"acct_{round}_{i}" }, static row => row.GetString(0));
            })).ToList();
            GC.Collect();
            Assert.All(await Task.WhenAll(reads), ids => Assert.Single(ids));
        }

        Assert.Equal(1_000, await Db.ScalarAsync<long>("select count(*) from accounts"));
    }

    [Fact]
    public async Task Disposing_first_finishes_what_was_queued()
    {
        const int Units = 500;
        using var directory = new TemporaryDirectory();
        var path = directory.File("zoetrope.db");
        await Migrator.MigrateAsync(new DatabaseOptions(), path);
        var database = new SqliteDatabase(path, NullLogger<SqliteDatabase>.Instance);

        var units = Enumerable.Range(0, Units)
            .Select(i => database.InTransactionAsync(tx => tx.ExecuteAsync(InsertAccount, new { id = $"acct_{i}" })))
            .ToList();
        await database.DisposeAsync();

        Assert.All(units, unit => Assert.True(unit.IsCompletedSuccessfully));
        await using var reopened = new SqliteDatabase(path, NullLogger<SqliteDatabase>.Instance);
        Assert.Equal(Units, await reopened.ReadAsync(async session => await session.ScalarAsync<long>("select count(*) from accounts")));
    }

    [Fact]
    public async Task A_unit_given_after_disposal_is_refused()
    {
        await Db.Database.DisposeAsync();

        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => Db.ExecuteAsync(InsertAccount, new { id = "acct_1" }));
    }

    [Fact]
    public async Task The_writer_syncs_every_commit_in_wal_mode()
    {
        // 2 is FULL: an acknowledged task survives a power cut, not only a killed process.
        var synchronous = await Db.Database.InTransactionAsync(tx => tx.ScalarAsync<long>("pragma synchronous"));
        var journal = await Db.Database.InTransactionAsync(tx => tx.ScalarAsync<string>("pragma journal_mode"));

        Assert.Equal(2, synchronous);
        Assert.Equal("wal", journal);
    }

    [Fact]
    public async Task A_reading_session_cannot_write()
    {
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Db.Database.ReadAsync(async session =>
            await session.ExecuteAsync(InsertAccount, new { id = "acct_1" })).AsTask());

        Assert.Equal(0, await Db.ScalarAsync<long>("select count(*) from accounts"));
    }
}
