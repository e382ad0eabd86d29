using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Shared;

/// <summary>HEAD is GET without the body: every route that answers GET is found by asking the server, and more addresses by hand.</summary>
public sealed class HeadRequestTests : IAsyncLifetime
{
    // Another on each answer, or about the connection.
    private static readonly string[] Own = ["Date", "X-Request-Id", "Transfer-Encoding", "Connection", "Keep-Alive", "Content-Length"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private TestZoetrope _zoetrope = null!;

    public async ValueTask InitializeAsync() => _zoetrope = await TestZoetrope.StartAsync(new TestServer { HasMetrics = true });

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _zoetrope.DisposeAsync();
    }

    [Fact]
    public async Task Every_address_answers_head_as_it_answers_get()
    {
        var api = _zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        var image = (await api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "a", input = new { } })).Expect(200).Data.GetProperty("id").GetString()!;
        var video = (await api.SendAsync(HttpMethod.Post, "/v1/videos", customer.Key, """{"model":"seedance-2-0-mini","prompt":"a","seconds":4,"size":"848x480"}""")).Expect(200).Json.GetProperty("id").GetString()!;
        var result = (await api.WaitAsync(customer, image)).GetProperty("result").GetProperty("url").GetString()!;
        await api.WaitAsync(customer, video);
        var upload = await api.UploadAsync(customer, Artifacts.Media.TestMedia.Image(640, 480), "image/png");
        var routes = _zoetrope.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is not { HttpMethods: { Count: > 0 } methods } || methods.Contains("GET"))
            .Select(endpoint => "/" + Regex.Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), @"\{id\}", image)).Select(path => Regex.Replace(path, @"\{[^}]+\}", "x")).Distinct().ToList();
        Assert.True(routes.Count > 30, $"Only {routes.Count} routes.");

        // What is counted or measured differs from one answer to the next.
        foreach (var path in routes.Where(path => path is not ("/metrics" or "/admin/v1/ledger/audit")).Concat([
            $"/v1/videos/{video}", $"/v1/videos/{video}/content", $"/v1/videos/{video}/content?variant=thumbnail", $"/api/v1/tasks/{image}/download?mode=proxy", $"/api/v1/tasks/{image}?wait=1", new Uri(result).PathAndQuery, new Uri(upload).PathAndQuery,
            "/openapi/v1.json", "/docs", "/docs/", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/jwks", "/oauth/authorize?client_id=x", "/api/v1/nothing", "/api/v1/generate", "/mcp", "/v1/models/nano-banana", "/api/v1/tasks?limit=0",
        ]))
        {
            using var get = await SendAsync(HttpMethod.Get, path, customer.Key);
            using var head = await SendAsync(HttpMethod.Head, path, customer.Key);

            Assert.True(get.StatusCode == head.StatusCode, $"{path}: GET {get.StatusCode}, HEAD {head.StatusCode}");
            Assert.True(Headers(get).SequenceEqual(Headers(head)), $"{path}:\n{string.Join('\n', Headers(get))}\nHEAD\n{string.Join('\n', Headers(head))}");
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            if (head.Content.Headers.ContentLength is { } length && get.Content.Headers.ContentLength is { } expected && !path.Contains("/download", StringComparison.Ordinal))
            {
                Assert.True(length == expected, $"{path}: {length} instead of {expected} bytes");
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Head, "/metrics", customer.Key)).StatusCode);
        using var part = new HttpRequestMessage(HttpMethod.Head, new Uri(api.Address, new Uri(upload).PathAndQuery)) { Headers = { Range = new(0, 9) } };
        using var ranged = await _http.SendAsync(part, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.PartialContent, 10L), (ranged.StatusCode, ranged.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task The_head_of_an_event_stream_ends_at_once_and_leaves_its_place()
    {
        var customer = await _zoetrope.Api.CreateCustomerAsync();
        var task = (await _zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "[[never-finishes]]" })).Expect(200).Data.GetProperty("id").GetString()!;
        for (var i = 0; i < 110; i++)
        {
            using var head = await SendAsync(HttpMethod.Head, i % 2 == 0 ? "/api/v1/events" : $"/api/v1/tasks/{task}/events", customer.Key);

            Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (head.StatusCode, head.Content.Headers.ContentType?.MediaType));
        }

        (await _zoetrope.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{task}", customer.Key)).Expect(200);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string key)
    {
        using var request = new HttpRequestMessage(method, new Uri(_zoetrope.Api.Address, path));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {(path.StartsWith("/admin", StringComparison.Ordinal) ? TestZoetrope.OperatorKey : key)}");
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cut.CancelAfter(Until.Patience);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cut.Token);
    }

    private static List<string> Headers(HttpResponseMessage answer) =>
    [
        .. answer.Headers.Concat(answer.Content.Headers).Where(header => !Own.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal),
    ];
}
