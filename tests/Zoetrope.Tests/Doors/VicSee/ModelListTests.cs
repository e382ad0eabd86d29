using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.VicSee;

/// <summary>The catalogue over the line: short for agents, whole for programs, and not sent to whoever has it.</summary>
public sealed class ModelListTests(ModelListTests.Server server) : IClassFixture<ModelListTests.Server>
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private ZoetropeApi Api => server.Zoetrope.Api;

    [Theory]
    [InlineData("image")]
    [InlineData("video")]
    [InlineData("music")]
    public async Task An_agent_can_read_each_list_at_once(string type)
    {
        var data = (await GetAsync($"/api/v1/models?type={type}")).Expect(200).Data;

        // As VicSee's client prints it: two spaces, one value a line. Hosts accept some 25,000 tokens.
        var printed = Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(data, Pretty));
        Assert.True(printed < 100_000, $"{type}: {printed} bytes");
        foreach (var model in data.EnumerateArray())
        {
            foreach (var name in new[] { "id", "name", "family", "type", "mode", "description", "available", "parameters", "maxImages", "credits", "lifecycle" })
            {
                Assert.True(model.TryGetProperty(name, out _), $"{model.GetProperty("id")} has no {name}.");
            }

            Assert.False(model.TryGetProperty("inputSchema", out _));
            Assert.True(model.GetProperty("parameters").GetProperty("prompt").TryGetProperty("maxLength", out _));
            Assert.True(model.GetProperty("credits").GetProperty("from").GetInt64() > 0);
        }
    }

    [Fact]
    public async Task The_tool_of_our_own_door_fits_too()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var agent = await Mcp.McpClients.ConnectAsync(Api, customer.Key);

        Assert.True(Encoding.UTF8.GetByteCount(Mcp.McpClients.Text(await Mcp.McpClients.CallAsync(agent, "vicsee_list_models", new { }))) < 100_000);
    }

    [Fact]
    public async Task The_whole_and_one_model_have_what_the_short_list_leaves_out()
    {
        var whole = (await GetAsync("/api/v1/models?view=full")).Expect(200).Data;
        var brief = (await GetAsync("/api/v1/models?view=short")).Expect(200);
        var one = (await GetAsync("/api/v1/models/seedance-2-0-text-to-video")).Expect(200).Data;
        var alias = (await GetAsync("/api/v1/models/flux-2/pro-text-to-image")).Expect(200).Data;
        var escaped = (await GetAsync("/api/v1/models/flux-2%2Fpro-text-to-image")).Expect(200).Data;

        Assert.Equal(brief.Text, (await GetAsync("/api/v1/models")).Text);
        Assert.Equal(brief.Data.EnumerateArray().Select(Id), whole.EnumerateArray().Select(Id));
        Assert.True(JsonElement.DeepEquals(one, whole.EnumerateArray().Single(model => Id(model) == "seedance-2-0-text-to-video")));
        Assert.Equal("object", one.GetProperty("inputSchema").GetProperty("type").GetString());
        Assert.NotEqual("", one.GetProperty("parameters").GetProperty("duration").GetProperty("description").GetString());
        Assert.Equal(("flux-2-pro-text-to-image", "flux-2-pro-text-to-image"), (Id(alias), Id(escaped)));
        Assert.Equal((404, "MODEL_NOT_FOUND"), ((await GetAsync("/api/v1/models/no-such")) is var missing ? (missing.Status, missing.Code) : default));
    }

    [Fact]
    public async Task Nobody_learns_how_the_operator_came_to_a_price()
    {
        foreach (var path in new[] { "/api/v1/models", "/api/v1/models?view=full", "/api/v1/models/kling-3-0-reference-to-video", "/openapi/v1.json" })
        {
            var text = (await GetAsync(path)).Expect(200).Text;

            // The description is also the operator's, who has a call for costs.
            string[] costs = path.StartsWith("/openapi", StringComparison.Ordinal) ? [] : ["vendorCost", "costMicros"];
            foreach (var word in costs.Concat(["derivation", "Derivation", "markup"]))
            {
                Assert.DoesNotContain($"\"{word}", text, StringComparison.Ordinal);
                Assert.DoesNotContain($"price{word}", text, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Theory]
    [InlineData("limit=1", 1)]
    [InlineData("limit=3&type=image", 3)]
    [InlineData("limit=2&view=full", 2)]
    [InlineData("type=music&limit=5", 0)]
    public async Task A_limit_cuts_the_list(string query, int count)
    {
        using var reply = await SendAsync($"/api/v1/models?{query}", ("Accept-Encoding", "gzip"));
        using var again = await SendAsync($"/api/v1/models?{query}", ("If-None-Match", reply.Headers.ETag!.ToString()));

        // A list of nothing is too short to be worth it.
        var body = await reply.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.Equal(count > 0 ? ["gzip"] : [], reply.Content.Headers.ContentEncoding);
        using var unpacked = JsonDocument.Parse(count > 0 ? new GZipStream(body, CompressionMode.Decompress) : body);
        Assert.Equal(count, unpacked.RootElement.GetProperty("data").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Theory]
    [InlineData("?typ=video", "UNKNOWN_PARAMETER", "typ")]
    [InlineData("?type=audio", "INVALID_PARAMETER", "type")]
    [InlineData("?view=brief", "INVALID_PARAMETER", "view")]
    [InlineData("?limit=0", "INVALID_PARAMETER", "limit")]
    [InlineData("?limit=1001", "INVALID_PARAMETER", "limit")]
    [InlineData("?limit=x", "INVALID_PARAMETER", "limit")]
    [InlineData("?limit=-1", "INVALID_PARAMETER", "limit")]
    [InlineData("/seedance-2-0?inputs=picture", "INVALID_PARAMETER", "inputs")]
    [InlineData("/seedance-2-0?input=image", "UNKNOWN_PARAMETER", "input")]
    public async Task A_query_that_means_nothing_is_refused(string rest, string code, string field)
    {
        var reply = await GetAsync("/api/v1/models" + rest);

        var error = reply.Json.GetProperty("error");
        Assert.Equal((400, code, field), (reply.Status, reply.Code, error.GetProperty("field").GetString()));
        Assert.NotEqual("", error.GetProperty("allowed").GetString());
    }

    [Theory]
    [InlineData("/api/v1/models")]
    [InlineData("/api/v1/models?view=full&type=video")]
    [InlineData("/api/v1/models/nano-banana")]
    public async Task A_list_that_has_not_changed_is_not_sent_again(string path)
    {
        using var first = await SendAsync(path);
        var tag = first.Headers.ETag!;
        Assert.Contains("Accept-Encoding", first.Headers.Vary);
        Assert.Contains("Authorization", first.Headers.Vary);
        Assert.NotNull(first.Headers.CacheControl);
        foreach (var condition in new[] { tag.ToString(), tag.Tag, "*", $"\"other\", {tag.Tag}", $"W/\"a\" , {tag}" })
        {
            using var known = await SendAsync(path, ("If-None-Match", condition), ("Accept-Encoding", "br"));
            Assert.Equal((HttpStatusCode.NotModified, ""), (known.StatusCode, await known.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
            Assert.Equal(tag, known.Headers.ETag);
            Assert.Contains("Accept-Encoding", known.Headers.Vary);
        }

        using var other = await SendAsync(path, ("If-None-Match", "\"other\""));
        using var head = await SendAsync(path, HttpMethod.Head);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (other.StatusCode, head.StatusCode));
        Assert.Equal((tag, first.Content.Headers.ContentLength), (head.Headers.ETag, head.Content.Headers.ContentLength));
        using var knownHead = await SendAsync(path, HttpMethod.Head, ("If-None-Match", tag.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, knownHead.StatusCode);
    }

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip, br;q=0.5", "gzip")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("*", "br")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("deflate", "")]
    [InlineData("gzip;q=0, br;q=0", "")]
    [InlineData("identity", "")]
    public async Task It_is_compressed_as_the_client_likes_best(string accepted, string coding)
    {
        foreach (var path in new[] { "/api/v1/models", "/api/v1/models/veo-3.1" })
        {
            using var plain = await SendAsync(path);
            using var packed = await SendAsync(path, ("Accept-Encoding", accepted));
            await using var bytes = await packed.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await using var stream = coding switch { "br" => new BrotliStream(bytes, CompressionMode.Decompress), "gzip" => new GZipStream(bytes, CompressionMode.Decompress), _ => bytes };

            Assert.Equal(coding, string.Join(',', packed.Content.Headers.ContentEncoding));
            Assert.Equal(await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task The_documentation_is_compressed_and_what_a_key_reads_is_not()
    {
        var customer = await Api.CreateCustomerAsync();
        foreach (var (path, isPacked) in new[] { ("/openapi/v1.json", true), ("/docs/", true), ("/api/v1/credits", false), ("/api/v1/tasks", false), ("/v1/models", true), ("/api/v1/webhooks/secret", false) })
        {
            using var reply = await SendAsync(path, ("Accept-Encoding", "gzip, br"), ("Authorization", $"Bearer {customer.Key}"));
            Assert.True(reply.Content.Headers.ContentEncoding.Count > 0 == isPacked, $"{path}: {string.Join(',', reply.Content.Headers.ContentEncoding)}");
        }
    }

    private static string Id(JsonElement model) => model.GetProperty("id").GetString()!;

    private Task<Reply> GetAsync(string path) => Api.SendAsync(HttpMethod.Get, path, key: null);

    private Task<HttpResponseMessage> SendAsync(string path, params (string Name, string Value)[] headers) => SendAsync(path, HttpMethod.Get, headers);

    private async Task<HttpResponseMessage> SendAsync(string path, HttpMethod method, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Api.Address, path));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        internal HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync();

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Zoetrope.DisposeAsync();
        }
    }
}
