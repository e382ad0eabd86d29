using Zoetrope.Server.Admission;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations;

/// <summary>What must happen in the same transaction as a transition.</summary>
internal enum LedgerEffect
{
    None,

    /// <summary>Charge <see cref="Generation.Charged"/> from the hold and give back the rest.</summary>
    Settle,

    Release,

    /// <summary>Release, and book the possible cost at the provider to suspense: it may bill us for what nobody received.</summary>
    ReleaseAndSuspend,
}

/// <summary>The next state and its effects; <see cref="Announce"/> is the event type for those who listen, if any.</summary>
internal sealed record Transition(Generation Next, LedgerEffect Ledger = LedgerEffect.None, string? Announce = null);

/// <summary>
/// The state machine: (generation, event, now) to (generation, effects), without I/O. The drawing is in
/// <c>docs/01-life-of-a-generation.md</c>. An event that does not fit the state throws: the caller acted on a stale row.
/// </summary>
internal static class GenerationTransitions
{
    /// <summary>Refusals of a submit, or failed reads in a row, before giving up while the deadline has not passed.</summary>
    public const int MaxRetries = 5;

    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a polled row goes unwatched when its driver dies with its node; a restart of the only node does not wait for
    /// it.
    /// </summary>
    private static readonly TimeSpan Unwatched = TimeSpan.FromSeconds(20);

    public static Transition Apply(
        Generation generation, GenerationEvent happened, DateTimeOffset now) => (generation.Status, happened) switch
    {
        (GenerationStatus.Queued, GenerationEvent.Claimed claimed) => new(Advance(generation) with
        {
            Status = GenerationStatus.Running,
            Step = GenerationStep.Submit,
            StartedAt = generation.StartedAt ?? now,
            DeadlineAt = generation.DeadlineAt ?? now + claimed.Deadline,
            NextRunAt = now,
            AttemptId = null,
            ProviderTaskId = null,
            QueuePosition = null,
        }, Announce: generation.StartedAt is null ? EventTypes.Processing : null),

        (GenerationStatus.Queued, GenerationEvent.CancelRequested) => Cancel(generation, now),
        (GenerationStatus.Queued, GenerationEvent.DeadlineStopped) =>
            Fail(generation, Problems.TimedOut, "The task waited in the queue until its deadline.", null, now),

        (GenerationStatus.Running, _) => Running(generation, happened, now),

        _ => throw Unfit(generation, happened),
    };

    /// <summary>When to poll again after a poll that saw this.</summary>
    public static DateTimeOffset NextPoll(GenerationEvent.ProgressSeen seen, DateTimeOffset now) => now + seen.PollAfter;

    /// <summary>Whether a poll reported something that the row does not say, or the row would soon be due to somebody else.</summary>
    public static bool IsNews(Generation generation, GenerationEvent.ProgressSeen seen, DateTimeOffset now) =>
        generation.Step is not GenerationStep.Poll
        || Math.Clamp(seen.Progress ?? 0, 0, 99) > (generation.Progress ?? 0)
        || seen.QueuePosition != generation.QueuePosition
        || generation.Retries > 0
        || generation.NextRunAt < NextPoll(seen, now) + (Unwatched / 3);

    /// <summary>
    /// Whether what was learned about <paramref name="seen"/> may be applied to the row as it is now. The answer to a submit
    /// fits as long as that attempt is the one under way, a refusal only while nobody else may be asking with the same key. Anything
    /// else that would be lost fits when nothing but the customer's wish to cancel came between; an intent does not: the wish came
    /// before anything was paid.
    /// </summary>
    public static bool StillFits(Generation seen, Generation current, GenerationEvent happened)
    {
        if (current.Status is not GenerationStatus.Running || current.Step != seen.Step || current.AttemptId != seen.AttemptId)
        {
            return false;
        }

        var wished = current.Version == seen.Version + 1 && seen.Cancel is CancelState.None && current.Cancel is CancelState.Requested;
        return happened switch
        {
            GenerationEvent.Accepted or GenerationEvent.Refused { MayBeAskedAgain: false } => IsSent(seen),
            GenerationEvent.Refused => IsSent(seen) && wished,
            GenerationEvent.OutcomeLost or GenerationEvent.FoundAbsent or GenerationEvent.NeverKnown or GenerationEvent.ResultReady
                or GenerationEvent.Ingested or GenerationEvent.OutputRejected or GenerationEvent.ProviderFailed => wished,
            _ => false,
        };
    }

