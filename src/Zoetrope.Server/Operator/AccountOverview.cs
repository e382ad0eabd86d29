using Zoetrope.Server.Accounts;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>An account on one page.</summary>
/// <param name="Account">Which.</param>
/// <param name="Balances">Test, then live.</param>
/// <param name="Members">Its people.</param>
/// <param name="Keys">Those that work, of any kind but sessions and seats.</param>
/// <param name="Tasks">What is not finished and what was spent, by mode.</param>
/// <param name="OpenCases">Cases about its tasks that nobody has closed.</param>
internal sealed record AccountOverview(
    Account Account,
    IReadOnlyList<(KeyMode Mode, Balance Balance)> Balances,
    IReadOnlyList<Membership> Members,
    IReadOnlyList<ApiKey> Keys,
    IReadOnlyList<AccountTasks> Tasks,
    long OpenCases)
{
    private const string TasksSql =
        """
        select
            (select cast(coalesce(sum(u.in_flight), 0) as bigint) from api_keys k join key_usage u on u.key_id = k.id
                where k.account_id = @account and k.mode = @mode) as unfinished,
            (select cast(coalesce(sum(charged - refunded), 0) as bigint) from usage_days
                where account_id = @account and mode = @mode and day >= @day) as spent
        """;

    private const string CasesSql = "select count(*) from cases where account_id = @account and closed_at is null";

    /// <summary>Null where there is no such account.</summary>
    public static async ValueTask<AccountOverview?> ReadAsync(Session session, string id, DateTimeOffset now)
    {
        if (await AccountStore.FindAsync(session, id) is not { } account)
        {
            return null;
        }

        var day = UtcDay.Of(new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero));
        var (balances, tasks) = (new List<(KeyMode, Balance)>(), new List<AccountTasks>());
        foreach (var mode in new[] { KeyMode.Test, KeyMode.Live })
        {
            balances.Add((mode, await CreditLedger.BalanceAsync(session, id, mode)));
            var (unfinished, spent) = await session.FirstOrDefaultAsync<(long, long)>(
                TasksSql, new { account = id, mode = (long)mode, day });
            tasks.Add(new AccountTasks(mode, unfinished, spent));
        }

        var at = now.ToUnixTimeMilliseconds();
        return new AccountOverview(
            account,
            balances,
            await Memberships.OfAccountAsync(session, id),
            [.. (await ApiKeyStore.ListAsync(session, id)).Where(key => key.RevokedAt is null && !(key.ExpiresAt <= at))],
            tasks,
            await session.ScalarAsync<long>(CasesSql, new { account = id }));
    }
}

/// <summary>Of an account in one mode.</summary>
/// <param name="Mode">Test or live.</param>
/// <param name="Unfinished">Tasks that wait or run.</param>
/// <param name="SpentThisMonth">Credits that were charged less those given back, since the month of UTC began.</param>
internal sealed record AccountTasks(KeyMode Mode, long Unfinished, long SpentThisMonth);
