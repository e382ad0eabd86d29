using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>What an operator looks for among the tasks of all accounts; null is any.</summary>
internal sealed record TaskFilter
{
    public string? AccountId { get; init; }

    public KeyMode? Mode { get; init; }

    /// <summary>The word in the row.</summary>
    public string? Status { get; init; }

    public string? Provider { get; init; }

    public string? Model { get; init; }

    /// <summary>The code of its failure.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Made at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Made before this time.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>
/// Finds tasks for the operator, whoever's they are. No index is kept for it besides those of ids: one account's tasks are in
/// order already, and those of all accounts are found in the order of the event log, as far back as that goes.
/// </summary>
internal sealed class TaskSearch(Database database)
{
    /// <summary>Events read at a time, and how often: a question that matches little ends, and is gone on with by its cursor.</summary>
    private const int Scan = 5_000;
    private const int Scans = 40;
    private const int MostFound = 100;

    private const string Matches =
        """
        (cast(@mode as bigint) is null or g.mode = @mode)
        and (cast(@status as text) is null or g.status = @status)
        and (cast(@provider as text) is null or g.provider = @provider)
        and (cast(@model as text) is null or g.model = @model)
        and (cast(@error as text) is null or g.error_code = @error)
        and (cast(@since as bigint) is null or g.created_at >= @since)
        and (cast(@until as bigint) is null or g.created_at < @until)
        """;

    private const string OfAccountSql =
        $"""
        select {TaskRow.Columns} from generations g
        where g.account_id = @account and g.id < @before and g.id >= @from and {Matches}
        order by g.id desc limit @take
        """;

    private const string OfAllSql =
        $"""
        select {TaskRow.Columns} from (select * from events where seq < @seq order by seq desc limit @scan) e
        join generations g on g.account_id = e.account_id and g.id = e.generation_id
        where e.type = @created and g.id < @before and g.id >= @from and {Matches}
        order by e.seq desc limit @take
        """;

    private const string ScannedSql =
        """
        select coalesce(min(seq), 0) as last, coalesce(min(created_at), 0) as at, count(*) as number
        from (select seq, created_at from events where seq < @seq order by seq desc limit @scan) e
        """;

    // Nearly always one row: an id leads to its task, those of requests and batches to all that they made.
    private const string FindSql =
        """
        select account_id, id from generations where request_id = @text and request_id is not null
        union select account_id, id from generations where trace_id = @text and trace_id is not null
        union select account_id, id from generations where batch_id = @text and batch_id is not null
        union select account_id, generation_id from attempts where id = @text
        union select account_id, generation_id from attempts where provider_task_id = @text and provider_task_id is not null
        union select account_id, generation_id from attempts where request_id = @text and request_id is not null
        union select g.account_id, g.id from accounts a join generations g on g.account_id = a.id and g.id = @text
        order by id desc limit @limit
        """;

    /// <summary>The tasks that an id of any kind leads to: of a request, a trace, a task, a batch, an attempt, or a vendor's.</summary>
    public ValueTask<List<TaskRecord>> FindAsync(string text) => database.ReadAsync(async session =>
    {
        var found = await session.QueryAsync<(string Account, string Id)>(FindSql, new { text, limit = (long)MostFound });
        var tasks = new List<TaskRecord>(found.Count);
        foreach (var (account, id) in found)
        {
            if (await TaskRecord.ReadAsync(session, account, id) is { } task)
            {
                tasks.Add(task);
            }
        }

        return tasks;
    });

    /// <summary>Newest first, and the id after which the next page begins; null if nothing is left.</summary>
    public ValueTask<(List<TaskRow> Page, string? Next)> ListAsync(TaskFilter filter, int limit, string? before) =>
        database.ReadAsync(async session => filter.AccountId is null
            ? await ListAllAsync(session, filter, limit, before)
            : await ListOneAsync(session, filter, limit, before));

    private static async Task<(List<TaskRow> Page, string? Next)> ListOneAsync(
        Session session, TaskFilter filter, int limit, string? before)
    {
        var page = await session.QueryAsync<TaskRow>(OfAccountSql, Arguments(filter, before, seq: 0, limit + 1));
        return Cut(page, limit);
    }

    private static async Task<(List<TaskRow> Page, string? Next)> ListAllAsync(
        Session session, TaskFilter filter, int limit, string? before)
    {
        // The place of an id in the log; without one, the id alone must do.
        var seq = before is null ? long.MaxValue : await PlaceOfAsync(session, before);
        before = seq == long.MaxValue ? before : null;
        var page = new List<TaskRow>();
        for (var scans = 0; scans < Scans && page.Count <= limit; scans++)
        {
            var arguments = Arguments(filter, before, seq, limit + 1 - page.Count);
            page.AddRange(await session.QueryAsync<TaskRow>(OfAllSql, arguments));
            var (last, at, number) = await session.FirstOrDefaultAsync<(long, long, long)>(ScannedSql, arguments);
            if (number < Scan || at < filter.From?.ToUnixTimeMilliseconds())
            {
                return Cut(page, limit);
            }

            seq = last;
        }

        // Not all was looked at: the next page goes on from here, whether or not this one is full.
        return page.Count > limit ? Cut(page, limit) : (page, await LastBeforeAsync(session, seq));
    }

    private static (List<TaskRow> Page, string? Next) Cut(List<TaskRow> page, int limit)
    {
        if (page.Count <= limit)
        {
            return (page, null);
        }

        page.RemoveRange(limit, page.Count - limit);
        return (page, page[^1].Id);
    }

    private static async Task<long> PlaceOfAsync(Session session, string id) =>
        await session.ScalarAsync<long?>(
            "select max(seq) from events where generation_id = @id and type = @created", new { id, created = EventTypes.Created })
        ?? long.MaxValue;

    private static Task<string?> LastBeforeAsync(Session session, long seq) => session.ScalarAsync<string>(
        "select generation_id from events where seq >= @seq and type = @created order by seq limit 1",
        new { seq, created = EventTypes.Created });

    private static object Arguments(TaskFilter filter, string? before, long seq, int take)
    {
        return new
        {
            account = filter.AccountId,
            mode = (long?)filter.Mode,
            status = filter.Status,
            provider = filter.Provider,
            model = filter.Model,
            error = filter.ErrorCode,
            since = filter.From?.ToUnixTimeMilliseconds(),
            until = filter.To?.ToUnixTimeMilliseconds(),

            // An id is never older than its row.
            from = filter.From is { } from ? Ids.First(Ids.Generation, from) : "",
            before = before ?? Ids.Generation + "~",
            created = EventTypes.Created,
            seq,
            scan = (long)Scan,
            take = (long)take,
        };
    }
}
