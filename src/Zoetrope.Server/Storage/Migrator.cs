using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>
/// Applies the ordered scripts of <c>Migrations/</c>, one transaction each, recorded in <c>schema_versions</c>.
/// A lock keeps two starting processes apart; a crash between two scripts leaves the first applied and recorded.
/// </summary>
internal static class Migrator
{
    // Any constant; it only has to be ours.
    private const long AdvisoryLock = 7_205_759_403_792;

    /// <summary>Brings the database up to date and returns the names of the scripts that were applied now.</summary>
    public static async Task<IReadOnlyList<string>> MigrateAsync(DatabaseOptions options, string sqlitePath)
    {
        if (options.ConnectionString.Length == 0)
        {
            SqliteThreading.OneThreadPerConnection();
            // Operator commands run beside the server: the lock file is held only while scripts may be applied.
            await using var gate = await LockFileAsync(sqlitePath + ".migrate");
            return Apply(
                DeployChanges.To.SqliteDatabase($"Data Source={sqlitePath};Pooling=false"),
                "sqlite",
                journal => journal.JournalToSqliteTable("schema_versions"));
        }

        // Not from the pool: a pooled connection outlives its return, and the lock with it. A waiter waits as long as the scripts take,
        // and a script takes as long as its tables need: the limits of the server's sessions (PostgresLimits) are not for these.
        var alone = new NpgsqlConnectionStringBuilder(options.Direct) { Pooling = false, CommandTimeout = 0 };
        alone.Options = $"{alone.Options} {PostgresLimits.None}".Trim();
        await using var connection = new NpgsqlConnection(alone.ToString());
        await connection.OpenAsync();
        await using (var acquire = new NpgsqlCommand("select pg_advisory_lock(@key)", connection)
        {
            Parameters = { new("key", AdvisoryLock) },
        })
        {
            await acquire.ExecuteNonQueryAsync();
        }

        // The lock belongs to this session and ends with it, whatever happens below.
        var applied = Apply(
            DeployChanges.To.PostgresqlDatabase(alone.ToString()),
            "postgres",
            journal => journal.JournalToPostgresqlTable(null, "schema_versions"));
        await PostgresLimits.SetAsync(options.Direct);
        return applied;
    }

    private static IReadOnlyList<string> Apply(
        UpgradeEngineBuilder builder, string dialect, Func<UpgradeEngineBuilder, UpgradeEngineBuilder> journal)
    {
        var result = journal(builder)
            .WithScriptsEmbeddedInAssembly(
                typeof(Migrator).Assembly, name => name.Contains($".Migrations.{dialect}.", StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .WithPreprocessor(new CrashBetween())
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        return result.Successful
            ? [.. result.Scripts.Select(script => script.Name)]
            : throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
    }

    private static async Task<FileStream> LockFileAsync(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        while (true)
        {
            try
            {
                // Left behind on purpose: deleting it would let two waiters lock two different files of this name.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException exception) when (exception.GetType() == typeof(IOException))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    /// <summary>Crash point K14: inside the migration, before a script's statements run.</summary>
    private sealed class CrashBetween : IScriptPreprocessor
    {
        public string Process(string contents)
        {
            CrashPoints.Hit("K14");
            return contents;
        }
    }
}
