using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>The provider has finished: fetch and check the files, and end the generation with them in one transaction.</summary>
internal sealed class IngestStep(
    GenerationBooks books, ProviderJobs jobs, ProviderConversation conversation, ArtifactRecords records, GenerationOptions options)
{
    /// <param name="polled">The generation as the poll saw it.</param>
    /// <param name="outputs">What its provider has made.</param>
    /// <param name="told">What the provider said that it costs; null where it said nothing new.</param>
    public async Task<Generation?> RunAsync(Generation polled, IReadOnlyList<ProviderOutput> outputs, AttemptCost? told = null)
    {
        var readyAt = books.Now;
        var ready = await books.RecordOwnAsync(polled, new GenerationEvent.ResultReady(options.Lease));
        if (!ready.IsOurs || ready.Row is not { } generation)
        {
            // Somebody else stores it, or it has ended.
            return ready.Row;
        }

        await using var lease = books.KeepLease(generation, options.Lease);
        try
        {
            return await StoreAsync(generation, outputs, told, readyAt);
        }
        catch
        {
            // A fault of ours: nobody stores it now, so the next step need not wait for the lease.
            await books.SaveAsync(generation, new GenerationEvent.ReadFailed("the result could not be stored", null));
            throw;
        }
    }

    private async Task<Generation?> StoreAsync(
        Generation generation, IReadOnlyList<ProviderOutput> outputs, AttemptCost? told, DateTimeOffset readyAt)
    {
        var fetched = await conversation.FetchAsync(
            outputs, GenerationJson.Output(generation), jobs.ProfileOf(generation), CancellationToken.None);
        CrashPoints.Hit("K12");
        switch (fetched.Failure)
        {
            case null:
                var done = await EndAsync(generation, fetched.Files, new AttemptOutcome(AttemptStore.Ended) { Cost = told, ReadyAt = readyAt });
                CrashPoints.Hit("K11");
                return done;
            case { IsFinal: true } when books.IsStopping:
                // Ctrl-C reaches the programs that look at files too: what they say now is no verdict.
                return generation;
            case { IsFinal: true, Reason: var reason }:
                return await books.RecordAsync(
                    generation,
                    new GenerationEvent.OutputRejected(reason),
                    new AttemptOutcome(AttemptStore.Ended, Error: reason) { Cost = told, ReadyAt = readyAt });
            case var _ when books.Now > generation.DeadlineAt + options.Reconcile:
                return await PollStep.AbandonAsync(books, generation);
            case { Reason: var reason }:
                return await books.SaveAsync(generation, new GenerationEvent.ReadFailed(reason, null));
        }
    }

    // The files are in the store; their rows are written with the end of the generation.
    private Task<Generation?> EndAsync(Generation generation, IReadOnlyList<IngestedArtifact> files, AttemptOutcome ended)
    {
        var results = new List<GenerationResult>();
        var artifacts = new List<Artifact>();
        foreach (var file in files)
        {
            var artifact = records.New(generation.AccountId, generation.Mode, ArtifactRole.Output, file.Probe);
            var poster = records.NewPoster(artifact);
            artifacts.AddRange([artifact, poster]);
            results.Add(new GenerationResult(artifact.Id, file.Probe)
            {
                PosterId = poster.Id,
                PosterExtension = poster.Probe.Extension,
                Labelled = file.Labelled,
                C2pa = file.C2pa,
            });
        }

        return books.RecordAsync(
            generation,
            new GenerationEvent.Ingested(GenerationJson.Write(results), generation.Quoted),
            ended,
            also: async (tx, _) =>
            {
                foreach (var artifact in artifacts)
                {
                    await ArtifactRecords.InsertAsync(tx, artifact);
                }
            });
    }
}