    /// <summary>Whether somebody stores its result now; their lease runs out only if they are dead.</summary>
    public static bool IsBeingStored(Generation generation, DateTimeOffset now) =>
        generation.Step is GenerationStep.Ingest && now < generation.NextRunAt;

    /// <summary>A paid call may have left, and what came of it is not written down yet.</summary>
    private static bool IsSent(Generation generation) => generation is { Step: GenerationStep.Submit, AttemptId: not null };

    private static bool MayIngest(Generation generation, DateTimeOffset now) =>
        generation.Step is GenerationStep.Poll or GenerationStep.Ingest && !IsBeingStored(generation, now);

    /// <summary>The word of the state for metrics: a submit whose intent is written is <c>sent</c>.</summary>
    public static string StateOf(Generation generation) => generation switch
    {
        { Status: not GenerationStatus.Running } => generation.Status.Word(),
        _ when IsSent(generation) => "sent",
        _ => generation.Step!.Value.Word(),
    };

    private static Transition Running(
        Generation generation, GenerationEvent happened, DateTimeOffset now) => (generation.Step, happened) switch
    {
        (GenerationStep.Submit, GenerationEvent.Intended intended) when generation.AttemptId is null => new(Advance(generation) with
        {
            Attempts = generation.Attempts + 1,
            AttemptId = intended.AttemptId,
            ProviderCall = intended.Call,
            NextRunAt = now + intended.Lease,
        }),

        (GenerationStep.Submit, GenerationEvent.Accepted accepted) when IsSent(generation) => Accept(generation, accepted, now),

        (GenerationStep.Submit, GenerationEvent.Refused refused) => Refuse(generation, refused, now),
        (GenerationStep.Submit, GenerationEvent.Held held) when generation.AttemptId is null => Hold(generation, held.Wait, now),
        (GenerationStep.Submit, GenerationEvent.FoundAbsent) when IsSent(generation) =>
            Requeue(generation, new RouteChoice(generation.Route, generation.Provider), TimeSpan.Zero, now),
        (GenerationStep.Submit, GenerationEvent.OutcomeLost) when IsSent(generation) =>
            new(Advance(generation) with { Retries = 0, NextRunAt = now + FirstPoll }),
        (GenerationStep.Submit, GenerationEvent.StillUnknown) when IsSent(generation) => new(Advance(generation) with
        {
            Retries = generation.Retries + 1,
            NextRunAt = now + Backoff(generation.Retries, LongestPoll),
        }),
        (GenerationStep.Submit, GenerationEvent.NeverKnown lost) when IsSent(generation) => Fail(
            generation,
            Problems.OutcomeUnknown,
            "The provider's answer was lost, and the outcome could not be determined. "
            + "The task was not submitted again; the credits are returned.",
            new ProviderError(ProviderErrorKind.UnknownOutcome, "no_answer", lost.Reason),
            now,
            LedgerEffect.ReleaseAndSuspend),

        (GenerationStep.Poll or GenerationStep.Ingest, GenerationEvent.ProgressSeen seen) => new(Advance(generation) with
        {
            Step = GenerationStep.Poll,
            Retries = 0,
            // A status that goes backwards at the vendor must not go backwards for the customer.
            Progress = seen.Progress is { } progress
                ? Math.Clamp(Math.Max(progress, generation.Progress ?? 0), 0, 99)
                : generation.Progress,
            QueuePosition = seen.QueuePosition,
            PollAt = NextPoll(seen, now),
            NextRunAt = NextPoll(seen, now) + Unwatched,
        }),

        (GenerationStep.Poll or GenerationStep.Ingest, GenerationEvent.ReadFailed failed) => new(Advance(generation) with
        {
            // Nobody stores the result now.
            Step = GenerationStep.Poll,
            Retries = generation.Retries + 1,
            NextRunAt = now + (failed.RetryAfter ?? Backoff(generation.Retries, LongestPoll)),
        }),

        (_, GenerationEvent.ResultReady ready) when MayIngest(generation, now) => new(Advance(generation) with
        {
            Step = GenerationStep.Ingest,
            Progress = 99,
            QueuePosition = null,
            NextRunAt = now + ready.Lease,
        }),

        (GenerationStep.Ingest, GenerationEvent.Ingested ingested) => new(Finish(generation, GenerationStatus.Succeeded, now) with
        {
            Result = ingested.Result,
            Charged = ingested.Charged,
            Progress = 100,
        }, LedgerEffect.Settle, EventTypes.Completed),

        (GenerationStep.Ingest, GenerationEvent.OutputRejected rejected) =>
            Fail(
                generation,
                Problems.BadOutput,
                $"The provider's result is not a usable file: {rejected.Reason}",
                new ProviderError(ProviderErrorKind.BadOutput, "bad_output", rejected.Reason, Charged: true),
                now),

        // A vendor that stops because we asked is a cancellation, whatever it calls it.
        (GenerationStep.Poll or GenerationStep.Ingest, GenerationEvent.ProviderFailed { Error.Kind: ProviderErrorKind.Canceled })
            when generation.Cancel is not CancelState.None => Cancel(generation, now),
        (GenerationStep.Poll or GenerationStep.Ingest, GenerationEvent.ProviderFailed failed) => Fail(generation, failed.Error, now),

        (_, GenerationEvent.DeadlineStopped) when !IsSent(generation) =>
            Fail(generation, Problems.TimedOut, "The provider did not finish before the task's deadline.", null, now),
        (GenerationStep.Poll or GenerationStep.Ingest, GenerationEvent.DeadlineAbandoned) => Fail(
            generation,
            Problems.TimedOut,
            "The provider did not finish before the task's deadline.",
            new ProviderError(
                ProviderErrorKind.UnknownOutcome,
                "abandoned",
                "the provider had not finished when the task was given up, and may still bill for it"),
            now,
            LedgerEffect.ReleaseAndSuspend),

        // While a submit is in the air, or its result is being stored, the lease must be kept; the request to cancel is read
        // when the answer is in.
        (_, GenerationEvent.CancelRequested) when generation.Cancel is CancelState.None => new(Advance(generation) with
        {
            Cancel = CancelState.Requested,
            NextRunAt = generation.Step is GenerationStep.Poll ? now : generation.NextRunAt,
        }),
        (_, GenerationEvent.CancelConfirmed) when generation.Cancel is CancelState.Requested && !IsSent(generation) =>
            Cancel(generation, now),
        (GenerationStep.Poll or GenerationStep.Ingest, GenerationEvent.CancelDeclined)
            when generation.Cancel is CancelState.Requested => new(Advance(generation) with { Cancel = CancelState.Declined, NextRunAt = now + FirstPoll }),

        _ => throw Unfit(generation, happened),
    };

