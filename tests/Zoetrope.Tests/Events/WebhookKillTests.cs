using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>The server dies while it tells: every event arrives all the same, and twice only where the answer was not yet recorded.</summary>
public sealed class WebhookKillTests
{
    private const int Tasks = 6;
    private static readonly string[] EndsOfATask = ["task.created", "task.failed", "task.processing"];
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Zoetrope__Egress__AllowedPrivateHosts"] = "127.0.0.1",
        ["Zoetrope__Webhooks__PollInterval"] = "00:00:00.050",
    };

    [Theory]
    [InlineData("K13")]
    [InlineData("K13:5")]
    public async Task A_crash_between_sending_and_recording_sends_that_one_again_under_its_id(string point)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await ServerProcess.StartAsync(Settings, point);
        var client = new PersistentClient(server.Api, await server.Api.CreateCustomerAsync());
        (await server.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", client.Customer.Key, $$"""{"url":"{{receiver.Url()}}"}""")).Expect(200);
        for (var i = 0; i < Tasks && await client.TryAsync($"task-{i}", Request(i)); i++)
        {
        }

        Assert.Equal(ChildProcess.Killed, await server.ExitCodeAsync(Until.Patience));
        await server.StartAgainAsync();
        await client.RepeatAllAsync();
        var tasks = (await client.DrainAsync()).Select(task => task.GetProperty("id").GetString()!).ToList();
        await AssertAllToldAsync(receiver, tasks);

        // At most the endpoint's own places were open when it died.
        Assert.InRange(receiver.All.Count - receiver.All.Select(item => item.Id).Distinct().Count(), 0, 4);
    }

    [Fact]
    public async Task Kills_at_any_moment_lose_no_event()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await ServerProcess.StartAsync(Settings);
        var client = new PersistentClient(server.Api, await server.Api.CreateCustomerAsync());
        (await server.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", client.Customer.Key, $$"""{"url":"{{receiver.Url()}}"}""")).Expect(200);
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < Tasks; i++)
            {
                await client.TryAsync($"round-{round}-{i}", Request(i));
            }

            await receiver.NextAsync();
            await server.KillAsync();
            Assert.Equal(ChildProcess.Killed, await server.ExitCodeAsync(Until.Patience));
            await server.StartAgainAsync();
        }

        await client.RepeatAllAsync();
        var tasks = (await client.DrainAsync()).Select(task => task.GetProperty("id").GetString()!).ToList();
        Assert.Equal(4 * Tasks, tasks.Count);
        await AssertAllToldAsync(receiver, tasks);
        Assert.InRange(receiver.All.Count - receiver.All.Select(item => item.Id).Distinct().Count(), 0, 4 * 4);
    }

    private static object Request(int number) => new { model = "nano-banana-2-text-to-image", input = new { prompt = $"A red fox {number} [[fail]]", resolution = "0.5K" } };

    private static async Task AssertAllToldAsync(WebhookReceiver receiver, IReadOnlyList<string> tasks)
    {
        bool AllTold() => tasks.All(task => EndsOfATask.All(type => receiver.All.Any(item => item.Type == type && item.Json.GetProperty("data").GetProperty("id").GetString() == task)));
        await Until.HoldsAsync(AllTold, () => receiver.Received);

        // One message for each event, whatever the number of times it was sent.
        var messages = receiver.All.Select(item => (item.Id, item.Type, item.Json.GetProperty("data").GetProperty("id").GetString())).Distinct().ToList();
        Assert.Equal(messages.Count, messages.Select(item => item.Id).Distinct().Count());
    }
}
