using Npgsql;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

/// <summary>A session of the server keeps nobody waiting for long; what must take long does not have its limits.</summary>
public sealed class PostgresLimitsTests : IAsyncLifetime
{
    private TestDatabase _db = null!;

    public async ValueTask InitializeAsync()
    {
        _db = await TestDatabase.CreateAsync(SqlDialect.Postgres);
        await TestPostgres.ExecuteAsync($"alter database {new NpgsqlConnectionStringBuilder(_db.Options.ConnectionString).Database} reset all");
        await _db.MigrateAsync();
    }

    public ValueTask DisposeAsync() => _db.DisposeAsync();

    [Fact]
    public async Task Sessions_have_limits_after_a_start_and_an_operators_own_stays()
    {
        Assert.Equal(("5s", "3s", "15s"), await LimitsAsync());
        await _db.ExecuteAsync("do $$ begin execute format('alter role current_user in database %I set statement_timeout = ''1min''', current_database()); end $$");
        await _db.MigrateAsync();
        Assert.Equal(("5s", "3s", "1min"), await LimitsAsync());

        // An operator's command reads as long as it needs.
        await using var patient = PostgresDatabase.Open(_db.Options, Microsoft.Extensions.Logging.Abstractions.NullLogger<PostgresDatabase>.Instance, patient: true);
        Assert.Equal("0", await patient.ReadAsync(async session => await session.ScalarAsync<string>("show statement_timeout")));
    }

    [Fact]
    public async Task Whoever_keeps_a_row_locked_in_an_open_transaction_loses_it_and_others_hear_that_they_were_locked_out()
    {
        await _db.ExecuteAsync("insert into balances (account_id, mode, available, held) values ('a', 0, 0, 0)");
        await using var frozen = new NpgsqlConnection(_db.Options.ConnectionString);
        await frozen.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await frozen.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("select 1 from balances where account_id = 'a' for update", frozen, transaction))
        {
            await hold.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        }

        Task TouchAsync() => _db.ExecuteAsync("update balances set held = 0 where account_id = 'a'");
        var refused = await Assert.ThrowsAsync<PostgresException>(TouchAsync);
        Assert.True(_db.Database.IsLockedOut(refused) && _db.Database.MayPass(refused));
        await TouchAsync();
    }

    [Fact]
    public async Task Scripts_wait_and_run_as_long_as_they_need()
    {
        var limits = new NpgsqlConnectionStringBuilder(_db.Options.ConnectionString) { Options = PostgresLimits.None };
        await using var scripts = new NpgsqlConnection(limits.ToString());
        await scripts.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var name in new[] { "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout" })
        {
            await using var show = new NpgsqlCommand($"show {name}", scripts);
            Assert.Equal("0", await show.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }
    }

    private async Task<(string, string, string)> LimitsAsync()
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_db.Options.ConnectionString) { Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        async Task<string> ShowAsync(string name)
        {
            await using var show = new NpgsqlCommand($"show {name}", connection);
            return (string)(await show.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }

        return (await ShowAsync("idle_in_transaction_session_timeout"), await ShowAsync("lock_timeout"), await ShowAsync("statement_timeout"));
    }
}
