namespace Zoetrope.Server.Events;

/// <summary>What an endpoint can be notified of, and its filter in a row.</summary>
internal static class WebhookEvents
{
    /// <summary>Sent on request; every endpoint gets it.</summary>
    public const string Test = "webhook.test";

    /// <summary>Another endpoint of the account was disabled.</summary>
    public const string EndpointDisabled = "webhook.disabled";

    public const string Everything = "*";

    /// <summary>The values of a filter.</summary>
    public static IReadOnlyList<string> Filters { get; } =
        [
            Everything,
            EventTypes.Created,
            EventTypes.Processing,
            EventTypes.Completed,
            EventTypes.Failed,
            EventTypes.Cancelled,
            EventTypes.CreditsLow,
            EventTypes.CreditsRefunded,
            EventTypes.BudgetThreshold,
            EventTypes.BatchCompleted,
            EndpointDisabled,
        ];

    public static string? ToRow(IReadOnlyList<string>? types) =>
        types is null || types.Contains(Everything) ? null : $",{string.Join(',', types.Distinct(StringComparer.Ordinal))},";

    public static IReadOnlyList<string> FromRow(string? row) =>
        row is null ? [Everything] : row.Split(',', StringSplitOptions.RemoveEmptyEntries);

    public static bool Wants(WebhookEndpoint endpoint, string type) =>
        endpoint.Events is null || endpoint.Events.Contains($",{type},", StringComparison.Ordinal);

    /// <summary>A delivery of something that is about no task.</summary>
    public static WebhookDelivery Message(WebhookEndpoint endpoint, string type, string payload, long now) => new()
    {
        Id = Ids.New(Ids.WebhookMessage, now),
        AccountId = endpoint.AccountId,
        EndpointId = endpoint.Id,
        Type = type,
        Payload = payload,
        CreatedAt = now,
    };
}
