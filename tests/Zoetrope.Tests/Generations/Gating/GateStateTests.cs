using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Generations.Gating;

/// <summary>What each proof of a submit changes in what all nodes know of a provider.</summary>
public sealed class GateStateTests
{
    private const string Key = "ab12cd34";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_fifth_failure_opens_it_and_what_was_in_the_air_does_not_open_it_further()
    {
        var state = Failed(GateState.Fresh, 4);
        Assert.Equal((4, 0), (state.Failures, state.Opened));
        state = Failed(state, 1);
        Assert.Equal((5, 1, Now.AddSeconds(15), "broken"), (state.Failures, state.Opened, state.OpenUntil, state.Reason));
        Assert.False(state.IsHalfOpen(Now));
        Assert.Same(state, Failed(state, 20));

        // Half open: a probe that fails opens it for twice as long, up to five minutes.
        var later = state.OpenUntil;
        Assert.True(state.IsHalfOpen(later));
        var probing = state.Probing(later);
        Assert.False(probing.IsHalfOpen(later));
        Assert.True(probing.IsHalfOpen(probing.ProbeUntil));
        Assert.Equal(later.AddMinutes(2), probing.ProbeSent(later).ProbeUntil);
        Assert.Same(state, state.ProbeSent(later));
        for (var (times, seconds) = (1, 30); times < 9; times++, seconds = Math.Min(seconds * 2, 300))
        {
            var failed = Failed(state.Probing(state.OpenUntil), 1, state.OpenUntil);
            Assert.Equal(state.OpenUntil.AddSeconds(seconds), failed.OpenUntil);
            state = failed;
        }
    }

    [Fact]
    public void A_submit_that_was_taken_heals_it_and_one_that_changes_nothing_is_the_same_object()
    {
        foreach (var proof in new[] { GateProof.Taken, GateProof.Answered })
        {
            Assert.Same(GateState.Fresh, GateState.Fresh.With(new GateNews(Key, proof, Now)));
            var healed = Failed(GateState.Fresh, 5).Probing(Now.AddSeconds(15)).With(new GateNews(Key, proof, Now.AddSeconds(16)));
            Assert.Equal((0, 0, default), (healed.Failures, healed.Opened, healed.ProbeUntil));
        }
    }

    [Fact]
    public void A_refused_key_rests_longer_each_time_and_counts_once_for_all_that_were_in_the_air()
    {
        var refused = GateState.Fresh.With(new GateNews(Key, GateProof.KeyRefused, Now, Reason: "pay_first"));
        Assert.Equal(new KeyRest(1, Now.AddMinutes(1), "pay_first"), refused.Keys[Key]);
        Assert.Same(refused, refused.With(new GateNews(Key, GateProof.KeyRefused, Now.AddSeconds(1), Reason: "pay_first")));
        var again = refused.With(new GateNews(Key, GateProof.KeyRefused, Now.AddMinutes(2), Reason: "pay_first"));
        Assert.Equal(new KeyRest(2, Now.AddMinutes(4), "pay_first"), again.Keys[Key]);
        Assert.True(again.Rests(Key, Now.AddMinutes(3)));
        Assert.False(again.Rests("another0", Now.AddMinutes(3)));
        Assert.Empty(again.With(new GateNews(Key, GateProof.Taken, Now.AddMinutes(5))).Keys);
    }

    [Fact]
    public void A_key_that_shall_slow_down_rests_as_long_as_the_vendor_wishes_and_the_same_wish_is_no_news()
    {
        var slow = GateState.Fresh.With(new GateNews(Key, GateProof.SlowedDown, Now, TimeSpan.FromSeconds(7)));
        Assert.Equal((0, Now.AddSeconds(7)), (slow.Keys[Key].Refusals, slow.Keys[Key].Until));
        Assert.Same(slow, slow.With(new GateNews(Key, GateProof.SlowedDown, Now.AddMilliseconds(100), TimeSpan.FromSeconds(7))));
        Assert.Same(slow, slow.With(new GateNews(Key, GateProof.SlowedDown, Now)));
        Assert.Equal(Now.AddMinutes(10), slow.With(new GateNews(Key, GateProof.SlowedDown, Now, TimeSpan.FromDays(1))).Keys[Key].Until);
    }

    private static GateState Failed(GateState state, int times, DateTimeOffset? at = null) =>
        Enumerable.Range(0, times).Aggregate(state, (before, _) => before.With(new GateNews(Key, GateProof.Failed, at ?? Now, Reason: "broken")));
}
