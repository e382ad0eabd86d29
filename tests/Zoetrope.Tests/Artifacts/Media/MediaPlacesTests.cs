using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>Inputs hold up neither results nor other accounts' inputs.</summary>
public sealed class MediaPlacesTests
{
    [Fact]
    public async Task Results_never_wait_for_inputs()
    {
        using var places = new MediaPlaces(2);
        var accounts = Enumerable.Range(0, 50).Select(account => places.TakeAsync($"acct_{account}", default)).ToList();

        Assert.Equal(2, accounts.Count(static place => place.IsCompleted));
        (await places.TakeAsync(null, default)).Dispose();
        (await places.TakeAsync(null, default)).Dispose();
    }

    [Fact]
    public async Task An_account_has_half_of_the_places_and_one_turn_among_those_who_wait()
    {
        using var places = new MediaPlaces(2);
        var greedy = Enumerable.Range(0, 100).Select(_ => places.TakeAsync("acct_greedy", default)).ToList();
        Assert.Equal(1, greedy.Count(static place => place.IsCompleted));

        var second = await places.TakeAsync("acct_second", default);
        var third = places.TakeAsync("acct_third", default);
        Assert.False(third.IsCompleted);

        // Its next place is behind the third account's.
        (await greedy[0]).Dispose();
        await third;
        Assert.Equal(1, greedy.Count(static place => place.IsCompleted));
        second.Dispose();
        await Until.SeesAsync(() => Task.FromResult(greedy.Count(static place => place.IsCompleted)), static count => count == 2);
    }

    [Fact]
    public async Task Who_leaves_the_queue_takes_no_place()
    {
        using var places = new MediaPlaces(1);
        using var leaving = new CancellationTokenSource();
        var first = await places.TakeAsync("acct_one", default);
        var waiting = places.TakeAsync("acct_one", leaving.Token);
        var other = places.TakeAsync("acct_two", leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);

        first.Dispose();

        (await places.TakeAsync("acct_two", default)).Dispose();
        (await places.TakeAsync("acct_one", default)).Dispose();
    }

    [Fact]
    public async Task A_probe_of_an_input_has_little_of_everything_and_stands_back()
    {
        using var process = new MediaProcess(new ArtifactOptions { Ffprobe = "/bin/sh" });

        var limits = await process.FfprobeInputAsync(["-c", "ulimit -v; ulimit -t; nice"], "acct_one", default);
        var killed = await process.FfprobeInputAsync(["-c", "while true; do :; done"], "acct_one", default);
        var chatty = await process.FfprobeInputAsync(["-c", "exec yes"], "acct_one", default);

        Assert.Equal([$"{768 * 1024}", "4"], limits.Output.Split('\n')[..2]);
        Assert.True(int.Parse(limits.Output.Split('\n')[2]) >= 10, limits.Output);
        Assert.True(killed is { Succeeded: false, IsKilled: true } or { IsLate: true }, $"{killed}");
        Assert.True(chatty is { Succeeded: false, IsCut: true } or { IsLate: true }, $"{chatty with { Output = "" }}");
    }
}
