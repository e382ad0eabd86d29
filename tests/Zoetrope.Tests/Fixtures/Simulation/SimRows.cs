using Microsoft.Data.Sqlite;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>
/// The rows of all nodes: a migrated SQLite database in memory. A seed lives inside one transaction that is rolled back at its
/// end; what the product calls a transaction is a savepoint in it.
/// </summary>
internal sealed class SimRows : IDisposable
{
    private readonly SimConnection _connection = new("Data Source=:memory:;Pooling=False");

    public SimRows(string template)
    {
        SqliteThreading.OneThreadPerConnection();
        _connection.Open();
        using (var source = new SqliteConnection($"Data Source={template};Pooling=False"))
        {
            source.Open();
            source.BackupDatabase(_connection);
        }

        Tx = new Tx(_connection, SqlDialect.Sqlite, null);
        Tx.Statement("pragma foreign_keys = on").Run();
    }

    public Tx Tx { get; }

    /// <summary>Rows that were written so far; it stands still while nothing is.</summary>
    public long Written => SQLitePCL.raw.sqlite3_total_changes(_connection.Handle);

    public void Begin() => Tx.Statement("begin").Run();

    public void Rollback() => Tx.Statement("rollback").Run();

    /// <summary>Runs the work whole or not at all.</summary>
    /// <param name="work">As a unit of the product.</param>
    /// <param name="forget">Says that it is done, and is not: a database without durable commits.</param>
    public T Run<T>(Func<Tx, Task<T>> work, bool forget = false)
    {
        Tx.Statement("savepoint unit").Run();
        try
        {
            var result = Done(work(Tx));
            if (forget)
            {
                Tx.TakeAfterCommit();
                Tx.Statement("rollback to unit").Run();
            }

            Tx.Statement("release unit").Run();
            Tx.TakeAfterCommit()?.ForEach(static action => action());
            return result;
        }
        catch
        {
            Tx.TakeAfterCommit();
            Tx.Statement("rollback to unit").Run();
            Tx.Statement("release unit").Run();
            throw;
        }
    }

    public T Read<T>(Func<Session, ValueTask<T>> read) => Done(read(Tx).AsTask());

    public void Dispose()
    {
        Tx.Release();
        _connection.Dispose();
    }

    private static T Done<T>(Task<T> running) => running.IsCompleted
        ? running.GetAwaiter().GetResult()
        : throw new InvalidOperationException("A unit of work awaited something other than the database.");
}
