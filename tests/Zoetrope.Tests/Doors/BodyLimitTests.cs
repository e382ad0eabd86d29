using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>
/// <c>Server:MaxBodyBytes</c> at every address that takes a body, found by asking the server for its routes: with and without a
/// Content-Length, as JSON and as a form. Nothing of a body that says it is too large is read.
/// </summary>
public sealed class BodyLimitTests
{
    private const long Default = 64 << 20;
    private const int Unread = 64 * 1024;

    /// <summary>Routes with a limit of their own; every other takes what the operator allows.</summary>
    private static readonly Dictionary<string, long> Own = new()
    {
        ["PUT /api/v1/credits/alert"] = 4 * 1024,
        ["PATCH /api/v1/grants/{id}"] = 4 * 1024,
        ["PATCH /api/v1/tasks/{id}"] = 4 * 1024,
        ["POST /api/v1/tasks/{id}/share"] = 4 * 1024,
        ["POST /api/v1/vouchers/redeem"] = 4 * 1024,
        ["POST /api/v1/budgets"] = 4 * 1024,
        ["PATCH /api/v1/budgets/{id}"] = 4 * 1024,
        ["POST /api/v1/keys"] = 64 * 1024,
        ["PATCH /api/v1/keys/{id}"] = 64 * 1024,
        ["POST /api/v1/keys/{id}/rotate"] = 64 * 1024,
        ["POST /api/v1/account/invitations"] = 8 * 1024,
        ["PATCH /api/v1/account/members/{id}"] = 8 * 1024,
        ["POST /api/v1/invitations/accept"] = 8 * 1024,
        ["POST /api/v1/welcome"] = 8 * 1024,
        ["POST /api/v1/session"] = 8 * 1024,
        ["PATCH /api/v1/session"] = 8 * 1024,
        ["POST /api/v1/session/proof"] = 8 * 1024,
        ["PUT /api/v1/person/password"] = 8 * 1024,
        ["POST /api/v1/person/authenticator/confirm"] = 8 * 1024,
        ["POST /api/v1/session/passkey"] = 64 * 1024,
        ["POST /api/v1/person/passkeys"] = 64 * 1024,
        ["POST /api/v1/upload"] = 16 * 1024,
        ["POST /api/v1/webhooks"] = 16 * 1024,
        ["PATCH /api/v1/webhooks/{id}"] = 16 * 1024,
        ["POST /api/v1/webhooks/{id}/redeliver"] = 16 * 1024,
        ["POST /oauth/register"] = 16 * 1024,
        ["POST /register"] = 16 * 1024,
        ["POST /oauth/authorize"] = 64 * 1024,
        ["POST /authorize"] = 64 * 1024,
        ["POST /oauth/token"] = 64 * 1024,
        ["POST /token"] = 64 * 1024,
        ["POST /hooks/{provider}/{token}"] = 4 << 20,
        ["POST /api/v1/batches/{id}/cancel"] = Unread,
        ["POST /api/v1/webhooks/secret"] = Unread,
        ["POST /api/v1/session/passkey/options"] = Unread,
        ["POST /api/v1/person/passkeys/options"] = Unread,
        ["POST /api/v1/person/authenticator"] = Unread,
        ["POST /api/v1/person/recovery-codes"] = Unread,
        ["POST /api/v1/webhooks/{id}/rotate-secret"] = Unread,
        ["POST /api/v1/webhooks/{id}/pause"] = Unread,
        ["POST /api/v1/webhooks/{id}/resume"] = Unread,
        ["POST /api/v1/webhooks/{id}/test"] = Unread,
        ["POST /api/v1/webhooks/{id}/deliveries/{delivery}/redeliver"] = Unread,
    };

    // Forms of people's pages, whose limit is that of the endpoints that they stand for, and which answer with a page.
    private static readonly string[] Pages = ["POST /sign-in", "POST /sign-in/outside", "POST /welcome", "POST /invitation", "POST /account/security"];

    private static readonly string[] OfPeople = ["/api/v1/session", "/api/v1/person/", "/api/v1/account/", "/api/v1/invitations/", "/api/v1/welcome"];

    private static readonly string[] Forms = ["/oauth/authorize", "/authorize", "/oauth/token", "/token"];

