using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Zoetrope.Server.Storage;

internal enum SqlDialect
{
    Sqlite,
    Postgres,
}

/// <summary>
/// One database connection in use. The SQL of the stores is the same on both databases; where it cannot be,
/// the store asks <see cref="Dialect"/>.
/// </summary>
internal class Session(DbConnection connection, SqlDialect dialect)
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(ReferenceEqualityComparer.Instance);
    private volatile bool _ended;

    static Session() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    public DbConnection Connection => _ended
        ? throw new InvalidOperationException("This session has ended; its unit of work was refused.")
        : connection;

    public SqlDialect Dialect => dialect;

    public DbTransaction? Transaction { get; protected set; }

    public Task<int> ExecuteAsync(string sql, object? arguments = null) =>
        Connection.ExecuteAsync(sql, arguments, Transaction);

    public Task<T?> FirstOrDefaultAsync<T>(string sql, object? arguments = null) =>
        Connection.QueryFirstOrDefaultAsync<T>(sql, arguments, Transaction);

    public async Task<List<T>> QueryAsync<T>(string sql, object? arguments = null) =>
        (await Connection.QueryAsync<T>(sql, arguments, Transaction)).AsList();

    public Task<T?> ScalarAsync<T>(string sql, object? arguments = null) =>
        Connection.ExecuteScalarAsync<T>(sql, arguments, Transaction);

    /// <summary>Rows by a mapping of one's own, where SQLite's bare statement is mapped by it too.</summary>
    public async Task<List<T>> RowsAsync<T>(string sql, object arguments, Func<DbDataReader, T> map)
    {
        var rows = new List<T>();

        // Disposed as it is, not asynchronously: that disposes the reader and leaves Dapper's command, and with it SQLite's
        // statement, to the finalizer, which would then use the connection beside its thread.
        using var reader = await Connection.ExecuteReaderAsync(sql, arguments, Transaction);
        while (await reader.ReadAsync())
        {
            rows.Add(map(reader));
        }

        await reader.CloseAsync();
        return rows;
    }

    /// <summary>Refuses every further use; the connection itself stays open for its owner.</summary>
    internal void End() => _ended = true;

    /// <summary>
    /// A bare statement, prepared once per connection; only on SQLite, and only where a request or a tick waits for it: the reads of
    /// a key, a task, a stored answer and the event log, and through <see cref="HotStatement{T}"/> the commit, a transition and an
    /// event. Everything else goes through Dapper. The text must be one and the same string every time, with named parameters.
    /// </summary>
    public SqliteStatement Statement(string sql)
    {
        var sqlite = (SqliteConnection)Connection;
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(sqlite, sql);
            _statements[sql] = statement;
        }

        return statement.Reset();
    }

    /// <summary>Finalizes what was prepared, so that the connection can close.</summary>
    public void Release()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
    }
}

/// <summary>A session inside a transaction: what a store method that writes asks for.</summary>
internal sealed class Tx : Session
{
    private List<Action>? _afterCommit;

    public Tx(DbConnection connection, SqlDialect dialect, DbTransaction? transaction)
        : base(connection, dialect) => Transaction = transaction;

    /// <summary>
    /// Whether a row of this transaction is there, asked afterwards: what tells if it was committed when the answer to its commit was
    /// lost. The row's id was made here, so nobody else's is meant.
    /// </summary>
    public Func<Session, ValueTask<bool>>? Proof { get; private set; }

    /// <summary>Names a row that proves the commit; the first is enough.</summary>
    public void ProveBy(Func<Session, ValueTask<bool>> proof)
    {
        // SQLite answers in this process.
        if (Dialect == SqlDialect.Postgres)
        {
            Proof ??= proof;
        }
    }

    /// <summary>Runs once the transaction is durable; never runs when it is rolled back.</summary>
    public void AfterCommit(Action action) => (_afterCommit ??= []).Add(action);

    /// <summary>The SQLite lane keeps one session for all its commits and only changes the transaction.</summary>
    internal void Enlist(DbTransaction? transaction) => Transaction = transaction;

    internal List<Action>? TakeAfterCommit()
    {
        var actions = _afterCommit;
        _afterCommit = null;
        return actions;
    }
}
