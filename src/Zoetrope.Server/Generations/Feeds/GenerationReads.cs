using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Feeds;

/// <summary>What customers read of their generations.</summary>
internal sealed class GenerationReads(
    Database database, GenerationSignals signals, FeedHub hub, ServerStop stop, TimeProvider time)
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // Another node's change gives no hint here, so a waiter looks for itself now and then.
    private static readonly TimeSpan Reread = TimeSpan.FromSeconds(1);

    public async ValueTask<Generation?> FindAsync(string accountId, KeyMode mode, string id)
    {
        if (!Ids.IsValid(Ids.Generation, id))
        {
            return null;
        }

        var generation = await database.ReadAsync(session => GenerationStore.FindAsync(session, accountId, id));
        return generation?.Mode == mode ? generation : null;
    }

    /// <summary>
    /// The task once it has ended, or is as <paramref name="enough"/> says; otherwise as it is when the wait is over, or the server
    /// closes.
    /// </summary>
    public async Task<Generation?> WaitAsync(
        string accountId,
        KeyMode mode,
        string id,
        TimeSpan wait,
        CancellationToken cancellationToken,
        Func<Generation, bool>? enough = null)
    {
        var until = time.GetUtcNow() + (wait < LongestWait ? wait : LongestWait);
        using var watch = signals.Watch(id);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Closing);
        while (true)
        {
            var closing = ended.IsCancellationRequested;
            var change = watch.Next();
            var generation = await FindAsync(accountId, mode, id);
            var left = until - time.GetUtcNow();
            if (generation is null || generation.IsTerminal || enough?.Invoke(generation) is true || left <= TimeSpan.Zero || closing)
            {
                return generation;
            }

            await Task.WhenAny(change, Task.Delay(left < Reread ? left : Reread, time, ended.Token));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Follows one task, or all of the account's, after an event; null starts with what happens from now on.</summary>
    public async Task<Outcome<GenerationFeed>> FollowAsync(string accountId, KeyMode mode, string? id, long? after)
    {
        var (head, gone) = await database.ReadAsync(async session => await EventLog.EndsAsync(session, accountId));
        if (after > head)
        {
            return Problems.InvalidCursor.With(
                "The cursor is past the end of this account's event log; it must have come from another server or account.",
                "after",
                $"{after}");
        }

        // 0 has a special meaning: the beginning of whatever is kept.
        return after > 0 && after < gone
            ? Problems.CursorExpired.With(
                $"Events up to {gone} have been deleted, so some events after this cursor may be missing. "
                + $"Read the tasks themselves, then continue from {gone}.",
                "after",
                $"{after}",
                $"0, or {gone} to {head}")
            : hub.Follow(new FeedTarget(accountId, mode, id), after ?? (id is null ? head : 0), head);
    }

    public ValueTask<(List<Generation> Page, string? Next)> ListAsync(string accountId, KeyMode mode, GenerationFilter filter) =>
        database.ReadAsync(session => GenerationStore.ListAsync(session, accountId, mode, filter));
}
