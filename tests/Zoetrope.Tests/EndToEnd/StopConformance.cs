using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>
/// SIGTERM while vendors hold their answers to paid calls. OpenAI offers no evidence: what of its answers is cut off is lost. So
/// whatever ends here as anything but completed was paid for and thrown away.
/// </summary>
public abstract class StopConformance
{
    private const string Image = "gpt-image-2-text-to-image";

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task SIGTERM_with_ten_paid_calls_in_the_air_loses_none_of_them()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var scene = await StopScene.StartAsync(Dialect);
        var api = scene.Server.Api;
        (await api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", scene.Customer.Key, $$"""{"url":"{{receiver.Url()}}"}""")).Expect(200);

        // Five tasks, a batch of three, an upscale at another vendor, and a client of OpenAI's that waits for its image.
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await scene.GenerateAsync($"task {i}"));
        }

        var requests = Enumerable.Range(0, 3).Select(i => new { model = Image, prompt = $"item {i}" });
        var batch = (await PostAsync(scene, "/api/v1/batches", new { requests })).Expect(200).Data;
        var upscale = (await PostAsync(scene, "/api/v1/tools/upscale-image", new { image_url = $"data:image/png;base64,{Convert.ToBase64String(await File.ReadAllBytesAsync(TestMedia.Png))}" })).Expect(200).Data;
        var waiting = PostAsync(scene, "/v1/images/generations", new { model = "gpt-image-2", prompt = "waited for" });
        await Until.HoldsAsync(() => scene.OpenAi.Books.Accepted.Count == 9 && scene.Fal.Books.Accepted.Count == 1, () => $"{scene.OpenAi.Books.Submits} and {scene.Fal.Books.Submits} submits");

        // Deliveries wait for the next start. Who reads meanwhile is served.
        await using var events = await EventReader.OpenAsync(api, scene.Customer, "/api/v1/events");
        receiver.Answers["/hook"] = static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await scene.Server.TerminateAsync();
        var ready = await Until.SeesAsync(() => api.SendAsync(HttpMethod.Get, "/health/ready", key: null), reply => reply.Status == 503);
        var late = await scene.GenerateAsync("late");
        var refused = await PostAsync(scene, "/v1/images/generations", new { model = "gpt-image-2", prompt = "too late" });
        (await api.GetAsync(scene.Customer, $"/api/v1/tasks/{late}")).Expect(200);
        (await api.SendAsync(HttpMethod.Get, "/health/live", key: null)).Expect(200);
        await events.FindAsync(next => next.TaskId == late);
        scene.Answer();

        Assert.NotEmpty((await waiting).Expect(200).Json.GetProperty("data")[0].GetProperty("b64_json").GetString()!);
        Assert.Equal(0, await scene.Server.ExitCodeAsync(Until.Patience));
        Assert.True(ready.Json.GetProperty("stopping").GetBoolean());
        Assert.Equal((503, "unavailable", "5"), (refused.Status, refused.Code, refused.Headers.GetValues("Retry-After").Single()));
        Assert.Equal((9, 1), (scene.OpenAi.Books.Submits, scene.Fal.Books.Submits));

        receiver.Answers.TryRemove("/hook", out _);
        await scene.Server.StartAgainAsync();
        var tasks = await scene.AssertAllCompletedAsync(late, 11);
        Assert.Equal((10, 1), (scene.OpenAi.Books.Submits, scene.Fal.Books.Submits));
        Assert.Superset(ids.Append(late).Append(upscale.GetProperty("id").GetString()!).ToHashSet(), tasks.ToHashSet());
        await Until.HoldsAsync(
            () => tasks.All(task => receiver.All.Any(item => item.Type == "task.completed" && item.Json.GetProperty("data").GetProperty("id").GetString() == task))
                && receiver.All.Any(item => item.Type == "batch.completed" && item.Json.GetProperty("data").GetProperty("id").GetString() == batch.GetProperty("id").GetString()),
            () => receiver.Received);
    }

    [Fact]
    public async Task A_stop_that_may_not_wait_leaves_what_a_crash_leaves()
    {
        // Two ways to the same end, one on each database.
        var second = Dialect is SqlDialect.Sqlite;
        await using var scene = await StopScene.StartAsync(
            Dialect, ("Zoetrope__Server__DrainTimeout", second ? "00:10:00" : "00:00:01"), ("Zoetrope__Generations__LeaseSeconds", "5"));
        var id = await scene.GenerateAsync("cut off");
        var waiting = PostAsync(scene, "/v1/images/generations", new { model = "gpt-image-2", prompt = "waited for in vain" });
        var streaming = PostAsync(scene, "/v1/images/generations", new { model = "gpt-image-2", prompt = "streamed in vain", stream = true });
        var polling = scene.Server.Api.GetAsync(scene.Customer, $"/api/v1/tasks/{id}?wait=60");
        await using var agent = await McpClients.ConnectAsync(scene.Server.Api, scene.Customer.Key);
        var asking = agent.CallAsync("generate_and_wait", new { model = Image, prompt = "asked for in vain" });
        await Until.HoldsAsync(() => scene.OpenAi.Books.Accepted.Count == 4);

        await scene.Server.TerminateAsync();
        if (second)
        {
            await Until.SeesAsync(() => scene.Server.Api.SendAsync(HttpMethod.Get, "/health/ready", key: null), reply => reply.Status == 503);
            await scene.Server.TerminateAsync();
        }

        // Clients are told, not cut off: a request that they repeat by themselves would be paid for again.
        var answer = await waiting;
        Assert.Equal((404, "no_result"), (answer.Status, answer.Code));
        Assert.Contains("because the server is stopping", answer.Text, StringComparison.Ordinal);
        Assert.Contains("because the server is stopping", (await streaming).Expect(200).Text, StringComparison.Ordinal);
        Assert.Equal("processing", (await polling).Expect(200).Data.GetProperty("status").GetString());
        Assert.NotEqual(true, (await asking).IsError);
        Assert.Equal(0, await scene.Server.ExitCodeAsync(Until.Patience));
        await scene.Server.StartAgainAsync();

        var task = await scene.Server.Api.WaitAsync(scene.Customer, id);
        Assert.Equal("OUTCOME_UNKNOWN", task.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(4, scene.OpenAi.Books.Submits);
        await scene.Server.Api.AssertLedgerIsCleanAsync();
        scene.Answer();
    }

    [Fact]
    public async Task A_stop_while_the_database_is_away_waits_for_it()
    {
        await using var scene = await StopScene.StartAsync(Dialect);
        for (var i = 0; i < 10; i++)
        {
            await scene.GenerateAsync($"task {i}");
        }

        await Until.HoldsAsync(() => scene.OpenAi.Books.Accepted.Count == 10);
        await using (await Outage.BeginAsync(scene.Postgres, scene.Server.DataDirectory))
        {
            scene.Answer();
            await Until.HoldsAsync(() => scene.Server.Output.Split('\n').Count(line => line.Contains("the database did not take", StringComparison.Ordinal)) == 10, () => scene.Server.Output);
            await scene.Server.TerminateAsync();
            await Until.HoldsAsync(() => scene.Server.Output.Contains("Stopping.", StringComparison.Ordinal), () => scene.Server.Output);
        }

        Assert.Equal(0, await scene.Server.ExitCodeAsync(Until.Patience));
        await scene.Server.StartAgainAsync();
        await scene.AssertAllCompletedAsync(null, 10);
        Assert.Equal(10, scene.OpenAi.Books.Submits);
    }

    private static Task<Reply> PostAsync(StopScene scene, string path, object body) =>
        scene.Server.Api.SendAsync(HttpMethod.Post, path, scene.Customer.Key, JsonSerializer.Serialize(body));
}

public sealed class SqliteStopTests : StopConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresStopTests : StopConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
