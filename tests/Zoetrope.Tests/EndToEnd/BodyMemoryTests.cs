using System.Net.Sockets;
using System.Text;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>What request bodies cost the server's process, by the kernel's count: at most 64 MB more, and for a moment only.</summary>
public sealed class BodyMemoryTests(ITestOutputHelper output)
{
    private const long Most = 64_000_000;
    private const long Left = 40_000_000;
    private const int Large = 60_000_000;

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task Bodies_that_are_refused_or_never_end_cost_little()
    {
        Assert.SkipUnless(ResidentSet.IsKnown, "Only Linux counts so.");
        await using var server = await ServerProcess.StartAsync(new Dictionary<string, string?> { ["Zoetrope__OAuth__RegistrationsPerMinute"] = "1000" });
        var customer = await server.Api.CreateCustomerAsync();
        var others = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => server.Api.CreateCustomerAsync()));
        await WarmAsync(server, customer);

        foreach (var path in new[] { "/api/v1/generate", "/api/v1/estimate", "/api/v1/batches", "/v1/videos", "/mcp" })
        {
            await CostsAsync(server, $"sixty megabytes of numbers at {path}", () => SendAsync(server, customer, path, "{\"model\":\"x\",\"input\":{\"a\":[", "1,1,1,1,"));
            await CostsAsync(server, $"sixty megabytes of brackets at {path}", () => SendAsync(server, customer, path, "{\"model\":\"x\",\"input\":{\"a\":[[]", ",[],[[]]"));
        }

        await CostsAsync(server, "sixty megabytes of text", () => SendAsync(server, customer, "/api/v1/generate", "{\"model\":\"x\",\"input\":{\"a\":\"", "xxxxxxxx", "\"}}"));
        await CostsAsync(server, "four times sixty megabytes of text", () => Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(server, customer, "/api/v1/generate", "{\"model\":\"x\",\"input\":{\"a\":\"", "xxxxxxxx", "\"}}"))));
        foreach (var path in new[] { "/oauth/token", "/token", "/oauth/authorize", "/authorize", "/oauth/revoke", "/oauth/register", "/hooks/sandbox/x" })
        {
            await CostsAsync(server, $"eight forms of sixty megabytes at {path}", () => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(server, null, path, "a=", "x&a=xxxx", type: "application/x-www-form-urlencoded"))));
        }

        await CostsAsync(server, "a hundred slow bodies of one key", () => SlowAsync(server, [customer], "/api/v1/generate", "application/json", "{\"a\":\""));
        await CostsAsync(server, "a hundred slow bodies of ten keys", () => SlowAsync(server, others, "/api/v1/generate", "application/json", "{\"a\":\""));
        await CostsAsync(server, "a hundred slow messages", () => SlowAsync(server, others, "/mcp", "application/json", "{\"a\":\""));
        await CostsAsync(server, "a hundred slow forms with a file", () => SlowAsync(server, others, "/v1/images/edits", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n"));
        await CostsAsync(server, "a hundred slow forms of strangers", () => SlowAsync(server, [null], "/oauth/token", "application/x-www-form-urlencoded", "a="));
        Assert.Empty(Directory.GetFiles(Path.Combine(server.DataDirectory, "tmp")));
    }

    private async Task CostsAsync(ServerProcess server, string what, Func<Task> work)
    {
        var before = ResidentSet.Of(server.ProcessId);
        ResidentSet.Forget(server.ProcessId);
        await work();
        var cost = ResidentSet.PeakOf(server.ProcessId) - before;
        var left = 0L;
        await Until.HoldsAsync(() => (left = ResidentSet.Of(server.ProcessId) - before) < Left, () => $"{left / 1_000_000} MB are left of {what}");
        output.WriteLine($"{what}: {cost / 1_000_000} MB, then {left / 1_000_000} MB");
        Assert.True(cost <= Most, $"{what} cost {cost / 1_000_000} MB.");
    }

    private static async Task WarmAsync(ServerProcess server, Customer customer)
    {
        for (var i = 0; i < 200; i++)
        {
            await server.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, """{"model":"nano-banana-text-to-image","prompt":"a"}""");
            await server.Api.SendAsync(HttpMethod.Post, "/mcp", customer.Key, """{"jsonrpc":"2.0","id":1,"method":"ping"}""");
        }

        await server.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, $$$"""{"model":"x","input":{"a":"{{{new string('x', 1_000_000)}}}"}}""");
        await SendAsync(server, null, "/oauth/token", "a=", "x&a=xxxx", type: "application/x-www-form-urlencoded");
    }

    /// <summary>Sends sixty megabytes, or as much as the server takes, and reads the answer.</summary>
    private static async Task SendAsync(ServerProcess server, Customer? customer, string path, string begin, string again, string end = "", string type = "application/json")
    {
        using var socket = await BeginAsync(server, customer, path, type, Large);
        await using var stream = socket.GetStream();
        var first = Encoding.ASCII.GetBytes(begin);
        var last = Encoding.ASCII.GetBytes(end);
        var piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(again, 8_192)));
        var answering = AnswerAsync(stream);
        try
        {
            await stream.WriteAsync(first, TestContext.Current.CancellationToken);
            for (var left = Large - first.Length - last.Length; left > 0 && !answering.IsCompleted; left -= piece.Length)
            {
                await stream.WriteAsync(piece.AsMemory(0, Math.Min(piece.Length, left)), TestContext.Current.CancellationToken);
            }

            await stream.WriteAsync(last, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // It has heard enough.
        }

        var answer = await answering;
        Assert.True(answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 503", StringComparison.Ordinal), answer);
    }

    /// <summary>A hundred bodies: each sends as much as the server takes at once, then a little every second.</summary>
    private static async Task SlowAsync(ServerProcess server, Customer?[] customers, string path, string type, string begin)
    {
        var piece = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        over.CancelAfter(TimeSpan.FromSeconds(20));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var socket = await BeginAsync(server, customers[i % customers.Length], path, type, Large);
            await using var stream = socket.GetStream();
            try
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(begin), over.Token);
                for (var sent = 0; sent < Large / 2; sent += piece.Length)
                {
                    await stream.WriteAsync(piece, over.Token);
                }

                for (var drips = 0; drips < 60; drips++)
                {
                    await Until.PassesAsync(TimeSpan.FromSeconds(1));
                    await stream.WriteAsync(piece.AsMemory(0, 1_500), over.Token);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // Cut off by the server, or the time is over.
            }
        }));
        Assert.Equal("INVALID_MODEL", (await server.Api.SendAsync(HttpMethod.Post, "/api/v1/generate", (await server.Api.CreateCustomerAsync()).Key, """{"model":"x"}""")).Code);
    }

    private static async Task<TcpClient> BeginAsync(ServerProcess server, Customer? customer, string path, string type, int length)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(server.Address.Host, server.Address.Port, TestContext.Current.CancellationToken);
        var authorization = customer is null ? "" : $"Authorization: Bearer {customer.Key}\r\n";
        var head = $"POST {path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\n{authorization}Content-Type: {type}\r\nAccept: application/json, text/event-stream\r\nContent-Length: {length}\r\n\r\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> AnswerAsync(NetworkStream stream)
    {
        try
        {
            return await HttpAnswers.ReadAsync(stream) is { Length: > 0 } answer ? answer : "HTTP/1.1 4 cut off";
        }
        catch (IOException)
        {
            return "HTTP/1.1 4 cut off";
        }
    }
}