    [Theory]
    [InlineData(20_000)]
    [InlineData(2_000_000)]
    [InlineData(80 << 20)]
    public async Task A_body_above_the_limit_is_refused_at_every_address(long setting)
    {
        await using var zoetrope = await StartAsync(setting);
        var asking = await Asking.ComeAsync(zoetrope);
        var routes = Routes(zoetrope);
        Assert.True(routes.Count > 35, $"Only {routes.Count} routes take a body.");
        foreach (var route in routes)
        {
            var limit = Math.Min(LimitOf(route), setting);
            var announced = await AnnounceAsync(zoetrope, asking, route, limit + 1);
            AssertRefused(route, "announced", limit, announced);

            // Without a length the limit has to be met before it is known: what is large is tried at one address of each door.
            if (limit <= 2_000_000 || route is "POST /api/v1/generate" or "POST /v1/videos" or "POST /mcp" or "POST /hooks/{provider}/{token}")
            {
                AssertRefused(route, "chunked", limit, await StreamAsync(zoetrope, asking, route, limit, TypeOf(route)));
            }
        }

        foreach (var route in routes.Where(route => route.StartsWith("POST /v1/", StringComparison.Ordinal)))
        {
            const string type = "multipart/form-data; boundary=b";
            AssertRefused(route, "form", setting, await AnnounceAsync(zoetrope, asking, route, setting + 1, type));
            AssertRefused(route, "chunked form", setting, await StreamAsync(zoetrope, asking, route, setting, type));
        }

        // OpenIddict answers these itself, without an endpoint.
        var revoked = Math.Min(setting, 64 * 1024);
        AssertRefused("POST /oauth/revoke", "announced", revoked, await AnnounceAsync(zoetrope, asking, "POST /oauth/revoke", revoked + 1, "application/x-www-form-urlencoded"));
        AssertRefused("POST /oauth/revoke", "chunked", revoked, await StreamAsync(zoetrope, asking, "POST /oauth/revoke", revoked, "application/x-www-form-urlencoded"));
    }

