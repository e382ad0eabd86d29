using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>A key's credits a UTC day: what its tasks of the day hold or were charged, decided in the submitting transaction.</summary>
internal static class SpendCap
{
    /// <summary>The key's own cap and that of the key that granted it cover the request on top of what the day has cost already.</summary>
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now) =>
        Check(submit.Caller.Limits.SpendPerDay, books.Spender, submit.Credits, now, "This API key")
        ?? (books.Granter is { } granter
            ? Check(submit.Caller.Granter!.SpendPerDay, granter, submit.Credits, now, "The API key that granted this access")
            : null);

    private static Problem? Check(long? perDay, KeyFlight spender, long cost, DateTimeOffset now, string whose)
    {
        if (perDay is not { } cap || cost <= cap - spender.Spent)
        {
            return null;
        }

        var left = Math.Max(0, cap - spender.Spent);
        return Problems.SpendCapReached.With(
            $"{whose} may spend {cap} credits a day and has spent {spender.Spent} today. This request costs {cost}. "
            + $"Resets at: {DailyQuota.ResetsAtText(now)}",
            allowed: $"at most {left} credits until {DailyQuota.ResetsAtText(now)}") with
        {
            RetryAfter = UtcDay.End(now) - now,
        };
    }
}
