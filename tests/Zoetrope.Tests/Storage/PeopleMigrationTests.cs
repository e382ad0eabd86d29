using Microsoft.Data.Sqlite;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

/// <summary>The migration that gave keys two more kinds, on a database that has keys and grants.</summary>
public sealed class PeopleMigrationTests
{
    [Fact]
    public async Task Keys_and_grants_of_before_stay_as_they_were()
    {
        using var directory = new TemporaryDirectory();
        var path = StorageFeature.SqlitePath(directory.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        const string Rows = "select id || '|' || account_id || '|' || kind || '|' || coalesce(parent_id, '') || '|' || hex(hash) || '|' || coalesce(spend_per_day, '') || '|' || scopes from api_keys order by id";
        string before;
        await using (var old = new SqliteConnection($"Data Source={path};Pooling=False;Foreign Keys=True"))
        {
            await old.OpenAsync();
            await AskAsync(old, "create table schema_versions (schemaversionid integer primary key autoincrement not null, scriptname text not null, applied datetime not null)");
            foreach (var name in typeof(Migrator).Assembly.GetManifestResourceNames().Where(name => name.Contains(".Migrations.sqlite.", StringComparison.Ordinal)).Order(StringComparer.Ordinal).TakeWhile(name => !name.Contains(".0027_", StringComparison.Ordinal)))
            {
                using var script = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(name)!);
                await AskAsync(old, await script.ReadToEndAsync(TestContext.Current.CancellationToken));
                await AskAsync(old, $"insert into schema_versions (scriptname, applied) values ('{name}', '2026-01-01')");
            }

            await AskAsync(old, "insert into accounts values ('acct_1', 'A', 'pro', 1)");
            await AskAsync(old, "insert into api_keys (id, account_id, mode, name, hash, prefix, scopes, created_at) values ('key_1', 'acct_1', 0, 'K', x'01', 'sk', 3, 1)");
            await AskAsync(old, "insert into api_keys (id, account_id, mode, name, hash, prefix, scopes, created_at, kind, parent_id, spend_per_day) values ('key_2', 'acct_1', 0, 'G', x'02', '', 1, 1, 'grant', 'key_1', 7)");
            before = await AskAsync(old, Rows);
        }

        await Migrator.MigrateAsync(new DatabaseOptions(), path);

        await using var now = new SqliteConnection($"Data Source={path};Pooling=False;Foreign Keys=True");
        await now.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before, await AskAsync(now, Rows));
        Assert.Equal("", await AskAsync(now, "pragma foreign_key_check"));
        Assert.Equal("ok", await AskAsync(now, "pragma integrity_check"));
        await AskAsync(now, "insert into api_keys (id, account_id, mode, name, hash, prefix, scopes, created_at, kind) values ('key_3', 'acct_1', 0, 'S', x'03', '', 0, 1, 'seat')");
        foreach (var wrong in new[] { "'key_4', 'acct_1', 0, 'S', x'04', '', 0, 1, 'throne', null", "'key_4', 'acct_1', 0, 'S', x'04', '', 0, 1, 'grant', 'key_0'", "'key_4', 'acct_1', 0, 'S', x'03', '', 0, 1, 'key', null" })
        {
            await Assert.ThrowsAsync<SqliteException>(() => AskAsync(now, $"insert into api_keys (id, account_id, mode, name, hash, prefix, scopes, created_at, kind, parent_id) values ({wrong})"));
        }
    }

    private static async Task<string> AskAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        return string.Join('\n', Read(reader));
    }

    private static List<string> Read(SqliteDataReader reader)
    {
        var lines = new List<string>();
        while (reader.Read())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
