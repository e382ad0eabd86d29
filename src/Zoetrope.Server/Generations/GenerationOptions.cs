using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Generations;

/// <summary>Section <c>Zoetrope:Generations</c>.</summary>
internal sealed class GenerationOptions
{
    /// <summary>
    /// Minutes after a lost answer, or after a deadline, during which the provider is still asked what became of the job.
    /// </summary>
    [Range(1, 24 * 60)]
    public int ReconcileMinutes { get; init; } = 10;

    /// <summary>Hours that a task may wait in the queue before it fails as TIMED_OUT and its hold is released.</summary>
    [Range(1, 24 * 30)]
    public int MaxQueuedHours { get; init; } = 24;

    /// <summary>Hours that an Idempotency-Key and its answer are kept.</summary>
    [Range(24, 24 * 365)]
    public int IdempotencyHours { get; init; } = 48;

    /// <summary>
    /// Seconds that a node which is submitting has before others may treat its answer as lost; renewed while the call runs.
    /// </summary>
    [Range(5, 600)]
    public int LeaseSeconds { get; init; } = 30;

    /// <summary>Requests that one batch may hold.</summary>
    [Range(1, 1_000)]
    public int BatchMaxRequests { get; init; } = 1_000;

    /// <summary>Credits below which an account is notified, unless it set its own threshold; 0 means never.</summary>
    [Range(0, 1_000_000_000_000)]
    public long CreditsLowBelow { get; init; }

    /// <summary>Tasks that an account's test keys may start in a UTC day; 0 means any number.</summary>
    [Range(0, 1_000_000_000)]
    public int TestTasksPerDay { get; init; } = 1_000_000;

    public TimeSpan Reconcile => TimeSpan.FromMinutes(ReconcileMinutes);

    public TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);
}
