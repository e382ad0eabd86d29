using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>
/// Finds out what became of a commit whose answer was lost. The session that was to do it may still be at it, so it is ended first;
/// after that its rows are there for good, or will never be.
/// </summary>
internal static class LostCommit
{
    /// <summary>Whoever waits for the commit waits no longer than for a database that is away.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Our own role's sessions may be ended without any other right.
    private const string EndSql =
        """
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where pid = @backend and pid <> pg_backend_pid() and usename = current_user and datname = current_database()
        """;

    /// <summary>The connection broke, or the server ended the session: neither says whether the commit was done.</summary>
    public static bool IsOne(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => true,
        PostgresException => false,
        NpgsqlException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>False also where nobody could say it in time: then the caller hears that the database is away.</summary>
    /// <param name="source">Gives another connection.</param>
    /// <param name="backend">The session that was to commit; null behind a pooler, where its number is another's.</param>
    /// <param name="proof">Whether a row of it is there.</param>
    public static async Task<bool> WasDoneAsync(NpgsqlDataSource source, int? backend, Func<Session, ValueTask<bool>> proof)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Longest)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync();
                var session = new Session(connection, SqlDialect.Postgres);
                var isOver = backend is { } own && await session.ScalarAsync<long>(EndSql, new { backend = own }) == 0;
                if (await proof(session))
                {
                    return true;
                }

                if (isOver)
                {
                    return false;
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
            {
                // It is away; it may come back.
            }

            await Task.Delay(Pause, TimeProvider.System);
        }

        return false;
    }
}
