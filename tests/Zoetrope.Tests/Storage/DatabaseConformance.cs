using System.Collections.Concurrent;
using System.Data.Common;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

/// <summary>What every slice may rely on, whichever database is below.</summary>
public abstract class DatabaseConformance : IAsyncLifetime
{
    private const string InsertAccount = "insert into accounts (id, name, plan, created_at) values (@id, @name, 'pro', 0)";

    private static readonly Insert<int> Accounts = new(
        "accounts",
        [
            Column<int>.Text("id", i => $"acct_{i:00}"),
            Column<int>.Text("name", i => new string('n', i)),
            Column<int>.Text("plan", i => i % 2 == 0 ? "pro" : "free"),
            Column<int>.Number("created_at", i => i),
        ]);

    private protected abstract SqlDialect Dialect { get; }

    private protected TestDatabase Db { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Db = await TestDatabase.CreateAsync(Dialect);

    public async ValueTask DisposeAsync()
    {
        // Null when creation skipped the test.
        if (Db is not null)
        {
            await Db.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Parallel_units_are_all_durable_when_they_return()
    {
        const int Units = 300;

        await Task.WhenAll(Enumerable.Range(0, Units).Select(i => InsertAsync($"acct_{i}")));
        await Db.ReopenAsync();

        Assert.Equal(Units, await CountAsync());
    }

    [Fact]
    public async Task A_unit_that_throws_rolls_back_alone()
    {
        const int Units = 150;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, Units).Select(async i =>
        {
            try
            {
                await Db.Database.InTransactionAsync(async tx =>
                {
                    await tx.ExecuteAsync(InsertAccount, new { id = $"acct_{i}", name = "" });
                    if (i % 3 == 0)
                    {
                        throw new DeliberateException(i);
                    }
                });
                return -1;
            }
            catch (DeliberateException exception)
            {
                return exception.Number;
            }
        }));

        var thrown = Enumerable.Range(0, Units).Where(i => i % 3 == 0).ToList();
        Assert.Equal(thrown, outcomes.Where(number => number >= 0));
        var ids = await Db.QueryAsync<string>("select id from accounts");
        Assert.Equal(Enumerable.Range(0, Units).Except(thrown).Select(i => $"acct_{i}").Order(), ids.Order());
    }

    [Fact]
    public async Task A_unit_refused_by_the_database_leaves_nothing_of_itself_and_the_next_one_works()
    {
        await InsertAsync("acct_1");

        await Assert.ThrowsAnyAsync<DbException>(() => Db.Database.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(InsertAccount, new { id = "acct_2", name = "" });
            await tx.ExecuteAsync(InsertAccount, new { id = "acct_1", name = "a duplicate" });
        }));
        await InsertAsync("acct_3");

