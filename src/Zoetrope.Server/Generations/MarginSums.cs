using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>What live tasks earned and cost, over the attempts that were begun in a span of time.</summary>
internal sealed record MarginSum
{
    /// <summary>The model, the provider or the account.</summary>
    public string Name { get; init; } = "";

    /// <summary>Attempts that a vendor took, or may have taken.</summary>
    public long Attempts { get; init; }

    /// <summary>Credits that customers paid for the tasks that these attempts ended, before refunds.</summary>
    public long Charged { get; init; }

    public long Refunded { get; init; }

    /// <summary>Vendor cost that is known, in millionths of a US dollar.</summary>
    public long CostMicros { get; init; }

    /// <summary>The part of it that the catalogue only assumes.</summary>
    public long AssumedMicros { get; init; }

    /// <summary>Attempts that cost something, and nobody knows how much.</summary>
    public long UnknownCosts { get; init; }
}

/// <summary>The SQL of the operator's margins. It reads attempts by their primary key, which sorts by time.</summary>
internal static class MarginSums
{
    /// <summary>What can be summed up, as a column.</summary>
    public static readonly IReadOnlyDictionary<string, string> Keys = new Dictionary<string, string>
    {
        ["model"] = "g.model",
        ["provider"] = "a.provider",
        ["account"] = "a.account_id",
    };

    /// <summary>
    /// Grouped by one of <see cref="Keys"/>, in order of its values; attempts that were refused or are still open are left out.
    /// </summary>
    public static ValueTask<List<MarginSum>> ReadAsync(Database database, string by, DateTimeOffset from, DateTimeOffset to)
    {
        // An id is never older than its row, but may be younger: it is made to sort, and a clock may have been ahead.
        // A task's credits belong to the attempt that ended it. Sums are integers again, which PostgreSQL would make numerics.
        var sql =
            $"""
            select {Keys[by]} as name, count(*) as attempts,
                cast(coalesce(sum(case when g.attempt_id = a.id then g.charged end), 0) as bigint) as charged,
                cast(coalesce(sum(case when g.attempt_id = a.id then (
                    select sum(r.amount) from ledger_transfers r
                    where r.generation_id = g.id and r.kind = 'refund' and r.account_id = g.account_id) end), 0) as bigint) as refunded,
                cast(coalesce(sum(a.cost_micros), 0) as bigint) as cost_micros,
                cast(coalesce(sum(case when a.cost_source = 'assumed' then a.cost_micros end), 0) as bigint) as assumed_micros,
                cast(coalesce(sum(case when coalesce(a.cost_source, 'unknown') = 'unknown' then 1 end), 0) as bigint) as unknown_costs
            from attempts a join generations g on g.account_id = a.account_id and g.id = a.generation_id
            where a.id >= @first and a.created_at >= @from and a.created_at < @to and g.mode = 1 and a.state in ('accepted', 'ended', 'unresolved')
            group by {Keys[by]} order by {Keys[by]}
            """;
        return database.ReadAsync(async session => await session.QueryAsync<MarginSum>(
            sql,
            new
            {
                first = Ids.First(Ids.Attempt, from), from = from.ToUnixTimeMilliseconds(), to = to.ToUnixTimeMilliseconds(),
            }));
    }
}
