using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>The SQL of <c>webhook_endpoints</c>.</summary>
internal static class WebhookEndpointStore
{
    private static readonly string Ended = EndedKeys.Sql("e.made_by");

    private static readonly string Columns =
        $"""
        e.id, e.account_id, e.mode, e.kind, e.url, e.description, e.events, e.disabled_reason,
        e.failing_since, e.last_failure_at, e.not_before, e.created_at, e.made_by, e.answered_at,
        case when e.state = 'active' and {Ended} then 'paused' else e.state end as state,
        case when {Ended} then 1 else 0 end as orphaned,
        case when e.kind = 'account' then e.secret_version
            else coalesce((
                select s.version from webhook_signers s where s.account_id = e.account_id and s.mode = e.mode), 1) end as secret_version,
        case when e.kind = 'account' then e.previous_until
            else (
                select s.previous_until from webhook_signers s where s.account_id = e.account_id and s.mode = e.mode) end as previous_until
        """;

    // Of a single process its own memory knows more, and for nothing.
    private static readonly string ReadySql = Ready("0");
    private static readonly string ReadyAmongNodesSql = Ready(WebhookDeliveryStore.Sending("e.id"));

    private static string Ready(string sending) =>
        $"""
        with recursive waiting (id) as (
            select min(endpoint_id) from webhook_deliveries where state = 'pending'
            union all
            select (select min(d.endpoint_id) from webhook_deliveries d where d.state = 'pending' and d.endpoint_id > w.id)
            from waiting w where w.id is not null
        )
        select {Columns}, {sending} as sending from waiting w join webhook_endpoints e on e.id = w.id
        where e.state = 'active' and not_before <= @now and not {Ended} and (
            exists (
                select 1 from webhook_deliveries d
                where d.endpoint_id = e.id and d.state = 'pending' and (d.step > 0 or d.type = 'webhook.test')
                    and d.next_at <= @now and (d.leased_until is null or d.leased_until < @now))
            or ((e.answered_at is not null or e.kind = 'task' or not {WebhookDeliveryStore.OnTrial("e.id")}) and exists (
                select 1 from webhook_deliveries d
                where d.endpoint_id = e.id and d.state = 'pending'
                    and d.next_at <= @now and (d.leased_until is null or d.leased_until < @now))))
        """;

    public static Task<WebhookEndpoint?> FindAsync(Session session, string accountId, KeyMode mode, string id, long now) =>
        session.FirstOrDefaultAsync<WebhookEndpoint>(
            $"select {Columns} from webhook_endpoints e where id = @id and account_id = @accountId and mode = @mode",
            new { id, accountId, mode = (long)mode, now });

    public static Task<List<WebhookEndpoint>> ListAsync(Session session, string accountId, KeyMode mode, long now) =>
        session.QueryAsync<WebhookEndpoint>(
            $"select {Columns} from webhook_endpoints e where account_id = @accountId and mode = @mode order by id",
            new { accountId, mode = (long)mode, now });

    public static Task InsertAsync(Tx tx, WebhookEndpoint endpoint) => tx.ExecuteAsync(
        """
        insert into webhook_endpoints (
            id, account_id, mode, url, description, events, state, secret_version, not_before, created_at, made_by)
        values (@Id, @AccountId, @Mode, @Url, @Description, @Events, @State, @SecretVersion, @NotBefore, @CreatedAt, @MadeBy)
        """,
        endpoint);

    /// <summary>
    /// What its owner may change. A new URL resets the count of failures, has to prove itself, and belongs to the key that wrote it.
    /// </summary>
    public static Task UpdateAsync(Tx tx, WebhookEndpoint endpoint) => tx.ExecuteAsync(
        """
        update webhook_endpoints set description = @Description, events = @Events,
            failing_since = case when url = @Url then failing_since end,
            not_before = case when url = @Url then not_before else 0 end,
            answered_at = case when url = @Url then answered_at end,
            made_by = case when url = @Url then made_by else @MadeBy end,
            url = @Url
        where id = @Id
        """,
        endpoint);

