namespace Zoetrope.Server.Generations;

/// <summary>An admitted request, priced and complete, on its way into the submitting transaction.</summary>
internal sealed record NewGeneration
{
    public required Caller Caller { get; init; }

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

    /// <summary>Set where the client sent an Idempotency-Key.</summary>
    public IdempotentRequest? Idempotent { get; init; }
}

/// <summary>The client's key for this effect, and what it stands for.</summary>
/// <param name="Key">1–255 characters; scoped to the account and mode.</param>
/// <param name="Fingerprint">SHA-256 of the endpoint and the canonical body: another body under the same key is refused.</param>
/// <param name="Answer">Writes the body to store and replay.</param>
internal sealed record IdempotentRequest(string Key, byte[] Fingerprint, Func<Submission, string> Answer);

/// <summary>What the submitting transaction made, or found already made under the idempotency key.</summary>
internal sealed record Submission
{
    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required long CreditsUsed { get; init; }

    public required long CreditsRemaining { get; init; }

    /// <summary>Costing calls of the account today, this one included; null on an unlimited plan.</summary>
    public long? RequestsToday { get; init; }

    /// <summary>The stored body, where this is a replay.</summary>
    public string? Replayed { get; init; }
}
