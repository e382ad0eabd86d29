using Zoetrope.Server.Generations.Driving;

namespace Zoetrope.Server.Generations.Scheduling;

/// <summary>Ends tasks that waited in the queue until their deadline, each in its own transaction.</summary>
internal sealed class QueueEnds(GenerationBooks books, TrailReader trails)
{
    public async Task EndAsync(Generation late)
    {
        Trail.Current = await trails(late.AccountId, late.Id);

        // Somebody may have cancelled it meanwhile: then the row has moved on, and stays as it is.
        await books.TrySaveAsync(late, new GenerationEvent.DeadlineStopped());
    }
}
