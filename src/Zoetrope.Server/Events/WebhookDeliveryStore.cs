using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// The SQL of <c>webhook_deliveries</c>: outbox first, log afterwards. Rows about tasks are written by the trigger on
/// <c>events</c>.
/// </summary>
internal static class WebhookDeliveryStore
{
    /// <summary>How often a delivery may be sent again by hand.</summary>
    public static readonly TimeSpan RedeliveryPause = TimeSpan.FromMinutes(1);

    private static readonly string Ended = EndedKeys.Sql("webhook_deliveries.ordered_by");

    private static readonly string Unreading =
        $"exists (select 1 from api_keys k where k.id = webhook_deliveries.ordered_by and k.scopes & {(long)Scopes.Read} = 0)";

    private static readonly string Columns =
        "seq, id, account_id, endpoint_id, type, generation_id, payload, url, ordered_by, created_at, state, version, attempts, step, "
        + "next_at, attempted_at, finished_at, response_status, response_body, error, redelivered_at, "
        + $"case when {Ended} then 1 else 0 end as withdrawn, case when {Unreading} then 1 else 0 end as brief";

    // With where the task comes from, for the log.
    private static readonly string ToSend =
        $"{Columns}, {OfTask("request_id")} as request_id, {OfTask("trace_id")} as trace_id, "
        + $"{OfTask("span_id")} as span_id";

    private const string Requeue =
        "update webhook_deliveries set state = 'pending', finished_at = null, step = 0, next_at = @now, "
        + "leased_until = null, redelivered_at = @now, version = version + 1";

    private static readonly string DueSql =
        $"""
        select {ToSend} from webhook_deliveries
        where endpoint_id = @endpointId and state = 'pending' and next_at <= @now and (leased_until is null or leased_until < @now)
        order by next_at, seq limit @limit
        """;

    // The endpoint's row is locked before, by a statement of its own: so this one sees what the node before it took. Whatever another
    // transaction holds is left alone.
    private static readonly string ClaimSql =
        $"""
        update webhook_deliveries d
        set version = d.version + 1, attempts = d.attempts + 1, attempted_at = @now, leased_until = @leasedUntil
        from (
            select seq from webhook_deliveries
            where seq = any(@seqs) and state = 'pending' and next_at <= @now and (leased_until is null or leased_until < @now)
            order by next_at, seq limit greatest(0, @places - {Sending("@endpointId")}) for update skip locked
        ) free
        where d.seq = free.seq
        returning d.seq, d.version, d.attempts, d.step, d.attempted_at
        """;

    /// <summary>How many deliveries to an endpoint are under way, from any node.</summary>
    public static string Sending(string endpointId) =>
        $"(select count(*) from webhook_deliveries s where s.endpoint_id = {endpointId} and s.leased_until is not null "
        + "and s.state = 'pending' and s.leased_until >= @now)";

    private static string OfTask(string column) =>
        $"(select g.{column} from generations g "
        + "where g.account_id = webhook_deliveries.account_id and g.id = webhook_deliveries.generation_id)";

    /// <summary>
    /// Whether an endpoint has a delivery that failed and will be tried again: its trial, as long as it never answered. The index's
    /// own condition stands in it, or SQLite would not use the index.
    /// </summary>
    public static string OnTrial(string endpointId) =>
        $"""
        exists (
            select 1 from webhook_deliveries t
            where t.endpoint_id = {endpointId} and t.state = 'pending' and (t.step > 0 or t.type = 'webhook.test') and t.step > 0)
        """;

    public static Task InsertAsync(Tx tx, WebhookDelivery delivery) => tx.ExecuteAsync(
        """
        insert into webhook_deliveries (id, account_id, endpoint_id, type, payload, created_at, state, version, attempts, step, next_at)
        values (@Id, @AccountId, @EndpointId, @Type, @Payload, @CreatedAt, @State, 0, 0, 0, @CreatedAt)
        """,
        delivery);

    public static Task<WebhookDelivery?> FindAsync(Session session, string endpointId, string id, long now) =>
        session.FirstOrDefaultAsync<WebhookDelivery>(
            $"select {Columns} from webhook_deliveries where id = @id and endpoint_id = @endpointId", new { id, endpointId, now });

    /// <summary>Newest first.</summary>
    public static Task<List<WebhookDelivery>> ListAsync(
        Session session, string endpointId, string? state, int limit, string? after, long now) =>
        session.QueryAsync<WebhookDelivery>(
            $"""
            select {Columns} from webhook_deliveries
            where endpoint_id = @endpointId
                {(state is null ? "" : "and state = @state")}
                {(after is null ? "" : "and seq < (select seq from webhook_deliveries where id = @after and endpoint_id = @endpointId)")}
            order by seq desc limit @limit
            """,
            new { endpointId, state, limit, after, now });

    public static Task<bool> AnyPendingAsync(Session session, string endpointId, string type) => session.ScalarAsync<bool>(
        "select exists (select 1 from webhook_deliveries where endpoint_id = @endpointId "
        + "and state = 'pending' and type = @type)",
        new { endpointId, type });

    public static Task<List<WebhookDelivery>> DueAsync(Session session, string endpointId, long now, int limit) =>
        session.QueryAsync<WebhookDelivery>(DueSql, new { endpointId, now, limit });

    /// <summary>
    /// What an endpoint that never answered is tried with now: the delivery that it was tried with before, or a test; if there is
    /// none, its oldest.
    /// </summary>
    public static async Task<List<WebhookDelivery>> TrialAsync(Session session, string endpointId, long now)
    {
        var again = await session.QueryAsync<WebhookDelivery>(
            $"""
            select {ToSend} from webhook_deliveries
            where endpoint_id = @endpointId and state = 'pending' and (step > 0 or type = 'webhook.test')
                and next_at <= @now and (leased_until is null or leased_until < @now)
            order by next_at, seq limit 2
            """,
            new { endpointId, now });
        return again.Count > 0 || await session.ScalarAsync<bool>($"select {OnTrial("@endpointId")}", new { endpointId })
            ? again
            : await DueAsync(session, endpointId, now, 2);
    }

