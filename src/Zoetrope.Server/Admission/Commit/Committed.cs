namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// What a paid call made, now or when its key was first used. Answers are written from this alone, so a replay is the same bytes.
/// </summary>
internal sealed record Committed
{
    /// <summary>The batch; where there is none the task, or the first of the tasks.</summary>
    public required string Id { get; init; }

    /// <summary>The tasks in the order of the requests.</summary>
    public required IReadOnlyList<string> TaskIds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required long CreditsUsed { get; init; }

    public required long CreditsRemaining { get; init; }

    /// <summary>What the answer says of each order.</summary>
    public required IReadOnlyList<OrderFacts> Facts { get; init; }

    /// <summary>Paid calls of the account today, these included; null on an unlimited plan and for a replay.</summary>
    public long? RequestsToday { get; init; }

    /// <summary>Whether this is a replay that made nothing new.</summary>
    public bool IsReplay { get; init; }

    /// <summary>The whole answer if an older release stored it in that form; then only the ids are known besides.</summary>
    public string? Rendered { get; init; }
}

/// <summary>What an answer says of one order besides its id.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Credits">Its price.</param>
/// <param name="Parameters">The resolved parameters, a JSON object; null if the answer does not show them.</param>
/// <param name="Input">What was found about its input, a JSON object; null if the answer does not show it.</param>
internal sealed record OrderFacts(string Model, long Credits, string? Parameters = null, string? Input = null);
