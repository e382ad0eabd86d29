using System.Data.Common;
using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>PostgreSQL through Npgsql's pool: every unit of work is its own transaction.</summary>
internal sealed partial class PostgresDatabase(NpgsqlDataSource source, ILogger<PostgresDatabase> logger) : Database
{
    // Serialization failures and deadlocks are the database asking for a second try; nothing was committed.
    private const int MaxTries = 5;

    private bool _isPooled;

    public override SqlDialect Dialect => SqlDialect.Postgres;

    /// <param name="options">Where it is.</param>
    /// <param name="logger">Hears what a caller cannot be told.</param>
    /// <param name="patient">For an operator's command, which may read everything: no statement is cut off.</param>
    public static PostgresDatabase Open(DatabaseOptions options, ILogger<PostgresDatabase> logger, bool patient = false)
    {
        var builder = new NpgsqlDataSourceBuilder(Complete(options, patient).ToString()) { Name = "zoetrope" };
        if (patient)
        {
            // At the session, which is the command's own and ends with it.
            builder.UsePhysicalConnectionInitializer(
                static connection => Unlimited(connection).ExecuteNonQuery(),
                static connection => Unlimited(connection).ExecuteNonQueryAsync());
        }

        return new PostgresDatabase(builder.Build(), logger) { _isPooled = options.Pooler.Length > 0 && !patient };
    }

    /// <summary>The connection string with what the server needs, where the operator says nothing else.</summary>
    public static NpgsqlConnectionStringBuilder Complete(DatabaseOptions options, bool patient = false)
    {
        var connectionString = patient ? options.Direct : options.ConnectionString;
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var said = Said(connectionString);
        Default(nameof(settings.MaxPoolSize), () => settings.MaxPoolSize = 30, "MaximumPoolSize");

        // A server that does not answer is noticed by whoever waits, long before its address times out. A statement is cut off by the
        // database itself before this (PostgresLimits), unless the way there is cut.
        Default(nameof(settings.Timeout), () => settings.Timeout = 5);
        Default(nameof(settings.CommandTimeout), () => settings.CommandTimeout = 20);
        Default(nameof(settings.TcpKeepAlive), () => settings.TcpKeepAlive = true);
        if (settings.Host is not ['/' or '@', ..])
        {
            Default(nameof(settings.TcpKeepAliveTime), () => settings.TcpKeepAliveTime = 15);
            Default(nameof(settings.TcpKeepAliveInterval), () => settings.TcpKeepAliveInterval = 5);
        }

        // No session is ever changed, and the statement that resets one would double what an idle server asks.
        Default(nameof(settings.NoResetOnClose), () => settings.NoResetOnClose = true);
        if (patient)
        {
            settings.CommandTimeout = 0;
        }

        if (options.Pooler.Length > 0 && !patient)
        {
            // The next transaction may be on another session, where nothing is prepared.
            settings.MaxAutoPrepare = 0;
            settings.NoResetOnClose = true;
        }
        else if (settings.MaxAutoPrepare == 0)
        {
            settings.MaxAutoPrepare = 100;
        }

        return settings;

        void Default(string name, Action set, string? alias = null)
        {
            if (!said.Contains(name) && (alias is null || !said.Contains(alias)))
            {
                set();
            }
        }
    }

    // Npgsql's own builder knows every word, said or not; this one knows what was said.
    private static HashSet<string> Said(string connectionString) =>
        new DbConnectionStringBuilder { ConnectionString = connectionString }.Keys!.Cast<string>()
            .Select(word => word.Replace(" ", "", StringComparison.Ordinal))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    // Classes 22 and 23: a value or a row that the database refuses, now and later.
    public override bool MayPass(Exception exception) =>
        exception is TimeoutException or IOException or NpgsqlException and not PostgresException { SqlState: ['2', '2' or '3', ..] };

    /// <summary>Whether the work waited for a row that somebody else kept locked for too long.</summary>
    public override bool IsLockedOut(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    public override bool IsDuplicate(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public override async Task<T> InTransactionAsync<T>(Func<Tx, Task<T>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunAsync(work);
            }
            catch (PostgresException exception) when (attempt < MaxTries
                && exception.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected)
            {
                LogAgain(exception.SqlState);
            }

            // Two that met must not meet again.
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(10, 80)), TimeProvider.System);
        }
    }

    public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read)
    {
        await using var connection = await source.OpenConnectionAsync();
        return await read(new Session(connection, SqlDialect.Postgres));
    }

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    private static NpgsqlCommand Unlimited(NpgsqlConnection connection) =>
        new("set statement_timeout = 0; set lock_timeout = 0", connection);

    private async Task<T> RunAsync<T>(Func<Tx, Task<T>> work)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var tx = new Tx(connection, SqlDialect.Postgres, transaction);
        var result = await work(tx);
        await CommitAsync(connection, transaction, tx);
        tx.TakeAfterCommit()?.ForEach(RunAfterCommit);
        return result;
    }

    private async Task CommitAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Tx tx)
    {
        int? backend = _isPooled ? null : connection.ProcessID;
        try
        {
            await transaction.CommitAsync();
        }
        catch (Exception exception) when (tx.Proof is not null && LostCommit.IsOne(exception))
        {
            if (!await LostCommit.WasDoneAsync(source, backend, tx.Proof))
            {
                throw;
            }

            LogFound();
        }
    }

    // The unit is durable; an action that throws must not report it as failed.
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

    [LoggerMessage(LogLevel.Error, "An action after a commit threw; the commit remains")]
    private partial void LogAfterCommitFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The answer to a commit was lost; its rows are there")]
    private partial void LogFound();

    [LoggerMessage(LogLevel.Warning, "The database asked for a second try of a transaction ({SqlState})")]
    private partial void LogAgain(string sqlState);
}
