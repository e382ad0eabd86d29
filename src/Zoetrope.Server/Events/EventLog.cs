using System.Data.Common;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// The append-only event log, written in the transaction of what happened. Everything that tells somebody (webhooks,
/// streams, progress) reads it; nothing is told from memory alone.
/// </summary>
internal static class EventLog
{
    public const string AppendSql =
        "insert into events (account_id, generation_id, type, created_at) values (@account, @generation, @type, @at)";

    private const string AppendMessageSql =
        "insert into events (account_id, generation_id, type, created_at, mode, payload) values (@account, @subject, @type, @at, @mode, @payload)";

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
            select account_id, seq, generation_id, type, mode, payload from events where account_id = w.account and seq > w.after order by seq limit @take
        ) l
        order by l.account_id, l.seq
        """;

    private const string EndsSql =
        """
        select coalesce((select max(seq) from events where account_id = @account), 0),
            coalesce((select seq from event_horizons where account_id = @account), 0)
        """;

    /// <summary>
    /// What the account's log says behind a number. An account's numbers become visible in their order (on PostgreSQL a
    /// trigger of the table sees to it), so going on behind the last one read skips nothing.
    /// </summary>
    public static Task<List<LoggedEvent>> ReadAsync(Session session, string accountId, string? generationId, long after, int take) =>
        session.QueryAsync<LoggedEvent>(generationId is null ? OfAccountSql : OfGenerationSql, new { account = accountId, generation = generationId, after, take = (long)take });

    /// <summary>What the logs of many accounts say behind a number each, at most <paramref name="take"/> lines of each.</summary>
    public static async ValueTask<List<(string AccountId, LoggedEvent Line)>> ReadManyAsync(Session session, IReadOnlyCollection<(string AccountId, long After)> wanted, int take)
    {
        var lines = new List<(string, LoggedEvent)>();
        if (session.Dialect is SqlDialect.Postgres)
        {
            var command = session.Command(
                OfAccountsSql, ("accounts", wanted.Select(one => one.AccountId).ToArray()), ("afters", wanted.Select(one => one.After).ToArray()), ("take", (long)take));
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                lines.Add((reader.GetString(0), Read(reader, 1)));
            }

            return lines;
        }

        foreach (var (accountId, after) in wanted)
        {
            var command = session.Command(OfAccountSql, ("account", accountId), ("after", after), ("take", (long)take));
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                lines.Add((accountId, Read(reader, 0)));
            }
        }

        return lines;
    }

    private static LoggedEvent Read(DbDataReader reader, int first) => new()
    {
        Seq = reader.GetInt64(first),
        GenerationId = reader.GetString(first + 1),
        Type = reader.GetString(first + 2),
        Mode = reader.IsDBNull(first + 3) ? null : reader.GetInt64(first + 3),
        Payload = reader.IsDBNull(first + 4) ? null : reader.GetString(first + 4),
    };

    /// <summary>The account's newest number, and the newest one that retention has deleted; 0 where there is none.</summary>
    public static async Task<(long Head, long Gone)> EndsAsync(Session session, string accountId)
    {
        var (head, gone) = await session.FirstOrDefaultAsync<(long, long)>(EndsSql, new { account = accountId });
        return (Math.Max(head, gone), gone);
    }

    public static async Task AppendAsync(Tx tx, string accountId, string generationId, string type, DateTimeOffset at) =>
        await tx.Command(AppendSql, ("account", accountId), ("generation", generationId), ("type", type), ("at", at.ToUnixTimeMilliseconds())).ExecuteNonQueryAsync();

    /// <summary>An event that is about no single task and carries its own data, a JSON object; webhooks and streams send it as it is.</summary>
    /// <param name="subjectId">The batch it is about, whose own address is told too; empty for the account.</param>
    public static async Task AppendAsync(Tx tx, string accountId, KeyMode mode, string subjectId, string type, string payload, DateTimeOffset at) =>
        await tx.Command(AppendMessageSql, ("account", accountId), ("subject", subjectId), ("type", type), ("at", at.ToUnixTimeMilliseconds()), ("mode", (long)mode), ("payload", payload)).ExecuteNonQueryAsync();
}

/// <summary>One line of the log.</summary>
internal sealed record LoggedEvent
{
    /// <summary>Its number: the cursor behind which a reader goes on.</summary>
    public long Seq { get; init; }

    public string GenerationId { get; init; } = "";

    public string Type { get; init; } = "";

    /// <summary>Set together with the payload.</summary>
    public long? Mode { get; init; }

    /// <summary>The data of an event that is about no single task.</summary>
    public string? Payload { get; init; }
}
