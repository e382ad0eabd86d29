using System.Runtime.CompilerServices;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>The migrator in a process of its own: this assembly started again, told by its environment to do only that.</summary>
internal static class MigratingProcess
{
    private const string SqlitePath = "ZOETROPE_TEST_MIGRATE_SQLITE";
    private const string Go = "ZOETROPE_TEST_MIGRATE_GO";
    private const string ConnectionString = "ZOETROPE_TEST_MIGRATE_POSTGRES";

    /// <summary>What it prints when it is ready to migrate and only waits for the file <c>go</c> of the data directory.</summary>
    public const string Waiting = "waiting";

    public static string GoFile(TestDatabase database) => Path.Combine(database.DataDirectory, "go");

    public static ChildProcess Start(TestDatabase database, string? crashAt = null, bool waits = false) =>
        ChildProcess.StartAssembly("Zoetrope.Tests.dll", [], new Dictionary<string, string?>
        {
            [SqlitePath] = database.SqlitePath,
            [ConnectionString] = database.Options.ConnectionString,
            [Go] = waits ? GoFile(database) : null,
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
        if (Environment.GetEnvironmentVariable(Go) is { Length: > 0 } go)
        {
            Console.WriteLine(Waiting);
            SpinWait.SpinUntil(() => File.Exists(go), Until.Patience);
        }

        var applied = Migrator.MigrateAsync(options, path).GetAwaiter().GetResult();
        Console.WriteLine($"applied {applied.Count}");
        Environment.Exit(0);
    }
#pragma warning restore CA2255
}
