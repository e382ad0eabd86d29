using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>The tables of usage. Who writes holds the account's row of <c>usage_checkpoints</c>.</summary>
internal static class UsageStore
{
    private const string Sums = "tasks, charged, refunded, media_ms, bytes, cost_micros";

    private const string Adding =
        """
        do update set tasks = {0}.tasks + excluded.tasks, charged = {0}.charged + excluded.charged,
            refunded = {0}.refunded + excluded.refunded, media_ms = {0}.media_ms + excluded.media_ms,
            bytes = {0}.bytes + excluded.bytes, cost_micros = {0}.cost_micros + excluded.cost_micros
        """;

    private const string HourColumns = "mode, hour, model, provider, key_id, person_id, end_user, outcome";
    private const string TagColumns = "mode, name, hour, value, model, outcome";

    private static readonly string AddSql = Sql("usage_hours", HourColumns);
    private static readonly string AddManySql = ManySql("usage_hours", HourColumns);
    private static readonly string AddTagSql = Sql("usage_tag_hours", TagColumns);
    private static readonly string AddManyTagsSql = ManySql("usage_tag_hours", TagColumns);

    // Its row is locked either way.
    private const string LockSql =
        """
        insert into usage_checkpoints (account_id, seq) values (@account, -1)
        on conflict (account_id) do update set seq = usage_checkpoints.seq
        returning seq
        """;

    /// <summary>Keeps everybody else from counting the account; up to where it is counted, or null if it never was.</summary>
    public static async Task<long?> LockAsync(Tx tx, string account) =>
        await tx.ScalarAsync<long>(LockSql, new { account }) is var seq and >= 0 ? seq : null;

    public static Task MoveAsync(Tx tx, string account, long seq) =>
        tx.ExecuteAsync("update usage_checkpoints set seq = @seq where account_id = @account", new { account, seq });

    public static async Task AddAsync(Tx tx, string account, UsageSums sums)
    {
        // In one order, although the account's row is locked: the rows then lie as they are read.
        var rows = sums.Rows.OrderBy(row => row.Key.Mode).ThenBy(row => row.Key.Hour)
            .ThenBy(row => row.Key.Model, StringComparer.Ordinal).ToList();
        var tags = sums.Tags.OrderBy(row => row.Key.Mode).ThenBy(row => row.Key.Name, StringComparer.Ordinal)
            .ThenBy(row => row.Key.Hour).ToList();
        if (tx.Dialect is SqlDialect.Postgres)
        {
            await AddManyAsync(tx, account, rows, tags);
            return;
        }

        foreach (var (key, sum) in rows)
        {
            await tx.ExecuteAsync(AddSql, new
            {
                account,
                mode = key.Mode,
                hour = key.Hour,
                model = key.Model,
                provider = key.Provider,
                key_id = key.KeyId,
                person_id = key.PersonId,
                end_user = key.EndUser,
                outcome = key.Outcome,
                tasks = sum.Tasks,
                charged = sum.Charged,
                refunded = sum.Refunded,
                media_ms = sum.MediaMs,
                bytes = sum.Bytes,
                cost_micros = sum.CostMicros,
            });
        }

        foreach (var (key, sum) in tags)
        {
            await tx.ExecuteAsync(AddTagSql, new
            {
                account,
                mode = key.Mode,
                name = key.Name,
                hour = key.Hour,
                value = key.Value,
                model = key.Model,
                outcome = key.Outcome,
                tasks = sum.Tasks,
                charged = sum.Charged,
                refunded = sum.Refunded,
                media_ms = sum.MediaMs,
                bytes = sum.Bytes,
                cost_micros = sum.CostMicros,
            });
        }
    }

    /// <summary>Forgets what was counted from an hour on.</summary>
    public static async Task ClearAsync(Tx tx, string account, long fromHour)
    {
        await tx.ExecuteAsync("delete from usage_hours where account_id = @account and hour >= @fromHour", new { account, fromHour });
        await tx.ExecuteAsync("delete from usage_tag_hours where account_id = @account and hour >= @fromHour", new { account, fromHour });
    }

    private static async Task AddManyAsync(
        Tx tx, string account, List<KeyValuePair<UsageKey, UsageSum>> rows, List<KeyValuePair<UsageTagKey, UsageSum>> tags)
    {
        if (rows.Count > 0)
        {
            await tx.ExecuteAsync(AddManySql, new
            {
                account,
                mode = Each(rows, row => row.Key.Mode),
                hour = Each(rows, row => row.Key.Hour),
                model = Each(rows, row => row.Key.Model),
                provider = Each(rows, row => row.Key.Provider),
                key_id = Each(rows, row => row.Key.KeyId),
                person_id = Each(rows, row => row.Key.PersonId),
                end_user = Each(rows, row => row.Key.EndUser),
                outcome = Each(rows, row => row.Key.Outcome),
                tasks = Each(rows, row => row.Value.Tasks),
                charged = Each(rows, row => row.Value.Charged),
                refunded = Each(rows, row => row.Value.Refunded),
                media_ms = Each(rows, row => row.Value.MediaMs),
                bytes = Each(rows, row => row.Value.Bytes),
                cost_micros = Each(rows, row => row.Value.CostMicros),
            });
        }

        if (tags.Count > 0)
        {
            await tx.ExecuteAsync(AddManyTagsSql, new
            {
                account,
                mode = Each(tags, row => row.Key.Mode),
                name = Each(tags, row => row.Key.Name),
                hour = Each(tags, row => row.Key.Hour),
                value = Each(tags, row => row.Key.Value),
                model = Each(tags, row => row.Key.Model),
                outcome = Each(tags, row => row.Key.Outcome),
                tasks = Each(tags, row => row.Value.Tasks),
                charged = Each(tags, row => row.Value.Charged),
                refunded = Each(tags, row => row.Value.Refunded),
                media_ms = Each(tags, row => row.Value.MediaMs),
                bytes = Each(tags, row => row.Value.Bytes),
                cost_micros = Each(tags, row => row.Value.CostMicros),
            });
        }
    }

    private static TValue[] Each<TRow, TValue>(List<TRow> rows, Func<TRow, TValue> value) => [.. rows.Select(value)];

    private static string Sql(string table, string columns) =>
        $"insert into {table} (account_id, {columns}, {Sums}) values (@account, {Parameters(columns)}, {Parameters(Sums)}) "
        + $"on conflict (account_id, {columns}) {Adding.Replace("{0}", table, StringComparison.Ordinal)}";

    private static string ManySql(string table, string columns) =>
        $"insert into {table} (account_id, {columns}, {Sums}) select @account, {columns}, {Sums} "
        + $"from unnest({Parameters(columns)}, {Parameters(Sums)}) as given ({columns}, {Sums}) "
        + $"on conflict (account_id, {columns}) {Adding.Replace("{0}", table, StringComparison.Ordinal)}";

    private static string Parameters(string columns) => "@" + columns.Replace(", ", ", @", StringComparison.Ordinal);
}
