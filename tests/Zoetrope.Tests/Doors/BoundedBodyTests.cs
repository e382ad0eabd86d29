using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>Bodies that would cost far more memory than their bytes are refused after a few megabytes, at every door; what is large and honest is taken.</summary>
public sealed class BoundedBodyTests : IAsyncLifetime
{
    private const int Piece = 64 * 1024;
    private const long Sent = 60_000_000;

    /// <summary>What is outside of strings, what the sockets hold of both sides, and a margin for a server that is slow to hang up.</summary>
    private const long MostTaken = 24_000_000;

    private TestZoetrope _zoetrope = null!;

    public static TheoryData<string, string> Doors { get; } = new(
        from path in new[] { "/api/v1/generate", "/api/v1/estimate", "/api/v1/batches", "/api/v1/tools/upscale-image", "/api/v1/tools/upscale-video", "/v1/images/generations", "/v1/images/edits", "/v1/videos", "/mcp", "/" }
        from body in new[] { "{\"model\":\"x\",\"input\":{\"a\":[|1,", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"a\":[|[],[[]],", "{|\"name\":1,", "{| ", "{\"a\":1|1" }
        select (path, body));

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync() => _zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Bodies:LargePerKey"] = "1", ["Bodies:Wait"] = "00:00:00.300", ["Providers:sandbox:Concurrency"] = "0" } });

    public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