    /// <returns>Whether it is ours to send; another node may have been quicker.</returns>
    public static async Task<bool> ClaimAsync(Tx tx, WebhookDelivery delivery, long now, long leasedUntil) => await tx.ExecuteAsync(
        """
        update webhook_deliveries set version = version + 1, attempts = attempts + 1, attempted_at = @now, leased_until = @leasedUntil
        where seq = @Seq and version = @Version and state = 'pending'
        """,
        new { delivery.Seq, delivery.Version, now, leasedUntil }) == 1;

    /// <summary>
    /// Claims of these deliveries to one endpoint as many as it has places for in the whole cluster; the first come first. The caller
    /// holds the endpoint's row.
    /// </summary>
    public static async Task<List<WebhookDelivery>> ClaimAsync(
        Tx tx, IReadOnlyList<WebhookDelivery> deliveries, int places, long now, long leasedUntil)
    {
        var claimed = await tx.QueryAsync<WebhookDelivery>(ClaimSql, new
        {
            endpointId = deliveries[0].EndpointId,
            seqs = deliveries.Select(delivery => delivery.Seq).ToArray(),
            places = (long)places,
            now,
            leasedUntil,
        });
        var bySeq = claimed.ToDictionary(row => row.Seq);
        return
        [
            .. from delivery in deliveries
               where bySeq.ContainsKey(delivery.Seq)
               let row = bySeq[delivery.Seq]
               select delivery with { Version = row.Version, Attempts = row.Attempts, Step = row.Step, AttemptedAt = row.AttemptedAt },
        ];
    }

    /// <summary>Saves the outcome of an attempt, if it is still the newest one.</summary>
    public static async Task<bool> RecordAsync(Tx tx, WebhookDelivery delivery) => await tx.ExecuteAsync(
        """
        update webhook_deliveries set version = version + 1, state = @State, step = @Step,
            next_at = @NextAt, leased_until = null, finished_at = @FinishedAt,
            response_status = @ResponseStatus, response_body = @ResponseBody, error = @Error
        where seq = @Seq and version = @Version and state = 'pending'
        """,
        delivery) == 1;

    /// <summary>Sends one again, or a waiting one at once.</summary>
    public static async Task RequeueAsync(Tx tx, WebhookDelivery delivery, long now)
    {
        if (delivery.State == WebhookDelivery.Pending)
        {
            await tx.ExecuteAsync(
                "update webhook_deliveries set next_at = @now, redelivered_at = @now where seq = @Seq", new { delivery.Seq, now });
        }
        else
        {
            await tx.ExecuteAsync($"{Requeue} where seq = @Seq and state <> 'pending'", new { delivery.Seq, now });
        }
    }

    /// <summary>Sends again what ended and whose event is of this time, unless it was sent again a moment ago.</summary>
    public static Task<int> RequeueAsync(Tx tx, string endpointId, long from, long to, string? state, long now) => tx.ExecuteAsync(
        $"{Requeue} where endpoint_id = @endpointId and created_at >= @from and created_at < @to "
        + $"and state <> 'pending' {(state is null ? "" : "and state = @state")} "
        + $"and (redelivered_at is null or redelivered_at <= @before) and not {Ended}",
        new { endpointId, from, to, state, now, before = now - (long)RedeliveryPause.TotalMilliseconds });

    /// <summary>What waits for a retry begins its schedule anew, now.</summary>
    public static Task HurryAsync(Tx tx, string endpointId, long now) => tx.ExecuteAsync(
        """
        update webhook_deliveries set step = 0, next_at = @now
        where endpoint_id = @endpointId and state = 'pending' and (step > 0 or type = 'webhook.test')
            and (leased_until is null or leased_until < @now)
        """,
        new { endpointId, now });

    /// <summary>Gives up what was ordered by keys and grants that have ended.</summary>
    public static Task GiveUpWithdrawnAsync(Tx tx, string endpointId, long now) => tx.ExecuteAsync(
        $"""
        update webhook_deliveries set state = 'failed', version = version + 1, finished_at = @now, leased_until = null, error = @error
        where endpoint_id = @endpointId and state = 'pending' and (leased_until is null or leased_until < @now) and {Ended}
        """,
        new { endpointId, now, error = "The API key or program whose request named this URL has ended." });

    /// <summary>Gives back what a process held that is known to be dead.</summary>
    public static Task<int> FreeAllAsync(Tx tx) => tx.ExecuteAsync(
        "update webhook_deliveries set leased_until = null where state = 'pending' and leased_until is not null");

    /// <summary>Deletes some of the oldest with their attempts; 0 when nothing is left that is old enough.</summary>
    public static async Task<int> PruneAsync(Tx tx, long before)
    {
        var gone = await tx.QueryAsync<long>(
            "delete from webhook_deliveries where seq in (select seq from webhook_deliveries order by seq limit 500) "
            + "and created_at < @before returning seq",
            new { before });
        if (gone.Count > 0)
        {
            // Afterwards, in a statement of its own: an outcome that was being recorded has committed its attempt by now.
            await tx.ExecuteAsync(
                "delete from webhook_attempts where delivery_seq <= @last "
                + "and not exists (select 1 from webhook_deliveries d where d.seq = webhook_attempts.delivery_seq)",
                new { last = gone.Max() });
        }

        return gone.Count;
    }
}
