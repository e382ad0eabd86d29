using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>What other programs send, in forms that are odd and clear: taken; and what cannot be taken, with the reason.</summary>
public sealed class SmallInputTests(SmallInputTests.Server server) : IClassFixture<SmallInputTests.Server>, IAsyncLifetime
{
    private const string Request = """{"model":"nano-banana-text-to-image","prompt":"a"}""";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly TestZoetrope _zoetrope = server.Zoetrope;
    private Customer _customer = null!;

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync() => _customer = await Api.CreateCustomerAsync();

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("application/json; charset=utf8", 200)]
    [InlineData("application/json; charset=\"UTF-8\"", 200)]
    [InlineData("application/json;charset=us-ascii", 200)]
    [InlineData("application/problem+json", 200)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("text/plain", 415)]
    public async Task The_type_of_json_may_name_its_charset(string type, int status) => (await PostAsync("/api/v1/estimate", Request, type)).Expect(status);

    [Theory]
    [InlineData("-Infinity")]
    [InlineData("Infinity")]
    [InlineData("NaN")]
    [InlineData("-1")]
    [InlineData("-0.5")]
    [InlineData("1e999")]
    [InlineData("61")]
    [InlineData("")]
    [InlineData("%00")]
    [InlineData("1&wait=2")]
    public async Task A_wait_is_a_number_of_seconds(string wait)
    {
        var id = (await PostAsync("/api/v1/generate", Request)).Expect(200).Data.GetProperty("id").GetString();

        Assert.Equal((400, "INVALID_PARAMETER"), await CodeAsync($"/api/v1/tasks/{id}?wait={wait}"));
    }

    [Theory]
    [InlineData("/api/v1/tasks?model=%00", "INVALID_PARAMETER")]
    [InlineData("/api/v1/tasks?cursor=%00", "INVALID_PARAMETER")]
    [InlineData("/api/v1/tasks?%00=1", "INVALID_PARAMETER")]
    [InlineData("/api/v1/models?type=a%00", "INVALID_PARAMETER")]
    [InlineData("/api/v1/ledger?type=%00", "INVALID_PARAMETER")]
    [InlineData("/api/v1/batches?cursor=%00", "INVALID_PARAMETER")]
    [InlineData("/v1/videos?after=%00", "invalid_parameter")]
    public async Task U0000_in_a_query_is_refused(string path, string code) => Assert.Equal((400, code), await CodeAsync(path));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":0}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":"x"}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[1]}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":5}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vicsee_get_credits","arguments":7}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":{}}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":5}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":"x"}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"\u0000"}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vicsee_get_task","arguments":{"task_id":"\u0000\ud800"}}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":5}""", -32600)]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"}]""", -32600)]
    [InlineData("""{"jsonrpc":"2.0",""", -32700)]
    public async Task A_message_of_the_wrong_shape_is_the_clients_mistake(string message, int code)
    {
        var reply = await PostAsync("/mcp", message);

        Assert.True(reply.Status < 500, reply.Text);
        Assert.Contains($"\"code\":{code.ToString(CultureInfo.InvariantCulture)}", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list_tasks", """{"model":"\u0000"}""", "INVALID_PARAMETER")]
    [InlineData("vicsee_generate", """{"model":"nano-banana-text-to-image","prompt":"a","idempotency_key":"\u0000"}""", "INVALID_PARAMETER")]
    public async Task Text_that_no_database_holds_is_refused_by_tools(string tool, string arguments, string code) =>
        Assert.Contains($"[{code}]", (await PostAsync("/mcp", $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""")).Expect(200).Text, StringComparison.Ordinal);

    [Fact]
    public async Task A_header_that_is_no_utf8_is_a_value_like_any_other()
    {
        Assert.Contains("200 OK", await RawAsync("X-Name: caf\u00e9"), StringComparison.Ordinal);
        var one = await RawAsync("Idempotency-Key: caf\u00e9", Request);
        var same = await RawAsync("Idempotency-Key: caf\u00c3\u00a9", Request);
        var other = await RawAsync("Idempotency-Key: caf\u00e8", Request);
        Assert.Contains("200 OK", one, StringComparison.Ordinal);
        Assert.Contains("Idempotent-Replayed: true", same, StringComparison.Ordinal);
        Assert.DoesNotContain("Idempotent-Replayed", other, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"INVALID_AUTH_FORMAT\"", await RawAsync("Authorization: caf\u00e9", authorized: false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/models")]
    [InlineData("/api/v1/models/nano-banana-2-text-to-image")]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/nano-banana-2", false)]
    public async Task The_models_are_compressed_and_not_sent_twice(string path, bool isPacked = true)
    {
        Task<HttpResponseMessage> ListAsync(params (string Name, string Value)[] headers) =>
            GetAsync(new Uri(Api.Address, path).AbsoluteUri, [.. headers, ("Authorization", $"Bearer {_customer.Key}")]);
        using var plain = await ListAsync();
        using var packed = await ListAsync(("Accept-Encoding", "br;q=0, gzip"));
        using var refused = await ListAsync(("Accept-Encoding", "gzip;q=0"));
        using var known = await ListAsync(("If-None-Match", plain.Headers.ETag!.ToString()));
        using var foreign = await ListAsync(("If-None-Match", "W/\"x\""));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.OK), (plain.StatusCode, known.StatusCode, foreign.StatusCode));
        Assert.Equal(plain.Headers.ETag, known.Headers.ETag);
        Assert.Equal(["Accept-Encoding", "Authorization", "Cookie", "X-Zoetrope-Mode"], plain.Headers.Vary.Order());
        Assert.Equal(isPacked ? ["gzip"] : [], packed.Content.Headers.ContentEncoding);
        Assert.Empty(refused.Content.Headers.ContentEncoding);
        if (!isPacked)
        {
            return;
        }

        var json = await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await using var unpacking = new GZipStream(await packed.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        Assert.Equal(json, await new StreamReader(unpacking).ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.True(packed.Content.Headers.ContentLength < json.Length / 2, $"{packed.Content.Headers.ContentLength} of {json.Length}");
    }

    [Fact]
    public async Task A_file_with_another_tag_is_not_the_one_that_was_asked_for()
    {
        var url = await Api.UploadAsync(_customer, TestMedia.Image(640, 480), "image/png");
        using var first = await GetAsync(url);
        var tag = first.Headers.ETag!.ToString();

        foreach (var (condition, status) in new[] { (tag, 200), ("*", 200), ($"\"x\", {tag}", 200), ("\"x\"", 412), ($"W/{tag}", 412) })
        {
            using var answer = await GetAsync(url, ("If-Match", condition));
            Assert.Equal(status, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task Base64_is_read_as_others_write_it()
    {
        var file = await File.ReadAllBytesAsync(TestMedia.Image(640, 480), TestContext.Current.CancellationToken);
        var plain = Convert.ToBase64String(file[..^(file.Length % 3 == 0 ? 1 : 0)]);
        foreach (var (uri, refusal) in new[]
        {
            ($"data:image/png;base64,{plain}", null),
            ($"data:image/png;base64,{plain.Replace('+', '-').Replace('/', '_')}", null),
            ($"data:image/png;base64,{plain.TrimEnd('=')}", null),
            ($"data:image/png;base64,{Uri.EscapeDataString(plain)}", null),
            ($"  data:image/png; base64,{plain}", null),
            ($"DATA:image/png;charset=utf-8;BASE64,{plain}\n", null),
            ($"data:;base64,{string.Join("\r\n", plain.Chunk(76).Select(line => new string(line)))}", null),
            (plain.Replace('+', '-').Replace('/', '_').TrimEnd('='), null),
            ($"data:image/png;base64,{plain[..400]}!{plain[400..]}", "'!'"),
            ($"data:image/png;base64,{plain.TrimEnd('=')[..401]}", "cut off"),
            ($"data:image/png;base64,{plain[..400]}=={plain[400..]}", "goes on"),
            ($"data:image/png,{plain}", "not base64"),
            ($"data:image/png;base64{plain[..300]}", "no comma"),
        })
        {
            var reply = await PostAsync("/api/v1/estimate", JsonSerializer.Serialize(new { model = "nano-banana-image-to-image", prompt = "a", input = new { image_urls = new[] { uri } } }));

            Assert.True(refusal is null ? reply.Status == 200 : reply.Code == "INVALID_INPUT" && reply.Text.Contains(refusal, StringComparison.Ordinal), $"{uri[..60]}: {reply.Text}");
        }
    }

    [Fact]
    public async Task A_part_that_is_no_text_is_a_file_and_an_empty_one_is_none()
    {
        var file = await File.ReadAllBytesAsync(TestMedia.Image(640, 480), TestContext.Current.CancellationToken);
        foreach (var (parts, status) in new (IReadOnlyList<(string Name, byte[] Bytes, string? File)>, int)[]
        {
            ([("image", file, "a.png")], 404),
            ([("image", file, null)], 404),
            ([("image", file, "a.png"), ("image", [], "")], 404),
            ([("image[]", [], ""), ("image[]", file, "a.png"), ("mask", [], "")], 404),
            ([("image", [], "")], 400),
            ([], 400),
            ([("image", file, "a.png"), ("user", Encoding.UTF8.GetBytes(new string('x', 300_000)), null)], 400),
        })
        {
            using var form = new MultipartFormDataContent { { new StringContent("nano-banana-pro"), "model" }, { new StringContent("a"), "prompt" }, { new StringContent(""), "size" } };
            foreach (var (name, bytes, fileName) in parts)
            {
                var part = new ByteArrayContent(bytes);
                part.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"{name}\"" + (fileName is null ? "" : $"; filename=\"{fileName}\""));
                form.Add(part);
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/edits") { Content = form };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_customer.Key}");
            var reply = await Api.SendAsync(request);

            // 404 is `no_result`: the task was made, and nothing runs here.
            Assert.True(reply.Status == status && (status != 404 || reply.Code == "no_result"), $"{string.Join(", ", parts.Select(part => $"{part.Name} {part.Bytes.Length} {part.File}"))}: {reply.Text}");
        }
    }

    [Fact]
    public async Task The_bare_address_shows_people_a_page_and_agents_that_there_is_no_stream()
    {
        using var page = await GetAsync(Api.Address.AbsoluteUri);
        using var stream = await GetAsync(Api.Address.AbsoluteUri, ("Accept", "application/json, text/event-stream"));

        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.Contains("/docs", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, stream.StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(string url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<(int Status, string? Code)> CodeAsync(string path)
    {
        var reply = await Api.GetAsync(_customer, path);
        return (reply.Status, reply.Code);
    }

    private async Task<Reply> PostAsync(string path, string body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_customer.Key}");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        return await Api.SendAsync(request);
    }

    /// <summary>Each character of the header is one byte.</summary>
    private async Task<string> RawAsync(string header, string? body = null, bool authorized = true)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Api.Address.Host, Api.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        var head = $"{(body is null ? "GET /api/v1/credits" : "POST /api/v1/generate")} HTTP/1.1\r\nHost: {Api.Address.Authority}\r\nConnection: close\r\n{header}\r\n"
            + (authorized ? $"Authorization: Bearer {_customer.Key}\r\n" : "") + (body is null ? "\r\n" : $"Content-Length: {body.Length}\r\n\r\n{body}");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = "0", ["OpenAi:ImageWaitSeconds"] = "1" },
        });

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
