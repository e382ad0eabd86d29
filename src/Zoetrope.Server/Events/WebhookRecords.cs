using Zoetrope.Server.Audit;

namespace Zoetrope.Server.Events;

/// <summary>A customer's endpoint: a row of <c>webhook_endpoints</c>.</summary>
internal sealed record WebhookEndpoint
{
    public const string Active = "active";
    public const string Paused = "paused";
    public const string Disabled = "disabled";

    /// <summary>Made by the customer, for all events it wants.</summary>
    public const string OfAccount = "account";

    /// <summary>One origin of the URLs that requests name; made automatically.</summary>
    public const string OfTasks = "task";

    public string Id { get; init; } = "";

    public string AccountId { get; init; } = "";

    public long Mode { get; init; }

    public string Kind { get; init; } = OfAccount;

    /// <summary>The whole URL; for tasks' URLs the origin.</summary>
    public string Url { get; init; } = "";

    /// <summary>What its signing keys are derived from: itself, or the account and mode for all URLs that requests name.</summary>
    public string KeyId => Kind == OfTasks ? KeyIdOfTasks(AccountId, (KeyMode)Mode) : Id;

    public static string KeyIdOfTasks(string accountId, KeyMode mode) => $"{accountId}.{(long)mode}";

    public string? Description { get; init; }

    /// <summary><c>,type,type,</c>; null for all.</summary>
    public string? Events { get; init; }

    public string State { get; init; } = Active;

    public string? DisabledReason { get; init; }

    public long SecretVersion { get; init; }

    /// <summary>Until when the version before signs too.</summary>
    public long? PreviousUntil { get; init; }

    /// <summary>Since when there was nothing but failures.</summary>
    public long? FailingSince { get; init; }

    public long? LastFailureAt { get; init; }

    /// <summary>The receiver asked for a pause until then.</summary>
    public long NotBefore { get; init; }

    public long CreatedAt { get; init; }

    /// <summary>The key that made it, wrote its URL last or resumed it; null for the hosts of requests, and where nobody knows.</summary>
    public string? MadeBy { get; init; }

    /// <summary>1 when that key has ended, which pauses the endpoint.</summary>
    public long Orphaned { get; init; }

    /// <summary>When it first took a delivery.</summary>
    public long? AnsweredAt { get; init; }

    /// <summary>Deliveries to it that are under way, from any node; read only by the dispatcher, and only where there are several.</summary>
    public long Sending { get; init; }

    /// <summary>
    /// Nobody has shown yet that it is theirs and works: it is tried with one delivery, and the others wait for its success.
    /// The host of requests is tried one by one: each URL is somebody's own.
    /// </summary>
    public bool IsOnTrial => AnsweredAt is null;

    /// <summary>What the audit log keeps of it: of the URL its host, because a path or a query may be the customer's secret.</summary>
    public object Facts => new
    {
        host = AuditEntry.HostOf(Url),
        mode = ((KeyMode)Mode).Word(),
        events = Events?.Trim(',').Split(','),
        state = State,
        description = Description,
        secretVersion = SecretVersion,
        keyId = MadeBy,
    };

    /// <summary>Why it is paused, if nobody paused it.</summary>
    public string? PausedReason => State == Paused && Orphaned != 0
        ? "The API key that made it was revoked or has expired. Resume it with another key, to which it then belongs."
        : null;
}

/// <summary>One event on its way to one endpoint: a row of <c>webhook_deliveries</c>.</summary>
internal sealed record WebhookDelivery
{
    public const string Pending = "pending";
    public const string Delivered = "delivered";
    public const string Failed = "failed";

    public long Seq { get; init; }

    /// <summary>The <c>webhook-id</c>: the same over all attempts and redeliveries.</summary>
    public string Id { get; init; } = "";

    public string AccountId { get; init; } = "";

    public string EndpointId { get; init; } = "";

    public string Type { get; init; } = "";

    public string? GenerationId { get; init; }

    /// <summary>The request that made the task and its trace; read only where it is sent.</summary>
    public string? RequestId { get; init; }

    public string? TraceId { get; init; }

    public string? SpanId { get; init; }

    public Trail? Trail => GenerationId is null ? null : new Trail(RequestId, TraceId) { SpanId = SpanId, TaskId = GenerationId };

    /// <summary>The data of an event that is about no task, as JSON.</summary>
    public string? Payload { get; init; }

    /// <summary>The URL, if the endpoint has only its origin.</summary>
    public string? Url { get; init; }

    /// <summary>The key or grant whose request named that URL.</summary>
    public string? OrderedBy { get; init; }

    /// <summary>1 when it has ended: nothing is sent for it any more.</summary>
    public long Withdrawn { get; init; }

    /// <summary>1 when it may not read tasks, only order them: it is told the id and the status.</summary>
    public long Brief { get; init; }

    /// <summary>When the customer last had it sent again.</summary>
    public long? RedeliveredAt { get; init; }

    public long CreatedAt { get; init; }

    public string State { get; init; } = Pending;

    /// <summary>The fence: whoever claimed it last may record.</summary>
    public long Version { get; init; }

    public long Attempts { get; init; }

    /// <summary>Place in the retry schedule; a redelivery begins it anew.</summary>
    public long Step { get; init; }

    public long NextAt { get; init; }

    public long? AttemptedAt { get; init; }

    public long? FinishedAt { get; init; }

    public long? ResponseStatus { get; init; }

    public string? ResponseBody { get; init; }

    public string? Error { get; init; }
}
