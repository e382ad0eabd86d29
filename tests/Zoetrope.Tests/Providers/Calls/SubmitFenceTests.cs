using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Tests.Providers.Calls;

/// <summary>A node that was frozen for longer than its lease sends nothing, by whichever clock it finds out.</summary>
public sealed class SubmitFenceTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_body_of_a_paid_call_is_not_asked_for_once_the_lease_may_be_somebody_elses()
    {
        var time = new FakeTimeProvider();
        var fence = new SubmitFence(time);
        fence.Extend(fence.Now(), Lease);
        SubmitFence.Current = fence;
        using var first = new WatchedContent(new StringContent("paid"));
        using var late = new WatchedContent(new StringContent("paid"));
        Assert.Equal("paid", await first.ReadAsStringAsync(TestContext.Current.CancellationToken));

        time.Advance(Lease - TimeSpan.FromSeconds(5));
        await Assert.ThrowsAnyAsync<Exception>(() => late.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(first.HasBegun);
        Assert.False(late.HasBegun);
    }

    [Fact]
    public void A_renewal_counts_from_when_it_was_asked_for()
    {
        var time = new FakeTimeProvider();
        var fence = new SubmitFence(time);
        Assert.True(fence.HasPassed);
        fence.Extend(fence.Now(), Lease);
        var asked = fence.Now();
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(fence.HasPassed);
        fence.Extend(asked, Lease);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(fence.HasPassed);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(fence.HasPassed);
    }

    [Fact]
    public void A_lease_that_is_had_again_after_it_ran_out_lets_nothing_be_sent()
    {
        var time = new FakeTimeProvider();
        var fence = new SubmitFence(time);
        fence.Extend(fence.Now(), Lease);
        time.Advance(Lease);

        // A frozen node's timers ring before its sender goes on, and its row may be renewed although another node has looked for the job.
        fence.Extend(fence.Now(), Lease);
        Assert.True(fence.HasPassed);
    }
}
