using System.Diagnostics;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// One bounded step of a running generation: read the row, make at most one provider call, save one transition. The row is
/// the truth; when a save finds that the version has moved, the row is read again, and what was learned here is dropped unless
/// it still fits: a customer's cancel must not cost us the answer of a vendor that was paid.
/// </summary>
internal sealed class GenerationDriver(GenerationBooks books, SubmitStep submit, LookupStep lookup, PollStep poll, IngestStep ingest)
{
    public static TimeSpan Deadline(ModelCatalog catalog, string model) =>
        TimeSpan.FromSeconds(catalog.Find(model)?.DeadlineSeconds ?? 1_800);

    /// <summary>Takes one step; returns when to take the next, null when this generation no longer runs.</summary>
    public async Task<DateTimeOffset?> StepAsync(string accountId, string id)
    {
        if (await books.FindAsync(accountId, id) is not { Status: GenerationStatus.Running } generation)
        {
            return null;
        }

        if (GenerationTransitions.IsBeingStored(generation, books.Now))
        {
            return generation.NextRunAt;
        }

        using var span = Span(generation);

        // A stop waits for a submit, from before it looks whether the server stops until its result is stored.
        using var flight = generation.Step is GenerationStep.Submit ? books.Hold() : default;
        var (next, made, told) = generation switch
        {
            { Step: GenerationStep.Submit, AttemptId: null } => await submit.RunAsync(generation),
            { Step: GenerationStep.Submit } => new Stepped(await lookup.RunAsync(generation)),
            _ => await poll.RunAsync(generation),
        };
        if (made is not null && next is { Status: GenerationStatus.Running })
        {
            using var storing = books.Hold();
            using var ingesting = Described(Spans.Start("ingest"), generation);
            next = await ingest.RunAsync(next, made, told);
        }

        span?.SetTag("zoetrope.state", next is null ? null : GenerationTransitions.StateOf(next));
        return next is { Status: GenerationStatus.Running } ? next.PollAt ?? next.NextRunAt : null;
    }

    private Activity? Span(Generation generation)
    {
        switch (generation)
        {
            case { Step: GenerationStep.Submit, AttemptId: null }:
                // How long it waited for its place, told by whoever got it.
                if (generation is { Attempts: 0, StartedAt: { } started })
                {
                    using var claim = Described(Spans.Start("claim", began: generation.CreatedAt), generation);
                    claim?.SetEndTime(started.UtcDateTime);
                }

                return Described(Spans.Start("submit"), generation);
            case { Step: GenerationStep.Submit }:
                // While the sender may live, this is only a look at the lease.
                return books.Now < generation.NextRunAt ? null : Described(Spans.Start("lookup"), generation);
            default:
                return Described(Spans.Start("poll"), generation);
        }
    }

    private static Activity? Described(Activity? span, Generation generation) => span?
        .SetTag("zoetrope.model", generation.Model).SetTag("zoetrope.provider", generation.Provider)
        .SetTag("zoetrope.attempts", generation.Attempts);
}

/// <summary>What a step resulted in.</summary>
/// <param name="Row">The generation as it is now; null where it is gone.</param>
/// <param name="Made">The result files, where the provider has finished.</param>
/// <param name="Told">What the provider said that they cost.</param>
internal readonly record struct Stepped(Generation? Row, IReadOnlyList<ProviderOutput>? Made = null, AttemptCost? Told = null);
