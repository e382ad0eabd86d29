using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Feeds;

/// <summary>What customers read of their generations.</summary>
internal sealed class GenerationReads(
    Database database, GenerationSignals signals, FeedHub hub, ServerStop stop, TimeProvider time)
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // For hints that were lost, and for what is in no event.
    private static readonly TimeSpan Reread = TimeSpan.FromSeconds(1);

    // Whoever follows the log misses nothing; this is for a log that cannot be read.
    private static readonly TimeSpan RereadFollowed = TimeSpan.FromSeconds(10);

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
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Closing);
        if (enough is null && database.Dialect is SqlDialect.Postgres)
        {
            var followed = await FollowToEndAsync(new FeedTarget(accountId, mode, id), until, ended.Token);
            cancellationToken.ThrowIfCancellationRequested();
            return followed;
        }

        using var watch = signals.Watch(id);
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

    // Another node's change gives no hint here, but this node's one reader of the log finds it within a tenth of a second.
    private async Task<Generation?> FollowToEndAsync(FeedTarget target, DateTimeOffset until, CancellationToken ended)
    {
        var generation = await FindAsync(target.AccountId, target.Mode, target.TaskId!);
        if (generation is null or { IsTerminal: true } || until <= time.GetUtcNow())
        {
            return generation;
        }

        var (head, _) = await database.ReadAsync(async session => await EventLog.EndsAsync(session, target.AccountId));
        using var feed = hub.Follow(target, head, head);
        await feed.ReadAsync();
        while (true)
        {
            var closing = ended.IsCancellationRequested;
            generation = await FindAsync(target.AccountId, target.Mode, target.TaskId!);
            if (generation is null or { IsTerminal: true } || until <= time.GetUtcNow() || closing)
            {
                return generation;
            }

            await ChangeAsync(feed, until, ended);
        }
    }

    // Until there is an event, not only progress.
    private async Task ChangeAsync(GenerationFeed feed, DateTimeOffset until, CancellationToken ended)
    {
        var reread = time.GetUtcNow() + RereadFollowed;
        reread = reread < until ? reread : until;
        while (reread - time.GetUtcNow() is var left && left > TimeSpan.Zero && !ended.IsCancellationRequested)
        {
            try
            {
                await feed.WaitAsync(left, ended);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }

            if ((await feed.ReadAsync()).Exists(item => item.Seq is not null))
            {
                return;
            }
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
        database.ReadAsync(session => GenerationLists.ReadAsync(session, accountId, mode, filter));
}