    [Fact]
    public async Task A_larger_setting_reads_larger_bodies()
    {
        await using var zoetrope = await StartAsync(80 << 20);
        var asking = await Asking.ComeAsync(zoetrope);
        var spaces = new byte[Default + (2 << 20)];
        spaces.AsSpan().Fill((byte)' ');
        foreach (var route in Routes(zoetrope).Where(route => LimitOf(route) == long.MaxValue))
        {
            Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"ping","model":"no-such-model"}""", spaces);
            foreach (var chunked in new[] { false, true })
            {
                var reply = await SendAsync(zoetrope, asking, route, new ByteArrayContent(spaces), "application/json", chunked);
                Assert.True(reply.Status is 400 or 404 or 200, $"{route}: {reply.Status} {reply.Text}");
            }
        }

        foreach (var path in new[] { "/v1/images/edits", "/v1/images/generations", "/v1/videos" })
        {
            using var form = new MultipartFormDataContent { { new StringContent("no-such-model"), "model" }, { new ByteArrayContent(spaces), "image", "a.png" } };
            var reply = await SendAsync(zoetrope, asking, $"POST {path}", form, type: null, chunked: false);
            Assert.True(reply.Status is 400 or 404, $"{path}: {reply.Status} {reply.Text}");
        }
    }

    [Fact]
    public async Task Uploaded_files_have_the_limits_of_their_types_whatever_the_setting()
    {
        await using var zoetrope = await StartAsync(20_000);
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var file = TestMedia.Copy(TestMedia.Jpeg);
        await using (var stream = File.OpenWrite(file))
        {
            // Bytes behind the picture's end are still the file's.
            stream.Seek(0, SeekOrigin.End);
            await stream.WriteAsync(new byte[100_000], TestContext.Current.CancellationToken);
        }

        var url = await zoetrope.Api.UploadAsync(customer, file, "image/jpeg");

        Assert.Contains("/files/upl_", url, StringComparison.Ordinal);
    }

    private static Task<TestZoetrope> StartAsync(long setting) => TestZoetrope.StartAsync(new TestServer
    {
        Settings = new Dictionary<string, string?> { ["Server:MaxBodyBytes"] = setting.ToString(CultureInfo.InvariantCulture), ["OAuth:RegistrationsPerMinute"] = "1000" },
    });

    /// <summary>Every route that takes a body, as <c>POST /path</c>.</summary>
    private static List<string> Routes(TestZoetrope zoetrope) =>
    [
        .. zoetrope.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods.Select(method => $"{method} /{endpoint.RoutePattern.RawText?.TrimStart('/')}") ?? [])
            .Where(route => route.StartsWith('P') && route != "PUT /uploads/{key}" && !Pages.Contains(route))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    private static long LimitOf(string route) =>
        Own.TryGetValue(route, out var own) ? own : route.Contains(" /admin/", StringComparison.Ordinal) ? 64 * 1024 : long.MaxValue;

    private static string PathOf(string route) => System.Text.RegularExpressions.Regex.Replace(route.Split(' ')[1], @"\{[^}]+\}", "x");

    private static string TypeOf(string route) => Forms.Contains(PathOf(route)) ? "application/x-www-form-urlencoded" : "application/json";

    private static void AssertRefused(string route, string how, long limit, string answer)
    {
        var status = answer.Length > 12 ? answer[9..12] : answer;
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var start = body.IndexOf('{', StringComparison.Ordinal);
        Assert.True(status == "413" && start >= 0, $"{route}, {how}, {limit} bytes: {answer}");
        var json = JsonDocument.Parse(body[start..(body.LastIndexOf('}') + 1)]).RootElement.GetProperty("error");
        var code = json.ValueKind == JsonValueKind.String ? json.GetString() : json.GetProperty("code").GetString();
        var path = PathOf(route);
        var expected = path.StartsWith("/v1/", StringComparison.Ordinal) ? "body_too_large"
            : path.EndsWith("register", StringComparison.Ordinal) ? "invalid_client_metadata"
            : path.EndsWith("token", StringComparison.Ordinal) ? "invalid_request"
            : "BODY_TOO_LARGE";
        Assert.True(code == expected, $"{route}, {how}: {answer}");
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Contains($"larger than {limit} bytes", body, StringComparison.Ordinal);
        Assert.DoesNotContain("MaxBodyBytes", body, StringComparison.Ordinal);
    }

    /// <summary>Says how long the body is and sends nothing of it.</summary>
    private static async Task<string> AnnounceAsync(TestZoetrope zoetrope, Asking asking, string route, long length, string? type = null)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(zoetrope.Api.Address.Host, zoetrope.Api.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Head(zoetrope, asking, route, type ?? TypeOf(route), $"Content-Length: {length}"), TestContext.Current.CancellationToken);
        return await AnswerAsync(stream);
    }

    /// <summary>Sends chunks until the server has had enough, but never much more than the limit.</summary>
    private static async Task<string> StreamAsync(TestZoetrope zoetrope, Asking asking, string route, long limit, string type)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(zoetrope.Api.Address.Host, zoetrope.Api.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Head(zoetrope, asking, route, type, "Transfer-Encoding: chunked"), TestContext.Current.CancellationToken);
        var answering = AnswerAsync(stream);
        var begin = type switch
        {
            "application/json" => "{\"a\":\"",
            "application/x-www-form-urlencoded" => "a=1&",
            _ => "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n",
        };
        var part = new byte[Math.Min(limit, 64 * 1024)];
        part.AsSpan().Fill((byte)'x');
        if (type.EndsWith("urlencoded", StringComparison.Ordinal))
        {
            // Values that a form reader takes: short ones.
            for (var i = 99; i < part.Length; i += 100)
            {
                part[i] = (byte)'&';
            }
        }

        try
        {
            await SendAsync(stream, Encoding.ASCII.GetBytes(begin));
            for (long sent = 0; sent <= limit && !answering.IsCompleted; sent += part.Length)
            {
                await SendAsync(stream, part);
            }
        }
        catch (IOException)
        {
            // The server has hung up; what it said is read below.
        }

        return await answering;
    }

    private static async Task SendAsync(NetworkStream stream, byte[] data)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{data.Length:x}\r\n"), TestContext.Current.CancellationToken);
        await stream.WriteAsync(data, TestContext.Current.CancellationToken);
        await stream.WriteAsync("\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
    }

    private static byte[] Head(TestZoetrope zoetrope, Asking asking, string route, string type, string length)
    {
        var key = route.Contains(" /admin/", StringComparison.Ordinal) ? TestZoetrope.OperatorKey : asking.Key;
        var credential = OfPeople.Any(PathOf(route).StartsWith)
            ? $"Cookie: {asking.Cookie}\r\nOrigin: http://{zoetrope.Api.Address.Authority}\r\nX-Zoetrope-Studio: 1"
            : $"Authorization: Bearer {key}";
        return Encoding.ASCII.GetBytes(
            $"{route.Split(' ')[0]} {PathOf(route)} HTTP/1.1\r\nHost: {zoetrope.Api.Address.Authority}\r\n{credential}\r\nContent-Type: {type}\r\n"
            + $"Accept: application/json, text/event-stream\r\n{length}\r\n\r\n");
    }

    private static async Task<string> AnswerAsync(NetworkStream stream)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException) when (answer.Length > 0)
        {
            // Cut off after the answer.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private static async Task<Reply> SendAsync(TestZoetrope zoetrope, Asking asking, string route, HttpContent content, string? type, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(route.Split(' ')[0]), PathOf(route)) { Content = content };
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {asking.Key}");
        return await zoetrope.Api.SendAsync(request);
    }

    /// <summary>A key that may do all that keys may, and the cookie of a person.</summary>
    private sealed record Asking(string Key, string Cookie)
    {
        public static async Task<Asking> ComeAsync(TestZoetrope zoetrope)
        {
            var customer = await zoetrope.Api.CreateCustomerAsync();
            var browser = await TestBrowser.OperatorAsync(zoetrope);
            return new Asking(await zoetrope.Api.CreateKeyAsync(customer.AccountId, limits: new { scopes = new[] { "generate", "read", "keys", "budgets" } }), browser.Cookie!);
        }
    }
}
