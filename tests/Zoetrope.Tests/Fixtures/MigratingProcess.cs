using System.Runtime.CompilerServices;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>The migrator in a process of its own: this assembly started again, told by its environment to do only that.</summary>
internal static class MigratingProcess
{
    private const string SqlitePath = "ZOETROPE_TEST_MIGRATE_SQLITE";
    private const string ConnectionString = "ZOETROPE_TEST_MIGRATE_POSTGRES";

    public static ChildProcess Start(TestDatabase database, string? crashAt = null) =>
        ChildProcess.StartAssembly("Zoetrope.Tests.dll", [], new Dictionary<string, string?>
        {
            [SqlitePath] = database.SqlitePath,
            [ConnectionString] = database.Options.ConnectionString,
            ["ZOETROPE_CRASH_AT"] = crashAt,
        });

#pragma warning disable CA2255 // The runner owns Main; this is the only way for its assembly to be something else in a child process.
    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(SqlitePath) is not { } path)
        {
            return;
        }

        var options = new DatabaseOptions { ConnectionString = Environment.GetEnvironmentVariable(ConnectionString) ?? "" };
        var applied = Migrator.MigrateAsync(options, path).GetAwaiter().GetResult();
        Console.WriteLine($"applied {applied.Count}");
        Environment.Exit(0);
    }
#pragma warning restore CA2255
}