        Assert.Equal(["acct_1", "acct_3"], await Db.QueryAsync<string>("select id from accounts order by id"));
    }

    [Fact]
    public async Task A_unit_returns_its_value()
    {
        var value = await Db.Database.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(InsertAccount, new { id = "acct_1", name = "named" });
            return await tx.ScalarAsync<string>("select name from accounts where id = 'acct_1'");
        });

        Assert.Equal("named", value);
    }

    [Fact]
    public async Task AfterCommit_runs_once_the_rows_can_be_read_and_not_for_a_unit_that_threw()
    {
        var seen = new ConcurrentBag<string>();
        var last = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);

        await Assert.ThrowsAsync<DeliberateException>(() => Db.Database.InTransactionAsync(tx =>
        {
            tx.AfterCommit(() => seen.Add("threw"));
            throw new DeliberateException(0);
        }));
        await Assert.ThrowsAnyAsync<DbException>(() => Db.Database.InTransactionAsync(async tx =>
        {
            tx.AfterCommit(() => seen.Add("refused"));
            await tx.ExecuteAsync(InsertAccount, new { id = (string?)null, name = "" });
        }));
        await Db.Database.InTransactionAsync(async tx =>
        {
            tx.AfterCommit(() => seen.Add("first"));
            await tx.ExecuteAsync(InsertAccount, new { id = "acct_1", name = "" });
            tx.AfterCommit(() => last.SetResult(Count()));
        });

        Assert.Equal(1, await last.Task.WaitAsync(Until.Patience));
        Assert.Equal(["first"], seen);
    }

    [Fact]
    public async Task AfterCommit_of_a_unit_that_threw_is_not_run_for_its_neighbour_in_the_same_commit()
    {
        const int Units = 100;
        var seen = new ConcurrentDictionary<int, int>();

        await Task.WhenAll(Enumerable.Range(0, Units).Select(i => Db.Database.InTransactionAsync(tx =>
        {
            tx.AfterCommit(() => seen.AddOrUpdate(i, 1, (_, count) => count + 1));
            return i % 2 == 0 ? throw new DeliberateException(i) : Task.FromResult(i);
        }).ContinueWith(_ => 0, TaskScheduler.Default)));
        await Db.Database.InTransactionAsync(_ => Task.CompletedTask);

        Assert.Equal(Enumerable.Range(0, Units).Where(i => i % 2 == 1), seen.Keys.Order());
        Assert.All(seen.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task An_action_after_the_commit_that_throws_fails_neither_its_unit_nor_the_next_action_nor_the_next_unit()
    {
        var next = new TaskCompletionSource();
        await Db.Database.InTransactionAsync(async tx =>
        {
            tx.AfterCommit(() => throw new DeliberateException(0));
            tx.AfterCommit(next.SetResult);
            await tx.ExecuteAsync(InsertAccount, new { id = "acct_1", name = "" });
        });
        await next.Task.WaitAsync(Until.Patience);
        await Db.ExecuteAsync(InsertAccount, new { id = "acct_2", name = "" });

        Assert.Equal(2, await Db.ScalarAsync<long>("select count(*) from accounts"));
    }

    [Fact]
    public async Task A_refusal_of_what_is_written_does_not_pass_and_a_table_that_is_away_may_come_back()
    {
        async Task<bool> MayPassAsync(string sql) => Db.Database.MayPass(await Assert.ThrowsAnyAsync<DbException>(() => Db.ExecuteAsync(sql)));

        Assert.False(await MayPassAsync("insert into accounts (id) values (null)"));
        Assert.True(await MayPassAsync("insert into nowhere (id) values (1)"));
        Assert.False(Db.Database.MayPass(new InvalidOperationException()));
    }

    [Fact]
    public async Task A_read_sees_what_is_committed_and_nothing_else()
    {
        using var inserted = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();

        // The unit blocks its thread on purpose: on SQLite that is the lane itself, and reads must pass beside it.
        var unit = Task.Run(() => Db.Database.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(InsertAccount, new { id = "acct_1", name = "" });
            inserted.Release();
            Assert.True(release.Wait(Until.Patience));
        }));
        Assert.True(await inserted.WaitAsync(Until.Patience));
        var before = await CountAsync();
        release.Set();
        await unit;

        Assert.Equal(0, before);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Racing_guarded_debits_spend_exactly_what_is_there()
    {
        const int Affordable = 17;
        await Db.ExecuteAsync("insert into balances (account_id, mode, available, held) values ('acct_1', 0, @Affordable, 0)", new { Affordable });

        var rows = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Db.Database.InTransactionAsync(tx => tx.ExecuteAsync(
            "update balances set available = available - 1, held = held + 1 where account_id = 'acct_1' and mode = 0 and available >= 1"))));

        Assert.Equal(Affordable, rows.Sum());
        Assert.Equal(0, await Db.ScalarAsync<long>("select available from balances"));
        Assert.Equal(Affordable, await Db.ScalarAsync<long>("select held from balances"));
    }

    [Fact]
    public async Task A_hot_insert_is_right_however_often_and_with_whatever_values_it_is_used()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Db.Database.InTransactionAsync(async tx =>
            Assert.Equal(1, await Accounts.One.RunAsync(tx, i)))));

        Assert.Equal(60, await Db.ScalarAsync<long>("select count(*) from accounts where length(name) = created_at"));
        Assert.Equal(30, await Db.ScalarAsync<long>("select count(*) from accounts where plan = 'free' and created_at % 2 = 1"));
    }

    [Fact]
    public async Task A_hot_statement_binds_text_bytes_and_nulls_as_they_are()
    {
        var values = new (string? Text, long? Number, byte[] Bytes)[]
        {
            (null, null, []), ("", 0, [0]), ("ü 🦊 \" ' @name ?1", long.MinValue, [1, 2, 255]), (new string('ß', 20_000), long.MaxValue, new byte[70_000]),
        };
        var insert = new Insert<(string? Text, long? Number, byte[] Bytes)>(
            "hot",
            [
                Column<(string? Text, long? Number, byte[] Bytes)>.Bytes("bytes", row => row.Bytes),
                Column<(string? Text, long? Number, byte[] Bytes)>.Optional("number", row => row.Number),
                Column<(string? Text, long? Number, byte[] Bytes)>.Always("fixed", "7"),
                Column<(string? Text, long? Number, byte[] Bytes)>.Text("text", row => row.Text),
            ]);
        await Db.ExecuteAsync(Dialect is SqlDialect.Sqlite
            ? "create table hot (text text, number integer, fixed integer, bytes blob)"
            : "create table hot (text text, number bigint, fixed bigint, bytes bytea)");

        foreach (var value in values)
        {
            await Db.Database.InTransactionAsync(async tx => await insert.One.RunAsync(tx, value));
        }

        var found = await Db.QueryAsync<(string? Text, long? Number, byte[] Bytes, long Fixed)>("select text, number, bytes, fixed from hot order by length(bytes)");
        Assert.Equal(values.Select(value => (value.Text, value.Number, Convert.ToHexString(value.Bytes), 7L)), found.Select(row => (row.Text, row.Number, Convert.ToHexString(row.Bytes), row.Fixed)));
    }

    private Task InsertAsync(string id) =>
        Db.Database.InTransactionAsync(tx => tx.ExecuteAsync(InsertAccount, new { id, name = "" }));

    // Blocks, because an action after the commit does not wait for anything it started.
    private long Count() => Task.Run(CountAsync).GetAwaiter().GetResult();

    private Task<long> CountAsync() => Db.ScalarAsync<long>("select count(*) from accounts");

    private protected sealed class DeliberateException(int number) : Exception
    {
        public int Number => number;
    }
}
