using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>A task as every door shows it; each door finds its own words for these values.</summary>
/// <param name="Generation">The request and its life.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Position">Its place in the queue, where that is known.</param>
internal readonly record struct TaskView(Generation Generation, TaskProgress Progress, int? Position)
{
    /// <summary>What happened to it; null where nobody asked.</summary>
    public IReadOnlyList<TimelineStep>? Timeline { get; init; }

    /// <summary>How a task failed, as a problem; null if it did not.</summary>
    public Problem? Failure => Generation.Status is GenerationStatus.Failed or GenerationStatus.Canceled ? FailureOf(Generation) : null;

    public static Problem FailureOf(Generation generation)
    {
        var kind = generation.Status is GenerationStatus.Canceled
            ? Problems.Cancelled
            : Problems.Find(generation.ErrorCode) ?? Problems.GenerationFailed;
        return kind.With(generation.ErrorMessage ?? kind.Meaning, given: generation.Id);
    }
}

/// <summary>Adds to a generation what is not in its row.</summary>
internal sealed class TaskViews(QueuePositions positions, ProgressMeter meter)
{
    public ValueTask<TaskView> OfAsync(Generation generation) => OfAsync(generation, meter.Of(generation));

    /// <summary>With the progress that is reported, as streams send it.</summary>
    public async ValueTask<TaskView> OfAsync(Generation generation, TaskProgress progress) =>
        new(generation, progress, generation.Status is GenerationStatus.Queued ? await positions.OfAsync(generation) : null);

    /// <summary>Without the place in the queue, which costs a look at the queue.</summary>
    public TaskView Of(Generation generation) => new(generation, meter.Of(generation), Position: null);
}
