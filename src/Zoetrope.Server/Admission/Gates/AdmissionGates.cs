using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>
/// May it start: every limit in the order in which a client learns of it, in the transaction that has locked the books. The
/// plan comes before the key, what waiting cures before what money cures, and the question last, so that nobody is asked
/// about a request that would be refused anyway.
/// </summary>
internal static class AdmissionGates
{
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now) =>
        DailyQuota.Check(submit, books, now)
        ?? RequestRate.Check(submit, books, now)
        ?? InFlight.Check(submit, books, now)
        ?? SpendCap.Check(submit, books, now)
        ?? BudgetLimits.Check(submit, books, now)
        ?? EnoughCredits.Check(submit, books, now)
        ?? Consent.Check(submit, books, now);

    /// <summary>Counts a submit that passed; refused ones cost nothing.</summary>
    public static void Take(Submit submit, in CallerBooks books, DateTimeOffset now)
    {
        var (funds, day, key, spender, granter) = books;
        submit.Budgets = BudgetLimits.Take(submit, books);
        var count = submit.Count;
        if (day is not null)
        {
            day.Requests += count;
        }

        key.NextAllowedMicroseconds = RequestRate.Next(submit, books, now).NextAllowedUs;
        key.InFlight += count;
        spender.Take(submit.Credits);
        granter?.Take(submit.Credits);

        funds.Available = checked(funds.Available - submit.Credits);
        funds.Held = checked(funds.Held + submit.Credits);
    }
}
