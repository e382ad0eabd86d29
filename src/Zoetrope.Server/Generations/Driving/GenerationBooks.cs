using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>What is written down of a generation while it runs: its row, its attempts and who is notified of a change.</summary>
internal sealed class GenerationBooks(
    Database database, GenerationWriter writer, GenerationNews news, ServerStop stop, TimeProvider time)
{
    private static readonly TimeSpan Beforehand = TimeSpan.FromMinutes(5);

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Nothing that costs may begin any more.</summary>
    public bool IsStopping => stop.HasBegun;

    /// <summary>A stop waits for what is done until this is disposed.</summary>
    public ServerStop.Flight Hold() => stop.Hold();

    public ValueTask<Generation?> FindAsync(string accountId, string id) =>
        database.ReadAsync(session => GenerationStore.FindAsync(session, accountId, id));

    public ValueTask<Attempt?> AttemptAsync(string attemptId) => database.ReadAsync(session => AttemptStore.FindAsync(session, attemptId));

    /// <summary>What is known of the attempts beside this one; vendors' clocks may differ a little from ours.</summary>
    public OwnAttempts Beside(Attempt attempt) => new(
        handles => database.ReadAsync(session => AttemptStore.TakenAsync(session, attempt, handles)).AsTask(),
        () => database.ReadAsync(session => AttemptStore.IsOnlyAsync(
            session, attempt, Ids.First(Ids.Attempt, DateTimeOffset.FromUnixTimeMilliseconds(attempt.CreatedAt) - Beforehand))).AsTask());

    /// <summary>Holds the lease of a submit that is in the air, or of a result that is being stored.</summary>
    public LeaseKeeper KeepLease(Generation generation, TimeSpan lease, SubmitFence? fence = null) =>
        new(database, generation, lease, fence ?? NewFence(), time);

    /// <summary>What keeps a paid call in when its lease has run out.</summary>
    public SubmitFence NewFence() => new(time);

    /// <summary>Watches for the customer's cancel while something runs that nothing was paid for yet.</summary>
    public CancelWatch WatchCancel(Generation generation) => new(this, generation, time);

    /// <summary>
    /// Applies the event, saves the result with the attempt's new state, and returns the saved row. When the version had
    /// moved but what was learned still fits, it is applied to the row as it is now; otherwise that row is returned.
    /// </summary>
    public async Task<Generation?> SaveAsync(
        Generation generation, GenerationEvent happened, AttemptOutcome? attempt = null, Func<Tx, Generation, Task>? also = null)
    {
        news.Learned(generation, happened, attempt);
        return (await KeepAsync(generation, happened, attempt, also)).Row;
    }

    /// <summary>
    /// The same for a provider's answer: while this process lives, nothing but the row itself may make it lose one. A database that
    /// is away is tried again until it takes the answer.
    /// </summary>
    public async Task<Generation?> RecordAsync(
        Generation generation, GenerationEvent happened, AttemptOutcome? attempt = null, Func<Tx, Generation, Task>? also = null) =>
        (await RecordOwnAsync(generation, happened, attempt, also)).Row;

    /// <summary>The same for a driver that goes on only if it was the one that moved the row.</summary>
    public async Task<Kept> RecordOwnAsync(
        Generation generation, GenerationEvent happened, AttemptOutcome? attempt = null, Func<Tx, Generation, Task>? also = null)
    {
        news.Learned(generation, happened, attempt);
        Pauses? pauses = null;
        while (true)
        {
            try
            {
                var kept = await KeepAsync(generation, happened, attempt, also);
                if (pauses is not null)
                {
                    news.Written(generation, happened);
                }

                return kept;
            }
            catch (Exception exception) when (database.MayPass(exception))
            {
                if (pauses is null)
                {
                    news.NotWritten(generation, happened, exception);
                }
            }

            // The commit may have been done although its answer was lost: then the row says so and the next try is fenced.
            await (pauses ??= new Pauses(time)).NextAsync();
        }
    }

    /// <summary>Applies the event to the row as it was read: null where its version has moved.</summary>
    public async Task<Generation?> TrySaveAsync(
        Generation generation, GenerationEvent happened, AttemptOutcome? attempt = null, Func<Tx, Generation, Task>? also = null)
    {
        var now = Now;
        var transition = GenerationTransitions.Apply(generation, happened, now);
        var saved = await database.InTransactionAsync(async tx =>
        {
            if (!await writer.SaveAsync(tx, generation, transition, now))
            {
                return false;
            }

            if (attempt is not null && generation.AttemptId is not null)
            {
                await AttemptStore.SetStateAsync(tx, generation.AttemptId, attempt, now);
            }

            if (also is not null)
            {
                await also(tx, transition.Next);
            }

            return true;
        });
        if (!saved)
        {
            return null;
        }

        news.Moved(generation, happened, transition);
        return transition.Next;
    }

    private async Task<Kept> KeepAsync(
        Generation generation, GenerationEvent happened, AttemptOutcome? attempt, Func<Tx, Generation, Task>? also)
    {
        var duplicates = 0;
        while (true)
        {
            try
            {
                if (await TrySaveAsync(generation, happened, attempt, also) is { } saved)
                {
                    return new Kept(saved, IsOurs: true);
                }
            }
            catch (Exception exception) when (attempt?.ProviderTaskId is not null && database.IsDuplicate(exception) && duplicates++ == 0)
            {
                // At this very moment another attempt took the same job: the next try sees it.
                continue;
            }

            var current = await FindAsync(generation.AccountId, generation.Id);
            if (current is null || !GenerationTransitions.StillFits(generation, current, happened))
            {
                news.Fenced(generation, happened);
                await KeepHandleAsync(generation, attempt);
                return new Kept(current, IsOurs: false);
            }

            generation = current;
        }
    }

    // The row went on without this answer, but a job that may be billed must be found in the attempts.
    private async Task KeepHandleAsync(Generation generation, AttemptOutcome? attempt)
    {
        if (attempt?.ProviderTaskId is { } handle && generation.AttemptId is { } attemptId)
        {
            await database.InTransactionAsync(tx => AttemptStore.KeepHandleAsync(tx, attemptId, handle, attempt.RequestId, Now));
        }
    }
}

/// <summary>What became of something that was to be written down.</summary>
/// <param name="Row">The generation as it is now; null where it is gone.</param>
/// <param name="IsOurs">It was written; otherwise the row had moved on.</param>
internal readonly record struct Kept(Generation? Row, bool IsOurs);
