namespace Zoetrope.Contracts.Admin;

/// <summary>A difference between a provider's list of jobs and what the server wrote down.</summary>
/// <param name="Id">The case (<c>case_…</c>).</param>
/// <param name="Kind"><c>extra</c>, <c>missing</c>, <c>refused</c>, <c>unresolved</c> or <c>cost</c>.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Key">The fingerprint of the key whose jobs were listed.</param>
/// <param name="ProviderTaskId">The provider's id of the job.</param>
/// <param name="Detail">What differs.</param>
/// <param name="OpenedAt">When it was found: ISO 8601, UTC, milliseconds.</param>
public sealed record AdminCase(
    string Id, string Kind, string Provider, string Key, string ProviderTaskId, string Detail, string OpenedAt)
{
    /// <summary>Our id of the attempt, if there is one.</summary>
    public string? AttemptId { get; init; }

    /// <summary>The task of that attempt.</summary>
    public string? TaskId { get; init; }

    /// <summary>The account that ordered it.</summary>
    public string? AccountId { get; init; }

    /// <summary>When it was closed; <see langword="null"/> while it is open.</summary>
    public string? ClosedAt { get; init; }

    /// <summary>What was found out.</summary>
    public string? Reason { get; init; }

    /// <summary>Credits in suspense for the task: what its provider may have billed.</summary>
    public long Suspended { get; init; }

    /// <summary>What can be decided of it, each with what it books; empty for a closed case.</summary>
    public IReadOnlyList<AdminDecision> Decisions { get; init; } = [];
}

/// <summary>How a case can be closed.</summary>
/// <param name="Charged">The <c>charged</c> to send; <see langword="null"/> means to leave it out.</param>
/// <param name="Effect">What it books, in words.</param>
public sealed record AdminDecision(bool? Charged, string Effect);

/// <summary>One page of the cases, newest first.</summary>
/// <param name="Cases">The cases of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record AdminCases(IReadOnlyList<AdminCase> Cases, string? NextCursor);
