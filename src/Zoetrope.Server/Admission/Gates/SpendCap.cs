using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>
/// A key's credits in a UTC day, week or month and in all: what its tasks of that time hold or were charged, decided in the
/// submitting transaction.
/// </summary>
internal static class SpendCap
{
    /// <summary>The key's own caps and those of the key that granted it cover the request on top of what was spent already.</summary>
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now)
    {
        var caller = submit.Caller;
        if (books.Granter is not { } granter)
        {
            return Check(caller.Limits, books.Spender, submit.Credits, now, "This API key");
        }

        return Check(caller.Limits, books.Spender, submit.Credits, now, "This program") is { } own
            ? own with { Message = $"{own.Message}. {RaiseIt(caller)}" }
            : Check(caller.Granter!.Limits, granter, submit.Credits, now, "The API key that granted this access");
    }

    private static string RaiseIt(Caller program) =>
        "Whoever allowed it can raise that with their API key: "
        + $"`zoetrope grants change {program.ApiKeyId} --spend-per-day <credits>`, or PATCH /api/v1/grants/{program.ApiKeyId}.";

    // The cap that lasts longest speaks: whoever waits for the next day must not hear then that the month is over too.
    private static Problem? Check(KeyLimits limits, KeyFlight spender, long cost, DateTimeOffset now, string whose)
    {
        if (!limits.CapsSpend)
        {
            return null;
        }

        var periods = SpendPeriods.Of(now);
        return Check(limits.SpendInAll, spender.SpentInAll, cost, null, now, whose, (" in all", ""))
            ?? Check(limits.SpendPerMonth, spender.Month.Credits, cost, periods.MonthEnds, now, whose, (" a month", " this month"))
            ?? Check(limits.SpendPerWeek, spender.Week.Credits, cost, periods.WeekEnds, now, whose, (" a week", " this week"))
            ?? Check(limits.SpendPerDay, spender.Day.Credits, cost, UtcDay.End(now), now, whose, (" a day", " today"));
    }

    private static Problem? Check(
        long? limit, long spent, long cost, DateTimeOffset? resets, DateTimeOffset now, string whose, (string Of, string In) words)
    {
        if (limit is not { } cap || cost <= cap - spent)
        {
            return null;
        }

        var left = Math.Max(0, cap - spent);
        var said = $"{whose} may spend {cap} credits{words.Of} and has spent {spent}{words.In}. This request costs {cost}.";
        return resets is not { } end
            ? Problems.SpendCapReached.With($"{said} This limit does not reset", allowed: $"at most {left} credits")
            : Problems.SpendCapReached.With(
                $"{said} Resets at: {WireTime.Text(end)}", allowed: $"at most {left} credits until {WireTime.Text(end)}") with
            {
                RetryAfter = end - now,
            };
    }
}
