using Microsoft.Data.Sqlite;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting;

/// <summary>Brings the database up to date, and costs a start with nothing to do only one query.</summary>
internal static class Schema
{
    public static async Task<IReadOnlyList<string>> EnsureAsync(DatabaseOptions options, string dataDirectory)
    {
        var path = StorageFeature.SqlitePath(dataDirectory);
        if (options.ConnectionString.Length == 0 && File.Exists(path) && await IsCurrentAsync(path))
        {
            return [];
        }

        try
        {
            if (options.ConnectionString.Length > 0)
            {
                await RefuseUnsafeAsync(options);
            }

            RefuseIfTooOld(await SchemaFloor.ReadAsync(options, path));
            return await Migrator.MigrateAsync(options, path);
        }
        catch (Npgsql.NpgsqlException exception)
        {
            throw new StartException(
                "DATABASE_UNREACHABLE",
                $"{Settings.VariableName("Database:ConnectionString")}: {exception.Message}",
                StartException.BadSettings);
        }
        catch (ArgumentException exception) when (options.ConnectionString.Length > 0)
        {
            throw StartException.BadSetting("Database:ConnectionString", exception.Message);
        }
    }

    // A release that takes something away raises the floor, once no node is left that needs it.
    private static void RefuseIfTooOld(long floor)
    {
        if (floor > SchemaFloor.Known)
        {
            throw new StartException(
                "SCHEMA_TOO_NEW",
                $"This build ({ProductVersion.Text}) knows the schema up to migration {SchemaFloor.Known:0000}, and the database needs a "
                + $"build that knows {floor:0000}. Start a newer build, or restore the backup from before the upgrade.",
                StartException.BadSettings);
        }
    }

    // On a developer's machine a database may be quick instead of safe.
    private static async Task RefuseUnsafeAsync(DatabaseOptions options)
    {
        var environment = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT");
        if (options.MayForgetCommits || string.Equals(environment, "Development", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        if (await PostgresPromises.BrokenAsync(options.Direct) is { Count: > 0 } off)
        {
            throw new StartException(
                "DATABASE_UNSAFE",
                $"The database runs with {string.Join(" and ", off)} off: a power cut could lose paid tasks and credits. Turn them on, or "
                + $"set {Settings.VariableName("Database:MayForgetCommits")}=true where nothing of value is stored.",
                StartException.BadSettings);
        }
    }

    // The migration library costs a tenth of a second to load; most starts have nothing for it to do.
    private static async Task<bool> IsCurrentAsync(string path)
    {
        var scripts = typeof(Migrator).Assembly.GetManifestResourceNames()
            .Where(name => name.Contains(".Migrations.sqlite.", StringComparison.Ordinal));
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=false;Mode=ReadOnly");
        try
        {
            await connection.OpenAsync();
            await using var floor = connection.CreateCommand();
            floor.CommandText = "select number from schema_floor";
            if (await floor.ExecuteScalarAsync() is not long number || number > SchemaFloor.Known)
            {
                return false;
            }

            await using var command = connection.CreateCommand();
            command.CommandText = "select ScriptName from schema_versions";
            var applied = new HashSet<string>(StringComparer.Ordinal);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                applied.Add(reader.GetString(0));
            }

            return scripts.All(applied.Contains);
        }
        catch (SqliteException)
        {
            // No such table, or a file the migrator will describe better than this.
            return false;
        }
    }
}
