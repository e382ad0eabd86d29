using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>The official Node client and the inspector's command line, unmodified.</summary>
public sealed class McpNodeTests(McpNodeTests.Server server) : IClassFixture<McpNodeTests.Server>
{
    private const string Image = "nano-banana-text-to-image";

    // The client holds every structured answer against the tool's output schema by itself, and throws where it does not fit.
    private const string Script =
        """
        import { Client } from '@modelcontextprotocol/sdk/client/index.js';
        import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

        const [,, url, key] = process.argv;
        const client = new Client({ name: 'node', version: '1.0.0' });
        await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${key}` } } }));
        const told = { server: client.getServerVersion().name, tools: (await client.listTools()).tools.map(tool => tool.name).sort() };

        const progress = [];
        const made = await client.callTool(
          { name: 'generate_and_wait', arguments: { model: 'nano-banana-text-to-image', prompt: 'a red fox [[slow:2s]]' } },
          undefined, { onprogress: step => progress.push(step.progress), resetTimeoutOnProgress: true });
        told.status = made.structuredContent.status;
        told.kinds = made.content.map(block => block.type);
        told.progress = progress.length > 0 && progress.every((value, place) => place === 0 || value > progress[place - 1]);

        const id = made.structuredContent.id;
        told.read = (await client.callTool({ name: 'vicsee_get_task', arguments: { task_id: id } })).structuredContent.id === id;
        told.listed = (await client.callTool({ name: 'list_tasks', arguments: {} })).structuredContent.tasks.length;
        told.models = (await client.callTool({ name: 'vicsee_list_models', arguments: { type: 'image' } })).structuredContent.models.length > 5;
        told.credits = typeof (await client.callTool({ name: 'vicsee_get_credits', arguments: {} })).structuredContent.credits;
        told.price = (await client.callTool({ name: 'estimate', arguments: { model: 'nano-banana-text-to-image', prompt: 'a' } })).structuredContent.credits > 0;
        told.resource = JSON.parse((await client.readResource({ uri: `task://${id}` })).contents[0].text).id === id;
        told.templates = (await client.listResourceTemplates()).resourceTemplates.map(template => template.uriTemplate);

        const refused = await client.callTool({ name: 'vicsee_generate', arguments: { model: 'nano-banana-image-to-image', prompt: 'a', image_urls: ['./cat.png'] } });
        told.refused = [refused.isError, refused.content[0].text.split(':')[0]];
        await client.close();
        console.log(JSON.stringify(told));
        """;

    private ZoetropeApi Api => server.Zoetrope.Api;

    private string Url => new Uri(Api.Address, "/mcp").AbsoluteUri;

    [Theory]
    [InlineData("/mcp")]
    [InlineData("/")]
    public async Task The_official_node_client_works(string path)
    {
        var customer = await Api.CreateCustomerAsync();

        var run = await NodePackages.RunScriptAsync(Script, [new Uri(Api.Address, path).AbsoluteUri, customer.Key]);

        Assert.True(run.ExitCode == 0, run.Output);
        var told = JsonElement.Parse(run.StandardOutput);
        Assert.Equal("zoetrope", told.GetProperty("server").GetString());
        Assert.Equal(10, told.GetProperty("tools").GetArrayLength());
        Assert.Equal("completed", told.GetProperty("status").GetString());
        Assert.Equal("""["text","resource_link","image"]""", told.GetProperty("kinds").GetRawText());
        Assert.All(new[] { "progress", "read", "models", "price", "resource" }, name => Assert.True(told.GetProperty(name).GetBoolean(), name));
        Assert.Equal((1, "number"), (told.GetProperty("listed").GetInt32(), told.GetProperty("credits").GetString()));
        Assert.Equal("""["task://{id}"]""", told.GetProperty("templates").GetRawText());
        Assert.Equal("""[true,"VicSee API error [LOCAL_FILE_UNSUPPORTED]"]""", told.GetProperty("refused").GetRawText());
    }

    [Fact]
    public async Task The_inspectors_command_line_works()
    {
        var customer = await Api.CreateCustomerAsync();

        var list = await InspectAsync(customer, "--method", "tools/list");
        var call = await InspectAsync(customer, "--method", "tools/call", "--tool-name", "generate_and_wait", "--tool-arg", $"model={Image}", "prompt=a red fox");
        var refused = await InspectAsync(customer, "--method", "tools/call", "--tool-name", "vicsee_get_task", "--tool-arg", "task_id=task_1");

        Assert.True(list.ExitCode == 0, list.Output);
        Assert.Equal(10, JsonElement.Parse(list.StandardOutput).GetProperty("tools").GetArrayLength());
        Assert.True(call.ExitCode == 0, call.Output);
        Assert.Equal("completed", JsonElement.Parse(call.StandardOutput).GetProperty("structuredContent").GetProperty("status").GetString());
        Assert.Contains("VicSee API error [TASK_NOT_FOUND]: Task not found", refused.Output, StringComparison.Ordinal);
    }

    private Task<NodeRun> InspectAsync(Customer customer, params string[] arguments) => NodePackages.RunFileAsync(
        "@modelcontextprotocol/inspector/cli/build/cli.js", ["--cli", Url, "--transport", "http", "--header", $"Authorization: Bearer {customer.Key}", .. arguments]);

    /// <summary>One server for all of these.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync();

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
