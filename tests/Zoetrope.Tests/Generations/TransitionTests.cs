using CsCheck;
using Zoetrope.Server;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Generations;

/// <summary>The pure state machine, walked at random: whatever happens in whatever order, the laws of a life hold.</summary>
public sealed class TransitionTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static readonly Gen<ProviderError> Errors = Gen.Enum<ProviderErrorKind>().Select(kind => new ProviderError(kind, "code", "message"));

    private static readonly Gen<GenerationEvent> Events = Gen.OneOf<GenerationEvent>(
        Gen.Const<GenerationEvent>(new GenerationEvent.Claimed(TimeSpan.FromMinutes(15))),
        Gen.Int[0, 9].Select(i => (GenerationEvent)new GenerationEvent.Intended($"att_{i}", TimeSpan.FromSeconds(30), Call: null)),
        Gen.Const<GenerationEvent>(new GenerationEvent.Accepted("job", null)),
        Gen.Select(Errors, Gen.Bool).Select((error, more) => (GenerationEvent)new GenerationEvent.Refused(error, more ? new RouteChoice(1, "other") : null)),
        Gen.Const<GenerationEvent>(new GenerationEvent.OutcomeLost("lost")),
        Gen.Const<GenerationEvent>(new GenerationEvent.FoundAbsent()),
        Gen.Const<GenerationEvent>(new GenerationEvent.StillUnknown("?")),
        Gen.Const<GenerationEvent>(new GenerationEvent.NeverKnown("never")),
        Gen.Int[0, 120].Select(progress => (GenerationEvent)new GenerationEvent.ProgressSeen(progress, null, TimeSpan.FromMilliseconds(500))),
        Gen.Const<GenerationEvent>(new GenerationEvent.ReadFailed("away", null)),
        Gen.Const<GenerationEvent>(new GenerationEvent.ResultReady(TimeSpan.FromSeconds(30))),
        Gen.Int[0, 100].Select(charged => (GenerationEvent)new GenerationEvent.Ingested("[]", charged)),
        Gen.Const<GenerationEvent>(new GenerationEvent.OutputRejected("html")),
        Errors.Select(error => (GenerationEvent)new GenerationEvent.ProviderFailed(error)),
        Gen.Const<GenerationEvent>(new GenerationEvent.DeadlineStopped()),
        Gen.Const<GenerationEvent>(new GenerationEvent.DeadlineAbandoned()),
        Gen.Const<GenerationEvent>(new GenerationEvent.CancelRequested()),
        Gen.Const<GenerationEvent>(new GenerationEvent.CancelConfirmed()),
        Gen.Const<GenerationEvent>(new GenerationEvent.CancelDeclined()));

    [Fact]
    public void A_random_life_obeys_the_laws()
    {
        var visited = new HashSet<(GenerationStatus, GenerationStep?, string)>();
        Events.Array[1, 60].Sample(
            events =>
            {
                var generation = New();
                var resolutions = 0;
                var now = Start;
                foreach (var happened in events)
                {
                    now += TimeSpan.FromSeconds(1);
                    Transition transition;
                    try
                    {
                        transition = GenerationTransitions.Apply(generation, happened, now);
                    }
                    catch (InvalidOperationException)
                    {
                        // The event does not fit here: refusing it is the behaviour.
                        continue;
                    }

                    Assert.False(generation.IsTerminal, $"{happened} left {generation.Status}");
                    lock (visited)
                    {
                        visited.Add((generation.Status, generation.Step, happened.GetType().Name));
                    }

                    resolutions += transition.Ledger is LedgerEffect.None ? 0 : 1;
                    AssertLaws(generation, transition);
                    generation = transition.Next;
                }

                Assert.Equal(generation.IsTerminal ? 1 : 0, resolutions);
            },
            iter: 20_000);

        // A machine that refuses everything would obey every law.
        Assert.True(visited.Count > 30, $"only {visited.Count} pairs of state and event were visited");
    }

    [Fact]
    public void Money_is_charged_only_for_a_success_and_suspended_only_for_the_unknown()
    {
        var running = Run(New(), new GenerationEvent.Claimed(TimeSpan.FromMinutes(15)), new GenerationEvent.Intended("att_1", TimeSpan.FromSeconds(30), Call: null));

        Assert.Equal(LedgerEffect.ReleaseAndSuspend, GenerationTransitions.Apply(running, new GenerationEvent.NeverKnown("x"), Start).Ledger);
        var polling = Run(running, new GenerationEvent.Accepted("job", null));
        Assert.Equal(LedgerEffect.ReleaseAndSuspend, GenerationTransitions.Apply(polling, new GenerationEvent.DeadlineAbandoned(), Start).Ledger);
        var storing = Run(polling, new GenerationEvent.ResultReady(Lease));
        Assert.Equal(LedgerEffect.Release, GenerationTransitions.Apply(storing, new GenerationEvent.OutputRejected("x"), Start).Ledger);
        var done = GenerationTransitions.Apply(storing, new GenerationEvent.Ingested("[]", 100), Start);
        Assert.Equal(LedgerEffect.Settle, done.Ledger);
        Assert.Equal(100, done.Next.Charged);
    }

    /// <summary>A node stands still, another looks for the job by asking with the same key, and the first wakes and says that nothing was sent.</summary>
    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public void A_refusal_fits_unless_another_may_be_asking_with_the_same_key(bool mayBeAskedAgain, bool onlyCancelled, bool fits)
    {
        var seen = Submitting(New());
        var current = Run(seen, onlyCancelled ? new GenerationEvent.CancelRequested() : new GenerationEvent.OutcomeLost("its lease ran out"));
        var refused = new GenerationEvent.Refused(new ProviderError(ProviderErrorKind.Unavailable, "not_sent", ""), null) { MayBeAskedAgain = mayBeAskedAgain };

        Assert.Equal(fits, GenerationTransitions.StillFits(seen, current, refused));
        Assert.True(GenerationTransitions.StillFits(seen, current, new GenerationEvent.Accepted("job", null)));
    }

    [Fact]
    public void A_refused_submit_tries_the_next_route_then_waits_then_gives_up()
    {
        var error = new ProviderError(ProviderErrorKind.Unavailable, "503", "busy");
        var generation = Submitting(New());

        var moved = Run(generation, new GenerationEvent.Refused(error, new RouteChoice(1, "other")));
        Assert.Equal((GenerationStatus.Queued, 1, "other"), (moved.Status, moved.Route, moved.Provider));

        var tries = 0;
        while (generation.Status is GenerationStatus.Running)
        {
            generation = Run(generation, new GenerationEvent.Refused(error, null));
            tries++;
            if (generation.Status is GenerationStatus.Queued)
            {
                Assert.True(generation.NextRunAt > Start, "a retry waits");
                generation = Submitting(generation);
            }
        }

        Assert.Equal(GenerationTransitions.MaxRetries + 1, tries);
        Assert.Equal(Problems.ProviderUnavailable.Code, generation.ErrorCode);
    }

    [Fact]
    public void Progress_never_goes_back_and_reaches_100_only_at_the_end()
    {
        var polling = Run(Submitting(New()), new GenerationEvent.Accepted("job", null), new GenerationEvent.ProgressSeen(80, null, TimeSpan.FromMilliseconds(500)));

        Assert.Equal(80, Run(polling, new GenerationEvent.ProgressSeen(10, null, TimeSpan.FromMilliseconds(500))).Progress);
        Assert.Equal(99, Run(polling, new GenerationEvent.ProgressSeen(100, null, TimeSpan.FromMilliseconds(500))).Progress);
    }

    [Fact]
    public void A_cancel_while_the_submit_is_in_the_air_leaves_its_lease_alone()
    {
        var submitting = Submitting(New());

        var wished = Run(submitting, new GenerationEvent.CancelRequested());

        Assert.Equal(submitting.NextRunAt, wished.NextRunAt);
        Assert.Equal(CancelState.Requested, wished.Cancel);
    }

    [Fact]
    public void A_result_that_is_being_stored_belongs_to_whoever_holds_the_lease()
    {
        var storing = Run(Submitting(New()), new GenerationEvent.Accepted("job", null), new GenerationEvent.ResultReady(Lease));
        var before = Start + Lease - TimeSpan.FromMilliseconds(1);

        Assert.Equal(Start + Lease, storing.NextRunAt);
        Assert.Throws<InvalidOperationException>(() => GenerationTransitions.Apply(storing, new GenerationEvent.ResultReady(Lease), before));
        Assert.Equal(storing.NextRunAt, Run(storing, new GenerationEvent.CancelRequested()).NextRunAt);

        // Its holder is dead, or says that nobody stores it now.
        Assert.Equal(GenerationStep.Ingest, GenerationTransitions.Apply(storing, new GenerationEvent.ResultReady(Lease), Start + Lease).Next.Step);
        Assert.Equal(GenerationStep.Poll, Run(storing, new GenerationEvent.ReadFailed("away", null)).Step);
    }

    private static void AssertLaws(Generation before, Transition transition)
    {
        var after = transition.Next;
        Assert.Equal(before.Version + 1, after.Version);
        Assert.Equal(after.Status is GenerationStatus.Running, after.Step is not null);
        Assert.Equal(after.IsTerminal, after.FinishedAt is not null);
        Assert.Equal(after.IsTerminal, transition.Ledger is not LedgerEffect.None);
        Assert.Equal(!after.IsTerminal, after.NextRunAt is not null);
        Assert.Equal(after.Status is GenerationStatus.Failed, after.ErrorCode is not null);
        Assert.Equal(after.Status is GenerationStatus.Succeeded, after.Result is not null);
        Assert.Equal(after.Status is GenerationStatus.Succeeded, transition.Ledger is LedgerEffect.Settle);
        Assert.True((after.Progress ?? 0) >= (before.Progress ?? 0), "progress went back");
        Assert.True(after.Attempts - before.Attempts is 0 or 1);

        // One attempt is one paid call at most: a new attempt needs the old one to be proven absent or refused first.
        if (after.Attempts > before.Attempts)
        {
            Assert.Null(before.AttemptId);
        }
    }

    private static Generation Submitting(Generation queued) =>
        Run(queued, new GenerationEvent.Claimed(TimeSpan.FromMinutes(15)), new GenerationEvent.Intended("att_1", TimeSpan.FromSeconds(30), Call: null));

    private static Generation Run(Generation generation, params GenerationEvent[] events) =>
        events.Aggregate(generation, (current, happened) => GenerationTransitions.Apply(current, happened, Start).Next);

    private static Generation New() => new()
    {
        AccountId = "acct_1",
        Id = "task_1",
        Mode = KeyMode.Test,
        KeyId = "key_1",
        Status = GenerationStatus.Queued,
        Version = 1,
        Model = "m",
        Media = MediaType.Video,
        Prompt = "p",
        Parameters = "{}",
        Output = "{}",
        Route = 0,
        Provider = "sandbox",
        Quoted = 100,
        CreatedAt = Start,
        NextRunAt = Start,
    };
}
