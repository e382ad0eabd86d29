using Npgsql;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// The append-only event log, written in the transaction of what happened. Everything that notifies somebody (webhooks,
/// streams, progress) reads it; nothing is sent from memory alone.
/// </summary>
internal static class EventLog
{
    /// <summary>In the order of accounts: on PostgreSQL each account's numbers are drawn under a lock of its own.</summary>
    public static readonly Insert<NewEvent> Insert = new(
        "events",
        [
            Column<NewEvent>.Text("account_id", row => row.AccountId),
            Column<NewEvent>.Text("generation_id", row => row.SubjectId),
            Column<NewEvent>.Text("type", row => row.Type),
            Column<NewEvent>.Number("created_at", row => row.At.ToUnixTimeMilliseconds()),
            Column<NewEvent>.Optional("mode", row => (long?)row.Mode),
            Column<NewEvent>.Text("payload", row => row.Payload),
        ],
        order: "account_id, generation_id");

    private const string OfAccountSql =
        "select seq, generation_id, type, mode, payload from events where account_id = @account and seq > @after order by seq limit @take";

    private const string OfGenerationSql =
        """
        select seq, generation_id, type, mode, payload from events
        where generation_id = @generation and account_id = @account and seq > @after order by seq limit @take
        """;

    // Every account's part by its own index, in one question.
    private const string OfAccountsSql =
        """
        select l.account_id, l.seq, l.generation_id, l.type, l.mode, l.payload
        from unnest(@accounts, @afters) as w(account, after)
        cross join lateral (
            select account_id, seq, generation_id, type, mode, payload from events
            where account_id = w.account and seq > w.after order by seq limit @take
        ) l
        order by l.account_id, l.seq
        """;

    private const string EndsSql =
        """
        select coalesce((select max(seq) from events where account_id = @account), 0),
            coalesce((select seq from event_horizons where account_id = @account), 0)
        """;

    /// <summary>
    /// What the account's log holds after a number. An account's numbers become visible in their order (on PostgreSQL a
    /// trigger of the table sees to it), so continuing after the last one read skips nothing.
    /// </summary>
    public static Task<List<LoggedEvent>> ReadAsync(Session session, string accountId, string? generationId, long after, int take) =>
        session.QueryAsync<LoggedEvent>(
            generationId is null ? OfAccountSql : OfGenerationSql,
            new { account = accountId, generation = generationId, after, take = (long)take });

    /// <summary>What the logs of many accounts hold after a number each, at most <paramref name="take"/> lines of each.</summary>
    public static async ValueTask<List<(string AccountId, LoggedEvent Line)>> ReadManyAsync(
        Session session, IReadOnlyCollection<(string AccountId, long After)> wanted, int take)
    {
        if (session.Dialect is SqlDialect.Postgres)
        {
            var (accounts, afters) = (wanted.Select(one => one.AccountId).ToArray(), wanted.Select(one => one.After).ToArray());
            return await session.RowsAsync(
                OfAccountsSql, new { accounts, afters, take = (long)take }, static row => (row.GetString(0), Read(new ReaderRow(row), 1)));
        }

        // Asked many times a second for every account that somebody follows.
        var lines = new List<(string, LoggedEvent)>();
        foreach (var (accountId, after) in wanted)
        {
            var statement = session.Statement(OfAccountSql).Bind("account", accountId).Bind("after", after).Bind("take", take);
            while (statement.Step())
            {
                lines.Add((accountId, Read(new StatementRow(statement), 0)));
            }

            statement.Reset();
        }

        return lines;
    }

    private static LoggedEvent Read<TRow>(TRow row, int first)
        where TRow : struct, IRow => new()
    {
        Seq = row.Int64(first),
        GenerationId = row.Text(first + 1),
        Type = row.Text(first + 2),
        Mode = row.IsNull(first + 3) ? null : row.Int64(first + 3),
        Payload = row.IsNull(first + 4) ? null : row.Text(first + 4),
    };

    /// <summary>The account's newest number, and the newest one that retention has deleted; 0 where there is none.</summary>
    public static async Task<(long Head, long Gone)> EndsAsync(Session session, string accountId)
    {
        var (head, gone) = await session.FirstOrDefaultAsync<(long, long)>(EndsSql, new { account = accountId });
        return (Math.Max(head, gone), gone);
    }

    public static async Task AppendAsync(Tx tx, string accountId, string generationId, string type, DateTimeOffset at) =>
        await Insert.One.RunAsync(tx, new NewEvent(accountId, generationId, type, at));

    /// <summary>Events of many accounts, in the order in which accounts are locked.</summary>
    public static async Task AppendManyAsync(Tx tx, IReadOnlyCollection<NewEvent> events)
    {
        if (events.Count > 1 && tx.Connection is NpgsqlConnection connection)
        {
            await using var batch = new NpgsqlBatch(connection, (NpgsqlTransaction?)tx.Transaction) { BatchCommands = { Insert.Many(events) } };
            await batch.ExecuteNonQueryAsync();
            return;
        }

        foreach (var one in events.OrderBy(one => one.AccountId, StringComparer.Ordinal))
        {
            await Insert.One.RunAsync(tx, one);
        }
    }

    /// <summary>
    /// An event that is about no single task and carries its own data, a JSON object; webhooks and streams send it as it is.
    /// </summary>
    /// <param name="subjectId">The batch it is about, whose own webhook URL is notified too; empty for the account.</param>
    public static async Task AppendAsync(
        Tx tx, string accountId, KeyMode mode, string subjectId, string type, string payload, DateTimeOffset at) =>
        await Insert.One.RunAsync(tx, new NewEvent(accountId, subjectId, type, at, mode, payload));
}

/// <summary>A line to be written: of a task, or with its own mode and data.</summary>
internal readonly record struct NewEvent(
    string AccountId, string SubjectId, string Type, DateTimeOffset At, KeyMode? Mode = null, string? Payload = null);

/// <summary>One line of the log.</summary>
internal sealed record LoggedEvent
{
    /// <summary>Its number: the cursor after which a reader continues.</summary>
    public long Seq { get; init; }

    public string GenerationId { get; init; } = "";

    public string Type { get; init; } = "";

    /// <summary>Set together with the payload.</summary>
    public long? Mode { get; init; }

    /// <summary>The data of an event that is about no single task.</summary>
    public string? Payload { get; init; }
}
