namespace Zoetrope.Tests.Fixtures.Running;

public sealed class ChildProcessTests
{
    [Fact]
    public async Task What_a_killed_test_process_started_dies_with_it()
    {
        await using var parent = ParentProcess.Start("sleep");
        var line = await parent.LineAsync(text => text.StartsWith("child ", StringComparison.Ordinal), Until.Patience);
        var status = $"/proc/{line["child ".Length..]}/status";
        Assert.True(File.Exists(status));

        await parent.KillAloneAsync();

        await Until.HoldsAsync(() => !File.Exists(status));
    }
}
