namespace Zoetrope.Tests.Events;

/// <summary>Every event arrives, however receivers behave and however often the server dies. The figures are printed.</summary>
public sealed class WebhookStormTests
{
    [Fact]
    public async Task A_small_storm_with_two_kills_loses_nothing()
    {
        var result = await RunAsync(new StormPlan(Receivers: 10, Hanging: 1, Failing: 3, TasksEach: 17, Kills: 2));

        Assert.Equal(510, result.Events);

        // Two kills on a busy machine: what was under way at that moment, and no more.
        Assert.InRange(result.Duplicates, 0, 2 * 10 * 4);
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task Ten_thousand_events_to_fifty_receivers_and_ten_kills()
    {
        var result = await RunAsync(new StormPlan(Receivers: 50, Hanging: 1, Failing: 15, TasksEach: 67, Kills: 10));

        Assert.InRange(result.Events, 10_000, int.MaxValue);
        Assert.InRange(result.Duplicates, 0, result.Events / 100);
        Assert.InRange(result.Percentile(0.95), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task Ten_thousand_events_to_one_receiver_that_fails_and_twenty_kills()
    {
        var result = await RunAsync(new StormPlan(Receivers: 1, Hanging: 0, Failing: 1, TasksEach: 3_334, Kills: 20));

        Assert.InRange(result.Events, 10_000, int.MaxValue);
        Assert.InRange(result.Duplicates, 0, result.Events / 100);
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task One_that_hangs_costs_the_other_forty_nine_nothing()
    {
        var healthy = await RunAsync(new StormPlan(Receivers: 50, Hanging: 0, Failing: 0, TasksEach: 20, Kills: 0));
        var beside = await RunAsync(new StormPlan(Receivers: 50, Hanging: 1, Failing: 0, TasksEach: 20, Kills: 0));

        Assert.InRange(beside.Percentile(0.99), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.InRange(beside.Percentile(0.99) / healthy.Percentile(0.99), 0, 1.2);
    }

    private static async Task<StormResult> RunAsync(StormPlan plan)
    {
        await using var storm = new WebhookStorm(plan);
        var result = await storm.RunAsync();
        Console.WriteLine($"{plan}: {result}");
        return result;
    }
}
