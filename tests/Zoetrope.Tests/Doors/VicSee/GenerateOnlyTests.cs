using System.Text.Json;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.VicSee;

/// <summary>A key that may only generate ends what it likes, and learns nothing of it but the id and the status.</summary>
public sealed class GenerateOnlyTests
{
    private const string Secret = "A secret fox of the owner";

    [Fact]
    public async Task Without_the_scope_read_a_cancel_answers_id_and_status_at_every_door()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var api = zoetrope.Api;
        var owner = await api.CreateCustomerAsync();
        var limited = owner with { Key = await api.CreateKeyAsync(owner.AccountId, limits: new { scopes = new[] { "generate" } }) };
        async Task<string> StartAsync(string prompt = $"{Secret} [[never-finishes]]") =>
            (await api.GenerateAsync(owner, new { model = "nano-banana-text-to-image", prompt })).Expect(200).Data.GetProperty("id").GetString()!;
        async Task<string> BatchAsync(string prompt) => (await api.SendAsync(
            HttpMethod.Post, "/api/v1/batches", owner.Key, JsonSerializer.Serialize(new { requests = new[] { new { model = "nano-banana-text-to-image", prompt } } }))).Expect(200).Data.GetProperty("id").GetString()!;

        var task = await StartAsync();
        Assert.Equal(403, (await api.GetAsync(limited, $"/api/v1/tasks/{task}")).Status);
        for (var i = 0; i < 2; i++)
        {
            // Of a task that runs, and of one that has been cancelled.
            var cancelled = (await api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{task}", limited.Key)).Expect(200);
            Assert.Equal((task, "failed"), Only(cancelled.Data));
        }

        var open = await BatchAsync($"{Secret} [[never-finishes]]");
        var ended = await BatchAsync($"{Secret} [[refused]]");
        await Until.SeesAsync(async () => (await api.GetAsync(owner, $"/api/v1/batches/{ended}")).Expect(200).Data, batch => batch.GetProperty("status").GetString() == "completed");
        foreach (var batch in new[] { open, ended, open })
        {
            var cancelled = (await api.SendAsync(HttpMethod.Post, $"/api/v1/batches/{batch}/cancel", limited.Key)).Expect(200);
            Assert.Equal(batch, Only(cancelled.Data).Id);
        }

        var other = await StartAsync();
        await using var client = await McpClients.ConnectAsync(api, limited.Key);
        var result = await client.CallAsync("cancel_task", new { task_id = other });
        Assert.Equal((other, "failed"), Only(result.Data()));
        Assert.DoesNotContain(Secret, result.Text(), StringComparison.Ordinal);

        // Whoever may read is told everything, as before.
        var third = await StartAsync();
        var whole = (await api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{third}", owner.Key)).Expect(200);
        Assert.Contains(Secret, whole.Text, StringComparison.Ordinal);
    }

    // What the provider has not decided yet is said too; nothing else is.
    private static (string Id, string Status) Only(JsonElement data)
    {
        Assert.Empty(data.EnumerateObject().Select(property => property.Name).Except(["id", "status", "cancel"]));
        return (data.GetProperty("id").GetString()!, data.GetProperty("status").GetString()!);
    }
}
