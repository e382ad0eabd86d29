using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>
/// Whether this build may work with a schema that is newer than itself: nodes of two releases share one database while a cluster is
/// upgraded. The database says the number of the newest migration that a build must know.
/// </summary>
internal static class SchemaFloor
{
    private const string Sql = "select number from schema_floor";

    /// <summary>The newest migration that this build knows.</summary>
    public static long Known { get; } = typeof(Migrator).Assembly.GetManifestResourceNames()
        .Where(name => name.Contains(".Migrations.sqlite.", StringComparison.Ordinal))
        .Max(name => long.Parse(
            name.Split(".sqlite.")[1].AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture));

    /// <summary>What the database asks for; 0 where it says nothing yet.</summary>
    public static async Task<long> ReadAsync(DatabaseOptions options, string sqlitePath)
    {
        if (options.ConnectionString.Length == 0)
        {
            if (!File.Exists(sqlitePath))
            {
                return 0;
            }

            await using var file = new SqliteConnection($"Data Source={sqlitePath};Pooling=false;Mode=ReadOnly");
            await file.OpenAsync();
            return await ReadAsync(file, "select count(*) from sqlite_master where name = 'schema_floor'");
        }

        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(options.Direct) { Pooling = false }.ToString());
        await connection.OpenAsync();
        return await ReadAsync(connection, "select count(to_regclass('schema_floor'))");
    }

    private static async Task<long> ReadAsync(DbConnection connection, string existsSql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = existsSql;
        if (await command.ExecuteScalarAsync() is not > 0L)
        {
            return 0;
        }

        command.CommandText = Sql;
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }
}
