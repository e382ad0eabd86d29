namespace Zoetrope.Tests.Fixtures;

public sealed class UntilTests
{
    [Fact]
    public async Task A_wait_in_vain_says_what_it_waited_for_and_what_it_saw_last()
    {
        var looks = 0;

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => Until.SeesAsync(() => Task.FromResult(++looks), seen => seen < 0, TimeSpan.FromMilliseconds(60)));

        Assert.Equal($"Waited 0.1 s for seen => seen < 0. Last seen: {looks}", failure.Message);
        Assert.InRange(looks, 1, 100);
    }

    [Fact]
    public async Task A_look_that_hangs_is_cut_off()
    {
        var failure = await Assert.ThrowsAsync<TimeoutException>(() =>
            Until.HoldsAsync(() => new TaskCompletionSource<bool>().Task, limit: TimeSpan.FromMilliseconds(50), what: "nothing at all"));

        Assert.Equal("Waited 0.1 s for nothing at all. Last seen: nothing: the first look did not come back", failure.Message);
    }

    [Fact]
    public async Task What_is_seen_at_the_last_look_counts() =>
        Assert.Equal(7, await Until.SeesAsync(() => Task.FromResult(7), seen => seen == 7, TimeSpan.Zero));
}
