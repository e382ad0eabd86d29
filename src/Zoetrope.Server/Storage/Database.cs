namespace Zoetrope.Server.Storage;

/// <summary>
/// The floor: SQLite or PostgreSQL behind the same two verbs. A unit of work gets an explicit <see cref="Tx"/>
/// and is durable when the returned task completes.
/// </summary>
internal abstract class Database : IAsyncDisposable
{
    public abstract SqlDialect Dialect { get; }

    /// <summary>
    /// Runs the work in a transaction and returns after it is durable. An exception rolls this work back and is rethrown.
    /// On SQLite the work runs on the writer's lane and must await nothing but the database.
    /// </summary>
    public abstract Task<T> InTransactionAsync<T>(Func<Tx, Task<T>> work);

    public Task InTransactionAsync(Func<Tx, Task> work) => InTransactionAsync(async tx =>
    {
        await work(tx);
        return true;
    });

    /// <summary>Runs a read beside the writer, on a consistent snapshot of what is committed.</summary>
    public abstract ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read);

    /// <summary>
    /// Whether the failed work may succeed later as it is: the database is away, locked, full or broken. False where it refuses
    /// what is written, and for failures that are not the database's.
    /// </summary>
    public abstract bool MayPass(Exception exception);

    /// <summary>Whether the failed work waited for a row that somebody else kept locked for too long.</summary>
    public virtual bool IsLockedOut(Exception exception) => false;

    /// <summary>Whether the work would have written a row that another one excludes.</summary>
    public abstract bool IsDuplicate(Exception exception);

    public abstract ValueTask DisposeAsync();
}
