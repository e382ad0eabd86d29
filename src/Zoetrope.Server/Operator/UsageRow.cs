using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>What an account ordered on a day (since 1970-01-01 UTC) in one mode.</summary>
internal sealed class UsageRow
{
    public long Day { get; init; }

    public long Mode { get; init; }

    public long Tasks { get; init; }

    public long Completed { get; init; }

    public long Failed { get; init; }

    public long Credits { get; init; }

    private const string Sql =
        """
        select created_at / 86400000 as day, mode, count(*) as tasks,
            sum(case when status = 'succeeded' then 1 else 0 end) as completed,
            sum(case when status in ('failed', 'canceled') then 1 else 0 end) as failed,
            cast(coalesce(sum(charged), 0) as bigint) as credits
        from generations where account_id = @account and id >= @from
        group by 1, 2 order by 1 desc, 2
        """;

    /// <summary>The newest day first.</summary>
    public static Task<List<UsageRow>> OfAccountAsync(Session session, string account, DateTimeOffset from) =>
        session.QueryAsync<UsageRow>(Sql, new { account, from = Ids.First(Ids.Generation, from) });
}
