using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>A key's credits a UTC day: what its tasks of the day hold or were charged, decided in the submitting transaction.</summary>
internal static class SpendCap
{
    /// <summary>The key's own cap and that of the key that granted it cover the request on top of what the day has cost already.</summary>
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now)
    {
        var (caller, perDay) = (submit.Caller, submit.Caller.Limits.SpendPerDay);
        if (books.Granter is not { } granter)
        {
            return Check(perDay, books.Spender, submit.Credits, now, "This API key");
        }

        return Check(perDay, books.Spender, submit.Credits, now, "This program") is { } own
            ? own with { Message = $"{own.Message}. {RaiseIt(caller)}" }
            : Check(caller.Granter!.SpendPerDay, granter, submit.Credits, now, "The API key that granted this access");
    }

    private static string RaiseIt(Caller program) =>
        "Whoever allowed it can raise that with their API key: "
        + $"`zoetrope grants change {program.ApiKeyId} --spend-per-day <credits>`, or PATCH /api/v1/grants/{program.ApiKeyId}.";

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
