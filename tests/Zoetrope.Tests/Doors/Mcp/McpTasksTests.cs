using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>The Tasks extension on the wire: no client of the registry speaks it yet, so the requests are written out.</summary>
public sealed class McpTasksTests(McpTasksTests.Server server) : IClassFixture<McpTasksTests.Server>
{
    private const string Extension = "io.modelcontextprotocol/tasks";
    private const string Image = "nano-banana-text-to-image";

    private static readonly TimeSpan Patience = Until.Patience;

    private ZoetropeApi Api => server.Zoetrope.Api;

    [Fact]
    public async Task The_extension_is_announced()
    {
        var customer = await Api.CreateCustomerAsync();

        var discovered = await RequestAsync(customer, "server/discover", new JsonObject(), name: null);

        Assert.True(discovered.GetProperty("result").GetProperty("capabilities").GetProperty("extensions").TryGetProperty(Extension, out _), discovered.ToString());
    }

    [Fact]
    public async Task A_call_becomes_a_task_that_ends_with_the_calls_result()
    {
        var customer = await Api.CreateCustomerAsync();

        var created = (await CallAsync(customer, "a red fox")).GetProperty("result");
        Assert.Equal(("task", "working"), (created.GetProperty("resultType").GetString(), created.GetProperty("status").GetString()));
        var id = created.GetProperty("taskId").GetString()!;

        // The task is the generation: every other door sees it.
        Assert.Equal(Image, (await Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.GetProperty("model").GetString());
        var ended = await EndAsync(customer, id);
        Assert.Equal("completed", ended.GetProperty("status").GetString());
        var result = ended.GetProperty("result");
        Assert.Equal("completed", result.GetProperty("structuredContent").GetProperty("status").GetString());
        Assert.Contains(result.GetProperty("content").EnumerateArray(), block => block.GetProperty("type").GetString() == "resource_link");
    }

    [Fact]
    public async Task A_failed_generation_is_a_finished_task_with_an_error_in_it()
    {
        var customer = await Api.CreateCustomerAsync();
        var id = (await CallAsync(customer, "[[moderated]]")).GetProperty("result").GetProperty("taskId").GetString()!;

        var ended = await EndAsync(customer, id);

        Assert.Equal("completed", ended.GetProperty("status").GetString());
        Assert.True(ended.GetProperty("result").GetProperty("isError").GetBoolean());
    }

    [Fact]
    public async Task A_task_can_be_cancelled_again_and_again_and_its_credits_return()
    {
        var customer = await Api.CreateCustomerAsync(credits: 500);
        var id = (await CallAsync(customer, "[[never-finishes]]")).GetProperty("result").GetProperty("taskId").GetString()!;

        Assert.Equal("working", (await TaskAsync(customer, "tasks/get", id)).GetProperty("result").GetProperty("status").GetString());
        Assert.True((await TaskAsync(customer, "tasks/update", id)).TryGetProperty("result", out _));
        Assert.True((await TaskAsync(customer, "tasks/cancel", id)).TryGetProperty("result", out _));
        Assert.Equal("cancelled", (await EndAsync(customer, id)).GetProperty("status").GetString());
        Assert.True((await TaskAsync(customer, "tasks/cancel", id)).TryGetProperty("result", out _));
        Assert.Equal(500, await Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task Another_accounts_task_and_an_unknown_one_are_the_same_error()
    {
        var owner = await Api.CreateCustomerAsync();
        var stranger = await Api.CreateCustomerAsync();
        var id = (await CallAsync(owner, "[[never-finishes]]")).GetProperty("result").GetProperty("taskId").GetString()!;
        const string Unknown = "task_00000000000000000000000000";

        foreach (var method in new[] { "tasks/get", "tasks/update", "tasks/cancel" })
        {
            var foreign = (await TaskAsync(stranger, method, id)).GetProperty("error");
            var unknown = (await TaskAsync(stranger, method, Unknown)).GetProperty("error");
            Assert.Equal(-32602, foreign.GetProperty("code").GetInt32());
            Assert.Equal(unknown.GetRawText().Replace(Unknown, id, StringComparison.Ordinal), foreign.GetRawText());
        }

        Assert.Equal("working", (await TaskAsync(owner, "tasks/get", id)).GetProperty("result").GetProperty("status").GetString());
        await TaskAsync(owner, "tasks/cancel", id);
    }

    [Fact]
    public async Task A_refused_call_makes_no_task_and_without_the_extension_the_call_waits()
    {
        var customer = await Api.CreateCustomerAsync();

        var refused = (await RequestAsync(customer, "tools/call", Call("generate_and_wait", new { model = "no-such", prompt = "a" }), "generate_and_wait")).GetProperty("result");
        var waited = (await RequestAsync(customer, "tools/call", Call("generate_and_wait", new { model = Image, prompt = "a" }), "generate_and_wait", isOptedIn: false)).GetProperty("result");
        var unwanted = (await RequestAsync(customer, "tasks/get", new JsonObject { ["taskId"] = "task_00000000000000000000000000" }, "task_00000000000000000000000000", isOptedIn: false)).GetProperty("error");

        Assert.True(refused.GetProperty("isError").GetBoolean());
        Assert.Equal("completed", waited.GetProperty("structuredContent").GetProperty("status").GetString());
        Assert.Equal(-32021, unwanted.GetProperty("code").GetInt32());

        // So that the client knows what to declare when it asks again.
        Assert.True(unwanted.GetProperty("data").GetProperty("requiredCapabilities").GetProperty("extensions").TryGetProperty("io.modelcontextprotocol/tasks", out _));
    }

    private static JsonObject Call(string tool, object arguments) => new() { ["name"] = tool, ["arguments"] = JsonSerializer.SerializeToNode(arguments) };

    private Task<JsonElement> CallAsync(Customer customer, string prompt) =>
        RequestAsync(customer, "tools/call", Call("generate_and_wait", new { model = Image, prompt }), "generate_and_wait");

    private Task<JsonElement> TaskAsync(Customer customer, string method, string id) => RequestAsync(customer, method, new JsonObject { ["taskId"] = id }, id);

    private async Task<JsonElement> EndAsync(Customer customer, string id)
    {
        // The server holds this open until the task has ended.
        await Api.WaitAsync(customer, id, Patience);
        return (await TaskAsync(customer, "tasks/get", id)).GetProperty("result");
    }

    private async Task<JsonElement> RequestAsync(Customer customer, string method, JsonObject parameters, string? name, bool isOptedIn = true)
    {
        parameters["_meta"] = new JsonObject
        {
            ["io.modelcontextprotocol/protocolVersion"] = "2026-07-28",
            ["io.modelcontextprotocol/clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
            ["io.modelcontextprotocol/clientCapabilities"] = isOptedIn ? new JsonObject { ["extensions"] = new JsonObject { [Extension] = new JsonObject() } } : new JsonObject(),
        };
        var body = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", method);
        if (name is not null)
        {
            request.Headers.Add("Mcp-Name", name);
        }

        var reply = await Api.SendAsync(request);
        var message = reply.Text.StartsWith('{') ? reply.Text : reply.Text.Split('\n').Last(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..];
        return JsonElement.Parse(message);
    }

    /// <summary>One server for all of these.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync();

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
