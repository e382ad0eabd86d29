using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>A line of the ledger that charged, released or refunded a task, and the task.</summary>
internal sealed record UsageFact
{
    // What retention has deleted has no columns but those of the ledger.
    private const string Select =
        """
        select l.id, l.mode, l.kind, l.amount, l.created_at, g.model, g.provider, g.key_id, g.person_id, g.end_user, g.tags, g.status,
            g.error_code, g.result, (
                select cast(sum(a.cost_micros) as bigint) from attempts a
                where a.account_id = l.account_id and a.generation_id = l.generation_id) as cost_micros
        from ledger_transfers l left join generations g on g.account_id = l.account_id and g.id = l.generation_id
        """;

    private const string ResolvedSql = Select + " where l.account_id = @account and l.resolves ";
    private const string RefundedSql = Select + " where l.account_id = @account and l.id ";

    private const string AllSql =
        Select
        + " where l.account_id = @account and l.id > @after and (l.resolves is not null or l.kind = 'refund') order by l.id limit @take";

    public string Id { get; init; } = "";

    public long Mode { get; init; }

    public string Kind { get; init; } = "";

    public long Amount { get; init; }

    public long CreatedAt { get; init; }

    public string? Model { get; init; }

    public string? Provider { get; init; }

    public string? KeyId { get; init; }

    public string? PersonId { get; init; }

    public string? EndUser { get; init; }

    public string? Tags { get; init; }

    public string? Status { get; init; }

    public string? ErrorCode { get; init; }

    public string? Result { get; init; }

    public long? CostMicros { get; init; }

    public long Hour => CreatedAt / UsageHours.Milliseconds;

    public bool IsRefund => Kind == "refund";

    /// <summary>Empty for a success.</summary>
    public string Outcome => Status == "canceled" ? Problems.Cancelled.Code : ErrorCode ?? "";

    /// <summary>The ends of these tasks.</summary>
    public static Task<List<UsageFact>> ResolvedAsync(Session session, string account, IReadOnlyCollection<string> ids) =>
        ReadAsync(session, ResolvedSql, account, ids);

    /// <summary>These refunds.</summary>
    public static Task<List<UsageFact>> RefundedAsync(Session session, string account, IReadOnlyCollection<string> ids) =>
        ReadAsync(session, RefundedSql, account, ids);

    /// <summary>All of an account, in the order of the ledger's ids.</summary>
    public static Task<List<UsageFact>> AllAsync(Session session, string account, string after, int take) =>
        session.QueryAsync<UsageFact>(AllSql, new { account, after, take = (long)take });

    private static async Task<List<UsageFact>> ReadAsync(Session session, string sql, string account, IReadOnlyCollection<string> ids) =>
        ids.Count == 0
            ? []
            : await session.QueryAsync<UsageFact>(
                sql + (session.Dialect is SqlDialect.Postgres ? "= any(@ids)" : "in @ids"), new { account, ids });

    /// <summary>What it adds to the rows of its task.</summary>
    public UsageSum Sum()
    {
        if (IsRefund)
        {
            return new UsageSum { Refunded = Amount };
        }

        var files = Result is null ? [] : GenerationJson.Results(Result);
        return new UsageSum
        {
            Tasks = 1,
            Charged = Kind == "settle" ? Amount : 0,
            MediaMs = files.Sum(file => (long)Math.Round((file.Probe.DurationSeconds ?? 0) * 1_000)),
            Bytes = files.Sum(file => file.Probe.Bytes),
            CostMicros = CostMicros ?? 0,
        };
    }

    public Tag[] ReadTags() => Attribution.ReadTags(Tags);
}

/// <summary>Whole hours since 1970 UTC.</summary>
internal static class UsageHours
{
    public const long Milliseconds = 3_600_000;

    public const long OfDay = 24;

    public static long Of(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / Milliseconds;

    public static DateTimeOffset Start(long hour) => DateTimeOffset.FromUnixTimeMilliseconds(hour * Milliseconds);
}
