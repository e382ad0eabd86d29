using System.Diagnostics.Metrics;
using Zoetrope.Server.Generations.Gating;

namespace Zoetrope.Server.Generations;

/// <summary>Counters and durations of generations; no account or task ids as tags.</summary>
internal sealed class GenerationMetrics
{
    public const string MeterName = "Zoetrope";

    // From a picture of a second to a video of half an hour.
    private static readonly InstrumentAdvice<double> Classes = new()
    {
        HistogramBucketBoundaries = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600],
    };

    private readonly Counter<long> _ended;
    private readonly Counter<long> _moved;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _lost;
    private readonly Histogram<double> _took;

    private readonly ProviderHistory _history;

    public GenerationMetrics(IMeterFactory meters, ProviderHistory history)
    {
        _history = history;
        var meter = meters.Create(MeterName);
        _ended = meter.CreateCounter<long>(
            "zoetrope.generations.ended", "{generation}", "Generations that ended, by status and error code.");
        _moved = meter.CreateCounter<long>(
            "zoetrope.generations.transitions", "{transition}", "Steps of tasks, by the state that they left and what happened.");
        _fenced = meter.CreateCounter<long>("zoetrope.generations.fenced", "{write}", "Late writes that the version refused.");
        _lost = meter.CreateCounter<long>("zoetrope.generations.outcome_lost", "{attempt}", "Submits whose answer was lost.");
        _took = meter.CreateHistogram(
            "zoetrope.generations.duration", "s", "From acceptance to the end.", tags: null, advice: Classes);
    }

    public void Fenced() => _fenced.Add(1);

    public void Moved(Generation before, GenerationEvent happened, Generation after)
    {
        _history.Count(before, happened, after);
        _moved.Add(
            1,
            new KeyValuePair<string, object?>("state", GenerationTransitions.StateOf(before)),
            new KeyValuePair<string, object?>("event", happened.GetType().Name));
        if (after is { Step: GenerationStep.Submit, AttemptId: not null }
            && before.AttemptId == after.AttemptId
            && before.Cancel == after.Cancel)
        {
            _lost.Add(1, new KeyValuePair<string, object?>("provider", after.Provider), Mode(after));
        }

        if (after.IsTerminal)
        {
            _ended.Add(
                1,
                new KeyValuePair<string, object?>("provider", after.Provider),
                new KeyValuePair<string, object?>("model", after.Model),
                new KeyValuePair<string, object?>("status", after.Status.Word()),
                new KeyValuePair<string, object?>("code", after.ErrorCode ?? ""),
                Mode(after));
            _took.Record(
                (after.FinishedAt!.Value - after.CreatedAt).TotalSeconds,
                new KeyValuePair<string, object?>("model", after.Model),
                Mode(after));
        }
    }

    private static KeyValuePair<string, object?> Mode(Generation generation) => new("mode", generation.Mode.Word());
}
