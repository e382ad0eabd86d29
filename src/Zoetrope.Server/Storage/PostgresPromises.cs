using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>What a database must promise before money is written to it.</summary>
internal static class PostgresPromises
{
    private const string OffSql =
        "select name from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name";

    /// <summary>The settings by which a commit could be lost with the machine; empty when there are none.</summary>
    public static async Task<IReadOnlyList<string>> BrokenAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(OffSql);
        await using var reader = await command.ExecuteReaderAsync();
        var off = new List<string>();
        while (await reader.ReadAsync())
        {
            off.Add(reader.GetString(0));
        }

        return off;
    }
}