    [Fact]
    public async Task A_body_of_countless_values_is_refused_before_it_has_arrived()
    {
        var customer = await Api.CreateCustomerAsync();
        foreach (var row in Doors)
        {
            var (path, body) = row.Data;
            var (begin, again) = (body.Split('|')[0], body.Split('|')[1]);
            var (answer, sent) = await StreamAsync(customer, path, begin, again);

            Assert.True(answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), $"{path} {body}: {answer}");
            Assert.Contains(path is "/mcp" or "/" ? "-32700" : path.StartsWith("/v1", StringComparison.Ordinal) ? "invalid_json" : "INVALID_JSON", answer, StringComparison.Ordinal);
            Assert.True(sent < MostTaken, $"{path} {body}: {sent} bytes were taken.");
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(_zoetrope.DataDirectory, "tmp")));
    }

    [Fact]
    public async Task A_batch_of_a_thousand_full_requests_is_no_such_body()
    {
        var customer = await Api.CreateCustomerAsync(credits: 1);
        var request = new { model = "nano-banana-pro-text-to-image", input = new { prompt = new string('x', 2_000), aspect_ratio = "16:9", resolution = "2K", output_format = "png" } };
        var body = JsonSerializer.Serialize(new { requests = Enumerable.Repeat(request, 1_000), webhookUrl = "" }, new JsonSerializerOptions { WriteIndented = true });

        var reply = await Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, body);

        Assert.True(reply.Code == "INSUFFICIENT_CREDITS", reply.Text);
    }

    [Theory]
    [InlineData("/api/v1/generate")]
    [InlineData("/v1/images/edits")]
    [InlineData("/mcp")]
    public async Task A_large_image_in_the_text_is_taken_and_leaves_nothing_behind(string path)
    {
        var customer = await Api.CreateCustomerAsync();
        var file = TestMedia.Copy(TestMedia.Image(1024, 768));
        await using (var stream = File.OpenWrite(file))
        {
            stream.Seek(0, SeekOrigin.End);
            await stream.WriteAsync(new byte[6_000_000], TestContext.Current.CancellationToken);
        }

        var uri = "data:image/png;base64," + Convert.ToBase64String(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        using var request = new HttpRequestMessage(HttpMethod.Post, path == "/v1/images/edits" ? "/api/v1/estimate" : path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {customer.Key}");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        object body = path == "/mcp"
            ? new { jsonrpc = "2.0", id = 1, method = "tools/call", @params = new { name = "estimate", arguments = new { model = "nano-banana-image-to-image", prompt = "a", image_urls = new[] { uri } } } }
            : new { model = "nano-banana-image-to-image", prompt = "a", input = new { image_urls = new[] { uri } } };
        request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

        var reply = await Api.SendAsync(request);

        Assert.True(reply.Status == 200 && !reply.Text.Contains("\"isError\":true", StringComparison.Ordinal), reply.Text);
        Assert.Empty(Directory.GetFiles(Path.Combine(_zoetrope.DataDirectory, "tmp")));
    }

    [Fact]
    public async Task A_key_sends_so_many_large_bodies_at_once_and_another_key_is_not_in_its_way()
    {
        var slow = await Api.CreateCustomerAsync();
        var other = await Api.CreateCustomerAsync();
        var large = $$$"""{"model":"no-such-model","input":{"a":"{{{new string('x', 300_000)}}}"}}""";
        using (var socket = await BeginAsync(slow, "/api/v1/generate", 300_000))
        {
            var refused = await Until.SeesAsync(() => Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", slow.Key, large), reply => reply.Status == 429);

            Assert.Equal("RATE_LIMITED", refused.Code);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Equal("INVALID_MODEL", (await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", other.Key, large)).Code);
            Assert.Equal("INVALID_MODEL", (await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", slow.Key, """{"model":"no-such-model"}""")).Code);
        }

        await Until.SeesAsync(() => Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", slow.Key, large), reply => reply.Code == "INVALID_MODEL");
    }

    [Fact]
    public async Task A_key_that_only_reads_sends_no_large_message()
    {
        var customer = await Api.CreateCustomerAsync();
        var reader = await Api.CreateKeyAsync(customer.AccountId, limits: new { scopes = new[] { "read" } });

        var refused = await Api.SendAsync(HttpMethod.Post, "/mcp", reader, $$$"""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"{{{new string('x', 200_000)}}}"}}""");
        var (chunked, sent) = await StreamAsync(customer with { Key = reader }, "/mcp", "{\"a\":\"", "x");

        Assert.Equal((403, "FORBIDDEN"), (refused.Status, refused.Code));
        Assert.StartsWith("HTTP/1.1 413", chunked, StringComparison.Ordinal);
        Assert.InRange(sent, 0, MostTaken);
    }

    [Fact]
    public async Task Text_without_end_is_no_prompt_and_no_model()
    {
        var customer = await Api.CreateCustomerAsync();
        var text = new string('x', 2_000_000);

        Assert.Equal("INVALID_PARAMETER", (await Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = text })).Code);
        Assert.Equal("INVALID_MODEL", (await Api.GenerateAsync(customer, new { model = text, prompt = "a" })).Code);
        Assert.Equal("IMAGE_TOO_LARGE", (await Api.GenerateAsync(customer, new { model = "nano-banana-image-to-image", prompt = "a", input = new { image_urls = new[] { "data:image/png;base64," + new string('A', 45_000_000) } } })).Code);
    }

    private async Task<TcpClient> BeginAsync(Customer customer, string path, int bytes)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(Api.Address.Host, Api.Address.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Head(customer, path, $"Content-Length: {bytes + 10_000}"), TestContext.Current.CancellationToken);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("{\"a\":\"" + new string('x', bytes)), TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Sends sixty megabytes of the same, until the server has answered; returns the answer and how much it let us send.</summary>
    private async Task<(string Answer, long Sent)> StreamAsync(Customer customer, string path, string begin, string again)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Api.Address.Host, Api.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        var head = path == "/mcp" && again == "x" ? "Transfer-Encoding: chunked" : $"Content-Length: {Sent}";
        await stream.WriteAsync(Head(customer, path, head), TestContext.Current.CancellationToken);
        var answering = AnswerAsync(stream);
        var piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(again, (Piece / again.Length) + 1)));
        var isChunked = head.StartsWith("Transfer", StringComparison.Ordinal);
        var first = Encoding.ASCII.GetBytes(begin);
        long sent = 0;
        try
        {
            await WriteAsync(stream, first, isChunked);
            for (sent = first.Length; sent + piece.Length < Sent && !answering.IsCompleted; sent += piece.Length)
            {
                await WriteAsync(stream, piece, isChunked);
            }
        }
        catch (IOException)
        {
            // The server has hung up; what it said is read below.
        }

        return (await answering, sent);
    }

    private static async Task WriteAsync(NetworkStream stream, byte[] data, bool isChunked)
    {
        if (isChunked)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{data.Length:x}\r\n")), TestContext.Current.CancellationToken);
        }

        await stream.WriteAsync(data, TestContext.Current.CancellationToken);
        if (isChunked)
        {
            await stream.WriteAsync("\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }
    }

    private byte[] Head(Customer customer, string path, string length) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: {Api.Address.Authority}\r\nAuthorization: Bearer {customer.Key}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n{length}\r\n\r\n");

    private static Task<string> AnswerAsync(NetworkStream stream) => HttpAnswers.ReadAsync(stream);
}
