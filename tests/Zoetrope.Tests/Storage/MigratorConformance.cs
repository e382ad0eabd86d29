using Zoetrope.Server.Hosting;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

/// <summary>Migrations: once, whole, by one process at a time, and resumable after any kill.</summary>
public abstract class MigratorConformance : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Until.Patience;

    private TestDatabase _db = null!;

    private protected abstract SqlDialect Dialect { get; }

    private protected abstract string TablesSql { get; }

    public async ValueTask InitializeAsync() => _db = await TestDatabase.CreateAsync(Dialect, migrated: false);

    public async ValueTask DisposeAsync()
    {
        if (_db is not null)
        {
            await _db.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_second_run_applies_nothing()
    {
        var first = await _db.MigrateAsync();
        var tables = await TablesAsync();

        Assert.NotEmpty(first);
        Assert.Equal(first.Order(StringComparer.Ordinal), first);
        Assert.Empty(await _db.MigrateAsync());
        Assert.Equal(tables, await TablesAsync());
        Assert.Contains("generations", tables);
    }

    [Fact]
    public async Task Processes_that_start_at_once_migrate_once_between_them()
    {
        await using var one = MigratingProcess.Start(_db, waits: true);
        await using var two = MigratingProcess.Start(_db, waits: true);
        await using var three = MigratingProcess.Start(_db, waits: true);
        ChildProcess[] all = [one, two, three];
        await Task.WhenAll(all.Select(process => process.LineAsync(line => line == MigratingProcess.Waiting, Patience)));
        await File.WriteAllTextAsync(MigratingProcess.GoFile(_db), "");

        var codes = await Task.WhenAll(all.Select(process => process.ExitCodeAsync(Patience)));

        Assert.True(codes.All(code => code == 0), string.Join("\n", all.Select(process => process.Output)));
        Assert.Equal(["applied 0", "applied 0", $"applied {await AppliedAsync()}"], all.Select(process => process.Output.Trim().Split('\n')[^1]).Order());
        Assert.Empty(await _db.MigrateAsync());
    }

    [Fact]
    public async Task A_process_killed_inside_the_migration_leaves_it_to_the_next_one()
    {
        await using (var killed = MigratingProcess.Start(_db, crashAt: "K14"))
        {
            Assert.Equal(ChildProcess.Killed, await killed.ExitCodeAsync(Patience));
        }

        var restarted = await _db.MigrateAsync();

        Assert.NotEmpty(restarted);
        Assert.Contains("generations", await TablesAsync());
        Assert.Equal(restarted.Count, await AppliedAsync());
        await _db.ExecuteAsync("insert into accounts (id, name, plan, created_at) values ('acct_1', '', 'pro', 0)");
        Assert.Empty(await _db.MigrateAsync());
    }

    [Fact]
    public async Task A_build_that_knows_too_little_does_not_start_and_one_that_knows_enough_starts_on_a_newer_schema()
    {
        await EnsureAsync();
        var floor = await _db.ScalarAsync<long>("select number from schema_floor");
        Assert.InRange(floor, 1, SchemaFloor.Known);

        // A later release has added something, and this build is still good enough for it.
        await _db.ExecuteAsync("insert into schema_versions (scriptname, applied) select 'Zoetrope.Server.Storage.Migrations.x.9000_more.sql', applied from schema_versions limit 1");
        await _db.ExecuteAsync("update schema_floor set number = @known", new { known = SchemaFloor.Known });
        Assert.Empty(await EnsureAsync());

        // A later one still has taken something away.
        await _db.ExecuteAsync("update schema_floor set number = @known + 1", new { known = SchemaFloor.Known });
        var refused = await Assert.ThrowsAsync<StartException>(EnsureAsync);
        Assert.Equal(("SCHEMA_TOO_NEW", StartException.BadSettings), (refused.Code, refused.ExitCode));
        Assert.Contains($"{SchemaFloor.Known + 1:0000}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);

        Task<IReadOnlyList<string>> EnsureAsync() =>
            Schema.EnsureAsync(new DatabaseOptions { ConnectionString = _db.Options.ConnectionString, MayForgetCommits = true }, _db.DataDirectory);
    }

    private Task<List<string>> TablesAsync() => _db.QueryAsync<string>(TablesSql);

    private Task<long> AppliedAsync() => _db.ScalarAsync<long>("select count(*) from schema_versions");
}

public sealed class SqliteMigratorTests : MigratorConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;

    private protected override string TablesSql => "select name from sqlite_master order by name";
}

public sealed class PostgresMigratorTests : MigratorConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    private protected override string TablesSql => "select table_name from information_schema.tables where table_schema = 'public' order by 1";
}
