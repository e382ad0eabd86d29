using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// A job that the vendor has: ask for its state, and ask it to stop if a cancel was requested or the deadline has passed.
/// </summary>
internal sealed class PollStep(GenerationBooks books, ProviderJobs jobs, ProviderConversation conversation, GenerationOptions options)
{
    public async Task<Stepped> RunAsync(Generation generation)
    {
        var job = jobs.Of(generation, generation.AttemptId!, generation.CreatedAt, []);
        var late = books.Now >= generation.DeadlineAt;
        if (generation.Cancel is CancelState.Requested || late)
        {
            var canceled = await conversation.CancelAsync(job, generation.ProviderTaskId!);
            if (generation.Cancel is CancelState.Requested)
            {
                return new Stepped(await SaveCancelAsync(generation, canceled));
            }

            if (canceled is CancelResult.Confirmed)
            {
                return new Stepped(await books.RecordAsync(
                    generation, new GenerationEvent.DeadlineStopped(), new AttemptOutcome(AttemptStore.Ended) { Cost = AttemptCost.None }));
            }
        }

        var result = await conversation.PollAsync(job, generation.ProviderTaskId!);
        CrashPoints.Hit("K10");
        if (result is PollResult.Succeeded succeeded)
        {
            return new Stepped(generation, succeeded.Outputs, AttemptCost.Told(succeeded.ChargedMicros));
        }

        if (result is PollResult.Running or PollResult.Unreadable && books.Now > generation.DeadlineAt + options.Reconcile)
        {
            return new Stepped(await AbandonAsync(books, generation));
        }

        return new Stepped(result switch
        {
            PollResult.Running running => await SaveProgressAsync(generation, running),
            PollResult.Unreadable unreadable =>
                await books.SaveAsync(generation, new GenerationEvent.ReadFailed(unreadable.Reason, unreadable.RetryAfter)),
            PollResult.Failed failed => await books.RecordAsync(
                generation,
                new GenerationEvent.ProviderFailed(failed.Error),
                new AttemptOutcome(AttemptStore.Ended, Error: $"{failed.Error.VendorCode}: {failed.Error.VendorMessage}")
                {
                    Cost = AttemptCost.Told(failed.ChargedMicros) ?? (failed.Error.Charged ? null : AttemptCost.None),
                }),
            _ => throw new InvalidOperationException($"Unknown poll result {result}."),
        });
    }

    /// <summary>The window after the deadline is over, and nobody knows whether the vendor will bill.</summary>
    public static Task<Generation?> AbandonAsync(GenerationBooks books, Generation generation) => books.SaveAsync(
        generation,
        new GenerationEvent.DeadlineAbandoned(),
        new AttemptOutcome(AttemptStore.Unresolved, Error: "abandoned after the deadline"));

    private async Task<Generation?> SaveCancelAsync(Generation generation, CancelResult canceled) => canceled switch
    {
        CancelResult.Confirmed => await books.RecordAsync(
            generation, new GenerationEvent.CancelConfirmed(), new AttemptOutcome(AttemptStore.Ended) { Cost = AttemptCost.None }),
        CancelResult.Refused => await books.RecordAsync(generation, new GenerationEvent.CancelDeclined()),
        _ => await books.SaveAsync(generation, new GenerationEvent.ReadFailed("the cancel got no answer", null)),
    };

    // Thousands of jobs without news must not be thousands of writes.
    private async Task<Generation?> SaveProgressAsync(Generation generation, PollResult.Running running)
    {
        var now = books.Now;
        var after = running.PollAfter
            ?? ProviderConversation.PollAfter(jobs.ModelOf(generation), now - (generation.StartedAt ?? generation.CreatedAt));
        var seen = new GenerationEvent.ProgressSeen(running.Progress, running.QueuePosition, after);
        return GenerationTransitions.IsNews(generation, seen, now)
            ? await books.SaveAsync(generation, seen)
            : generation with { PollAt = GenerationTransitions.NextPoll(seen, now) };
    }
}
