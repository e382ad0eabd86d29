namespace Zoetrope.Contracts.Admin;

/// <summary>A task whose provider may have billed for a result that nobody received.</summary>
/// <param name="TaskId">The task (<c>task_…</c>); it failed, and its customer has the credits back.</param>
/// <param name="AccountId">The account that ordered it.</param>
/// <param name="Mode"><c>test</c> (the sandbox, which never bills) or <c>live</c>.</param>
/// <param name="Credits">The price of the task in credits.</param>
/// <param name="Since">When it came into suspense: ISO 8601, UTC, milliseconds.</param>
/// <param name="Why">Why nobody knows the outcome.</param>
public sealed record AdminSuspendedTask(string TaskId, string AccountId, string Mode, long Credits, string Since, string? Why)
{
    /// <summary>The model; <see langword="null"/> if the task is past its retention.</summary>
    public string? Model { get; init; }

    /// <summary>The provider of the last attempt.</summary>
    public string? Provider { get; init; }

    /// <summary>Our id of the last attempt, which providers of some kinds were sent.</summary>
    public string? AttemptId { get; init; }

    /// <summary>The provider's id of the job, if it is known.</summary>
    public string? ProviderTaskId { get; init; }

    /// <summary>The provider's id of the request, if it is known.</summary>
    public string? ProviderRequestId { get; init; }

    /// <summary>The <c>X-Request-Id</c> of the customer's request.</summary>
    public string? RequestId { get; init; }
}

/// <summary>One page of the tasks in suspense, newest first.</summary>
/// <param name="Suspense">The tasks of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record AdminSuspense(IReadOnlyList<AdminSuspendedTask> Suspense, string? NextCursor);

/// <summary>A task that was taken out of suspense.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="AccountId">The account that ordered it.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Credits">The credits that were in suspense.</param>
/// <param name="Charged">Whether the provider billed for it.</param>
/// <param name="Reason">How that is known; kept in the ledger.</param>
public sealed record AdminResolvedSuspense(string TaskId, string AccountId, string Mode, long Credits, bool Charged, string Reason);
