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

    private const string HeadSql = "select coalesce(max(seq), 0) from events where account_id = @account";

    /// <summary>
    /// What the account's log says behind a number. An account's numbers become visible in their order (on PostgreSQL a
    /// trigger of the table sees to it), so going on behind the last one read skips nothing.
    /// </summary>
    public static Task<List<LoggedEvent>> ReadAsync(Session session, string accountId, string? generationId, long after, int take) =>
        session.QueryAsync<LoggedEvent>(generationId is null ? OfAccountSql : OfGenerationSql, new { account = accountId, generation = generationId, after, take = (long)take });

    /// <summary>The account's newest number, 0 where it has none.</summary>
    public static Task<long> HeadAsync(Session session, string accountId) => session.ScalarAsync<long>(HeadSql, new { account = accountId });

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
