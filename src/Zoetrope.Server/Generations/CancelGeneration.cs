using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Generations;

/// <summary>
/// A customer's cancel. What is still queued ends at once; what runs is asked to stop at its provider, and only a confirmed
/// stop cancels it: a job that goes on to finish is delivered and charged, never paid for and thrown away.
/// </summary>
internal sealed class CancelGeneration(GenerationBooks books, GenerationReads reads, IGrainFactory grains)
{
    /// <summary>A submit in the air may take its vendor minutes; its outcome is worth no more of the customer's time than this.</summary>
    private static readonly TimeSpan InTheAir = TimeSpan.FromSeconds(2);

    /// <summary>How long to wait for the provider's word on a job that it has.</summary>
    private static readonly TimeSpan AtProvider = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Records the wish and returns what became of it: the ended task, the task that its provider would not stop, or, where
    /// that is not known soon, the task with the wish recorded. Null where there is no such task.
    /// </summary>
    public async Task<Generation?> CancelAsync(string accountId, KeyMode mode, string id, CancellationToken cancellationToken)
    {
        var generation = await RequestAsync(accountId, mode, id);
        foreach (var patience in (TimeSpan[])[InTheAir, AtProvider])
        {
            if (generation is null || IsDecided(generation))
            {
                return generation;
            }

            generation = await reads.WaitAsync(accountId, mode, id, patience, cancellationToken, IsDecided);
            if (generation is { Step: GenerationStep.Submit, AttemptId: not null })
            {
                return generation;
            }
        }

        return generation;
    }

    private static bool IsDecided(Generation generation) => generation.IsTerminal || generation.Cancel is CancelState.Declined;

    /// <summary>
    /// The task after the wish was recorded; null where there is no such task. A task that has ended is returned as it is.
    /// </summary>
    public async Task<Generation?> RequestAsync(string accountId, KeyMode mode, string id)
    {
        while (true)
        {
            var generation = await books.FindAsync(accountId, id);
            if (generation is null || generation.Mode != mode)
            {
                return null;
            }

            if (generation.IsTerminal || generation.Cancel is not CancelState.None)
            {
                return generation;
            }

            if (await books.TrySaveAsync(generation, new GenerationEvent.CancelRequested()) is { } saved)
            {
                if (!saved.IsTerminal)
                {
                    await grains.GetGrain<IGenerationGrain>(GenerationGrain.Key(accountId, id)).Wake();
                }

                return saved;
            }
        }
    }
}
