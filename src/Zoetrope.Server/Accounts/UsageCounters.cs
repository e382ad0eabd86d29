using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>Paid calls per account and UTC day. Counted in the submitting transaction, so what was refused never counts.</summary>
internal static class UsageCounters
{
    /// <summary>Adds <c>@requests</c> and returns the day's new count.</summary>
    public const string Add = """
        insert into account_usage (account_id, day, requests) values (@account_id, @day, @requests)
        on conflict (account_id, day) do update set requests = account_usage.requests + excluded.requests
        returning requests
        """;

    private const string Today = "select requests from account_usage where account_id = @accountId and day = @day";

    public static async Task<long> TodayAsync(Session session, string accountId, long day) =>
        await session.ScalarAsync<long?>(Today, new { accountId, day }) ?? 0;

    public static Task<long> AddAsync(Tx tx, string accountId, long day, long requests = 1) =>
        tx.ScalarAsync<long>(Add, new { account_id = accountId, day, requests });
}
