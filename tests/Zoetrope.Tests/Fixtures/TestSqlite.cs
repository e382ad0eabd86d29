using Microsoft.Data.Sqlite;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>A migrated SQLite file, made once for the run: the databases of tests are copies of it.</summary>
internal static class TestSqlite
{
    private static readonly Lazy<Task<byte[]>> Template = new(MakeAsync);

    /// <summary>Makes the database; one that is there stays as it is.</summary>
    public static async Task CreateAsync(string path)
    {
        if (!File.Exists(path))
        {
            await File.WriteAllBytesAsync(path, await Template.Value);
        }
    }

    private static async Task<byte[]> MakeAsync()
    {
        using var directory = new TemporaryDirectory();
        var path = StorageFeature.SqlitePath(directory.Path);
        await Migrator.MigrateAsync(new DatabaseOptions(), path);

        // What was written last may still be in the log beside the file.
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var checkpoint = connection.CreateCommand();
            checkpoint.CommandText = "pragma wal_checkpoint(truncate)";
            await checkpoint.ExecuteNonQueryAsync();
        }

        return await File.ReadAllBytesAsync(path);
    }
}
