using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>A caller with the names behind it and what is counted of it.</summary>
/// <param name="Account">Who pays.</param>
/// <param name="KeyName">What the key or grant is for.</param>
/// <param name="Own">What the key or grant has used.</param>
/// <param name="Granter">What the key that gave a program access has used.</param>
internal sealed record CallerUsage(Account Account, string KeyName, KeyUsage Own, KeyUsage? Granter)
{
    public static async ValueTask<CallerUsage> ReadAsync(Session session, Caller caller) => new(
        (await AccountStore.FindAsync(session, caller.AccountId))!,
        await session.ScalarAsync<string>("select name from api_keys where id = @id", new { id = caller.ApiKeyId }) ?? "",
        await KeyUsage.ReadAsync(session, caller.SpendsWith),
        caller.Granter is { } granter ? await KeyUsage.ReadAsync(session, granter.SpendsWith) : null);
}

/// <summary>A row of <c>key_usage</c> as it is shown.</summary>
internal sealed class KeyUsage
{
    public long InFlight { get; init; }

    public long SpentDay { get; init; }

    public long Spent { get; init; }

    public long SpentWeek { get; init; }

    public long WeekSpent { get; init; }

    public long SpentMonth { get; init; }

    public long MonthSpent { get; init; }

    public long AllSpent { get; init; }

    public static async Task<KeyUsage> ReadAsync(Session session, string keyId) => await session.FirstOrDefaultAsync<KeyUsage>(
        """
        select in_flight, spent_day, spent, spent_week, week_spent, spent_month, month_spent, all_spent from key_usage where key_id = @keyId
        """,
        new { keyId }) ?? new KeyUsage();

    /// <summary>The caps on it, with what is spent of each and when it begins anew.</summary>
    public IEnumerable<(string Name, long Limit, long Used, DateTimeOffset? Resets)> Caps(KeyLimits limits, DateTimeOffset now)
    {
        var periods = SpendPeriods.Of(now);
        if (limits.SpendPerDay is { } day)
        {
            yield return ("spendPerDay", day, SpentDay >= periods.Day ? Spent : 0, UtcDay.End(now));
        }

        if (limits.SpendPerWeek is { } week)
        {
            yield return ("spendPerWeek", week, SpentWeek >= periods.Week ? WeekSpent : 0, periods.WeekEnds);
        }

        if (limits.SpendPerMonth is { } month)
        {
            yield return ("spendPerMonth", month, SpentMonth >= periods.Month ? MonthSpent : 0, periods.MonthEnds);
        }

        if (limits.SpendInAll is { } all)
        {
            yield return ("spendInAll", all, AllSpent, null);
        }
    }
}
