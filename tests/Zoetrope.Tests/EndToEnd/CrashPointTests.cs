using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>
/// The server dies at each named point of <c>docs/01-life-of-a-generation.md</c>, the first time it gets there and then the
/// third time, is started again on what it left, and must finish everything it ever acknowledged, once. Every night each point has
/// a server of its own.
/// </summary>
public sealed class CrashPointTests
{
    private const int Tasks = 5;
    private const long Credits = 100_000;
    private static readonly TimeSpan Patience = Until.Patience;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    public async Task A_crash_at_each_point_in_turn_loses_nothing_and_charges_nobody_twice(int first)
    {
        string[] points = [.. Enumerable.Range(first, 4).Select(number => $"K{number}")];
        await using var server = await ServerProcess.StartAsync(crashAt: points[0]);
        var client = new PersistentClient(server.Api, await server.Api.CreateCustomerAsync(Credits));
        foreach (var (point, next) in points.Zip(points.Skip(1).Append(null)))
        {
            await WorkUntilItDiesAsync(server, client, point);

            // What the last crash left is taken up first and may pass the next point, so the server is to die there later.
            await server.StartAgainAsync(next is null ? null : $"{next}:3");
        }

        await AssertAllEndedAsync(server, client);
    }

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData("K1")]
    [InlineData("K2")]
    [InlineData("K3")]
    [InlineData("K4")]
    [InlineData("K5")]
    [InlineData("K6")]
    [InlineData("K7")]
    [InlineData("K8")]
    [InlineData("K9")]
    [InlineData("K10")]
    [InlineData("K11")]
    [InlineData("K12")]
    public async Task A_crash_here_loses_nothing_and_charges_nobody_twice(string point)
    {
        await using var server = await ServerProcess.StartAsync(crashAt: point);
        var client = new PersistentClient(server.Api, await server.Api.CreateCustomerAsync(Credits));

        await WorkUntilItDiesAsync(server, client, "first");
        await server.StartAgainAsync($"{point}:3");
        await WorkUntilItDiesAsync(server, client, "third");
        await server.StartAgainAsync();

        await AssertAllEndedAsync(server, client);
    }

    private static async Task AssertAllEndedAsync(ServerProcess server, PersistentClient client)
    {
        await client.RepeatAllAsync();
        var tasks = await client.DrainAsync();
        Assert.All(tasks, task => Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString()));
        Assert.Equal(Credits - tasks.Sum(task => task.GetProperty("creditsUsed").GetInt64()), await server.Api.CreditsAsync(client.Customer));
        await server.Api.AssertLedgerIsCleanAsync();
        server.Books.AssertNothingWasBoughtTwice();
        Assert.Equal(tasks.Count, server.Books.Accepted().Count);
        Assert.All(server.Books.Generations().Values, status => Assert.Equal("succeeded", status));
    }

    // One after the other, each to its end: every point is then reached once for each.
    private static async Task WorkUntilItDiesAsync(ServerProcess server, PersistentClient client, string round)
    {
        for (var i = 0; i < Tasks; i++)
        {
            var key = $"{round}-{i}";
            if (!await client.TryAsync(key, new { model = "nano-banana-text-to-image", input = new { prompt = $"A red fox, {round} {i}" } })
                || !await client.TryWaitAsync(key))
            {
                break;
            }
        }

        Assert.Equal(ChildProcess.Killed, await server.ExitCodeAsync(Patience));
    }
}
