namespace Zoetrope.Server.Admission.Gates;

/// <summary>A key's credits a UTC day: what its tasks of the day hold or were charged, decided in the submitting transaction.</summary>
internal static class SpendCap
{
    /// <summary>The refusal when the cap does not cover the request on top of what the day has cost already.</summary>
    public static Problem? Check(long? perDay, long spent, long cost, DateTimeOffset now, bool ofGranter = false)
    {
        if (perDay is not { } cap || cost <= cap - spent)
        {
            return null;
        }

        var whose = ofGranter ? "The API key that granted this access" : "This API key";
        var left = Math.Max(0, cap - spent);
        return Problems.SpendCapReached.With(
            $"{whose} may spend {cap} credits a day and has spent {spent} today; this request costs {cost}. Resets at: {DailyQuota.ResetsAtText(now)}",
            allowed: $"at most {left} credits until {DailyQuota.ResetsAtText(now)}") with
        {
            RetryAfter = DailyQuota.ResetsAt(now) - now,
        };
    }
}
