namespace Zoetrope.Server;

/// <summary>The day, the week and the month of UTC that a spend counts in, as rows have them.</summary>
/// <param name="Day">Since 1970-01-01.</param>
/// <param name="Week">The day of its Monday.</param>
/// <param name="Month">Since the year 0.</param>
internal readonly record struct SpendPeriods(long Day, long Week, long Month)
{
    private const int DaysOfWeek = 7;
    private const int MonthsOfYear = 12;

    // 1970-01-01 was a Thursday.
    private const int SinceMonday = 3;

    public static SpendPeriods Of(DateTimeOffset time) => Of(UtcDay.Of(time));

    public static SpendPeriods Of(long day)
    {
        var date = UtcDay.Start(day);
        return new SpendPeriods(day, day - ((day + SinceMonday) % DaysOfWeek), (date.Year * MonthsOfYear) + date.Month - 1);
    }

    /// <summary>The midnight that ends the week.</summary>
    public DateTimeOffset WeekEnds => UtcDay.Start(Week + DaysOfWeek);

    /// <summary>The midnight that ends the month.</summary>
    public DateTimeOffset MonthEnds =>
        new DateTimeOffset((int)(Month / MonthsOfYear), (int)(Month % MonthsOfYear) + 1, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
}
