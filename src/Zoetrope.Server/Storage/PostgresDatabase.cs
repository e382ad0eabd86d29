using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>PostgreSQL through Npgsql's pool: every unit of work is its own transaction.</summary>
internal sealed partial class PostgresDatabase(NpgsqlDataSource source, ILogger<PostgresDatabase> logger) : Database
{
    // Serialization failures and deadlocks are the database asking for a second try; nothing was committed.
    private const int MaxTries = 5;

    public override SqlDialect Dialect => SqlDialect.Postgres;

    public static PostgresDatabase Open(string connectionString, ILogger<PostgresDatabase> logger)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.MaxAutoPrepare == 0)
        {
            settings.MaxAutoPrepare = 100;
        }

        var builder = new NpgsqlDataSourceBuilder(settings.ToString()) { Name = "zoetrope" };
        return new PostgresDatabase(builder.Build(), logger);
    }

    // Classes 22 and 23: a value or a row that the database refuses, now and later.
    public override bool MayPass(Exception exception) =>
        exception is TimeoutException or IOException or NpgsqlException and not PostgresException { SqlState: ['2', '2' or '3', ..] };

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
            }
        }
    }

    public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read)
    {
        await using var connection = await source.OpenConnectionAsync();
        return await read(new Session(connection, SqlDialect.Postgres));
    }

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    private async Task<T> RunAsync<T>(Func<Tx, Task<T>> work)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var tx = new Tx(connection, SqlDialect.Postgres, transaction);
        var result = await work(tx);
        await transaction.CommitAsync();
        tx.TakeAfterCommit()?.ForEach(RunAfterCommit);
        return result;
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
}
