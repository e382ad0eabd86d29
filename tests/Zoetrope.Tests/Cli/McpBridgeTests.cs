using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary><c>zoetrope mcp</c> as a host starts it: the official C# client and the inspector, both unmodified, over stdin and stdout.</summary>
public sealed class McpBridgeTests(CliServer server) : IClassFixture<CliServer>
{
    private const string Model = "nano-banana-text-to-image";

    [Fact]
    public async Task The_servers_tools_and_the_local_one_are_listed()
    {
        await using var client = await ConnectAsync();
        await using var direct = await McpClients.ConnectAsync(server.Zoetrope.Api, server.Customer.Key);

        var tools = await client.ListToolsAsync();

        Assert.Equal((await direct.ListToolsAsync()).Select(tool => tool.Name).Append("vicsee_upload"), tools.Select(tool => tool.Name));
    }

    [Fact]
    public async Task A_call_reports_progress_and_answers()
    {
        await using var client = await ConnectAsync();
        var reports = new List<ProgressNotificationValue>();
        var told = new TaskCompletionSource();
        var progress = new Told(report =>
        {
            lock (reports)
            {
                reports.Add(report);
            }

            told.TrySetResult();
        });

        var answer = await client.CallToolAsync("generate_and_wait", McpClients.Arguments(new { model = Model, prompt = "A red fox [[slow:2s]]" }), progress);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal("completed", answer.Data().GetProperty("status").GetString());
        Assert.NotEmpty(reports);
    }

    [Fact]
    public async Task A_refusal_passes_through()
    {
        await using var client = await ConnectAsync();

        Assert.Equal("TASK_NOT_FOUND", (await client.CallAsync("vicsee_get_task", new { task_id = "task_1" })).Code());
    }

    [Fact]
    public async Task A_local_file_is_uploaded_by_its_tool_and_by_the_others()
    {
        await using var client = await ConnectAsync();

        var uploaded = (await client.CallAsync("vicsee_upload", new { file_path = TestMedia.Png })).Data();
        var edited = (await client.CallAsync("generate_and_wait", new { model = "nano-banana-image-to-image", prompt = "At night", image_urls = new[] { TestMedia.Png } })).Data();
        var upscaled = await client.CallAsync("vicsee_upscale_image", new { image_url = TestMedia.Png });

        Assert.True(Uri.TryCreate(uploaded.GetProperty("url").GetString(), UriKind.Absolute, out _));
        Assert.True(DateTimeOffset.TryParse(uploaded.GetProperty("expires_at").GetString(), out _));
        Assert.Equal("completed", edited.GetProperty("status").GetString());
        Assert.False(upscaled.IsError is true, upscaled.Text());
    }

    [Fact]
    public async Task What_is_no_medium_does_not_leave_the_machine()
    {
        using var directory = new TemporaryDirectory();
        var secret = directory.File("id_ed25519.png");
        await File.WriteAllTextAsync(secret, "-----BEGIN OPENSSH PRIVATE KEY-----");
        await using var client = await ConnectAsync();

        Assert.Equal("FILE", (await client.CallAsync("vicsee_upload", new { file_path = secret })).Code());
        Assert.Equal("FILE", (await client.CallAsync("vicsee_upscale_image", new { image_url = secret })).Code());
        Assert.Equal("FILE", (await client.CallAsync("vicsee_upscale_image", new { image_url = directory.File("absent.png") })).Code());
    }

    [Fact]
    public async Task A_cancelled_call_ends_and_the_next_one_works()
    {
        await using var client = await ConnectAsync();
        using var cancel = new CancellationTokenSource();
        var progress = new Told(_ => cancel.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await client.CallToolAsync("generate_and_wait", McpClients.Arguments(new { model = Model, prompt = "A fox [[never-finishes]]" }), progress, cancellationToken: cancel.Token));

        Assert.True((await client.CallAsync("vicsee_get_credits", new { })).Data().GetProperty("credits").GetInt64() > 0);
    }

    [Fact]
    public async Task Without_a_key_it_says_so_on_stderr_and_nothing_on_stdout()
    {
        using var shell = server.Shell(loggedIn: false);
        var run = (await shell.ScriptAsync("zoetrope mcp < /dev/null")).Expect(1);

        Assert.Equal("", run.Out);
        Assert.Contains("ZOETROPE_API_KEY", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_and_a_server_that_is_down_are_answers_not_silence()
    {
        var wrong = await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(key: "sk-test-wrong"));
        var down = await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(address: "http://127.0.0.1:1"));

        Assert.Contains("refuses the key", wrong.ToString(), StringComparison.Ordinal);
        Assert.Contains("does not answer", down.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2025-11-25")]
    public async Task A_question_to_the_user_passes_through(string? revision)
    {
        var key = await server.Zoetrope.Api.CreateKeyAsync(server.Customer.AccountId, limits: new { askAbove = 0 });
        var asked = 0;
        await using var client = await ConnectAsync(key, options: new McpClientOptions
        {
            ProtocolVersion = revision,
            Capabilities = new ClientCapabilities { Elicitation = new ElicitationCapability() },
            Handlers = new McpClientHandlers
            {
                ElicitationHandler = (_, _) =>
                {
                    asked++;
                    return ValueTask.FromResult(new ElicitResult { Action = "accept" });
                },
            },
        });

        var made = await client.CallAsync("vicsee_generate", new { model = Model, prompt = "A red fox" });

        Assert.False(made.IsError is true, made.Text());
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task The_inspector_drives_it()
    {
        string[] start = ["--cli", "dotnet", CliShell.Tool, "mcp", "-e", $"ZOETROPE_API_KEY={server.Customer.Key}", "-e", $"ZOETROPE_BASE_URL={server.Zoetrope.Api.Address}"];
        const string inspector = "@modelcontextprotocol/inspector/clients/launcher/build/index.js";
        var list = await NodePackages.RunFileAsync(inspector, [.. start, "--method", "tools/list"]);
        var call = await NodePackages.RunFileAsync(inspector, [.. start, "--method", "tools/call", "--tool-name", "vicsee_upload", "--tool-arg", $"file_path={TestMedia.Png}"]);

        Assert.True(list.ExitCode == 0, list.Output);
        Assert.Contains("vicsee_upload", JsonElement.Parse(list.StandardOutput).GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()));
        Assert.True(call.ExitCode == 0, call.Output);
        Assert.StartsWith("http", JsonElement.Parse(call.StandardOutput).GetProperty("structuredContent").GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    private Task<McpClient> ConnectAsync(string? key = null, string? address = null, McpClientOptions? options = null) => McpClient.CreateAsync(new StdioClientTransport(new StdioClientTransportOptions
    {
        Name = "zoetrope",
        Command = "dotnet",
        Arguments = [CliShell.Tool, "mcp"],
        EnvironmentVariables = new Dictionary<string, string?> { ["ZOETROPE_API_KEY"] = key ?? server.Customer.Key, ["ZOETROPE_BASE_URL"] = address ?? server.Zoetrope.Api.Address.AbsoluteUri },
    }), options);

    private sealed class Told(Action<ProgressNotificationValue> tell) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => tell(value);
    }
}
