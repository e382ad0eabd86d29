using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// The SQL of <c>webhook_deliveries</c>: outbox first, log afterwards. Rows about tasks are written by the trigger on
/// <c>events</c>.
/// </summary>
internal static class WebhookDeliveryStore
{
    private const string Columns =
        "seq, id, account_id, endpoint_id, type, generation_id, payload, url, created_at, state, version, attempts, step, "
        + "next_at, attempted_at, finished_at, response_status, response_body, error";

    private const string Requeue =
        "update webhook_deliveries set state = 'pending', finished_at = null, step = 0, next_at = @now, "
        + "leased_until = null, version = version + 1";

    public static Task InsertAsync(Tx tx, WebhookDelivery delivery) => tx.ExecuteAsync(
        """
        insert into webhook_deliveries (id, account_id, endpoint_id, type, payload, created_at, state, version, attempts, step, next_at)
        values (@Id, @AccountId, @EndpointId, @Type, @Payload, @CreatedAt, @State, 0, 0, 0, @CreatedAt)
        """,
        delivery);

    public static Task<WebhookDelivery?> FindAsync(Session session, string endpointId, string id) =>
        session.FirstOrDefaultAsync<WebhookDelivery>(
            $"select {Columns} from webhook_deliveries where id = @id and endpoint_id = @endpointId", new { id, endpointId });

    /// <summary>Newest first.</summary>
    public static Task<List<WebhookDelivery>> ListAsync(Session session, string endpointId, string? state, int limit, string? after) =>
        session.QueryAsync<WebhookDelivery>(
            $"""
            select {Columns} from webhook_deliveries
            where endpoint_id = @endpointId
                {(state is null ? "" : "and state = @state")}
                {(after is null ? "" : "and seq < (select seq from webhook_deliveries where id = @after and endpoint_id = @endpointId)")}
            order by seq desc limit @limit
            """,
            new { endpointId, state, limit, after });

    public static Task<bool> AnyPendingAsync(Session session, string endpointId, string type) => session.ScalarAsync<bool>(
        "select exists (select 1 from webhook_deliveries where endpoint_id = @endpointId "
        + "and state = 'pending' and type = @type)",
        new { endpointId, type });

    public static Task<List<WebhookDelivery>> DueAsync(Session session, string endpointId, long now, int limit) =>
        session.QueryAsync<WebhookDelivery>(
            $"""
            select {Columns} from webhook_deliveries
            where endpoint_id = @endpointId and state = 'pending' and next_at <= @now and (leased_until is null or leased_until < @now)
            order by next_at, seq limit @limit
            """,
            new { endpointId, now, limit });

    /// <returns>Whether it is ours to send; another node may have been quicker.</returns>
    public static async Task<bool> ClaimAsync(Tx tx, WebhookDelivery delivery, long now, long leasedUntil) => await tx.ExecuteAsync(
        """
        update webhook_deliveries set version = version + 1, attempts = attempts + 1, attempted_at = @now, leased_until = @leasedUntil
        where seq = @Seq and version = @Version and state = 'pending'
        """,
        new { delivery.Seq, delivery.Version, now, leasedUntil }) == 1;

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
    public static async Task RequeueAsync(Tx tx, string endpointId, string id, long now)
    {
        await tx.ExecuteAsync(
            "update webhook_deliveries set next_at = @now where id = @id and endpoint_id = @endpointId and state = 'pending'",
            new { id, endpointId, now });
        await tx.ExecuteAsync(
            $"{Requeue} where id = @id and endpoint_id = @endpointId and state <> 'pending'", new { id, endpointId, now });
    }

    /// <summary>Sends again what ended and whose event is of this time.</summary>
    public static Task<int> RequeueAsync(Tx tx, string endpointId, long from, long to, string? state, long now) => tx.ExecuteAsync(
        $"{Requeue} where endpoint_id = @endpointId and created_at >= @from and created_at < @to "
        + $"and state <> 'pending' {(state is null ? "" : "and state = @state")}",
        new { endpointId, from, to, state, now });

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