    private static Transition Accept(Generation generation, GenerationEvent.Accepted accepted, DateTimeOffset now)
    {
        // Who wants it stopped does not wait for the first poll.
        var wait = generation.Cancel is CancelState.Requested ? TimeSpan.Zero : accepted.PollAfter ?? FirstPoll;
        return new Transition(Advance(generation) with
        {
            Step = GenerationStep.Poll,
            ProviderTaskId = accepted.ProviderTaskId,
            ProviderCall = accepted.Call ?? generation.ProviderCall,
            Retries = 0,
            PollAt = now + wait,
            NextRunAt = now + wait + Unwatched,
        });
    }

    private static Transition Refuse(Generation generation, GenerationEvent.Refused refused, DateTimeOffset now)
    {
        var error = refused.Error;
        if (refused.NextRoute is { } next)
        {
            return Requeue(generation, next, TimeSpan.Zero, now);
        }

        var mayPass = error.Kind is ProviderErrorKind.RateLimited or ProviderErrorKind.Unavailable;
        var wait = error.RetryAfter ?? Backoff(generation.Retries, LongestPoll);
        if (mayPass && generation.Retries < MaxRetries && now + wait < generation.DeadlineAt)
        {
            return Requeue(generation, new RouteChoice(generation.Route, generation.Provider), wait, now);
        }

        return error.Kind is ProviderErrorKind.RateLimited or ProviderErrorKind.Unavailable or ProviderErrorKind.Auth
            or ProviderErrorKind.QuotaExhausted
            ? Fail(generation, Problems.ProviderUnavailable, "Every provider of this model refused the task. Try again later.", error, now)
            : Fail(generation, error, now);
    }

