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

    private const string OfAccountSql =
        "select seq, generation_id as GenerationId, type from events where account_id = @account and seq > @after order by seq limit @take";

    private const string OfGenerationSql =
        """
        select seq, generation_id as GenerationId, type from events
        where generation_id = @generation and account_id = @account and seq > @after order by seq limit @take
        """;

    // Every account's part by its own index, in one question.
    private const string OfAccountsSql =
        """
        select l.account_id, l.seq, l.generation_id, l.type
        from unnest(@accounts, @afters) as w(account, after)
        cross join lateral (
            select account_id, seq, generation_id, type from events where account_id = w.account and seq > w.after order by seq limit @take
        ) l
        order by l.account_id, l.seq
        """;

    private const string HeadSql = "select coalesce(max(seq), 0) from events where account_id = @account";

    /// <summary>
    /// What the account's log says behind a number. An account's numbers become visible in their order (on PostgreSQL a
    /// trigger of the table sees to it), so going on behind the last one read skips nothing.
    /// </summary>
    public static Task<List<LoggedEvent>> ReadAsync(Session session, string accountId, string? generationId, long after, int take) =>
        session.QueryAsync<LoggedEvent>(generationId is null ? OfAccountSql : OfGenerationSql, new { account = accountId, generation = generationId, after, take = (long)take });

    /// <summary>What the logs of many accounts say behind a number each, at most <paramref name="take"/> lines of each.</summary>
    public static async ValueTask<List<AccountLine>> ReadManyAsync(Session session, IReadOnlyCollection<(string AccountId, long After)> wanted, int take)
    {
        var lines = new List<AccountLine>();
        if (session.Dialect is SqlDialect.Postgres)
        {
            var command = session.Command(
                OfAccountsSql, ("accounts", wanted.Select(one => one.AccountId).ToArray()), ("afters", wanted.Select(one => one.After).ToArray()), ("take", (long)take));
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                lines.Add(new AccountLine(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3)));
            }

            return lines;
        }

        foreach (var (accountId, after) in wanted)
        {
            var command = session.Command(OfAccountSql, ("account", accountId), ("after", after), ("take", (long)take));
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                lines.Add(new AccountLine(accountId, reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
            }
        }

        return lines;
    }

    /// <summary>The account's newest number, 0 where it has none.</summary>
    public static Task<long> HeadAsync(Session session, string accountId) => session.ScalarAsync<long>(HeadSql, new { account = accountId });

    public static async Task AppendAsync(Tx tx, string accountId, string generationId, string type, DateTimeOffset at) =>
        await tx.Command(AppendSql, ("account", accountId), ("generation", generationId), ("type", type), ("at", at.ToUnixTimeMilliseconds())).ExecuteNonQueryAsync();
}

/// <summary>One line of the log.</summary>
/// <param name="Seq">Its number: the cursor behind which a reader goes on.</param>
internal sealed record LoggedEvent(long Seq, string GenerationId, string Type);

/// <summary>One line of an account's log.</summary>
internal sealed record AccountLine(string AccountId, long Seq, string GenerationId, string Type);
