using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations;

internal enum GenerationStatus
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Canceled,
}

/// <summary>What a running generation does next.</summary>
internal enum GenerationStep
{
    Submit,
    Poll,
    Ingest,
}

/// <summary>How far a customer's wish to cancel has come.</summary>
internal enum CancelState
{
    None = 0,

    Requested = 1,

    /// <summary>The provider would not stop: the generation runs to its end.</summary>
    Declined = 2,
}

/// <summary>One customer request and its life: the row of <c>generations</c>, immutable between two transitions.</summary>
internal sealed record Generation
{
    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public required KeyMode Mode { get; init; }

    public required string KeyId { get; init; }

    public required GenerationStatus Status { get; init; }

    public GenerationStep? Step { get; init; }

    /// <summary>The fence: every transition is saved only where the version is still the one that was read.</summary>
    public required long Version { get; init; }

    /// <summary>The batch that it was submitted with, if any.</summary>
    public string? BatchId { get; init; }

    /// <summary>The client's tags as a JSON object; null where there are none.</summary>
    public string? Tags { get; init; }

    /// <summary>The client's own user, in its words.</summary>
    public string? EndUser { get; init; }

    /// <summary>The person whose key it was, if it was a person's.</summary>
    public string? PersonId { get; init; }

    /// <summary>By which budgets it is counted, as <c>BudgetHolds</c> writes it; null where there is none.</summary>
    public string? Budgets { get; init; }

    /// <summary>Its owner's mark.</summary>
    public bool IsStarred { get; init; }

    /// <summary>Where its owner has put it.</summary>
    public string? Collection { get; init; }

    /// <summary>When its owner deleted the files that it made.</summary>
    public DateTimeOffset? ResultDeletedAt { get; init; }

    public required string Model { get; init; }

    public required MediaType Media { get; init; }

    public required string Prompt { get; init; }

    /// <summary>Resolved parameters as a JSON object.</summary>
    public required string Parameters { get; init; }

    /// <summary>Input files as a JSON array of <see cref="GenerationInput"/>; null where there are none.</summary>
    public string? Inputs { get; init; }

    /// <summary>The wanted result as JSON of <see cref="OutputSpec"/>.</summary>
    public required string Output { get; init; }

    /// <summary>Place in the model's routes that runs or will run.</summary>
    public required int Route { get; init; }

    public required string Provider { get; init; }

    /// <summary>Attempts whose intent was written.</summary>
    public int Attempts { get; init; }

    public string? AttemptId { get; init; }

    public string? ProviderTaskId { get; init; }

    /// <summary>What the attempt was in the provider's words, as JSON of <see cref="ProviderCall"/>; null for the sandbox.</summary>
    public string? ProviderCall { get; init; }

    /// <summary>Consecutive refusals or failed reads at the current step.</summary>
    public int Retries { get; init; }

    public required long Quoted { get; init; }

    public long? Charged { get; init; }

    public int? Progress { get; init; }

    public int? QueuePosition { get; init; }

    public CancelState Cancel { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public DateTimeOffset? DeadlineAt { get; init; }

    /// <summary>
    /// When somebody must look at this row again, whoever that is; while a submit is in the air, the end of its lease. While
    /// it is polled this is later than the next poll, so that a poll without news need not write.
    /// </summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>When the driver that holds this row polls next; not stored, and null where it is <see cref="NextRunAt"/>.</summary>
    public DateTimeOffset? PollAt { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    /// <summary>How the provider failed, in our word and the vendor's, as JSON of <see cref="ProviderFailure"/>.</summary>
    public string? ProviderError { get; init; }

    /// <summary>Result files as a JSON array of <see cref="GenerationResult"/>.</summary>
    public string? Result { get; init; }

    /// <summary>The tags that its owner has given it since, as JSON; null where it has those of its request.</summary>
    public string? OwnTags { get; init; }

    /// <summary>The link that shows its result; null where it has none.</summary>
    public Share? Share { get; init; }

    public bool IsTerminal => Status is GenerationStatus.Succeeded or GenerationStatus.Failed or GenerationStatus.Canceled;
}

/// <summary>A result file of a generation, with what the task reports about it.</summary>
internal sealed record GenerationResult(string ArtifactId, MediaProbe Probe)
{
    public string? PosterId { get; init; }

    public string? PosterExtension { get; init; }

    /// <summary>The file says by IPTC metadata that a machine made it.</summary>
    public bool Labelled { get; init; }

    /// <summary>The provider's signed content credentials were kept.</summary>
    public bool C2pa { get; init; }
}

/// <summary>A generation's attempt in the provider's words.</summary>
/// <param name="Key">Fingerprint of the key that submits; the same one polls and cancels.</param>
/// <param name="Model">The vendor's model id.</param>
/// <param name="Sent">The vendor's fields and values, without the prompt and the files.</param>
/// <param name="RequestId">What the vendor's support asks for; null until it answered.</param>
internal sealed record ProviderCall(string Key, string Model, JsonObject Sent, string? RequestId = null);

/// <summary>A provider's failure as it is kept.</summary>
/// <param name="Kind">The word of <see cref="ProviderErrorKind"/>.</param>
/// <param name="Code">The vendor's own code.</param>
/// <param name="Message">The vendor's own message.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
/// <param name="Charged">Whether the vendor bills the operator for it; null where nobody knows.</param>
internal sealed record ProviderFailure(string Kind, string Code, string Message, bool Retryable, bool? Charged);

/// <summary>The words of the enums in SQL, in one place.</summary>
internal static class GenerationWords
{
    public static string Word(this GenerationStatus status) => status switch
    {
        GenerationStatus.Queued => "queued",
        GenerationStatus.Running => "running",
        GenerationStatus.Succeeded => "succeeded",
        GenerationStatus.Failed => "failed",
        _ => "canceled",
    };

    public static string Word(this GenerationStep step) => step switch
    {
        GenerationStep.Submit => "submit",
        GenerationStep.Poll => "poll",
        _ => "ingest",
    };

    public static GenerationStatus Status(string word) => Statuses[word];

    public static GenerationStep? Step(string? word) => word switch
    {
        null => null,
        "submit" => GenerationStep.Submit,
        "poll" => GenerationStep.Poll,
        _ => GenerationStep.Ingest,
    };

    private static readonly FrozenDictionary<string, GenerationStatus> Statuses =
        Enum.GetValues<GenerationStatus>().ToFrozenDictionary(Word, StringComparer.Ordinal);
}
