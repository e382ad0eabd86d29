using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>
/// What a client of 2025 is asked while its call is open, message by message, on two nodes of one database: the call is at one of
/// them and the answer comes to the other.
/// </summary>
public sealed class McpQuestionTests(McpQuestionTests.Nodes nodes) : IClassFixture<McpQuestionTests.Nodes>
{
    private const string Call =
        """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"vicsee_generate","arguments":{"model":"nano-banana-text-to-image","prompt":"A red fox"}}}""";

    private ZoetropeApi Api => nodes.First.Api;

    [Theory]
    [InlineData("""{"elicitation":{}}""", "2025-06-18", true)]
    [InlineData("""{"elicitation":{}}""", "2025-11-25", true)]
    [InlineData("""{"elicitation":{"form":{},"url":{}}}""", "2025-11-25", true)]
    [InlineData("""{"elicitation":{"url":{}}}""", "2025-11-25", false)]
    [InlineData("""{"sampling":{}}""", "2025-11-25", false)]
    [InlineData("""{"elicitation":{}}""", "2025-03-26", false)]
    public async Task A_client_that_can_ask_is_given_an_id_that_says_so_and_no_other_is(string capabilities, string revision, bool asks)
    {
        var customer = await Api.CreateCustomerAsync();
        using var client = new Client(Api.Address, customer.Key);

        using var answer = await client.ConnectAsync(capabilities, revision);

        Assert.Equal(asks, answer.Headers.Contains("Mcp-Session-Id"));
    }

