using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>A secret, a URL or a sentence is copied out of JSON as it stands there: at every door, only what must be escaped is.</summary>
public sealed partial class PlainJsonTests : WebhookScene
{
    private const string Image = "nano-banana-2-text-to-image";

    // What .NET escapes for web pages, and beyond: a space and an emoji of which no text is afraid.
    private const string Words = "a+b & \"c\" 'd' <e> `f` été　日本 🦊 end";

    private protected override SqlDialect Dialect => SqlDialect.Sqlite;

    [Fact]
    public async Task No_door_escapes_what_JSON_leaves_alone()
    {
        var api = Zoetrope.Api;
        var hook = await PostAsync("/api/v1/webhooks", new { url = Receiver.Url("/a?x=1&y='2'"), description = Words, events = new[] { "task.completed", "batch.completed" } });
        var secret = hook.Expect(200).Data.GetProperty("secret").GetString()!;
        var id = hook.Data.GetProperty("id").GetString();
        var input = new { prompt = Words, resolution = "0.5K" };
        var task = await api.GenerateAsync(Customer, new { model = Image, input }, "k1");
        var taskId = task.Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(Customer, taskId);
        var batch = await PostAsync("/api/v1/batches", new { requests = new[] { new { model = Image, input } } });
        var video = await PostAsync("/v1/videos", new { model = "kling-2-6-text-to-video", prompt = Words, seconds = "5" });
        Assert.Contains("a+b & \\\"c\\\" 'd' <e> `f` été　日本 🦊 end", (await api.GetAsync(Customer, $"/api/v1/tasks/{taskId}")).Text, StringComparison.Ordinal);
        foreach (var _ in (int[])[1, 2])
        {
            // The task's event and the batch's: signed over the bytes that were sent.
            var delivery = await Receiver.NextAsync();
            Assert.True(delivery.IsSignedWith(secret));
            AssertPlain("webhook", Encoding.UTF8.GetString(delivery.Body));
        }

        (string What, Reply Reply)[] walked =
        [
            ("webhook created", hook), ("task created", task), ("batch created", batch), ("video created", video),
            ("replay", await api.GenerateAsync(Customer, new { model = Image, input }, "k1")),
            ("webhook", await api.GetAsync(Customer, $"/api/v1/webhooks/{id}")),
            ("webhooks", await api.GetAsync(Customer, "/api/v1/webhooks")),
            ("rotated", await PostAsync($"/api/v1/webhooks/{id}/secret")),
            ("deliveries", await api.GetAsync(Customer, $"/api/v1/webhooks/{id}/deliveries")),
            ("tasks", await api.GetAsync(Customer, "/api/v1/tasks")),
            ("events", await EventsAsync(taskId)),
            ("batches", await api.GetAsync(Customer, "/api/v1/batches")),
            ("batch", await api.GetAsync(Customer, $"/api/v1/batches/{batch.Expect(200).Data.GetProperty("id").GetString()}")),
            ("download", await api.GetAsync(Customer, $"/api/v1/tasks/{taskId}/download")),
            ("upload", await PostAsync("/api/v1/upload", new { contentType = "image/png", sizeBytes = 10 })),
            ("ledger", await api.GetAsync(Customer, "/api/v1/ledger")),
            ("credits", await api.GetAsync(Customer, "/api/v1/credits")),
            ("estimate", await PostAsync("/api/v1/estimate", new { model = Image, input })),
            ("models", await api.GetAsync(Customer, "/api/v1/models?view=full")),
            ("model", await api.GetAsync(Customer, $"/api/v1/models/{Image}")),
            ("unknown field", await PostAsync("/api/v1/generate", new Dictionary<string, object> { ["model"] = Image, ["prompt"] = "a", [Words] = Words })),
            ("unknown model", await PostAsync("/api/v1/generate", new { model = Words, prompt = "a" })),
            ("unknown query", await api.GetAsync(Customer, $"/api/v1/models?type={Uri.EscapeDataString(Words)}")),
            ("broken body", await api.SendAsync(HttpMethod.Post, "/api/v1/generate", Customer.Key, "{'a'}")),
            ("no key", await api.SendAsync(HttpMethod.Get, "/api/v1/tasks", key: null)),
            ("videos", await api.GetAsync(Customer, "/v1/videos")),
            ("openai models", await api.GetAsync(Customer, "/v1/models")),
            ("openai refusal", await PostAsync("/v1/images/generations", new { model = Words, prompt = "a" })),
            ("tools", await McpAsync("tools/list", new { })),
            ("tool", await ToolAsync("vicsee_get_task", new { task_id = taskId })),
            ("refused tool", await ToolAsync("vicsee_generate", new { model = Words, prompt = Words })),
            ("created by a tool", await ToolAsync("vicsee_generate", new { model = Image, prompt = Words })),
            ("unknown tool", await ToolAsync(Words, new { })),
            ("resource", await McpAsync("resources/read", new { uri = $"task://{taskId}" })),
            ("broken message", await api.SendAsync(HttpMethod.Post, "/mcp", Customer.Key, "{'a'}")),
            ("account", await api.OperateAsync(HttpMethod.Post, "/admin/v1/accounts", new { name = Words, plan = "pro" })),
            ("accounts", await api.OperateAsync(HttpMethod.Get, "/admin/v1/accounts")),
            ("keys", await api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{Customer.AccountId}/keys")),
            ("booking", await api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{Customer.AccountId}/grants", new { mode = "test", amount = 1, reason = Words })),
            ("audit", await api.OperateAsync(HttpMethod.Get, "/admin/v1/ledger/audit")),
            ("refused operator", await api.OperateAsync(HttpMethod.Post, "/admin/v1/accounts", new { name = "a", plan = Words })),
            ("registration", await api.SendAsync(HttpMethod.Post, "/register", key: null, JsonSerializer.Serialize(new { client_name = Words, redirect_uris = new[] { "https://example.com/cb?a='1'&b=2" } }))),
            ("refused registration", await api.SendAsync(HttpMethod.Post, "/register", key: null, JsonSerializer.Serialize(new { redirect_uris = new[] { Words } }))),
            ("OAuth server", await api.SendAsync(HttpMethod.Get, "/.well-known/oauth-authorization-server", key: null)),
            ("OAuth resource", await api.SendAsync(HttpMethod.Get, "/.well-known/oauth-protected-resource", key: null)),
            ("token", await api.SendAsync(HttpMethod.Post, "/token", key: null, "{'a'}")),
            ("health", await api.SendAsync(HttpMethod.Get, "/health/ready", key: null)),
            ("description", await api.SendAsync(HttpMethod.Get, "/openapi/v1.json", key: null)),
        ];
        foreach (var (what, reply) in walked)
        {
            AssertPlain(what, reply.Text);
            Assert.True(reply.Headers.TryGetValues("X-Content-Type-Options", out var sniff) && sniff.Single() == "nosniff", $"{what} may be taken for another type.");
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("+&<>'`/", "+&<>'`/")]
    [InlineData("\"\\\b\f\n\r\t", "\\\"\\\\\\b\\f\\n\\r\\t")]
    [InlineData("\0\u001f\u007f\u0085\u009f", "\\u0000\\u001F\\u007F\\u0085\\u009F")]
    [InlineData("a\u2027\u2028b\u2029c\u202a", "a\u2027\\u2028b\\u2029c\u202a")]
    [InlineData("\u00a0\u00e9\u0621\u3000日\u00c2\u00e2\uffff", "\u00a0\u00e9\u0621\u3000日\u00c2\u00e2\uffff")]
    [InlineData("🦊\"👩‍🚀", "🦊\\\"👩‍🚀")]
    public void Only_what_must_be_escaped_is(string text, string expected)
    {
        Assert.Equal($"\"{expected}\"", JsonSerializer.Serialize(text, WireJson.Options));
        if (Encoding.UTF8.GetBytes(text) is var utf8 && Encoding.UTF8.GetString(utf8) == text)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(buffer, WireJson.Writer);
            writer.WriteStringValue(utf8);
            writer.Flush();
            Assert.Equal($"\"{expected}\"", Encoding.UTF8.GetString(buffer.WrittenSpan));
        }
    }

    [Fact]
    public void What_is_no_text_is_replaced()
    {
        Assert.Equal("\"\\uFFFD\\\"a\"", JsonSerializer.Serialize((char)0xD83E + "\"a", WireJson.Options));
        Assert.Equal("\"a\\uFFFD\"", JsonSerializer.Serialize("a" + (char)0xDD8A, WireJson.Options));
        foreach (byte[] bytes in (byte[][])[[0xC2], [0xE2, 0x80], [0x61, 0xFF, 0x22], [0xF0, 0x9F, 0xA6], [0xED, 0xA0, 0x80]])
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(buffer, WireJson.Writer);
            writer.WriteStringValue(bytes);
            writer.Flush();
            Assert.Equal(Encoding.UTF8.GetString(bytes), JsonSerializer.Deserialize<string>(buffer.WrittenSpan));
        }
    }

    [Fact]
    public async Task What_another_encoder_escaped_is_undone_wherever_it_is_cut()
    {
        var text = Words + "\"\\u0041\\\\\0\u0085\u2028\u007f\u001b\\n\\/" + (char)0x00AD;
        var escaped = JsonSerializer.SerializeToUtf8Bytes(new { text, again = JsonSerializer.Serialize(text) });
        var expected = JsonSerializer.Serialize(new { text, again = JsonSerializer.Serialize(text) }, WireJson.Options);
        for (var cut = 1; cut < escaped.Length; cut++)
        {
            using var all = new MemoryStream();
            await using var plain = new PlainJsonStream(all);
            await plain.WriteAsync(escaped.AsMemory(0, cut), TestContext.Current.CancellationToken);
            await plain.WriteAsync(escaped.AsMemory(cut), TestContext.Current.CancellationToken);
            Assert.Equal(expected, Encoding.UTF8.GetString(all.ToArray()));
        }
    }

    private static void AssertPlain(string what, string answer)
    {
        foreach (Match escape in Escapes().Matches(answer))
        {
            if (escape.Groups["code"] is { Success: true } code)
            {
                var character = int.Parse(code.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                Assert.True(
                    character is < 0x20 or (>= 0x7F and < 0xA0) or 0x2028 or 0x2029,
                    $"{what} escapes U+{character:X4}: {answer[Math.Max(0, escape.Index - 80)..Math.Min(answer.Length, escape.Index + 80)]}");
            }
        }
    }

    // As most clients write it.
    private Task<Reply> PostAsync(string path, object? body = null) =>
        Zoetrope.Api.SendAsync(HttpMethod.Post, path, Customer.Key, body is null ? null : JsonSerializer.Serialize(body, WireJson.Options));

    private Task<Reply> ToolAsync(string name, object arguments) => McpAsync("tools/call", new { name, arguments });

    private Task<Reply> McpAsync(string method, object arguments)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = new StringContent(JsonSerializer.Serialize(new Dictionary<string, object> { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = arguments }), Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Customer.Key}");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        return Zoetrope.Api.SendAsync(request);
    }

    // It ends with the task, which has ended.
    private Task<Reply> EventsAsync(string taskId) => Zoetrope.Api.GetAsync(Customer, $"/api/v1/tasks/{taskId}/events");

    // A backslash and its letter, so that a backslash that is itself escaped is no beginning.
    [GeneratedRegex(@"\\(?:u(?<code>[0-9a-fA-F]{4})|.)", RegexOptions.Singleline)]
    private static partial Regex Escapes();
}
