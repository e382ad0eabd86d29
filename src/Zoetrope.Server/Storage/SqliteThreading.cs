using System.Runtime.InteropServices;

namespace Zoetrope.Server.Storage;

/// <summary>
/// Takes SQLite's mutex away from every connection of this process: here each is used by one thread at a time (the lane, or
/// the reader that rented it), and locking for each column read costs a tenth of a read.
/// </summary>
internal static partial class SqliteThreading
{
    private const int MultiThread = 2;

    private static readonly bool Configured = Configure();

    /// <summary>Before the first connection is opened; later it changes nothing.</summary>
    public static void OneThreadPerConnection() => _ = Configured;

    private static bool Configure() => sqlite3_config(MultiThread) == 0;

    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_config(int option);
}
