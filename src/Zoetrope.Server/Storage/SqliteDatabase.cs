using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Zoetrope.Server.Storage;

/// <summary>
/// SQLite in WAL mode with <c>synchronous=FULL</c>. One thread owns the only writing connection and runs every unit
/// of work that is waiting inside one commit, each in its own savepoint, so that one fsync serves many callers
/// (group commit). Readers run beside it on pooled connections.
/// </summary>
internal sealed partial class SqliteDatabase : Database
{
    // A commit takes about as long as this many units; more would only delay the first of them.
    private const int MaxUnitsInOneCommit = 512;

    private readonly string _connectionString;
    private readonly ILogger<SqliteDatabase> _logger;
    private readonly BlockingCollection<Unit> _lane = new(new ConcurrentQueue<Unit>());
    private readonly ConcurrentBag<Session> _readers = [];
    private readonly Thread _writer;
    private bool _disposed;

    static SqliteDatabase() => SqliteThreading.OneThreadPerConnection();

    public SqliteDatabase(string path, ILogger<SqliteDatabase> logger)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
        _logger = logger;
        _writer = new Thread(RunLane) { IsBackground = true, Name = "sqlite-writer" };
        _writer.Start();
    }

    public override SqlDialect Dialect => SqlDialect.Sqlite;

    // A value or a row that the database refuses, now and later: SQLITE_TOOBIG, _CONSTRAINT, _MISMATCH and _RANGE.
    public override bool MayPass(Exception exception) => exception is SqliteException { SqliteErrorCode: not (18 or 19 or 20 or 25) };

    public override bool IsDuplicate(Exception exception) => SaysDuplicate(exception);

    /// <summary>SQLite's own word for it: SQLITE_CONSTRAINT_PRIMARYKEY or SQLITE_CONSTRAINT_UNIQUE.</summary>
    public static bool SaysDuplicate(Exception exception) => exception is SqliteException { SqliteExtendedErrorCode: 1555 or 2067 };

    public override Task<T> InTransactionAsync<T>(Func<Tx, Task<T>> work)
    {
        var unit = new Unit<T>(work);
        _lane.Add(unit);
        return unit.Task;
    }

    public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read)
    {
        var session = _readers.TryTake(out var pooled) ? pooled : new Session(Open(readOnly: true), SqlDialect.Sqlite);
        var result = await read(session);

        // A session whose read threw is left to the finalizer: its state is not known.
        if (_disposed)
        {
            session.Release();
            await session.Connection.DisposeAsync();
        }
        else
        {
            _readers.Add(session);
        }

        return result;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _lane.CompleteAdding();
        await Task.Run(_writer.Join);
        while (_readers.TryTake(out var session))
        {
            session.Release();
            await session.Connection.DisposeAsync();
        }
    }

    /// <summary>Opens a connection with this database's settings; the migrator and operator commands use the same.</summary>
    internal static void Configure(SqliteConnection connection, bool readOnly)
    {
        using var command = connection.CreateCommand();
        command.CommandText = readOnly
            ? "pragma query_only = on; pragma cache_size = -8000; pragma mmap_size = 2147418112"
            : "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 2000; "
                + "pragma cache_size = -32000; pragma temp_store = memory; pragma foreign_keys = on";
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open(bool readOnly)
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        Configure(connection, readOnly);
        return connection;
    }

    private void RunLane()
    {
        using var connection = Open(readOnly: false);
        var tx = new Tx(connection, SqlDialect.Sqlite, null);
        var group = new List<Unit>();
        foreach (var first in _lane.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            RunGroup(connection, ref tx, group);
        }

        tx.Release();
    }

    private void RunGroup(SqliteConnection connection, ref Tx tx, List<Unit> group)
    {
        List<Action>? afterCommit = null;
        try
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            tx.Enlist(transaction);
            for (var i = 0; i < group.Count; i++)
            {
                if (group[i].RunInSavepoint(tx) && tx.TakeAfterCommit() is { } actions)
                {
                    (afterCommit ??= []).AddRange(actions);
                }

                if (group[i].IsStray)
                {
                    // Its continuation may wake up at any time and must find a dead session, not the lane's.
                    tx.End();
                    tx.Release();
                    tx = new Tx(connection, SqlDialect.Sqlite, transaction);
                }

                // Work that arrived meanwhile joins this commit.
                if (i == group.Count - 1 && group.Count < MaxUnitsInOneCommit && _lane.TryTake(out var next))
                {
                    group.Add(next);
                }
            }

            transaction.Commit();
        }
        catch (Exception exception)
        {
            // The commit itself failed (disk full, I/O error): nothing of the group is durable, so every unit failed.
            LogCommitFailed(exception, group.Count);
            foreach (var unit in group)
            {
                unit.Fail(exception);
            }

            return;
        }
        finally
        {
            tx.Enlist(null);
            tx.TakeAfterCommit();
        }

        foreach (var unit in group)
        {
            unit.Complete();
        }

        afterCommit?.ForEach(RunAfterCommit);
    }

    // The unit is durable and acknowledged; an action that throws must not take the lane and the process with it.
    private void RunAfterCommit(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            LogAfterCommitFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Error, "A commit of {Units} units of work failed")]
    private partial void LogCommitFailed(Exception exception, int units);

    [LoggerMessage(LogLevel.Error, "An action after a commit threw; the commit remains")]
    private partial void LogAfterCommitFailed(Exception exception);

    private abstract class Unit
    {
        /// <summary>The work was refused while it still waited for something.</summary>
        public bool IsStray { get; protected set; }

        /// <summary>Runs the work; false when it threw and was rolled back to its savepoint.</summary>
        public abstract bool RunInSavepoint(Tx tx);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Unit<T>(Func<Tx, Task<T>> work) : Unit
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _failure;

        public Task<T> Task => _completion.Task;

        public override bool RunInSavepoint(Tx tx)
        {
            Execute(tx, "savepoint unit");
            try
            {
                // SQLite has no asynchronous I/O: the task is complete, or the work broke the rule of awaiting nothing else.
                var running = work(tx);
                IsStray = !running.IsCompleted;
                _result = running.IsCompleted
                    ? running.GetAwaiter().GetResult()
                    : throw new InvalidOperationException("A unit of work on the SQLite lane awaited something other than the database.");
                Execute(tx, "release unit");
                return true;
            }
            catch (Exception exception)
            {
                _failure = exception;
                tx.TakeAfterCommit();
                Execute(tx, "rollback to unit");
                Execute(tx, "release unit");
                return false;
            }
        }

        public override void Complete()
        {
            if (_failure is null)
            {
                _completion.TrySetResult(_result!);
                return;
            }

            _completion.TrySetException(_failure);
        }

        public override void Fail(Exception exception) => _completion.TrySetException(_failure ?? exception);

        private static void Execute(Tx tx, string sql) => tx.Statement(sql).Run();
    }
}
