namespace Zoetrope.Contracts.VicSee;

/// <summary>Body of <c>POST /api/v1/webhooks</c>.</summary>
/// <param name="Url">A public https URL.</param>
/// <param name="Events">Event types, or <c>*</c>; all by default.</param>
/// <param name="Description">For people.</param>
public sealed record WebhookRequest(string Url, IReadOnlyList<string>? Events, string? Description);

/// <summary>A webhook endpoint.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Events">Event types; <c>*</c> for all.</param>
/// <param name="Description">For people.</param>
/// <param name="Mode">test or live: it is notified of the tasks of such keys.</param>
/// <param name="State">active, paused or disabled.</param>
/// <param name="PublicKey">Checks the <c>v1a</c> signatures; no secret.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record WebhookState(
    string Id, string Url, IReadOnlyList<string> Events, string? Description, string Mode, string State, string PublicKey, string CreatedAt)
{
    /// <summary>account for one you made; task for a host of the URLs that requests send in <c>webhookUrl</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>
    /// The API key that made it, wrote its URL last or resumed it. When that key ends, the endpoint is paused. Absent for hosts of
    /// <c>webhookUrl</c>, and for endpoints older than this field.
    /// </summary>
    public string? KeyId { get; init; }

    /// <summary>Checks the <c>v1</c> signatures. Only in the answers that made it; it cannot be read again.</summary>
    public string? Secret { get; init; }

    /// <summary>Until when the previous secret also signs, after a rotation.</summary>
    public string? PreviousSecretUntil { get; init; }

    /// <summary>Why it is paused although nobody paused it: its key has ended.</summary>
    public string? PausedReason { get; init; }

    /// <summary>Why it was disabled.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>Since when every delivery failed.</summary>
    public string? FailingSince { get; init; }
}

/// <summary>All endpoints of the key's mode.</summary>
public sealed record WebhookList(IReadOnlyList<WebhookState> Webhooks);

/// <summary>The delivery of one event to one endpoint, and its outcome.</summary>
/// <param name="Id">The <c>webhook-id</c>, the same over all attempts.</param>
/// <param name="Type">The event's type.</param>
/// <param name="State">pending, delivered or failed.</param>
/// <param name="Attempts">Requests made so far.</param>
/// <param name="CreatedAt">When the event happened.</param>
public sealed record WebhookDeliveryState(string Id, string Type, string State, long Attempts, string CreatedAt)
{
    /// <summary>The task it is about.</summary>
    public string? TaskId { get; init; }

    /// <summary>The URL, if a request named it.</summary>
    public string? Url { get; init; }

    /// <summary>When the newest attempt began.</summary>
    public string? AttemptedAt { get; init; }

    /// <summary>When the next attempt is due.</summary>
    public string? NextAttemptAt { get; init; }

    /// <summary>When it was delivered or given up.</summary>
    public string? FinishedAt { get; init; }

    /// <summary>The response status of the newest attempt.</summary>
    public long? ResponseStatus { get; init; }

    /// <summary>The beginning of that answer, at most 4 KiB.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>Why the newest attempt failed.</summary>
    public string? Error { get; init; }

    /// <summary>The outcome of each attempt, oldest first; only when one delivery is read.</summary>
    public IReadOnlyList<WebhookAttemptState>? History { get; init; }
}

/// <summary>One attempt of a delivery.</summary>
/// <param name="Number">
/// From 1. A missing number was sent by a server that stopped before it could record the answer, or is more than fifteen attempts
/// ago.
/// </param>
/// <param name="AttemptedAt">When it began.</param>
/// <param name="DurationMs">Until the answer, or until it was given up.</param>
public sealed record WebhookAttemptState(long Number, string AttemptedAt, long DurationMs)
{
    /// <summary>The response status.</summary>
    public long? ResponseStatus { get; init; }

    /// <summary>The beginning of that answer, at most 1 KiB.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }
}

/// <summary>What signs deliveries to the URLs that requests send in <c>webhookUrl</c>.</summary>
/// <param name="PublicKey">Checks the <c>v1a</c> signatures; no secret.</param>
/// <param name="Mode">test or live.</param>
public sealed record WebhookSecret(string PublicKey, string Mode)
{
    /// <summary>Checks the <c>v1</c> signatures. Only in the answer that made it; it cannot be read again.</summary>
    public string? Secret { get; init; }

    /// <summary>Until when the previous key also signs.</summary>
    public string? PreviousSecretUntil { get; init; }
}

/// <summary>A page of an endpoint's deliveries, newest first.</summary>
public sealed record WebhookDeliveryPage(IReadOnlyList<WebhookDeliveryState> Deliveries, string? NextCursor);

/// <summary>How many deliveries are sent again.</summary>
public sealed record WebhookRedelivery(int Redelivered);

/// <summary>
/// Body of <c>POST /api/v1/webhooks/{id}/redeliver</c>: the time range of the events, and the state to send only failed or only
/// delivered ones.
/// </summary>
public sealed record WebhookRange(string From, string? To, string? State);

/// <summary>The endpoint no longer exists.</summary>
public sealed record WebhookDeleted(string Id, bool Deleted);
