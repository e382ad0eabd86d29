using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// Forgets events after <see cref="RetentionOptions.EventDays"/>, the oldest numbers first, and notes for each account how far
/// its log is gone: a reader whose place is in it is told so and does not believe that nothing happened.
/// </summary>
internal sealed class EventRetention(Database database, RetentionOptions options, TimeProvider time) : IRetention
{
    private const string LastSql =
        "select max(seq) from (select seq, created_at from events order by seq limit 500) oldest where created_at < @before";

    private const string NoteSql =
        """
        insert into event_horizons (account_id, seq)
        select account_id, max(seq) from events where seq <= @last and created_at < @before group by account_id order by account_id
        on conflict (account_id) do update set seq = excluded.seq where event_horizons.seq < excluded.seq
        """;

    private const string DeleteSql = "delete from events where seq <= @last and created_at < @before";

    public string Table => "events";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    public Task<int> DeleteSomeAsync() => RetentionOptions.OlderThan(options.EventDays, time) is { } old
        ? database.InTransactionAsync(tx => DeleteAsync(tx, old.ToUnixTimeMilliseconds()))
        : Task.FromResult(0);

    private static async Task<int> DeleteAsync(Tx tx, long before)
    {
        if (await tx.ScalarAsync<long?>(LastSql, new { before }) is not { } last)
        {
            return 0;
        }

        await tx.ExecuteAsync(NoteSql, new { last, before });
        return await tx.ExecuteAsync(DeleteSql, new { last, before });
    }
}
