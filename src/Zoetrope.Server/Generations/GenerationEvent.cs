using Zoetrope.Server.Admission;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations;

/// <summary>Everything that can happen to a generation; the input alphabet of <see cref="GenerationTransitions"/>.</summary>
internal abstract record GenerationEvent
{
    /// <summary>The scheduler gave it a slot of its provider.</summary>
    internal sealed record Claimed(TimeSpan Deadline) : GenerationEvent;

    /// <summary>About to submit: the attempt row is written in the same transaction, before the first byte goes out.</summary>
    internal sealed record Intended(string AttemptId, TimeSpan Lease, string? Call) : GenerationEvent;

    /// <param name="Call">The call with the vendor's request id; null leaves it as it is.</param>
    internal sealed record Accepted(string ProviderTaskId, TimeSpan? PollAfter, string? Call = null) : GenerationEvent;

    /// <summary>Nothing may be submitted to the provider for so long, and no other route is open.</summary>
    internal sealed record Held(TimeSpan Wait) : GenerationEvent;

    /// <summary>Proven not accepted. <paramref name="NextRoute"/> is where it may go instead, null where there is nowhere.</summary>
    internal sealed record Refused(ProviderError Error, RouteChoice? NextRoute) : GenerationEvent
    {
        /// <summary>
        /// To look for the job is to ask for it again with the same key: once another driver does, a refusal of the first call proves
        /// nothing about the second, whose answer counts.
        /// </summary>
        public bool MayBeAskedAgain { get; init; }
    }

    /// <summary>A submit had no definite answer, or its lease ran out because the sender died.</summary>
    internal sealed record OutcomeLost(string Reason) : GenerationEvent;

    internal sealed record FoundAbsent : GenerationEvent;

    internal sealed record StillUnknown(string Reason) : GenerationEvent;

    internal sealed record NeverKnown(string Reason) : GenerationEvent;

    internal sealed record ProgressSeen(int? Progress, int? QueuePosition, TimeSpan PollAfter) : GenerationEvent;

    /// <summary>A poll or a download failed in a way that says nothing about the job.</summary>
    internal sealed record ReadFailed(string Reason, TimeSpan? RetryAfter) : GenerationEvent;

    /// <summary>The result is fetched and stored now, by whoever holds the lease.</summary>
    internal sealed record ResultReady(TimeSpan Lease) : GenerationEvent;

    internal sealed record Ingested(string Result, long Charged) : GenerationEvent;

    internal sealed record OutputRejected(string Reason) : GenerationEvent;

    internal sealed record ProviderFailed(ProviderError Error) : GenerationEvent;

    /// <summary>The deadline passed and the provider confirmed that it stopped, or nothing had been sent.</summary>
    internal sealed record DeadlineStopped : GenerationEvent;

    /// <summary>The deadline and the reconciliation window passed and the provider still has the job.</summary>
    internal sealed record DeadlineAbandoned : GenerationEvent;

    internal sealed record CancelRequested : GenerationEvent;

    internal sealed record CancelConfirmed : GenerationEvent;

    internal sealed record CancelDeclined : GenerationEvent;
}
