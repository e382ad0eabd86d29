namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// A row of <c>key_usage</c>: unfinished generations of a key and its grants, when their rate next allows a call, and what the
/// key or grant has spent today, this week, this month and in all.
/// </summary>
internal sealed class KeyFlight(long inFlight, long nextAllowedMicroseconds)
{
    public long InFlight { get; set; } = inFlight;

    public long NextAllowedMicroseconds { get; set; } = nextAllowedMicroseconds;

    public required Spend Day { get; init; }

    public required Spend Week { get; init; }

    public required Spend Month { get; init; }

    public long SpentInAll { get; set; }

    public static KeyFlight New(in SpendPeriods now) => new(0, 0)
    {
        Day = new Spend(now.Day, 0, now.Day),
        Week = new Spend(now.Week, 0, now.Week),
        Month = new Spend(now.Month, 0, now.Month),
    };

    /// <summary>Counts the credits of a request that was accepted.</summary>
    public void Take(long credits)
    {
        Day.Credits = checked(Day.Credits + credits);
        Week.Credits = checked(Week.Credits + credits);
        Month.Credits = checked(Month.Credits + credits);
        SpentInAll = checked(SpentInAll + credits);
    }
}

/// <summary>What was spent in one day, week or month.</summary>
internal sealed class Spend(long period, long credits, long current)
{
    /// <summary>Never back: a node whose clock is behind at midnight counts on the day that has begun elsewhere.</summary>
    public long Period { get; } = Math.Max(period, current);

    public long Credits { get; set; } = period >= current ? credits : 0;
}