    [Theory]
    [InlineData("""{"action":"accept","content":{}}""", null)]
    [InlineData("""{"action":"decline"}""", "does not want to spend")]
    [InlineData("""{"action":"cancel"}""", "did not answer")]
    [InlineData("""{"action":7}""", "did not answer")]
    [InlineData(null, "did not answer")]
    public async Task The_answer_may_come_to_any_node(string? said, string? refusal)
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000, keyLimits: new { askAbove = 0 });
        using var first = new Client(Api.Address, customer.Key);
        (await first.ConnectAsync("""{"elicitation":{}}""")).Dispose();
        using var second = new Client(nodes.Second.Api.Address, customer.Key) { Session = first.Session };

        using var call = await first.OpenAsync(Call);
        var question = await call.NextAsync();

        Assert.Equal("elicitation/create", question.GetProperty("method").GetString());
        Assert.Equal("object", question.GetProperty("params").GetProperty("requestedSchema").GetProperty("type").GetString());
        Assert.Contains("credits", question.GetProperty("params").GetProperty("message").GetString(), StringComparison.Ordinal);
        var result = said is null ? "\"error\":{\"code\":-32601,\"message\":\"Method not found\"}" : $"\"result\":{said}";
        Assert.Equal(HttpStatusCode.Accepted, await second.SendAsync($$"""{"jsonrpc":"2.0","id":{{question.GetProperty("id").GetRawText()}}, {{result}} }"""));
        var text = (await call.NextAsync()).GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString()!;

        if (refusal is null)
        {
            Assert.StartsWith("{", text, StringComparison.Ordinal);
            return;
        }

        Assert.StartsWith("VicSee API error [CONFIRMATION_REQUIRED]", text, StringComparison.Ordinal);
        Assert.Contains(refusal, text, StringComparison.Ordinal);
        Assert.Equal(1_000, await Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task Nobody_else_answers_and_nobody_twice_and_nothing_is_left()
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000, keyLimits: new { askAbove = 0 });
        var stranger = await Api.CreateCustomerAsync();
        var sibling = await Api.CreateKeyAsync(customer.AccountId);
        using var client = new Client(Api.Address, customer.Key);
        (await client.ConnectAsync("""{"elicitation":{}}""")).Dispose();
        using var call = await client.OpenAsync(Call);
        var id = (await call.NextAsync()).GetProperty("id").GetString();
        string Says(string action) => $$"""{"jsonrpc":"2.0","id":"{{id}}","result":{"action":"{{action}}"} }""";

        foreach (var key in new[] { stranger.Key, sibling })
        {
            using var other = new Client(Api.Address, key);
            Assert.Equal(HttpStatusCode.Accepted, await other.SendAsync(Says("accept")));
        }

        Assert.Null(await nodes.AnswerAsync(id!));
        Assert.Equal(HttpStatusCode.Accepted, await client.SendAsync(Says("decline")));
        Assert.Equal(HttpStatusCode.Accepted, await client.SendAsync(Says("accept")));
        var result = (await call.NextAsync()).GetProperty("result");

        Assert.True(result.GetProperty("isError").GetBoolean());
        Assert.Equal(1_000, await Api.CreditsAsync(customer));
        Assert.False(await nodes.IsAskedAsync(id!));
    }

    [Fact]
    public async Task A_question_that_nobody_answers_ends_and_one_whose_client_has_gone_is_forgotten()
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000, keyLimits: new { askAbove = 0 });
        using var client = new Client(Api.Address, customer.Key);
        (await client.ConnectAsync("""{"elicitation":{}}""")).Dispose();
        string? gone;
        using (var left = await client.OpenAsync(Call))
        {
            gone = (await left.NextAsync()).GetProperty("id").GetString();
        }

        await Until.HoldsAsync(async () => !await nodes.IsAskedAsync(gone!));
        using var call = await client.OpenAsync(Call);
        await call.NextAsync();
        nodes.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(": waiting for the user", await call.CommentAsync());
        nodes.Time.Advance(TimeSpan.FromSeconds(300));
        var text = (await call.NextAsync()).GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString();

        Assert.Contains("did not answer", text, StringComparison.Ordinal);
        Assert.Equal(1_000, await Api.CreditsAsync(customer));
    }

    [Theory]
    [InlineData("7", true)]
    [InlineData("\"7\"", true)]
    [InlineData("8", false)]
    public async Task A_client_that_gives_up_the_call_takes_its_question_back(string requestId, bool isTaken)
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000, keyLimits: new { askAbove = 0 });
        using var client = new Client(Api.Address, customer.Key);
        (await client.ConnectAsync("""{"elicitation":{}}""")).Dispose();
        using var call = await client.OpenAsync(Call);
        var id = (await call.NextAsync()).GetProperty("id").GetString();

        Assert.Equal(HttpStatusCode.Accepted, await client.SendAsync($$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId": {{requestId}} } }"""));
        Assert.Equal(HttpStatusCode.Accepted, await client.SendAsync($$"""{"jsonrpc":"2.0","id":"{{id}}","result":{"action":"accept"} }"""));

        Assert.Equal(isTaken, (await call.NextAsync()).GetProperty("result").TryGetProperty("isError", out var failed) && failed.GetBoolean());
        Assert.Equal(isTaken, await Api.CreditsAsync(customer) == 1_000);
    }

    [Fact]
    public async Task So_many_questions_are_open_at_a_time_and_no_more()
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000, keyLimits: new { askAbove = 0 });
        using var client = new Client(Api.Address, customer.Key);
        (await client.ConnectAsync("""{"elicitation":{}}""")).Dispose();
        var calls = new List<OpenCall>();
        for (var i = 0; i < 20; i++)
        {
            calls.Add(await client.OpenAsync(Call));
            await calls[i].NextAsync();
        }

        using var more = await client.OpenAsync(Call);
        var text = (await more.NextAsync()).GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString();

        Assert.StartsWith("VicSee API error [RATE_LIMITED]: 20 questions", text, StringComparison.Ordinal);
        calls.ForEach(call => call.Dispose());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("asks")]
    [InlineData("0193e6f2a1b74c0e8d0a")]
    public async Task A_client_that_did_not_say_so_is_told_what_its_user_can_do(string? session)
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { askAbove = 0 });
        using var client = new Client(Api.Address, customer.Key) { Session = session };

        using var call = await client.OpenAsync(Call);
        var text = (await call.NextAsync()).GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString();

        Assert.Contains("did not say that it can ask its user", text, StringComparison.Ordinal);
        Assert.Contains("Where the client's configuration has headers", text, StringComparison.Ordinal);
    }

    /// <summary>A client that says of itself what the test wants.</summary>
    private sealed class Client : IDisposable
    {
        private readonly HttpClient _http;

        public Client(Uri address, string key)
        {
            _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
            _http.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
        }

        public string? Session { get; set; }

        public async Task<HttpResponseMessage> ConnectAsync(string capabilities, string revision = "2025-11-25")
        {
            var answer = await PostAsync($$"""
                {"jsonrpc":"2.0","id":1,"method":"initialize",
                 "params":{"protocolVersion":"{{revision}}","capabilities": {{capabilities}} ,"clientInfo":{"name":"test","version":"1"} } }
                """);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Session = answer.Headers.TryGetValues("Mcp-Session-Id", out var ids) ? ids.Single() : null;
            return answer;
        }

        public async Task<OpenCall> OpenAsync(string message)
        {
            var answer = await PostAsync(message);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return new OpenCall(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
        }

        public async Task<HttpStatusCode> SendAsync(string message)
        {
            using var answer = await PostAsync(message);
            return answer.StatusCode;
        }

        public void Dispose() => _http.Dispose();

        private Task<HttpResponseMessage> PostAsync(string message)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(message, Encoding.UTF8, "application/json") };
            if (Session is not null)
            {
                request.Headers.Add("Mcp-Session-Id", Session);
            }

            return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
    }

    /// <summary>The answer of a call while it is written.</summary>
    private sealed class OpenCall(HttpResponseMessage answer, StreamReader lines) : IDisposable
    {
        public async Task<JsonElement> NextAsync() =>
            JsonElement.Parse((await LineAsync(line => line.StartsWith("data: ", StringComparison.Ordinal)))["data: ".Length..]);

        public Task<string> CommentAsync() => LineAsync(line => line.StartsWith(':'));

        public void Dispose()
        {
            lines.Dispose();
            answer.Dispose();
        }

        private async Task<string> LineAsync(Func<string, bool> isWanted) => (await Until.LineAsync(lines, isWanted)).TrimEnd('\n').Split('\n')[^1].TrimEnd('\r');
    }

    /// <summary>Two nodes of one database, with one clock.</summary>
    public sealed class Nodes : IAsyncLifetime
    {
        internal MovedClock Time { get; } = new();

        internal TestZoetrope First { get; private set; } = null!;

        internal TestZoetrope Second { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            First = await TestZoetrope.StartAsync(new TestServer { Database = SqlDialect.Postgres, Time = Time });
            Second = await TestZoetrope.StartAsync(new TestServer { Postgres = First.Postgres, Time = Time });
        }

        public async ValueTask DisposeAsync()
        {
            if (Second is not null)
            {
                await Second.DisposeAsync();
            }

            if (First is not null)
            {
                await First.DisposeAsync();
            }
        }

        internal async Task<bool> IsAskedAsync(string id) => await Read(session => session.ScalarAsync<long>("select count(*) from mcp_questions where id = @id", new { id })) > 0;

        internal Task<string?> AnswerAsync(string id) => Read(session => session.FirstOrDefaultAsync<string>("select answer from mcp_questions where id = @id", new { id }));

        private async Task<T> Read<T>(Func<Session, Task<T>> read) => await ((Database)First.Services.GetService(typeof(Database))!).ReadAsync(async session => await read(session));
    }
}
