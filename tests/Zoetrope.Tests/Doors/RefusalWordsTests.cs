using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>A refusal says how to go on, at each door in its own words.</summary>
public sealed class RefusalWordsTests(DoorServer server) : IClassFixture<DoorServer>
{
    private const string Image = "nano-banana-2-text-to-image";

    private ZoetropeApi Api => server.Zoetrope.Api;

    private Customer Customer => server.Customer;

    [Theory]
    [InlineData("/api/v1/generate", "application/json")]
    [InlineData("/api/v1/estimate", "application/json")]
    [InlineData("/api/v1/batches", "application/json")]
    [InlineData("/api/v1/tools/upscale-image", "application/json")]
    [InlineData("/api/v1/upload", "application/json")]
    [InlineData("/api/v1/webhooks", "application/json")]
    [InlineData("/v1/images/generations", "application/json, multipart/form-data")]
    [InlineData("/v1/images/edits", "application/json, multipart/form-data")]
    [InlineData("/v1/videos", "application/json, multipart/form-data")]
    [InlineData("/admin/v1/accounts", "application/json")]
    public async Task A_wrong_type_is_answered_with_the_right_one(string path, string allowed)
    {
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json; charset=utf-16" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent("{}"u8.ToArray()) };
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", path.StartsWith("/admin", StringComparison.Ordinal) ? TestZoetrope.OperatorKey : Customer.Key);
            var reply = await Api.SendAsync(request);

            Assert.True(reply.Status == 415, $"{path} {type}: {reply.Status} {reply.Text}");
            Assert.Equal("UNSUPPORTED_MEDIA_TYPE", reply.Code!.ToUpperInvariant());
            foreach (var each in allowed.Split(", ").Take(type.Contains("charset", StringComparison.Ordinal) ? 1 : 2))
            {
                Assert.Contains(each, Message(reply), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("/api/v1/generate", "{\n \"model\": 'x'\n}", "line 2, byte 11: '''")]
    [InlineData("/api/v1/batches", "{\"requests\":[1,]}", "line 1, byte 16: ']'")]
    [InlineData("/api/v1/webhooks", "{\"url\":\"a\",\n\"url\":\"b\"}", "line 2, byte 1: the name url appears twice")]
    [InlineData("/v1/videos", "{\"prompt\":", "line 1, byte 11: it ends in the middle")]
    [InlineData("/api/v1/generate", "{\"prompt\":\"é\u0080", "line 1, byte 12: it is not UTF-8 text")]
    public async Task A_broken_body_is_answered_with_the_place(string path, string body, string place)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Customer.Key);
        var reply = await Api.SendAsync(request);

        Assert.Equal((400, "INVALID_JSON"), (reply.Status, reply.Code!.ToUpperInvariant()));
        Assert.Contains($"Invalid JSON body at {place}", Message(reply), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(76)]
    [InlineData(77)]
    [InlineData(78)]
    [InlineData(79)]
    [InlineData(80)]
    public async Task A_long_name_is_cut_between_characters_at_every_door(int letters)
    {
        var name = new string('a', letters) + "🦊🦊🦊";
        var path = Uri.EscapeDataString(name);
        var doubled = $"{{\"{name}\":1,\"{name}\":2}}";
        foreach (var reply in new[]
        {
            await PostAsync("/api/v1/generate", new { model = name, prompt = "a" }),
            await PostAsync("/api/v1/generate", new Dictionary<string, string> { ["model"] = Image, ["prompt"] = "a", [name] = "a" }),
            await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", Customer.Key, $$$"""{"model":"{{{Image}}}","prompt":"a","input":{"resolution":"{{{name}}}"}}"""),
            await PostAsync("/api/v1/webhooks", new Dictionary<string, string> { ["url"] = "https://example.com", [name] = "a" }),
            await PostAsync("/api/v1/upload", new { contentType = name }),
            await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", Customer.Key, doubled),
            await Api.SendAsync(HttpMethod.Post, "/mcp", Customer.Key, doubled),
            await Api.GetAsync(Customer, $"/api/v1/models/{path}"),
            await Api.GetAsync(Customer, $"/api/v1/models?type={path}"),
            await Api.GetAsync(Customer, $"/api/v1/models?{path}=1"),
            await Api.GetAsync(Customer, $"/v1/models/{path}"),
            await Api.GetAsync(Customer, $"/models/{path}"),
            await Api.GetAsync(Customer, $"/guides/{path}"),
            await PostAsync("/v1/images/generations", new { model = name, prompt = "a" }),
            await PostAsync("/v1/images/generations", new Dictionary<string, string> { ["model"] = Image, ["prompt"] = "a", [name] = "https://example.com/a.png" }),
        })
        {
            Assert.InRange(reply.Status, 400, 404);
            var shown = Regex.Match(WebUtility.HtmlDecode(reply.Text), "a{60,}[^a…]{0,6}…").Value;
            Assert.True(
                shown.Length is > 70 and <= 80 && shown.TrimStart('a').Replace("🦊", "", StringComparison.Ordinal) == "…",
                $"{reply.Status} shows {shown}: {reply.Text}");
        }
    }

    [Theory]
    [InlineData("http://localhost:3000/hook")]
    [InlineData("http://127.0.0.1:3000/hook")]
    [InlineData("https://192.168.1.20/hook")]
    [InlineData("https://[::1]/hook")]
    [InlineData("http://example.com/hook")]
    public async Task A_webhook_on_a_laptop_is_answered_with_the_command_that_needs_none(string url)
    {
        foreach (var (path, body) in new (string, object)[]
        {
            ("/api/v1/webhooks", new { url }),
            ("/api/v1/generate", new { model = Image, input = new { prompt = "a" }, webhookUrl = url }),
            ("/api/v1/batches", new { requests = new[] { new { model = Image, input = new { prompt = "a" } } }, webhookUrl = url }),
            ("/api/v1/batches", new { requests = new[] { new { model = Image, input = new { prompt = "a" }, webhookUrl = url } } }),
        })
        {
            var reply = await PostAsync(path, body);
            Assert.Equal((400, "URL_NOT_ALLOWED"), (reply.Status, reply.Code));
            var allowed = reply.Json.GetProperty("error").GetProperty("allowed").GetString();
            Assert.Contains("zoetrope webhooks listen --forward", allowed, StringComparison.Ordinal);
            Assert.Contains("Zoetrope__Egress__AllowedPrivateHosts", allowed, StringComparison.Ordinal);
            Assert.DoesNotContain("fetched", Message(reply), StringComparison.Ordinal);
        }

        var hook = (await PostAsync("/api/v1/webhooks", new { url = "https://example.com/hook" })).Expect(200).Data.GetProperty("id").GetString();
        var changed = await Api.SendAsync(HttpMethod.Patch, $"/api/v1/webhooks/{hook}", Customer.Key, JsonSerializer.Serialize(new { url }));
        Assert.Contains("zoetrope webhooks listen", changed.Text, StringComparison.Ordinal);
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/webhooks/{hook}", Customer.Key)).Expect(200);
    }

    [Fact]
    public async Task Who_has_too_few_test_credits_learns_that_they_are_free_and_who_gives_them()
    {
        var poor = await Api.CreateCustomerAsync(credits: 1);
        var rest = await Api.GenerateAsync(poor, new { model = Image, input = new { prompt = "a" } });
        var openAi = await Api.SendAsync(HttpMethod.Post, "/v1/images/generations", poor.Key, JsonSerializer.Serialize(new { model = Image, prompt = "a" }));
        await using var agent = await McpClients.ConnectAsync(Api, poor.Key);
        var tool = await agent.CallAsync("vicsee_generate", new { model = Image, prompt = "a" });

        Assert.StartsWith("Insufficient credits. Required: ", Message(rest), StringComparison.Ordinal);
        Assert.EndsWith(", Available: 1", Message(rest), StringComparison.Ordinal);
        foreach (var text in new[] { rest.Json.GetProperty("error").GetProperty("allowed").GetString()!, Message(openAi), tool.Text() })
        {
            Assert.Contains($"./run credits grant --account {poor.AccountId} --mode test", text, StringComparison.Ordinal);
            Assert.Contains("Test credits are free", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_model_without_a_provider_is_worth_no_retry_at_any_door()
    {
        var live = await Api.CreateCustomerAsync(mode: "live");
        var rest = await Api.GenerateAsync(live, new { model = Image, input = new { prompt = "a" } });
        var openAi = await Api.SendAsync(HttpMethod.Post, "/v1/images/generations", live.Key, JsonSerializer.Serialize(new { model = Image, prompt = "a" }));
        await using var agent = await McpClients.ConnectAsync(Api, live.Key);
        var tool = await agent.CallAsync("vicsee_generate", new { model = Image, prompt = "a" });

        Assert.Equal((503, "MODEL_UNAVAILABLE", false), (rest.Status, rest.Code, rest.Json.GetProperty("error").GetProperty("retryable").GetBoolean()));
        Assert.Equal((503, "false"), (openAi.Status, openAi.Headers.GetValues("x-should-retry").Single()));
        Assert.Equal("MODEL_UNAVAILABLE", tool.Code());
        Assert.False(tool.Meta!["error"]!["retryable"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("/authorize")]
    [InlineData("/oauth/authorize")]
    [InlineData("/oauth/authorize?client_id=client_00000000000000000000000000&response_type=code&redirect_uri=https%3A%2F%2Fexample.com%2Fcb&code_challenge=x&code_challenge_method=S256")]
    public async Task A_refused_program_is_a_page_to_a_person_and_text_to_a_program(string path)
    {
        var page = await AskAsync(path, "text/html,application/xhtml+xml,*/*;q=0.8");
        var text = await AskAsync(path, "*/*");

        Assert.Equal((400, "text/html"), (page.Status, page.Type));
        Assert.Contains("This request cannot be answered", page.Text, StringComparison.Ordinal);
        Assert.Contains("cannot tell where to send you back to", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(400, text.Status);
        Assert.DoesNotContain("<html", text.Text, StringComparison.OrdinalIgnoreCase);
    }

    private static string Message(Reply reply) => reply.Json.GetProperty("error").GetProperty("message").GetString()!;

    private Task<Reply> PostAsync(string path, object body) => Api.SendAsync(HttpMethod.Post, path, Customer.Key, JsonSerializer.Serialize(body));

    private async Task<(int Status, string? Type, string Text)> AskAsync(string path, string accept)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Api.Address, path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
