using SQLitePCL;

namespace Zoetrope.Server.Storage;

/// <summary>
/// Takes SQLite's locks away where nobody contends for them: each connection here is used by one thread at a time (the lane,
/// or the reader that rented it), and nobody reads its memory statistics. Together they cost a tenth of a statement.
/// </summary>
internal static class SqliteThreading
{
    private const int MultiThread = 2;
    private const int MemoryStatistics = 9;

    private static readonly bool Configured = Configure();

    /// <summary>Before the first connection is opened; later SQLite refuses and nothing changes. True if it was in time.</summary>
    public static bool OneThreadPerConnection() => Configured;

    private static bool Configure()
    {
        Batteries_V2.Init();
        return raw.sqlite3_config(MultiThread) == raw.SQLITE_OK && raw.sqlite3_config(MemoryStatistics, 0) == raw.SQLITE_OK;
    }
}
