using Npgsql;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// The throw-away cluster that <c>./test</c> started. A migrated template is made once; each test clones it,
/// so no test sees another's rows and none pays for the migration.
/// </summary>
internal static class TestPostgres
{
    private static readonly string[] Limits = ["idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"];
    private static readonly SemaphoreSlim Gate = new(1);
    private static bool _templateReady;
    private static int _last;

    /// <summary>The cluster's administrative connection string, or null when tests run without PostgreSQL.</summary>
    public static string? Administrative { get; } = Environment.GetEnvironmentVariable("ZOETROPE_TEST_POSTGRES");

    public static void SkipIfAbsent() =>
        Assert.SkipWhen(string.IsNullOrEmpty(Administrative), "ZOETROPE_TEST_POSTGRES is not set; ./test starts a cluster and sets it.");

    /// <summary>Creates a database and returns its connection string.</summary>
    public static async Task<string> CreateAsync(bool migrated)
    {
        // PostgreSQL copies a template only while nobody is connected to it, and one at a time.
        await Gate.WaitAsync();
        try
        {
            const string Template = "zoetrope_template";
            if (migrated && !_templateReady)
            {
                await ExecuteAsync($"drop database if exists {Template}");
                await ExecuteAsync($"create database {Template}");
                await Migrator.MigrateAsync(new DatabaseOptions { ConnectionString = For(Template) + ";Pooling=false" }, sqlitePath: "");
                await ExecuteAsync($"alter database {Template} with allow_connections false");
                await ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Template}'");
                _templateReady = true;
            }

            var name = $"zoetrope_{Environment.ProcessId}_{++_last}";
            await ExecuteAsync($"create database {name}" + (migrated ? $" template {Template}" : ""));
            if (migrated)
            {
                // As an operator may: on a machine that is busy with something else, what the limits are to catch is no fault.
                await ExecuteAsync(string.Concat(Limits.Select(limit => $"alter database {name} set {limit} = '60s';")));
            }

            return For(name);
        }
        finally
        {
            Gate.Release();
        }
    }

    public static async Task DropAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await ExecuteAsync($"drop database if exists {name} with (force)");
    }

    private static string For(string database) =>
        new NpgsqlConnectionStringBuilder(Administrative) { Database = database, MaxPoolSize = 20, Timeout = 60, CommandTimeout = 60 }.ToString();

    public static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Administrative);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
