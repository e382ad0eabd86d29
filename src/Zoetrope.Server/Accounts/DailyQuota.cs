using System.Globalization;

namespace Zoetrope.Server.Accounts;

/// <summary>The plan's costing calls a day, over all keys of the account, until 00:00 UTC.</summary>
internal static class DailyQuota
{
    private static ResetText _reset = new(-1, "");

    /// <summary>The refusal when the calls already made today leave room for no other; null when this call may be made.</summary>
    public static Problem? Check(Plan plan, long usedToday, DateTimeOffset now)
    {
        if (plan.RequestsPerDay is not { } limit || usedToday < limit)
        {
            return null;
        }

        return Problems.RateLimited.With($"Rate limit exceeded. Limit: {limit}/day. Resets at: {ResetsAtText(now)}") with
        {
            RetryAfter = ResetsAt(now) - now,
        };
    }

    public static DateTimeOffset ResetsAt(DateTimeOffset now) => new(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    /// <summary>ISO 8601 with milliseconds, as VicSee writes it. Made once a day: it is on every answer to a limited plan.</summary>
    public static string ResetsAtText(DateTimeOffset now)
    {
        var day = UsageCounters.DayOf(now);
        var text = Volatile.Read(ref _reset);
        if (text.Day != day)
        {
            text = new ResetText(day, ResetsAt(now).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            Volatile.Write(ref _reset, text);
        }

        return text.Text;
    }

    private sealed record ResetText(long Day, string Text);
}