    public static async Task DeleteAsync(Tx tx, string id)
    {
        await tx.ExecuteAsync("delete from webhook_endpoints where id = @id", new { id });
        await tx.ExecuteAsync(
            "delete from webhook_attempts where delivery_seq in (select seq from webhook_deliveries where endpoint_id = @id)", new { id });
        await tx.ExecuteAsync("delete from webhook_deliveries where endpoint_id = @id", new { id });
    }

    public static Task RotateAsync(Tx tx, string id, long previousUntil) => tx.ExecuteAsync(
        "update webhook_endpoints set secret_version = secret_version + 1, previous_until = @previousUntil where id = @id",
        new { id, previousUntil });

    public static Task PauseAsync(Tx tx, string id) => tx.ExecuteAsync(
        "update webhook_endpoints set state = 'paused' where id = @id and state = 'active'", new { id });

    /// <summary>It begins anew, for the key that says so: what waits for a retry is sent at once.</summary>
    public static async Task ResumeAsync(Tx tx, string id, string keyId, long now)
    {
        await tx.ExecuteAsync(
            """
            update webhook_endpoints set state = 'active', disabled_reason = null, failing_since = null, last_failure_at = null,
                not_before = 0, made_by = case when kind = 'account' then @keyId end
            where id = @id
            """,
            new { id, keyId });
        await WebhookDeliveryStore.HurryAsync(tx, id, now);
    }

    /// <summary>
    /// Active endpoints with something to send now. The outbox's index is skipped through from endpoint to endpoint: it costs
    /// what waits, neither all endpoints of the server nor all that gathers for a paused one. One on trial has something to send
    /// when its trial delivery is due, or a test, or when it has no trial delivery yet.
    /// </summary>
    public static Task<List<WebhookEndpoint>> ReadyAsync(Session session, long now) =>
        session.QueryAsync<WebhookEndpoint>(session.Dialect is SqlDialect.Postgres ? ReadyAmongNodesSql : ReadySql, new { now });

    /// <summary>
    /// Those of the endpoints that this transaction may claim for, as they are now: no other node is claiming for them. It waits for
    /// nobody, and keeps nobody from writing an event.
    /// </summary>
    public static async Task<Dictionary<string, WebhookEndpoint>> LockAsync(Tx tx, string[] ids)
    {
        var ours = await tx.QueryAsync<WebhookEndpoint>(
            "select id, failing_since, answered_at from webhook_endpoints where id = any(@ids) and state = 'active' order by id "
            + "for no key update skip locked",
            new { ids });
        return ours.ToDictionary(endpoint => endpoint.Id, StringComparer.Ordinal);
    }

    /// <summary>Unless it has another URL by now, which has yet to take something.</summary>
    public static Task SucceededAsync(Tx tx, WebhookEndpoint endpoint, long now) => tx.ExecuteAsync(
        "update webhook_endpoints set failing_since = null, last_failure_at = null, answered_at = coalesce(answered_at, @now) "
        + "where id = @Id and url = @Url and (failing_since is not null or answered_at is null)",
        new { endpoint.Id, endpoint.Url, now });

    /// <returns>Since when there was nothing but failures; null if the endpoint is gone. A failure long after the last one
    /// begins anew.</returns>
    public static Task<long?> FailedAsync(Tx tx, string id, long now, long forgetBefore, long notBefore) => tx.ScalarAsync<long?>(
        """
        update webhook_endpoints set
            failing_since = case when failing_since is null or last_failure_at < @forgetBefore then @now else failing_since end,
            last_failure_at = @now,
            not_before = case when not_before < @notBefore then @notBefore else not_before end
        where id = @id
        returning failing_since
        """,
        new { id, now, forgetBefore, notBefore });

    /// <returns>Whether it was this call that disabled it.</returns>
    public static async Task<bool> DisableAsync(Tx tx, string id, string reason) => await tx.ExecuteAsync(
        "update webhook_endpoints set state = 'disabled', disabled_reason = @reason where id = @id and state <> 'disabled'",
        new { id, reason }) == 1;
}
