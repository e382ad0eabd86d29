using System.Text.Json;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>Webhooks from the command line, and events live.</summary>
public sealed class WebhookCommandTests(CliServer server) : IClassFixture<CliServer>, IDisposable
{
    private const string Model = "nano-banana-text-to-image";
    private const string Secret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
    private static readonly TimeSpan Patience = Until.Patience;
    private readonly CliShell _shell = server.Shell();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Endpoints_are_made_listed_and_deleted()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var made = (await _shell.RunAsync("webhooks", "create", receiver.Url(), "--event", "task.completed", "--json")).Expect(0).Json;
        var id = made.GetProperty("id").GetString()!;
        (await _shell.RunAsync("webhooks", "test", id)).Expect(0);
        var listed = (await _shell.RunAsync("webhooks", "list")).Expect(0);
        var delivered = await receiver.NextAsync();
        (await _shell.RunAsync("webhooks", "delete", id)).Expect(0);
        var empty = (await _shell.RunAsync("webhooks", "list", "--json")).Expect(0);

        Assert.True(delivered.IsSignedWith(made.GetProperty("secret").GetString()!));
        Assert.Contains(id, listed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", listed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(empty.Json.EnumerateArray(), hook => hook.GetProperty("id").GetString() == id);
    }

    [Fact]
    public async Task Listen_prints_events_and_forwards_them_signed()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var listening = _shell.Start("webhooks", "listen", "--json", "--after", "0", "--forward", receiver.Url(), "--secret", Secret);
        var task = (await server.Zoetrope.Api.GenerateAsync(server.Customer, new { model = Model, prompt = "A red fox" })).Expect(200).Data.GetProperty("id").GetString()!;
        var line = await listening.LineAsync(text => text.Contains("task.completed", StringComparison.Ordinal) && text.Contains(task, StringComparison.Ordinal), Patience);
        var forwarded = await Until.FoundAsync(
            () => receiver.All.FirstOrDefault(item => item.Type == "task.completed" && item.Json.GetProperty("data").GetProperty("id").GetString() == task), () => receiver.Received);
        await GenerateTests.InterruptAsync(listening);

        Assert.Equal(task, JsonElement.Parse(line).GetProperty("data").GetProperty("id").GetString());
        Assert.Equal(task, forwarded.Json.GetProperty("data").GetProperty("id").GetString());
        Assert.True(forwarded.IsSignedWith(Secret));
        Assert.Equal(130, await listening.ExitCodeAsync(Patience));
    }

    [Fact]
    public async Task Listen_shows_people_a_line_for_each_event()
    {
        await using var listening = _shell.Start("webhooks", "listen", "--after", "0", "--event", "task.created");
        await server.Zoetrope.Api.GenerateAsync(server.Customer, new { model = Model, prompt = "A seen fox" });

        var line = await listening.LineAsync(text => text.Contains("A seen fox", StringComparison.Ordinal), Patience);

        Assert.Matches(@"^\d\d:\d\d:\d\d  task.created      task_\w+  nano-banana-text-to-image  A seen fox$", line);
        Assert.DoesNotContain("task.processing", listening.Output, StringComparison.Ordinal);
    }
}
