using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>What one caller asks for at once: usually one generation, otherwise several that start together or not at all.</summary>
internal sealed record NewSubmit
{
    public required Caller Caller { get; init; }

    public required IReadOnlyList<NewGeneration> Items { get; init; }

    /// <summary>The credits of all items together.</summary>
    public required long Quoted { get; init; }

    /// <summary>Whether the customer has accepted this price, where the key asks above a threshold.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Set where the client sent an Idempotency-Key: one for all items.</summary>
    public IdempotentRequest? Idempotent { get; init; }

    /// <summary>Set where the items are to be found together afterwards.</summary>
    public NewBatch? Batch { get; init; }

    /// <summary>The field that says how many there are, for a refusal of their number.</summary>
    public string? CountField { get; init; }
}

/// <summary>That the items of a submit are a batch.</summary>
/// <param name="WebhookUrl">Is told when the last of them has ended; checked.</param>
internal sealed record NewBatch(string? WebhookUrl);

/// <summary>An admitted request, priced and complete, on its way into the submitting transaction.</summary>
internal sealed record NewGeneration
{
    public required string Model { get; init; }

    public required MediaType Media { get; init; }

    public required string Prompt { get; init; }

    /// <summary>Resolved parameters, a JSON object.</summary>
    public required string Parameters { get; init; }

    public required string? Inputs { get; init; }

    public required string Output { get; init; }

    public required RouteChoice Route { get; init; }

    public required long Quoted { get; init; }

    /// <summary>An address of this request alone that is told what becomes of it.</summary>
    public string? WebhookUrl { get; init; }
}

/// <summary>The client's key for this effect, and what it stands for.</summary>
/// <param name="Key">1–255 characters; scoped to the account and mode.</param>
/// <param name="Fingerprint">SHA-256 of the endpoint and the canonical body: another body under the same key is refused.</param>
/// <param name="Answer">Writes the body to store and replay.</param>
internal sealed record IdempotentRequest(string Key, byte[] Fingerprint, Func<Submission, string> Answer);

/// <summary>What the submitting transaction made, or found already made under the idempotency key.</summary>
internal sealed record Submission
{
    /// <summary>The batch; where there is none the task, or the first of the tasks.</summary>
    public required string Id { get; init; }

    /// <summary>The tasks in the order of the requests; empty where this is a replay.</summary>
    public required IReadOnlyList<string> TaskIds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required long CreditsUsed { get; init; }

    public required long CreditsRemaining { get; init; }

    /// <summary>Costing calls of the account today, these included; null on an unlimited plan.</summary>
    public long? RequestsToday { get; init; }

    /// <summary>The stored body, where this is a replay.</summary>
    public string? Replayed { get; init; }
}
