using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Batches;

/// <summary>
/// The table <c>batches</c>. It keeps one count, of the items that have not ended, because somebody must know that they were
/// the last; everything that is shown is counted from the items themselves.
/// </summary>
internal static class BatchStore
{
    private const string LandSql =
        """
        update batches set open = open - 1, finished_at = case when open = 1 then @now end
        where account_id = @account and id = @id returning open
        """;

    // One statement is one snapshot, so the counts add up and agree with the end on both databases.
    private const string Summary =
        """
        select b.id, b.total, b.created_at, b.finished_at,
            cast(sum(case when g.status = 'queued' then 1 else 0 end) as bigint) as pending,
            cast(sum(case when g.status = 'running' then 1 else 0 end) as bigint) as processing,
            cast(sum(case when g.status = 'succeeded' then 1 else 0 end) as bigint) as completed,
            cast(sum(case when g.status = 'failed' then 1 else 0 end) as bigint) as failed,
            cast(sum(case when g.status = 'canceled' then 1 else 0 end) as bigint) as cancelled,
            cast(sum(coalesce(g.charged, g.quoted)) as bigint) as credits
        """;

    private const string FindSql =
        $"""
        {Summary}
        from batches b join generations g on g.batch_id = b.id
        where b.account_id = @account and b.id = @id and b.mode = @mode
        group by b.id, b.total, b.created_at, b.finished_at
        """;

    private const string ListSql =
        $"""
        {Summary}
        from (select * from batches where account_id = @account and id < @before and mode = @mode order by id desc limit @take) b
        join generations g on g.batch_id = b.id
        group by b.id, b.total, b.created_at, b.finished_at
        order by b.id desc
        """;

    // The batch's own facts on each row, so that this too is one snapshot.
    private const string ItemsSql =
        """
        select b.created_at, b.finished_at, g.batch_index as "Index", g.id, g.model, g.status, coalesce(g.charged, g.quoted) as credits
        from batches b join generations g on g.batch_id = b.id
        where b.account_id = @account and b.id = @id and b.mode = @mode
        order by g.batch_index
        """;

    /// <summary>
    /// One item has ended; true for exactly one of them, the last. The row's lock orders those that end at the same time.
    /// </summary>
    public static async Task<bool> LandAsync(Tx tx, string accountId, string id, DateTimeOffset now) =>
        await tx.ScalarAsync<long?>(LandSql, new { account = accountId, id, now = now.ToUnixTimeMilliseconds() }) == 0;

    /// <summary>The account's oldest batch of which every item ended before this time.</summary>
    public static Task<string?> NextFinishedAsync(Session session, string accountId, DateTimeOffset old, bool testOnly) =>
        session.ScalarAsync<string>(
            $"""
            select id from batches
            where account_id = @accountId and id < @bound and finished_at < @before{(testOnly ? " and mode = 0" : "")} order by id limit 1
            """,
            new { accountId, bound = Ids.First(Ids.Batch, old), before = old.ToUnixTimeMilliseconds() });

    /// <summary>Deletes the batch with its items; returns what these were.</summary>
    public static async Task<List<Generation>> DeleteAsync(Tx tx, string accountId, string id)
    {
        await tx.ExecuteAsync("delete from batches where account_id = @accountId and id = @id", new { accountId, id });
        return await GenerationStore.DeleteBatchAsync(tx, accountId, id);
    }

    public static Task<BatchSummary?> FindAsync(Session session, string accountId, KeyMode mode, string id) =>
        session.FirstOrDefaultAsync<BatchSummary>(FindSql, new { account = accountId, id, mode = (long)mode });

    /// <summary>Newest first, after the cursor.</summary>
    public static Task<List<BatchSummary>> ListAsync(Session session, string accountId, KeyMode mode, string? before, int take) =>
        session.QueryAsync<BatchSummary>(
            ListSql, new { account = accountId, mode = (long)mode, before = before ?? Ids.Batch + "~", take = (long)take });

    /// <summary>The items in the order of the requests; none where there is no such batch.</summary>
    public static Task<List<BatchRow>> ItemsAsync(Session session, string accountId, KeyMode mode, string id) =>
        session.QueryAsync<BatchRow>(ItemsSql, new { account = accountId, id, mode = (long)mode });
}

/// <summary>A batch with the counts of its items.</summary>
internal sealed record BatchSummary
{
    public string Id { get; init; } = "";

    public long Total { get; init; }

    public long CreatedAt { get; init; }

    public long? FinishedAt { get; init; }

    public long Pending { get; init; }

    public long Processing { get; init; }

    public long Completed { get; init; }

    public long Failed { get; init; }

    public long Cancelled { get; init; }

    public long Credits { get; init; }

    /// <summary>The same, counted from all of its items.</summary>
    public static BatchSummary Of(string id, IReadOnlyList<BatchRow> items)
    {
        long Count(GenerationStatus status) => items.LongCount(item => item.Status == status.Word());
        return new BatchSummary
        {
            Id = id,
            Total = items.Count,
            CreatedAt = items[0].CreatedAt,
            FinishedAt = items[0].FinishedAt,
            Pending = Count(GenerationStatus.Queued),
            Processing = Count(GenerationStatus.Running),
            Completed = Count(GenerationStatus.Succeeded),
            Failed = Count(GenerationStatus.Failed),
            Cancelled = Count(GenerationStatus.Canceled),
            Credits = items.Sum(item => item.Credits),
        };
    }
}

/// <summary>An item of a batch, with the batch's own times.</summary>
internal sealed record BatchRow
{
    public long CreatedAt { get; init; }

    public long? FinishedAt { get; init; }

    public long Index { get; init; }

    public string Id { get; init; } = "";

    public string Model { get; init; } = "";

    public string Status { get; init; } = "";

    public long Credits { get; init; }
}
