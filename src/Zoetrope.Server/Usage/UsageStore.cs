using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>The tables of usage. Who writes holds the account's row of <c>usage_checkpoints</c>.</summary>
internal static class UsageStore
{
    private static readonly UsageTable<UsageKey> Hours = new("usage_hours", Keys("hour"));
    private static readonly UsageTable<UsageKey> Days = new("usage_days", Keys("day"));

    private static readonly UsageTable<UsageTagKey> Tags = new(
        "usage_tag_hours",
        [
            ("mode", key => key.Mode), ("name", key => key.Name), ("hour", key => key.Hour), ("value", key => key.Value),
            ("model", key => key.Model), ("outcome", key => key.Outcome),
        ]);

    // Its row is locked either way.
    private const string LockSql =
        """
        insert into usage_checkpoints (account_id, seq) values (@account, -1)
        on conflict (account_id) do update set seq = usage_checkpoints.seq
        returning seq
        """;

    /// <summary>Up to where the account is counted; null if it never was.</summary>
    public static Task<long?> FindAsync(Session session, string account) =>
        session.ScalarAsync<long?>("select seq from usage_checkpoints where account_id = @account and seq >= 0", new { account });

    /// <summary>Keeps everybody else from counting the account; up to where it is counted, or null if it never was.</summary>
    public static async Task<long?> LockAsync(Tx tx, string account) =>
        await tx.ScalarAsync<long>(LockSql, new { account }) is var seq and >= 0 ? seq : null;

    public static Task MoveAsync(Tx tx, string account, long seq) =>
        tx.ExecuteAsync("update usage_checkpoints set seq = @seq where account_id = @account", new { account, seq });

    public static async Task AddAsync(Tx tx, string account, UsageSums sums)
    {
        // As the rows will be read: those of one account and time lie together.
        await Hours.AddAsync(tx, account, [.. sums.Rows.OrderBy(row => row.Key.Mode).ThenBy(row => row.Key.Hour)]);
        await Days.AddAsync(tx, account, [.. sums.Days().OrderBy(row => row.Key.Mode).ThenBy(row => row.Key.Hour)]);
        await Tags.AddAsync(tx, account, [.. sums.Tags.OrderBy(row => row.Key.Mode).ThenBy(row => row.Key.Hour)]);
    }

    /// <summary>Forgets what was counted from a day on.</summary>
    public static async Task ClearAsync(Tx tx, string account, long fromDay)
    {
        var which = new { account, fromDay, fromHour = fromDay * UsageHours.OfDay };
        await tx.ExecuteAsync("delete from usage_hours where account_id = @account and hour >= @fromHour", which);
        await tx.ExecuteAsync("delete from usage_days where account_id = @account and day >= @fromDay", which);
        await tx.ExecuteAsync("delete from usage_tag_hours where account_id = @account and hour >= @fromHour", which);
    }

    /// <summary>Forgets what is from before a day; how many rows that was.</summary>
    public static async Task<int> ForgetAsync(Tx tx, string account, long beforeDay)
    {
        var which = new { account, beforeDay, beforeHour = beforeDay * UsageHours.OfDay };
        await tx.ExecuteAsync("delete from usage_tag_hours where account_id = @account and hour < @beforeHour", which);
        await tx.ExecuteAsync("delete from usage_days where account_id = @account and day < @beforeDay", which);
        return await tx.ExecuteAsync("delete from usage_hours where account_id = @account and hour < @beforeHour", which);
    }

    private static (string, Func<UsageKey, object>)[] Keys(string time) =>
    [
        ("mode", key => key.Mode), (time, key => key.Hour), ("model", key => key.Model), ("provider", key => key.Provider),
        ("key_id", key => key.KeyId), ("person_id", key => key.PersonId), ("end_user", key => key.EndUser), ("outcome", key => key.Outcome),
    ];
}