    // Back to the queue: the slot is free for somebody else meanwhile, and the next claim makes a new attempt.
    private static Transition Requeue(Generation generation, RouteChoice route, TimeSpan wait, DateTimeOffset now) =>
        generation.Cancel is CancelState.Requested
            ? Cancel(generation, now)
            : new(Advance(generation) with
            {
                Status = GenerationStatus.Queued,
                Step = null,
                AttemptId = null,
                ProviderTaskId = null,
                ProviderCall = null,
                Route = route.Route,
                Provider = route.Provider,
                Retries = route.Route == generation.Route ? generation.Retries + 1 : 0,
                NextRunAt = now + wait,
            });

    // Waiting for the provider is no retry of the task: the deadline alone ends it.
    private static Transition Hold(Generation generation, TimeSpan wait, DateTimeOffset now)
    {
        var held = Requeue(generation, new RouteChoice(generation.Route, generation.Provider), wait, now);
        return held with { Next = held.Next with { Retries = generation.Retries } };
    }

    private static Transition Fail(Generation generation, ProviderError error, DateTimeOffset now)
    {
        var (kind, message) = error.Kind switch
        {
            ProviderErrorKind.ContentRefused =>
                (Problems.ContentRefused, $"The provider's moderation refused this request: {error.VendorMessage}"),
            ProviderErrorKind.InvalidInput => (Problems.InputRefused, $"The provider refused the input: {error.VendorMessage}"),
            ProviderErrorKind.BadOutput => (Problems.BadOutput, $"The provider's result is not a usable file: {error.VendorMessage}"),
            ProviderErrorKind.Expired => (Problems.TimedOut, $"The provider gave up on the task: {error.VendorMessage}"),
            _ => (Problems.GenerationFailed, $"The provider failed: {error.VendorMessage}"),
        };
        return Fail(generation, kind, message, error, now);
    }

    private static Transition Fail(
        Generation generation,
        ProblemKind kind,
        string message,
        ProviderError? providerError,
        DateTimeOffset now,
        LedgerEffect ledger = LedgerEffect.Release) =>
        new(Finish(generation, GenerationStatus.Failed, now) with
        {
            ErrorCode = kind.Code,
            ErrorMessage = message,
            ProviderError = providerError is null ? null : GenerationJson.Write(providerError),
            Charged = 0,
        }, ledger, EventTypes.Failed);

    private static Transition Cancel(Generation generation, DateTimeOffset now) =>
        new(Finish(generation, GenerationStatus.Canceled, now) with { Charged = 0 }, LedgerEffect.Release, EventTypes.Cancelled);

    private static Generation Finish(Generation generation, GenerationStatus status, DateTimeOffset now) => Advance(generation) with
    {
        Status = status,
        Step = null,
        FinishedAt = now,
        NextRunAt = null,
        QueuePosition = null,
    };

    private static Generation Advance(Generation generation) => generation with { Version = generation.Version + 1, PollAt = null };

    private static TimeSpan Backoff(int retries, TimeSpan longest) =>
        TimeSpan.FromMilliseconds(Math.Min(500 * Math.Pow(2, Math.Min(retries, 16)), longest.TotalMilliseconds));

    private static InvalidOperationException Unfit(Generation generation, GenerationEvent happened) =>
        new($"{generation.Id} is {generation.Status}/{generation.Step} and cannot accept {happened.GetType().Name}.");
}
