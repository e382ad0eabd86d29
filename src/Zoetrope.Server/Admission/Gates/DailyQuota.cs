using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>The plan's paid calls a day, over all keys of the account, until 00:00 UTC.</summary>
internal static class DailyQuota
{
    private static ResetText _reset = new(-1, "");

    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now) =>
        books.Day is null ? null : Check(submit.Caller.Plan, books.Day.Requests, now, submit.Count, submit.CountField);

    /// <summary>The refusal when the calls already made today leave no room for these; null when they may be made.</summary>
    /// <param name="countField">The field that says how many they are, where there may be several.</param>
    public static Problem? Check(Plan plan, long usedToday, DateTimeOffset now, int count = 1, string? countField = null)
    {
        if (plan.RequestsPerDay is not { } limit || usedToday + count <= limit)
        {
            return null;
        }

        if (count > limit)
        {
            // Tomorrow would not help either.
            return Problems.InvalidParameter.With(
                $"This call has {count} requests; the plan allows {limit} a day. Send fewer.", countField, $"{count}", $"at most {limit}");
        }

        var these = count == 1 ? "" : $". This call has {count} requests and {Math.Max(0, limit - usedToday)} are left today.";
        return Problems.RateLimited.With($"Rate limit exceeded. Limit: {limit}/day. Resets at: {ResetsAtText(now)}{these}") with
        {
            RetryAfter = UtcDay.End(now) - now,
        };
    }

    /// <summary>ISO 8601 with milliseconds, as VicSee writes it. Made once a day: it is on every answer to a limited plan.</summary>
    public static string ResetsAtText(DateTimeOffset now)
    {
        var day = UtcDay.Of(now);
        var text = Volatile.Read(ref _reset);
        if (text.Day != day)
        {
            text = new ResetText(day, WireTime.Text(UtcDay.End(now)));
            Volatile.Write(ref _reset, text);
        }

        return text.Text;
    }

    private sealed record ResetText(long Day, string Text);
}
