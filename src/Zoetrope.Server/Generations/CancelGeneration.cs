using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// A customer's cancel. What is still queued ends at once; what runs is asked to stop at its provider, and only a confirmed
/// stop cancels it: a job that goes on to finish is delivered and charged, never paid for and thrown away.
/// </summary>
internal sealed class CancelGeneration(Database database, GenerationWriter writer, GenerationSignals signals, GenerationMetrics metrics, IGrainFactory grains, TimeProvider time)
{
    /// <summary>The task after the wish was recorded; null where there is no such task. A task that has ended is returned as it is.</summary>
    public async Task<Generation?> RequestAsync(string accountId, KeyMode mode, string id)
    {
        while (true)
        {
            var generation = await database.ReadAsync(session => GenerationStore.FindAsync(session, accountId, id));
            if (generation is null || generation.Mode != mode)
            {
                return null;
            }

            if (generation.IsTerminal || generation.Cancel is not CancelState.None)
            {
                return generation;
            }

            var now = time.GetUtcNow();
            var transition = GenerationTransitions.Apply(generation, new GenerationEvent.CancelRequested(), now);
            if (await database.InTransactionAsync(tx => writer.SaveAsync(tx, generation, transition, now)))
            {
                metrics.Moved(generation, transition.Next);
                signals.Changed(accountId, id);
                if (!transition.Next.IsTerminal)
                {
                    await grains.GetGrain<IGenerationGrain>(GenerationGrain.Key(accountId, id)).Wake();
                }

                return transition.Next;
            }
        }
    }
}
