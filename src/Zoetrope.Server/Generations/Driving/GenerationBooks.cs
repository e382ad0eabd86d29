using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>What is written down of a generation while it runs: its row, its attempts and who is notified of a change.</summary>
internal sealed partial class GenerationBooks(
    Database database, GenerationWriter writer, GenerationNews news, TimeProvider time, ILogger<GenerationBooks> logger)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public ValueTask<Generation?> FindAsync(string accountId, string id) =>
        database.ReadAsync(session => GenerationStore.FindAsync(session, accountId, id));

    public ValueTask<Attempt?> AttemptAsync(string attemptId) => database.ReadAsync(session => AttemptStore.FindAsync(session, attemptId));

    /// <summary>Holds the lease of a submit that is in the air.</summary>
    public LeaseKeeper KeepLease(Generation generation, TimeSpan lease) => new(database, generation, lease, time);

    /// <summary>Watches for the customer's cancel while something runs that nothing was paid for yet.</summary>
    public CancelWatch WatchCancel(Generation generation) => new(this, generation, time);

    /// <summary>
    /// Applies the event, saves the result with the attempt's new state, and returns the saved row. When the version had
    /// moved but what was learned still fits, it is applied to the row as it is now; otherwise that row is returned.
    /// </summary>
    public async Task<Generation?> SaveAsync(
        Generation generation, GenerationEvent happened, AttemptOutcome? attempt = null, Func<Tx, Generation, Task>? also = null)
    {
        Log(generation, happened, attempt);
        while (true)
        {
            if (await TrySaveAsync(generation, happened, attempt, also) is { } saved)
            {
                return saved;
            }

            var current = await FindAsync(generation.AccountId, generation.Id);
            if (current is null || !GenerationTransitions.StillFits(generation, current, happened))
            {
                LogFenced(generation.Id, happened.GetType().Name);
                news.Fenced();
                await KeepHandleAsync(generation, attempt);
                return current;
            }

            generation = current;
        }
    }

    /// <summary>The same for the row as it was read: null where its version has moved.</summary>
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

        news.Moved(generation, transition);
        return transition.Next;
    }

    // The row went on without this answer, but a job that may be billed must be found in the attempts.
    private async Task KeepHandleAsync(Generation generation, AttemptOutcome? attempt)
    {
        if (attempt?.ProviderTaskId is { } handle && generation.AttemptId is { } attemptId)
        {
            await database.InTransactionAsync(tx => AttemptStore.KeepHandleAsync(tx, attemptId, handle, attempt.RequestId, Now));
        }
    }

    // What an operator may have to act on.
    private void Log(Generation generation, GenerationEvent happened, AttemptOutcome? attempt)
    {
        switch (happened)
        {
            case GenerationEvent.OutcomeLost lost:
                LogOutcomeLost(generation.Id, generation.Provider, lost.Reason);
                break;
            case GenerationEvent.Refused refused when attempt is not null:
                LogRefused(generation.Id, generation.Provider, refused.Error.Kind, refused.Error.VendorCode);
                break;
            case GenerationEvent.DeadlineAbandoned:
                LogAbandoned(generation.Id, generation.Provider);
                break;
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "{GenerationId}: the answer of {Provider} to a submit was lost ({Reason}); looking up the job instead of submitting again")]
    private partial void LogOutcomeLost(string generationId, string provider, string reason);

    [LoggerMessage(LogLevel.Information, "{GenerationId}: {Provider} refused the submit: {Kind} {VendorCode}")]
    private partial void LogRefused(string generationId, string provider, ProviderErrorKind kind, string vendorCode);

    [LoggerMessage(LogLevel.Warning,
        "{GenerationId}: {Provider} had not finished when the reconciliation window ended; its possible cost is in suspense")]
    private partial void LogAbandoned(string generationId, string provider);

    [LoggerMessage(LogLevel.Information, "{GenerationId}: {Event} came too late; the row had already changed")]
    private partial void LogFenced(string generationId, string @event);
}
