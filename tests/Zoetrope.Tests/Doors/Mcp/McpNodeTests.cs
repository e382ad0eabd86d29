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

    // The schemas are those of the extension's own package; its client needs a host around it, so the requests are written out.
    private const string TasksScript =
        """
        import { isCreateTaskResultV2, isDetailedTaskV2, hasTaskServerCapabilityV2, CancelTaskResultV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2';

        const [,, url, key] = process.argv;
        async function send(method, params, name) {
          params._meta = {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientInfo': { name: 'node', version: '1.0.0' },
            'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
          };
          const headers = {
            Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
            'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, ...(name ? { 'Mcp-Name': name } : {}),
          };
          const answer = await (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })).text();
          return JSON.parse(answer.startsWith('{') ? answer : answer.split('\n').filter(line => line.startsWith('data: ')).at(-1).slice(6)).result;
        }

        const start = async prompt => await send('tools/call', { name: 'generate_and_wait', arguments: { model: 'nano-banana-text-to-image', prompt } }, 'generate_and_wait');
        const told = { announced: hasTaskServerCapabilityV2((await send('server/discover', {})).capabilities) };
        const created = await start('a red fox');
        told.created = isCreateTaskResultV2(created);
        let task = created;
        told.states = [];
        while (task.status === 'working') {
          task = await send('tasks/get', { taskId: created.taskId }, created.taskId);
          told.states.push(isDetailedTaskV2(task));
          await new Promise(resolve => setTimeout(resolve, 100));
        }

        told.end = task.status;
        const endless = await start('[[never-finishes]]');
        told.cancel = CancelTaskResultV2Schema.safeParse(await send('tasks/cancel', { taskId: endless.taskId }, endless.taskId)).success;
        let cancelled = endless;
        while (cancelled.status === 'working') {
          cancelled = await send('tasks/get', { taskId: endless.taskId }, endless.taskId);
          await new Promise(resolve => setTimeout(resolve, 100));
        }

        told.cancelled = [cancelled.status, isDetailedTaskV2(cancelled)];
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
    public async Task Tasks_have_the_shapes_of_the_extensions_own_package()
    {
        var customer = await Api.CreateCustomerAsync();

        var run = await NodePackages.RunScriptAsync(TasksScript, [Url, customer.Key]);

        Assert.True(run.ExitCode == 0, run.Output);
        var told = JsonElement.Parse(run.StandardOutput);
        Assert.All(new[] { "announced", "created", "cancel" }, name => Assert.True(told.GetProperty(name).GetBoolean(), run.Output));
        Assert.All(told.GetProperty("states").EnumerateArray(), state => Assert.True(state.GetBoolean(), run.Output));
        Assert.Equal("completed", told.GetProperty("end").GetString());
        Assert.Equal("""["cancelled",true]""", told.GetProperty("cancelled").GetRawText());
    }

    [Fact]
    public async Task The_inspectors_command_line_works()
    {
        var customer = await Api.CreateCustomerAsync();

        var list = await InspectAsync(customer, "--method", "tools/list", "--strict");
        var call = await InspectAsync(customer, "--method", "tools/call", "--tool-name", "generate_and_wait", "--tool-arg", $"model={Image}", "prompt=a red fox");
        var refused = await InspectAsync(customer, "--method", "tools/call", "--tool-name", "vicsee_get_task", "--tool-arg", "task_id=task_1");

        Assert.True(list.ExitCode == 0, list.Output);
        Assert.DoesNotContain("Warning", list.Output, StringComparison.Ordinal);
        Assert.Equal(10, JsonElement.Parse(list.StandardOutput).GetProperty("tools").GetArrayLength());
        Assert.True(call.ExitCode == 0, call.Output);
        Assert.Equal("completed", JsonElement.Parse(call.StandardOutput).GetProperty("structuredContent").GetProperty("status").GetString());
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("VicSee API error [TASK_NOT_FOUND]: Task not found", refused.Output, StringComparison.Ordinal);
    }

    private Task<NodeRun> InspectAsync(Customer customer, params string[] arguments) => NodePackages.RunFileAsync(
        "@modelcontextprotocol/inspector/clients/launcher/build/index.js", ["--cli", Url, "--transport", "http", "--header", $"Authorization: Bearer {customer.Key}", .. arguments]);

    /// <summary>One server for all of these.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync();

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
