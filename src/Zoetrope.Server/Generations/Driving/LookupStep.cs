using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// A submit without an answer: wait as long as its sender may live, then look for the job by the vendor's evidence. It is
/// never sent again on a guess.
/// </summary>
internal sealed class LookupStep(GenerationBooks books, ProviderJobs jobs, ProviderConversation conversation, GenerationOptions options)
{
    private const string OfAnother = "the job that was found belongs to another attempt";

    public async Task<Generation?> RunAsync(Generation generation)
    {
        var attempt = await books.AttemptAsync(generation.AttemptId!)
            ?? throw new InvalidOperationException($"Attempt {generation.AttemptId} of {generation.Id} is missing.");
        if (attempt is { State: AttemptStore.Unknown, ProviderTaskId: { } told })
        {
            // The answer was lost, but the vendor called back: the job is ours.
            return await AdoptAsync(generation, told);
        }

        // A submit is in the air, or its sender died: the lease says which. Afterwards this is the time of the next lookup.
        if (books.Now < generation.NextRunAt)
        {
            return generation;
        }

        if (attempt.State == AttemptStore.Intended)
        {
            const string reason = "the process that submitted died or was cut off before it recorded an answer";
            var lost = await books.SaveAsync(
                generation, new GenerationEvent.OutcomeLost(reason), new AttemptOutcome(AttemptStore.Unknown, Error: reason));
            if (lost is not { Status: GenerationStatus.Running, Step: GenerationStep.Submit } || lost.AttemptId != attempt.Id)
            {
                return lost;
            }

            generation = lost;
        }

        return await LookupAsync(generation, attempt);
    }

    private async Task<Generation?> LookupAsync(Generation generation, Attempt attempt)
    {
        var inputs = await jobs.InputsAsync(generation, CancellationToken.None);
        var own = books.Beside(attempt);
        var job = jobs.Again(generation, attempt, inputs.Files);
        job = job with { Request = job.Request with { Own = own } };
        var result = inputs.Refusal is { } unusable
            ? new LookupResult.Undecided(unusable.VendorMessage)
            : await conversation.LookupAsync(job);
        if (result is LookupResult.Found { ProviderTaskId: var handle } && (await own.TakenAsync([handle])).Count > 0)
        {
            result = new LookupResult.Undecided(OfAnother);
        }

        if (result is LookupResult.Undecided undecided && books.Now > job.Request.IntendedAt + options.Reconcile)
        {
            result = new LookupResult.Impossible(
                $"the outcome could not be determined within {options.ReconcileMinutes} minutes: {undecided.Reason}");
        }

        return result switch
        {
            LookupResult.Found found => await AdoptAsync(generation, found.ProviderTaskId),
            LookupResult.Absent => await books.RecordAsync(
                generation, new GenerationEvent.FoundAbsent(), new AttemptOutcome(AttemptStore.Refused, Error: "proven absent")),
            LookupResult.Impossible impossible => await books.RecordAsync(
                generation,
                new GenerationEvent.NeverKnown(impossible.Reason),
                new AttemptOutcome(AttemptStore.Unresolved, Error: impossible.Reason)),
            LookupResult.Undecided open => await books.SaveAsync(generation, new GenerationEvent.StillUnknown(open.Reason)),
            _ => throw new InvalidOperationException($"Unknown lookup result {result}."),
        };
    }

    private async Task<Generation?> AdoptAsync(Generation generation, string handle)
    {
        try
        {
            return await books.RecordAsync(
                generation,
                new GenerationEvent.Accepted(handle, TimeSpan.Zero),
                new AttemptOutcome(AttemptStore.Accepted, handle) { IsLookedUp = true });
        }
        catch (JobTakenException)
        {
            return await books.SaveAsync(generation, new GenerationEvent.StillUnknown(OfAnother));
        }
    }
}
