namespace Zoetrope.Server.Generations.Feeds;

/// <summary>How far a task is, as every door reports it.</summary>
/// <param name="Percent">0–100; 100 only once it has succeeded. 0 where nothing is known.</param>
/// <param name="Estimated">The provider reports nothing: this is estimated from how long such runs took before.</param>
/// <param name="Remaining">What it probably still takes; null where nothing is known.</param>
internal readonly record struct TaskProgress(int Percent, bool Estimated, TimeSpan? Remaining)
{
    /// <summary>Whole seconds, at least one.</summary>
    public long? EtaSeconds => Remaining is { } left ? Math.Max(1, (long)Math.Ceiling(left.TotalSeconds)) : null;
}

/// <summary>
/// Reads a task's progress: the provider's own if it reports any, otherwise the estimate; nothing is invented if neither
/// exists.
/// </summary>
internal sealed class ProgressMeter(RunTimes runTimes, TimeProvider time)
{
    // Below this a provider's first figures say little about its pace.
    private const int EnoughForPace = 10;

    public TaskProgress Of(Generation generation) => Of(generation, variant: null);

    /// <param name="variant">What <see cref="RunTimes.VariantOf"/> says, where the caller knows it already.</param>
    public TaskProgress Of(Generation generation, string? variant)
    {
        if (generation is not { Status: GenerationStatus.Running, StartedAt: { } started })
        {
            return new TaskProgress(generation.Progress ?? 0, Estimated: false, Remaining: null);
        }

        var elapsed = time.GetUtcNow() - started;
        var history = runTimes.Find(generation.Model, variant ?? RunTimes.VariantOf(generation));
        if (generation.Progress is not { } told)
        {
            return history is null
                ? new TaskProgress(0, Estimated: false, Remaining: null)
                : new TaskProgress((int)history.Percent(elapsed), Estimated: true, history.Remaining(elapsed));
        }

        var left = history?.Remaining(elapsed);
        if (left is null && told >= EnoughForPace && generation.Step is GenerationStep.Poll)
        {
            left = elapsed * ((100.0 - told) / told);
        }

        return new TaskProgress(told, Estimated: false, left);
    }
}
