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

    /// <summary>The data of an event that is about no task, as JSON.</summary>
    public string? Payload { get; init; }

    /// <summary>The URL, if the endpoint has only its origin.</summary>
    public string? Url { get; init; }

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
