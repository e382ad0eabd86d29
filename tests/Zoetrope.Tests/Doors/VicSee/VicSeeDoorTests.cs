using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Routing;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.VicSee;

/// <summary>The VicSee door as its documentation describes it, over HTTP against the real server and its sandbox.</summary>
public sealed class VicSeeDoorTests : IAsyncLifetime
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true };

    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { HasMetrics = true });
        _customer = await Api.CreateCustomerAsync();
    }

    public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

    [Fact]
    public async Task The_documented_request_becomes_ten_seconds_of_exactly_what_was_asked()
    {
        const string body = """{"model":"seedance-2-0-text-to-video","prompt":"A red fox runs through snow at sunset","options":{"duration":10,"aspectRatio":"16:9"}}""";
        var task = await RunAsync("/api/v1/generate", body);

        var result = task.GetProperty("result");
        var bytes = await Api.DownloadAsync(result.GetProperty("url").GetString()!);
        var file = await FfProbe.ReadAsync(bytes);
        Assert.Equal(("h264", "aac", 1280, 720, 240, 24.0), (file.VideoCodec, file.AudioCodec, file.Width, file.Height, file.Frames, file.FramesPerSecond));
        Assert.InRange(file.Seconds, 9.95, 10.05);
        var text = System.Text.Encoding.Latin1.GetString(bytes);
        Assert.True(text.IndexOf("moov", StringComparison.Ordinal) < text.IndexOf("mdat", StringComparison.Ordinal));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), result.GetProperty("sha256").GetString());
        Assert.Equal(bytes.Length, result.GetProperty("bytes").GetInt64());
        var poster = await FfProbe.ReadAsync(await Api.DownloadAsync(result.GetProperty("posterUrl").GetString()!));
        Assert.InRange(Math.Max(poster.Width, poster.Height), 1, 512);
    }

    [Fact]
    public async Task Upscales_have_twice_the_sides()
    {
        var image = await Api.UploadAsync(_customer, TestMedia.Image(200, 120), "image/png");
        var video = await Api.UploadAsync(_customer, TestMedia.Clip(1), "video/mp4");

        var stillTask = await RunAsync("/api/v1/tools/upscale-image", JsonSerializer.Serialize(new { image_url = image, upscale_factor = "2" }));
        var clipTask = await RunAsync("/api/v1/tools/upscale-video", JsonSerializer.Serialize(new { video_url = video, upscale_factor = "2" }));

        var still = await FfProbe.ReadAsync(await Api.DownloadAsync(stillTask.GetProperty("result").GetProperty("url").GetString()!));
        var clip = await FfProbe.ReadAsync(await Api.DownloadAsync(clipTask.GetProperty("result").GetProperty("url").GetString()!));
        Assert.Equal((400, 240), (still.Width, still.Height));
        Assert.Equal((320, 240), (clip.Width, clip.Height));
        Assert.Equal(1, clip.Seconds, 0.1);
    }

    [Fact]
    public async Task An_image_becomes_a_video_from_a_data_uri_and_from_an_upload()
    {
        var file = TestMedia.Image(640, 480);
        foreach (var url in new[] { $"data:image/png;base64,{Convert.ToBase64String(await File.ReadAllBytesAsync(file))}", await Api.UploadAsync(_customer, file, "image/png") })
        {
            var task = await RunAsync("/api/v1/generate", JsonSerializer.Serialize(new { model = "seedance-2-0-mini-image-to-video", input = new { prompt = "it moves", image_urls = new[] { url }, duration = 4, resolution = "480p" } }));
            var clip = await FfProbe.ReadAsync(await Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!));
            Assert.Equal(4, clip.Seconds, 0.1);
        }
    }

    [Fact]
    public async Task Tasks_are_listed_in_pages_and_by_filter_and_read_strictly()
    {
        var done = (await RunAsync("/api/v1/generate", Image("one"))).GetProperty("id").GetString()!;
        for (var i = 0; i < 4; i++)
        {
            await RunAsync("/api/v1/generate", Image($"[[fail]] {i}"), "failed");
        }

        var seen = new List<string>();
        await foreach (var reply in Api.PagesAsync(_customer, "/api/v1/tasks?limit=2"))
        {
            var page = JsonSerializer.Deserialize<Envelope<TaskPage>>(reply.Text, Strict)!.Data;
            Assert.InRange(page.Tasks.Count, 1, 2);
            seen.AddRange(page.Tasks.Select(task => task.Id));
        }

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal), seen);
        Assert.Equal([done], await IdsAsync("status=completed"));
        Assert.Equal(4, (await IdsAsync("status=failed")).Count);
        Assert.Equal(5, (await IdsAsync("type=image")).Count);
        Assert.Empty(await IdsAsync("type=video"));
        Assert.Empty(await IdsAsync("model=seedance-2-0-text-to-video"));
        Assert.Equal(400, (await Api.GetAsync(_customer, "/api/v1/tasks?status=nonsense")).Status);
        Assert.Equal(400, (await Api.GetAsync(_customer, "/api/v1/tasks?limit=101")).Status);
        Assert.NotNull(JsonSerializer.Deserialize<Envelope<TaskState>>((await Api.GetAsync(_customer, $"/api/v1/tasks/{done}")).Expect(200).Text, Strict));
        Assert.NotNull(JsonSerializer.Deserialize<Envelope<TaskDownload>>((await Api.GetAsync(_customer, $"/api/v1/tasks/{done}/download")).Expect(200).Text, Strict));
        Assert.NotNull(JsonSerializer.Deserialize<Envelope<CreditBalance>>((await Api.GetAsync(_customer, "/api/v1/credits")).Expect(200).Text, Strict));
        Assert.Equal(11, JsonSerializer.Deserialize<Envelope<LedgerPage>>((await Api.GetAsync(_customer, "/api/v1/ledger")).Expect(200).Text, Strict)!.Data.Entries.Count);
        Assert.NotNull(JsonSerializer.Deserialize<Envelope<TaskCreated>>((await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", _customer.Key, Image("[[fail]]"))).Expect(200).Text, Strict));
        Assert.NotNull(JsonSerializer.Deserialize<Envelope<Estimate>>((await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", _customer.Key, Image("a"))).Expect(200).Text, Strict));
    }

    [Fact]
    public async Task A_result_is_downloaded_whole_and_in_ranges()
    {
        var id = (await RunAsync("/api/v1/generate", Image("one"))).GetProperty("id").GetString()!;
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Api.Address, $"/api/v1/tasks/{id}/download?mode=proxy"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _customer.Key);
        using var whole = await http.SendAsync(request);
        var bytes = await whole.Content.ReadAsByteArrayAsync();

        var url = new Uri((await Api.GetAsync(_customer, $"/api/v1/tasks/{id}/download")).Expect(200).Data.GetProperty("url").GetString()!);
        using var part = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(10, 19) } };
        using var answer = await http.SendAsync(part);
        using var beyond = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(bytes.Length, null) } };
        using var refused = await http.SendAsync(beyond);

        Assert.Equal(200, (int)whole.StatusCode);
        Assert.Equal(bytes, await http.GetByteArrayAsync(url));
        Assert.Equal(206, (int)answer.StatusCode);
        Assert.Equal(bytes[10..20], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal($"bytes 10-19/{bytes.Length}", answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(416, (int)refused.StatusCode);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task The_starter_plan_has_a_hundred_calls_a_day_and_says_so()
    {
        var customer = await Api.CreateCustomerAsync(plan: "starter");
        for (var i = 1; i <= 100; i++)
        {
            var reply = (await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, Image("[[fail]]"))).Expect(200);
            Assert.Equal(("100", $"{100 - i}"), (Header(reply, "X-RateLimit-Limit"), Header(reply, "X-RateLimit-Remaining")));
        }

        var refused = await Api.SendAsync(HttpMethod.Post, "/api/v1/generate", customer.Key, Image("[[fail]]"));
        var read = (await Api.GetAsync(customer, "/api/v1/credits")).Expect(200);

        Assert.Equal((429, "RATE_LIMITED"), (refused.Status, refused.Code));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 86_400);
        Assert.Equal(("0", "0"), (Header(refused, "X-RateLimit-Remaining"), Header(read, "X-RateLimit-Remaining")));
    }

    [Fact]
    public async Task A_foreign_task_and_an_unknown_one_answer_the_same_bytes()
    {
        var stranger = await Api.CreateCustomerAsync();
        var id = (await RunAsync("/api/v1/generate", Image("[[fail]]"), "failed")).GetProperty("id").GetString()!;
        var unknown = id[..^1] + (id[^1] == '0' ? '1' : '0');
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/api/v1/tasks/{0}"), (HttpMethod.Get, "/api/v1/tasks/{0}?wait=1"), (HttpMethod.Delete, "/api/v1/tasks/{0}"), (HttpMethod.Get, "/api/v1/tasks/{0}/download"), (HttpMethod.Get, "/api/v1/tasks/{0}/download?mode=proxy") })
        {
            var foreign = await Api.SendAsync(method, string.Format(CultureInfo.InvariantCulture, path, id), stranger.Key);
            var missing = await Api.SendAsync(method, string.Format(CultureInfo.InvariantCulture, path, unknown), stranger.Key);
            Assert.Equal((404, missing.Text.Replace(unknown, id, StringComparison.Ordinal)), (foreign.Status, foreign.Text));
        }
    }

    [Fact]
    public async Task The_anonymous_routes_are_these_and_every_route_is_described()
    {
        var routes = AccessRules.List((EndpointDataSource)_zoetrope.Services.GetService(typeof(EndpointDataSource))!);
        Assert.DoesNotContain(routes, route => route.Rule is null);
        Assert.Equal(
            [
                "* /metrics", "GET /", "GET /.well-known/oauth-protected-resource", "GET /.well-known/oauth-protected-resource/mcp", "GET /about", "GET /account/security", "GET /api/v1/models", "GET /api/v1/models/{**name}", "GET /entry.css", "GET /entry.js", "GET /guides", "GET /guides/{**name}",
                "GET /health/live", "GET /health/ready", "GET /icon.svg", "GET /invitation", "GET /llms.txt", "GET /models", "GET /models.md", "GET /models/{name}", "GET /openapi/{documentName}.json", "GET /s/{id}", "GET /sign-in", "GET /sign-in/outside/callback",
                "GET /welcome", "GET,HEAD /files/{artifactId}/{name}", "GET,HEAD /files/{key}", "GET,HEAD /s/{id}/{number}", "GET,HEAD /s/{id}/{number}/poster", "GET,POST /authorize", "GET,POST /oauth/authorize", "OPTIONS /uploads/{key}", "POST /account/security", "POST /api/v1/invitations/accept", "POST /api/v1/session", "POST /api/v1/session/passkey",
                "POST /api/v1/session/passkey/options", "POST /api/v1/welcome", "POST /hooks/{provider}/{token}", "POST /invitation", "POST /oauth/register", "POST /oauth/token", "POST /register", "POST /sign-in", "POST /sign-in/outside", "POST /token", "POST /welcome", "PUT /uploads/{key}",
            ],
            routes.Where(route => route.Rule is AccessRule.Anonymous && !route.Route.StartsWith("GET /docs", StringComparison.Ordinal)).Select(route => route.Route).Distinct().Order(StringComparer.Ordinal));

        using var document = JsonDocument.Parse((await Api.SendAsync(HttpMethod.Get, "/openapi/v1.json", key: null)).Expect(200).Text);
        Assert.StartsWith("3.1.", document.RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = document.RootElement.GetProperty("paths");
        foreach (var (route, _) in routes.Where(route => route.Route.Contains("/api/v1/", StringComparison.Ordinal) || route.Route.Contains("/admin/v1/", StringComparison.Ordinal)))
        {
            var (method, path) = (route.Split(' ')[0], route.Split(' ')[1].Replace("{**", "{", StringComparison.Ordinal));
            Assert.True(paths.TryGetProperty(path, out var operations) && operations.TryGetProperty(method.ToLowerInvariant(), out _), $"{route} is not described.");
        }
    }

    [Fact]
    public async Task Health_and_metrics_answer()
    {
        Assert.Equal("live\n", (await Api.SendAsync(HttpMethod.Get, "/health/live", key: null)).Expect(200).Text);
        (await Api.SendAsync(HttpMethod.Get, "/health/ready", key: null)).Expect(200);
        await RunAsync("/api/v1/generate", Image("[[fail]]"), "failed");
        var metrics = (await Api.SendAsync(HttpMethod.Get, "/metrics", key: null)).Expect(200).Text;
        Assert.Contains("zoetrope", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(_customer.AccountId, metrics, StringComparison.Ordinal);
    }

    private static string Image(string prompt) => JsonSerializer.Serialize(new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" } });

    private static string Header(Reply reply, string name) => reply.Headers.GetValues(name).Single();

    private async Task<JsonElement> RunAsync(string path, string body, string end = "completed")
    {
        var id = (await Api.SendAsync(HttpMethod.Post, path, _customer.Key, body)).Expect(200).Data.GetProperty("id").GetString()!;
        var task = await Api.WaitAsync(_customer, id);
        Assert.True(task.GetProperty("status").GetString() == end, task.ToString());
        return task;
    }

    private async Task<List<string>> IdsAsync(string filter) =>
        [.. (await Api.GetAsync(_customer, $"/api/v1/tasks?{filter}")).Expect(200).Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!)];
}
