using System.Runtime.InteropServices;

namespace Zoetrope.Server.Storage;

/// <summary>
/// Takes SQLite's locks away where nobody contends for them: each connection here is used by one thread at a time (the lane,
/// or the reader that rented it), and nobody reads its memory statistics. Together they cost a tenth of a statement.
/// </summary>
internal static partial class SqliteThreading
{
    private const int MultiThread = 2;
    private const int MemoryStatistics = 9;

    private static readonly bool Configured = Configure();

    /// <summary>Before the first connection is opened; later SQLite refuses and nothing changes. True if it was in time.</summary>
    public static bool OneThreadPerConnection() => Configured;

    private static bool Configure() => sqlite3_config(MultiThread, 0) == 0 && sqlite3_config(MemoryStatistics, 0) == 0;

    // Variadic in C; integers are passed alike on the platforms of .NET's Linux and Windows builds.
    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_config(int option, int value);
}
