using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Every successful answer: <c>{"success":true,"data":…}</c>.</summary>
/// <typeparam name="T">The answer's payload.</typeparam>
/// <param name="Data">The payload.</param>
public sealed record Envelope<T>(T Data)
{
    /// <summary>Always <see langword="true"/>; a refusal says <see langword="false"/> here and has an <c>error</c>.</summary>
    [JsonPropertyOrder(-1)]
    public bool Success { get; init; } = true;
}

/// <summary>Every refusal: <c>{"success":false,"error":…}</c>.</summary>
/// <param name="Error">What was wrong.</param>
public sealed record ErrorEnvelope(ErrorBody Error)
{
    /// <summary>Always <see langword="false"/>.</summary>
    [JsonPropertyOrder(-1)]
    public bool Success { get; init; }
}

/// <summary>What was wrong with a request, and how to fix it.</summary>
/// <param name="Code">Stable SCREAMING_SNAKE code; switch on this, never on the message.</param>
/// <param name="Message">One English sentence for a person.</param>
/// <param name="Retryable">Whether the same request may succeed later without a change.</param>
public sealed record ErrorBody(string Code, string Message, bool Retryable)
{
    /// <summary>The request field at fault, as the client wrote it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Field { get; init; }

    /// <summary>The value that was given, shortened.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Given { get; init; }

    /// <summary>With <c>BUDGET_REACHED</c>: the budget that has no room for the request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReachedBudget? Budget { get; init; }

    /// <summary>What is allowed instead, in words or as a list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Allowed { get; init; }
}
