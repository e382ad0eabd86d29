using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>The door as HTTP: keys, origins, sizes, and requests that no client of good will sends.</summary>
public sealed class McpProtocolTests : IAsyncLifetime
{
    private const string List = """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}""";

    private TestZoetrope _zoetrope = null!;

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync() => _zoetrope = await TestZoetrope.StartAsync(new TestServer
    {
        Settings = new Dictionary<string, string?> { ["Mcp:AllowedOrigins"] = "https://agents.example, https://other.example:8443", ["Server:MaxBodyBytes"] = "200000" },
    });

    public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

    [Theory]
    [InlineData("/mcp", "/.well-known/oauth-protected-resource/mcp")]
    [InlineData("/", "/.well-known/oauth-protected-resource")]
    public async Task Without_a_valid_key_the_answer_says_where_to_sign_in(string path, string metadata)
    {
        foreach (var (key, code) in new[] { (null, "MISSING_AUTH_HEADER"), ("nonsense", "INVALID_KEY_FORMAT"), ("sk-test-" + new string('a', 40), "INVALID_API_KEY") })
        {
            var reply = await PostAsync(key, List, path);

            Assert.Equal((401, code), (reply.Status, reply.Code));
            Assert.StartsWith($"Bearer resource_metadata=\"{Api.Address.AbsoluteUri.TrimEnd('/')}{metadata}\"", reply.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        var free = await Api.CreateCustomerAsync(plan: "free");
        Assert.Equal("FORBIDDEN", (await PostAsync(free.Key, List, path)).Code);
    }

    [Fact]
    public async Task Each_request_carries_its_own_key_and_a_revoked_one_is_refused_at_once()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);
        await client.CallAsync("vicsee_get_credits", new { });
        var keys = (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data.GetProperty("keys");
        (await Api.OperateAsync(HttpMethod.Delete, $"/admin/v1/accounts/{customer.AccountId}/keys/{keys[0].GetProperty("id").GetString()}")).Expect(200);

        await Assert.ThrowsAnyAsync<Exception>(async () => await client.CallAsync("vicsee_get_credits", new { }));
    }

    [Theory]
    [InlineData("http://evil.example.com", 403)]
    [InlineData("https://evil.example.com", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost.evil.example", 403)]
    [InlineData("https://agents.example:444", 403)]
    [InlineData("file:///tmp/page.html", 403)]
    [InlineData("https://agents.example", 200)]
    [InlineData("https://other.example:8443", 200)]
    [InlineData("http://localhost:6274", 200)]
    [InlineData("http://[::1]:6274", 200)]
    [InlineData("http://127.0.0.1", 200)]
    public async Task Only_known_pages_may_call(string origin, int status)
    {
        var customer = await Api.CreateCustomerAsync();

        var reply = await PostAsync(customer.Key, List, origin: origin);

        Assert.Equal((status, status == 403 ? "FORBIDDEN" : null), (reply.Status, reply.Status == 403 ? reply.Code : null));
    }

    [Fact]
    public async Task Bodies_of_ill_will_are_refused_and_the_door_goes_on()
    {
        var customer = await Api.CreateCustomerAsync();
        foreach (var body in new[]
        {
            "", "{", "[]", "[1,2]", "null", "\"text\"", "{\"jsonrpc\":\"2.0\"}", "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"tools/list\"}",
            new string('[', 5_000), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no/such\"}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"no_such_tool\"}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"vicsee_get_task\",\"arguments\":[]}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tasks/get\",\"params\":{\"taskId\":5}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{\"uri\":\"file:///etc/passwd\"}}",
        })
        {
            var reply = await PostAsync(customer.Key, body);
            Assert.True(reply.Status < 500 && (!reply.Text.Contains("\"result\":", StringComparison.Ordinal) || reply.Text.Contains("\"isError\":true", StringComparison.Ordinal)), $"{reply.Status} {reply.Text} for {body[..Math.Min(80, body.Length)]}");
        }

        Assert.Equal((413, "BODY_TOO_LARGE"), await TooLargeAsync(customer));
        foreach (var arguments in new[] { "{\"task_id\":\"\\ud800\"}", "{\"task_id\":\"a\",\"x\":{\"b\":1,\"b\":2}}" })
        {
            var reply = await PostAsync(customer.Key, $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vicsee_get_task","arguments":{{{arguments}}}}}""");
            Assert.True(reply.Status < 500 && (reply.Text.Contains("VicSee API error [INVALID_JSON]", StringComparison.Ordinal) || reply.Text.Contains("\"error\":", StringComparison.Ordinal)), $"{reply.Status} {reply.Text}");
        }

        Assert.Contains("vicsee_generate", (await PostAsync(customer.Key, List)).Expect(200).Text, StringComparison.Ordinal);
        Assert.Equal(405, (await Api.GetAsync(customer, "/mcp")).Status);
        Assert.Equal(406, (await PostAsync(customer.Key, List, accept: "text/html")).Status);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("tools/call")]
    [InlineData("tools/list", false)]
    [InlineData("resources/read")]
    [InlineData("resources/list", false)]
    [InlineData("resources/templates/list", false)]
    [InlineData("tasks/get")]
    [InlineData("tasks/cancel")]
    [InlineData("ping", false)]
    public async Task A_request_without_params_is_the_mistake_of_its_client(string method, bool needed = true)
    {
        var customer = await Api.CreateCustomerAsync();
        foreach (var parameters in new[] { "", ",\"params\":null", ",\"params\":{}" })
        {
            var reply = await PostAsync(customer.Key, $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"{{parameters}}}""");

            Assert.DoesNotContain("-32603", reply.Text, StringComparison.Ordinal);
            Assert.Contains(needed ? "\"error\":{\"code\":-" : "\"result\":{", reply.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vicsee_list_models","arguments":[null],"arguments":{}}}""", "-32602", "arguments is given twice")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a","uri":"b"}}""", "-32602", "uri is given twice")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{},"params":{}}""", "-32600", "params is given twice")]
    public async Task A_member_that_is_given_twice_is_the_clients_mistake(string body, string code, string words)
    {
        var reply = await PostAsync((await Api.CreateCustomerAsync()).Key, body);

        Assert.Contains($"\"code\":{code},", reply.Text, StringComparison.Ordinal);
        Assert.Contains(words, reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_hangs_up_leaves_its_task_running()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var told = new TaskCompletionSource<string>();
        var calling = client.CallToolAsync(
            "generate_and_wait",
            McpClients.Arguments(new { model = "nano-banana-text-to-image", prompt = "[[never-finishes]]" }),
            new FirstWord(told),
            cancellationToken: hangUp.Token).AsTask();
        var id = (await told.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).Split(' ')[0];
        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        Assert.Contains((await Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.GetProperty("status").GetString(), new[] { "pending", "processing" });
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", customer.Key)).Expect(200);
    }

    [Fact]
    public async Task Descriptions_follow_the_catalogue()
    {
        var customer = await Api.CreateCustomerAsync();
        var holder = _zoetrope.Services.GetRequiredService<CatalogHolder>();
        var before = holder.Current;
        Assert.Contains("sora-2-pro-(", (await PostAsync(customer.Key, List)).Text, StringComparison.Ordinal);

        holder.Replace(new ModelCatalog([.. before.Models.Where(model => !model.Id.StartsWith("sora-2-pro", StringComparison.Ordinal))]));

        Assert.DoesNotContain("sora-2-pro-(", (await PostAsync(customer.Key, List)).Text, StringComparison.Ordinal);
    }

    // The size is only announced: the answer must not wait for what it refuses.
    private async Task<(int, string?)> TooLargeAsync(Customer customer)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Api.Address.Host, Api.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        var head = $"POST /mcp HTTP/1.1\r\nHost: {Api.Address.Authority}\r\nAuthorization: Bearer {customer.Key}\r\nContent-Type: application/json\r\n"
            + "Accept: application/json, text/event-stream\r\nContent-Length: 80000000\r\nConnection: close\r\n\r\n{";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var text = await Until.LineAsync(reader, line => line.Contains("BODY_TOO_LARGE", StringComparison.Ordinal));
        return (int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture), "BODY_TOO_LARGE");
    }

    private async Task<Reply> PostAsync(string? key, string body, string path = "/mcp", string? origin = null, string accept = "application/json, text/event-stream")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd(accept);
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        return await Api.SendAsync(request);
    }

    private sealed class FirstWord(TaskCompletionSource<string> told) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => told.TrySetResult(value.Message!);
    }
}
