namespace Zoetrope.Bench;

/// <summary>A histogram of microseconds with about one per cent of error: 64 steps for each doubling.</summary>
internal sealed class Latencies
{
    private const int Steps = 64;
    private readonly long[] _counts = new long[Steps * 40];

    public long Count { get; private set; }

    public void Add(long microseconds)
    {
        Count++;
        _counts[Index(Math.Max(1, microseconds))]++;
    }

    public void Add(Latencies other)
    {
        Count += other.Count;
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    public double Milliseconds(double quantile)
    {
        var wanted = (long)Math.Ceiling(Count * quantile);
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && seen > 0)
            {
                return Math.Pow(2, (double)i / Steps) / 1000;
            }
        }

        return 0;
    }

    private static int Index(long microseconds) => Math.Min((int)(Math.Log2(microseconds) * Steps), (Steps * 40) - 1);
}
