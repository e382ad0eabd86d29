using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>A task as the operator reads it: what was asked is the customer's and not in it. Times are milliseconds.</summary>
internal sealed class TaskRow
{
    public const string Columns =
        "g.id, g.account_id, g.mode, g.key_id, g.status, g.step, g.model, g.media, g.provider, g.attempts, g.quoted, g.charged, "
        + "g.created_at, g.started_at, g.finished_at, g.error_code, g.error_message, g.request_id, g.trace_id, g.batch_id";

    public string Id { get; init; } = "";

    public string AccountId { get; init; } = "";

    public long Mode { get; init; }

    public string KeyId { get; init; } = "";

    public string Status { get; init; } = "";

    public string? Step { get; init; }

    public string Model { get; init; } = "";

    public string Media { get; init; } = "";

    public string Provider { get; init; } = "";

    public long Attempts { get; init; }

    public long Quoted { get; init; }

    public long? Charged { get; init; }

    public long CreatedAt { get; init; }

    public long? StartedAt { get; init; }

    public long? FinishedAt { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    public string? RequestId { get; init; }

    public string? TraceId { get; init; }

    public string? BatchId { get; init; }
}

/// <summary>A submission of a task to a vendor, with the vendor's ids.</summary>
internal sealed class AttemptRow
{
    public string Id { get; init; } = "";

    public long Number { get; init; }

    public string Provider { get; init; } = "";

    public string ProviderModel { get; init; } = "";

    public string State { get; init; } = "";

    public string? KeyId { get; init; }

    public string? ProviderTaskId { get; init; }

    public string? RequestId { get; init; }

    public string? Error { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }
}

/// <summary>An event of a task.</summary>
internal sealed record EventRow(string Type, long CreatedAt);

/// <summary>What was, or will be, sent about a task to an address of its customer.</summary>
internal sealed class SentRow
{
    public string Id { get; init; } = "";

    public string EndpointId { get; init; } = "";

    public string Url { get; init; } = "";

    public string Type { get; init; } = "";

    public string State { get; init; } = "";

    public long Attempts { get; init; }

    public long CreatedAt { get; init; }

    public long? AttemptedAt { get; init; }

    public long? ResponseStatus { get; init; }

    public string? Error { get; init; }
}

/// <summary>All that the database has about one task.</summary>
internal sealed record TaskRecord(
    TaskRow Task,
    IReadOnlyList<AttemptRow> Attempts,
    IReadOnlyList<EventRow> Events,
    IReadOnlyList<LedgerRow> Ledger,
    IReadOnlyList<SentRow> Webhooks)
{
    private const string TaskSql = $"select {TaskRow.Columns} from generations g where g.account_id = @account and g.id = @id";

    private const string AttemptsSql =
        """
        select id, number, provider, provider_model, state, key_id, provider_task_id, request_id, error, created_at, updated_at
        from attempts where account_id = @account and generation_id = @id order by number
        """;

    private const string EventsSql =
        "select type, created_at from events where generation_id = @id and account_id = @account order by seq";

    private const string WebhooksSql =
        """
        select d.id, d.endpoint_id, coalesce(d.url, e.url, '') as url, d.type, d.state, d.attempts, d.created_at, d.attempted_at,
            d.response_status, d.error
        from webhook_deliveries d left join webhook_endpoints e on e.id = d.endpoint_id
        where d.generation_id = @id and d.generation_id is not null and d.account_id = @account order by d.seq
        """;

    public static async Task<TaskRecord?> ReadAsync(Session session, string account, string id)
    {
        if (await session.FirstOrDefaultAsync<TaskRow>(TaskSql, new { account, id }) is not { } task)
        {
            return null;
        }

        return new TaskRecord(
            task,
            await session.QueryAsync<AttemptRow>(AttemptsSql, new { account, id }),
            await session.QueryAsync<EventRow>(EventsSql, new { account, id }),
            await LedgerRow.OfTaskAsync(session, account, id),
            await session.QueryAsync<SentRow>(WebhooksSql, new { account, id }));
    }
}
