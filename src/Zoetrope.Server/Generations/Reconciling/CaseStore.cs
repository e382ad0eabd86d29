using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Reconciling;

/// <summary>The tables <c>cases</c> and <c>reconciliations</c>.</summary>
internal static class CaseStore
{
    public const string Prefix = "case_";

    private const string Columns =
        "id, kind, provider, key_id, subject, attempt_id, generation_id, account_id, detail, opened_at, closed_at, reason";

    // The second condition is that of the index, word for word.
    private const string Selected =
        $"""
        {Columns}, (
            select cast(coalesce(sum(case when s.kind = 'suspend' then s.amount else -s.amount end), 0) as bigint) from ledger_transfers s
            where s.generation_id = cases.generation_id and s.kind <> 'refund' and s.kind in ('refund', 'suspend', 'unsuspend')) as suspended
        """;

    private const string AttemptsSql =
        """
        select id, account_id, generation_id, state, provider_task_id, cost_source, cost_micros, created_at from attempts
        where id >= @first and created_at >= @from and provider = @provider and key_id = @key
        """;

    /// <summary>
    /// Takes the comparison of a key, if it is due and nobody else does it; null otherwise, else up to where it was done.
    /// </summary>
    public static async Task<DateTimeOffset?> ClaimAsync(Tx tx, string provider, string key, DateTimeOffset now, TimeSpan every, TimeSpan lease)
    {
        var first = (now - TimeSpan.FromDays(1)).ToUnixTimeMilliseconds();
        await tx.ExecuteAsync(
            """
            insert into reconciliations (provider, key_id, done_until, looked_at, leased_until) values (@provider, @key, @first, 0, 0)
            on conflict do nothing
            """,
            new { provider, key, first });
        var at = now.ToUnixTimeMilliseconds();
        var claimed = await tx.ExecuteAsync(
            """
            update reconciliations set looked_at = @at, leased_until = @lease
            where provider = @provider and key_id = @key and leased_until <= @at and looked_at <= @due
            """,
            new { provider, key, at, lease = at + (long)lease.TotalMilliseconds, due = at - (long)every.TotalMilliseconds });
        return claimed == 0
            ? null
            : DateTimeOffset.FromUnixTimeMilliseconds(await tx.ScalarAsync<long>(
                "select done_until from reconciliations where provider = @provider and key_id = @key", new { provider, key }));
    }

    public static Task DoneAsync(Tx tx, string provider, string key, DateTimeOffset until, string? error) => tx.ExecuteAsync(
        """
        update reconciliations set done_until = @until, leased_until = 0, error = @error where provider = @provider and key_id = @key
        """,
        new { provider, key, until = until.ToUnixTimeMilliseconds(), error });

    public static async ValueTask<List<KnownAttempt>> AttemptsAsync(Session session, string provider, string key, DateTimeOffset from) =>
        await session.QueryAsync<KnownAttempt>(
            AttemptsSql, new { provider, key, from = from.ToUnixTimeMilliseconds(), first = Ids.First(Ids.Attempt, from) });

    /// <summary>Opens a case and books what it may have cost; false where it is known.</summary>
    public static async Task<bool> OpenAsync(Tx tx, CreditLedger ledger, string provider, string key, Difference found, DateTimeOffset now)
    {
        var opened = await tx.ExecuteAsync(
            $"""
            insert into cases ({Columns})
            values (@id, @Kind, @provider, @key, @Subject, @attempt, @generation, @account, @Detail, @at, null, null)
            on conflict (provider, kind, subject) do nothing
            """,
            new
            {
                id = Ids.New(Prefix, now.ToUnixTimeMilliseconds()),
                found.Kind,
                provider,
                key,
                found.Subject,
                attempt = found.Attempt?.Id,
                generation = found.Attempt?.GenerationId,
                account = found.Attempt?.AccountId,
                found.Detail,
                at = now.ToUnixTimeMilliseconds(),
            });
        if (opened == 1 && found is { Kind: Difference.Refused, Attempt: { } attempt })
        {
            await SuspendAsync(tx, ledger, attempt, found.Detail);
        }

        return opened == 1;
    }

    public static ValueTask<List<Case>> ListAsync(Session session, int limit, string? before, bool openOnly) => new(session.QueryAsync<Case>(
        $"select {Selected} from cases where id < @before {(openOnly ? "and closed_at is null" : "")} order by id desc limit @limit",
        new { limit = (long)limit, before = before ?? Prefix + "~" }));

    public static Task<Case?> FindAsync(Session session, string id) =>
        session.FirstOrDefaultAsync<Case>($"select {Selected} from cases where id = @id", new { id });

    public static async Task<bool> CloseAsync(Tx tx, string id, string reason, DateTimeOffset now) => await tx.ExecuteAsync(
        "update cases set closed_at = @at, reason = @reason where id = @id and closed_at is null",
        new { id, reason, at = now.ToUnixTimeMilliseconds() }) == 1;

    public static async ValueTask<long> CountOpenAsync(Session session) =>
        await session.ScalarAsync<long>("select count(*) from cases where closed_at is null");

    // The task went on as if nothing had been bought, so nobody booked it.
    private static async Task SuspendAsync(Tx tx, CreditLedger ledger, KnownAttempt attempt, string reason)
    {
        if (await GenerationStore.FindAsync(tx, attempt.AccountId, attempt.GenerationId) is { } task)
        {
            await ledger.SuspendAsync(tx, task.AccountId, task.Mode, task.Id, task.Quoted, reason);
        }
    }
}

/// <summary>A row of <c>cases</c>; times are milliseconds.</summary>
internal sealed record Case
{
    public string Id { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Provider { get; init; } = "";

    public string KeyId { get; init; } = "";

    public string Subject { get; init; } = "";

    public string? AttemptId { get; init; }

    public string? GenerationId { get; init; }

    public string? AccountId { get; init; }

    public string Detail { get; init; } = "";

    public long OpenedAt { get; init; }

    public long? ClosedAt { get; init; }

    public string? Reason { get; init; }

    /// <summary>Credits in suspense for its task: what its provider may have billed.</summary>
    public long Suspended { get; init; }
}
