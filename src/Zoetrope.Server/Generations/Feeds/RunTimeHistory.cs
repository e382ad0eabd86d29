namespace Zoetrope.Server.Generations.Feeds;

/// <summary>
/// The durations of measured runs as counts in classes that are a tenth wide: small, mergeable, and exact enough for an
/// estimate. Immutable.
/// </summary>
internal sealed class RunTimeHistory
{
    private const double Step = 1.1;

    // At these measured quantiles the estimate has these values; past the last it creeps and never arrives.
    private const double Median = 0.5;
    private const double Late = 0.9;
    private const double AtMedian = 90;
    private const double AtLate = 97;
    private const double Most = 99;

    private readonly SortedList<long, long> _runs;
    private readonly double _median;
    private readonly double _late;

    private RunTimeHistory(SortedList<long, long> runs)
    {
        _runs = runs;
        Runs = runs.Values.Sum();
        _median = Quantile(Median);
        _late = Math.Max(Quantile(Late), _median);
    }

    public static RunTimeHistory Empty { get; } = new([]);

    /// <summary>How many runs it is made of.</summary>
    public long Runs { get; }

    /// <summary>Half of them took no longer.</summary>
    public TimeSpan Middle => TimeSpan.FromMilliseconds(_median);

    public static long ClassOf(TimeSpan duration) => (long)Math.Round(Math.Log(Math.Max(1, duration.TotalMilliseconds)) / Math.Log(Step));

    public RunTimeHistory With(long durationClass, long runs)
    {
        var all = new SortedList<long, long>(_runs);
        all[durationClass] = all.GetValueOrDefault(durationClass) + runs;
        return new RunTimeHistory(all);
    }

    /// <summary>How far a run probably is after a time, in per cent; grows with the time and stays below 100.</summary>
    public double Percent(TimeSpan elapsed)
    {
        var ms = Math.Max(0, elapsed.TotalMilliseconds);
        if (ms <= _median)
        {
            return AtMedian * ms / _median;
        }

        return ms <= _late
            ? AtMedian + ((AtLate - AtMedian) * (ms - _median) / (_late - _median))
            : AtLate + ((Most - AtLate) * (1 - Math.Exp(-(ms - _late) / _late)));
    }

    /// <summary>
    /// Of the measured runs that were not done after this time, the median of the time they still took; null if none took so long.
    /// </summary>
    public TimeSpan? Remaining(TimeSpan elapsed)
    {
        var longer = _runs.Where(run => Milliseconds(run.Key) > elapsed.TotalMilliseconds).ToList();
        var half = longer.Sum(run => run.Value) / 2.0;
        foreach (var (durationClass, runs) in longer)
        {
            half -= runs;
            if (half <= 0)
            {
                return TimeSpan.FromMilliseconds(Milliseconds(durationClass)) - elapsed;
            }
        }

        return null;
    }

    private double Quantile(double part)
    {
        var wanted = Math.Ceiling(Runs * part);
        foreach (var (durationClass, runs) in _runs)
        {
            wanted -= runs;
            if (wanted <= 0)
            {
                return Milliseconds(durationClass);
            }
        }

        return 1;
    }

    private static double Milliseconds(long durationClass) => Math.Pow(Step, durationClass);
}
