using Microsoft.Data.Sqlite;
using Npgsql;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// A database that takes nothing until this is disposed: PostgreSQL ends all connections and refuses new ones; in SQLite a table
/// of every record of a submit is missing.
/// </summary>
internal sealed class Outage : IAsyncDisposable
{
    private readonly Func<Task> _end;

    private Outage(Func<Task> end) => _end = end;

    /// <param name="postgres">The connection string; null for the SQLite database of the directory.</param>
    /// <param name="dataDirectory">The server's directory.</param>
    public static async Task<Outage> BeginAsync(string? postgres, string dataDirectory)
    {
        if (postgres is null)
        {
            var path = StorageFeature.SqlitePath(dataDirectory);
            await SqliteAsync(path, "alter table attempts rename to attempts_away");
            return new Outage(() => SqliteAsync(path, "alter table attempts_away rename to attempts"));
        }

        var name = new NpgsqlConnectionStringBuilder(postgres).Database;
        await TestPostgres.ExecuteAsync($"alter database {name} with allow_connections false");
        await TestPostgres.ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
        return new Outage(() => TestPostgres.ExecuteAsync($"alter database {name} with allow_connections true"));
    }

    public async ValueTask DisposeAsync() => await _end();

    private static async Task SqliteAsync(string path, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
