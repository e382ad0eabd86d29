using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OpenAi;

/// <summary>The wire under <c>/v1</c> as OpenAI's clients need it, byte by byte where they are picky.</summary>
public abstract class OpenAiDoorConformance : IAsyncLifetime
{
    private const string Image = """{"model":"nano-banana-pro","prompt":"a red fox","response_format":"url"}""";
    private const string Video = """{"model":"seedance-2-0-mini","prompt":"a red fox","seconds":4,"size":"848x480"}""";

    private static readonly string[] VideoKeys =
    [
        "completed_at", "created_at", "error", "expires_at", "id", "model", "object", "progress", "prompt", "remixed_from_video_id", "seconds", "size", "status",
    ];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;

    private protected abstract SqlDialect Dialect { get; }

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Settings = new Dictionary<string, string?> { ["OpenAi:Aliases"] = "sora-1 = seedance-2-0-mini-text-to-video, dall-e-3=nano-banana-pro", ["OpenAi:ImageWaitSeconds"] = "60" },
        });
        _customer = await Api.CreateCustomerAsync();
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _zoetrope.DisposeAsync();
    }

    [Fact]
    public async Task A_video_has_its_thirteen_keys_in_every_state_and_seconds_are_text()
    {
        using var made = await SendAsync(HttpMethod.Post, "/v1/videos", Json(Video));
        var first = await ReadAsync(made, 200);
        var id = first.GetProperty("id").GetString()!;
        await Api.WaitAsync(_customer, id);
        using var answer = await SendAsync(HttpMethod.Get, $"/v1/videos/{id}");
        var done = await ReadAsync(answer, 200);
        using var failing = await SendAsync(HttpMethod.Post, "/v1/videos", Json(Video.Replace("a red fox", "[[moderated]]", StringComparison.Ordinal)));
        var failedId = (await ReadAsync(failing, 200)).GetProperty("id").GetString()!;
        await Api.WaitAsync(_customer, failedId);
        using var refused = await SendAsync(HttpMethod.Get, $"/v1/videos/{failedId}");
        var failed = await ReadAsync(refused, 200);

        foreach (var video in new[] { first, done, failed })
        {
            Assert.Equal(VideoKeys, video.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
            Assert.Equal("4", video.GetProperty("seconds").GetString());
        }

        Assert.Equal("2000", Assert.Single(made.Headers.GetValues("openai-poll-after-ms")));
        Assert.Equal(("completed", "854x480", JsonValueKind.Null), (done.GetProperty("status").GetString(), done.GetProperty("size").GetString(), done.GetProperty("error").ValueKind));
        Assert.InRange(done.GetProperty("completed_at").GetInt64(), done.GetProperty("created_at").GetInt64(), long.MaxValue);
        Assert.Equal(("failed", "moderation_blocked"), (failed.GetProperty("status").GetString(), failed.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_video_starts_from_a_file_a_nested_field_or_a_url_and_is_read_in_ranges()
    {
        var picture = await File.ReadAllBytesAsync(TestMedia.Image(854, 480));
        var dataUri = $"data:image/png;base64,{Convert.ToBase64String(picture)}";
        HttpContent[] bodies =
        [
            Form(("model", "seedance-2-0-mini"), ("prompt", "it moves"), ("seconds", "4"), ("size", "854x480"), ("input_reference", picture)),
            Form(("model", "seedance-2-0-mini"), ("prompt", "it moves"), ("seconds", "4"), ("size", "854x480"), ("input_reference[image_url]", dataUri)),
            Json(JsonSerializer.Serialize(new { model = "sora-1", prompt = "it moves", seconds = "4", size = "480p", input_reference = new { image_url = dataUri } })),
        ];
        var ids = new List<string>();
        foreach (var body in bodies)
        {
            using var answer = await SendAsync(HttpMethod.Post, "/v1/videos", body);
            var video = await ReadAsync(answer, 200);
            Assert.Equal(("seedance-2-0-mini-image-to-video", "854x480"), (video.GetProperty("model").GetString(), video.GetProperty("size").GetString()));
            ids.Add(video.GetProperty("id").GetString()!);
        }

        var content = $"/v1/videos/{ids[0]}/content";
        // The other two are the same request by now; drawing them too would show nothing new.
        foreach (var id in ids.Skip(1))
        {
            using var deletion = await SendAsync(HttpMethod.Delete, $"/v1/videos/{id}");
        }

        Assert.Equal("completed", (await Api.WaitAsync(_customer, ids[0])).GetProperty("status").GetString());

        using var whole = await SendAsync(HttpMethod.Get, content);
        var bytes = await whole.Content.ReadAsByteArrayAsync();
        using var part = await SendAsync(HttpMethod.Get, content, null, request => request.Headers.Range = new RangeHeaderValue(10, 19));
        using var thumbnail = await SendAsync(HttpMethod.Get, content + "?variant=thumbnail");
        using var sheet = await SendAsync(HttpMethod.Get, content + "?variant=spritesheet");
        Assert.Equal(("video/mp4", 4.0), (whole.Content.Headers.ContentType!.MediaType, Math.Round((await FfProbe.ReadAsync(bytes)).Seconds)));
        Assert.Equal((HttpStatusCode.PartialContent, Convert.ToHexString(bytes[10..20])), (part.StatusCode, Convert.ToHexString(await part.Content.ReadAsByteArrayAsync())));
        Assert.StartsWith("image/", thumbnail.Content.Headers.ContentType!.MediaType, StringComparison.Ordinal);
        await RefusedAsync(sheet, 400, "invalid_parameter", "variant");
    }

    [Fact]
    public async Task An_image_is_edited_however_the_files_are_named_and_without_a_length()
    {
        var picture = await File.ReadAllBytesAsync(TestMedia.Image(640, 480));
        foreach (var names in new string[][] { ["image"], ["image[]", "image[]"], ["image[0]", "image[1]"] })
        {
            (string, object)[] parts = [("model", "nano-banana-pro"), ("prompt", "at night"), ("n", "1"), ("user", "u"), ("new_field[a]", "1"), .. names.Select(name => (name, (object)picture))];
            using var answer = await SendAsync(HttpMethod.Post, "/v1/images/edits", Form(parts), request => request.Headers.TransferEncodingChunked = true);
            var image = await ReadAsync(answer, 200);
            var file = await FfProbe.ReadAsync(image.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64());
            Assert.Equal(image.GetProperty("size").GetString(), $"{file.Width}x{file.Height}");
        }

        var url = $"data:image/png;base64,{Convert.ToBase64String(picture)}";
        using var json = await SendAsync(HttpMethod.Post, "/v1/images/edits", Json(JsonSerializer.Serialize(new { model = "nano-banana-pro", prompt = "at night", response_format = "url", images = new[] { new { image_url = url } } })));
        Assert.StartsWith("http", (await ReadAsync(json, 200)).GetProperty("data")[0].GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_zoetrope.DataDirectory, "tmp")));
    }

    [Fact]
    public async Task A_stream_beats_and_ends_with_the_whole_image_and_a_failure_ends_it_with_an_error()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json("""{"model":"dall-e-3","prompt":"a red fox","stream":true,"partial_images":2}"""));
        var events = Events(await answer.Content.ReadAsStringAsync());
        using var failing = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json("""{"model":"dall-e-3","prompt":"[[moderated]]","stream":"true"}"""));
        var failed = Events(await failing.Content.ReadAsStringAsync());

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        var (name, data) = Assert.Single(events);
        Assert.Equal(("image_generation.completed", "image_generation.completed"), (name, data.GetProperty("type").GetString()));
        Assert.False(data.TryGetProperty("error", out _));
        Assert.Equal(["b64_json", "background", "created_at", "output_format", "quality", "size", "type", "usage"], data.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("auto", "auto", 0), (data.GetProperty("quality").GetString(), data.GetProperty("background").GetString(), data.GetProperty("usage").GetProperty("total_tokens").GetInt32()));
        Assert.Equal(1024, (await FfProbe.ReadAsync(data.GetProperty("b64_json").GetBytesFromBase64())).Width);
        Assert.Equal(("error", "moderation_blocked"), (Assert.Single(failed).Name, failed[0].Data.GetProperty("error").GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("gpt-image-2", "auto", "auto")]
    [InlineData("gpt-image-2", "low", "low")]
    [InlineData("gpt-image-2", "standard", "medium")]
    [InlineData("gpt-image-2", "high", "high")]
    [InlineData("gpt-image-2", "hd", "high")]
    [InlineData("gpt-image-2-5-flare", "low", "low")]
    [InlineData("gpt-image-2-5-flare", "auto", "high")]
    [InlineData("nano-banana-pro", "standard", "auto")]
    public async Task A_quality_is_taken_where_the_model_makes_it_and_the_answer_names_what_was_made(string model, string quality, string made)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json(JsonSerializer.Serialize(new { model, quality, prompt = "a red fox", response_format = "url" })));
        var image = await ReadAsync(answer, 200);

        Assert.Equal((made, 0), (image.GetProperty("quality").GetString(), image.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("text_tokens").GetInt32()));
        Assert.Contains(image.GetProperty("background").GetString(), new[] { "auto", "opaque" });
    }

    [Fact]
    public async Task An_accept_header_alone_never_makes_a_stream()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json(Image), request => request.Headers.Accept.ParseAdd("application/json, text/event-stream"));

        Assert.Equal(1, (await ReadAsync(answer, 200)).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Every_refusal_has_openais_envelope()
    {
        using var nothing = await SendAsync(HttpMethod.Post, "/v1/chat/completions", Json("{}"));
        await RefusedAsync(nothing, 404, "not_found", null);
        using var method = await SendAsync(HttpMethod.Put, "/v1/videos", Json("{}"));
        await RefusedAsync(method, 405, "method_not_allowed", null);
        using var keyless = await _http.PostAsync(new Uri(Api.Address, "/v1/images/generations"), Json(Image));
        await RefusedAsync(keyless, 401, "invalid_api_key", null);
        await RefusedAsync("/v1/images/generations", "{", 400, "invalid_json", null);
        await RefusedAsync("/v1/images/generations", """{"prompt":"a"}""", 400, "missing_model", "model");
        await RefusedAsync("/v1/images/generations", """{"model":"nano-banana-pro"}""", 400, "missing_prompt", "prompt");
        await RefusedAsync("/v1/images/generations", """{"model":"seedance-2-0-text-to-video","prompt":"a"}""", 404, "model_not_found", "model", "/v1/videos");
        await RefusedAsync("/v1/images/generations", Image.Replace("url", "png", StringComparison.Ordinal), 400, "invalid_parameter", "response_format", "b64_json");
        await RefusedAsync("/v1/images/generations", """{"model":"nano-banana-pro","prompt":"a","n":11}""", 400, "invalid_parameter", "n");
        await RefusedAsync("/v1/images/generations", """{"model":"nano-banana-pro","prompt":"a","n":0}""", 400, "invalid_parameter", "n");
        await RefusedAsync("/v1/images/generations", """{"model":"nano-banana-pro","prompt":"a","n":1.5}""", 400, "invalid_parameter", "n");
        await RefusedAsync("/v1/videos", """{"model":"seedance-2-0-mini","prompt":"a","n":2}""", 400, "invalid_parameter", "n");
        await RefusedAsync("/v1/images/generations", """{"model":"nano-banana-pro","prompt":"a","quality":"high"}""", 400, "invalid_parameter", "quality", "auto");
        await RefusedAsync("/v1/images/generations", """{"model":"gpt-image-2","prompt":"a","quality":"max"}""", 400, "invalid_parameter", "quality", "auto, low, medium, high");
        await RefusedAsync("/v1/images/edits", """{"model":"nano-banana-pro","prompt":"a","image":"https://example.com/a.png","mask":{"file_id":"file-1"}}""", 400, "invalid_parameter", "mask");
        await RefusedAsync("/v1/videos", """{"model":"seedance-2-0-mini","prompt":"a","input_reference":{"file_id":"file-1"}}""", 400, "invalid_parameter", "input_reference.file_id", "image_url");
        await RefusedAsync("/v1/images/generations", """{"model":"nano-banana-pro","prompt":"a","output_format":"webp"}""", 400, "invalid_parameter", "output_format", "png, jpeg");
        await RefusedAsync("/v1/images/generations", """{"model":"nano-banana-pro","prompt":"a","background":"transparent"}""", 400, "invalid_parameter", "background");
        await RefusedAsync("/v1/images/generations", """{"model":"nano-banana-pro","prompt":"a","size":"1024x64"}""", 400, "invalid_parameter", "size", "1024x1024");
        await RefusedAsync("/v1/images/edits", """{"model":"nano-banana-pro","prompt":"a"}""", 400, "missing_parameter", "image");
        await RefusedAsync("/v1/images/edits", """{"model":"nano-banana-pro","prompt":"a","image":"file-123"}""", 400, "invalid_parameter", "image");
        await RefusedAsync("/v1/images/edits", """{"model":"nano-banana-pro","prompt":"a","images":[{"file_id":"file-123"}]}""", 400, "invalid_parameter", "images.file_id");
        await RefusedAsync("/v1/videos", """{"model":"sora-2","prompt":"a","seconds":"4"}""", 400, "invalid_parameter", "seconds", "10, 15");
        await RefusedAsync("/v1/videos", """{"model":"seedance-2-0-mini","prompt":"a","seconds":"3"}""", 400, "invalid_parameter", "seconds", "4 to 15");
        await RefusedAsync("/v1/videos", """{"model":"seedance-2-0-mini","prompt":"a","size":"1920x1080"}""", 200, null, null);
        await RefusedAsync("/v1/videos", """{"model":"seedance-2-0-mini","prompt":"a","size":"3840x2160"}""", 400, "invalid_parameter", "size", "1280x720");
        using var cut = await SendAsync(HttpMethod.Post, "/v1/videos", Raw("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nsora"));
        await RefusedAsync(cut, 400, "bad_request", null);
        using var garbage = await SendAsync(HttpMethod.Post, "/v1/images/edits", Form(("model", "nano-banana-pro"), ("prompt", "a"), ("image", "no picture"u8.ToArray())));
        await RefusedAsync(garbage, 400, "invalid_input", "image");
        using var masked = await SendAsync(HttpMethod.Post, "/v1/images/edits", Form(("model", "nano-banana-pro"), ("prompt", "a"), ("image", new byte[9]), ("mask", new byte[9])));
        await RefusedAsync(masked, 400, "invalid_parameter", "mask");
        using var marked = await SendAsync(HttpMethod.Post, "/v1/images/edits", Form(("model", "nano-banana-pro"), ("prompt", "a"), ("image", new byte[9]), ("markup", new byte[9])));
        await RefusedAsync(marked, 400, "invalid_parameter", "markup");
        using var type = await SendAsync(HttpMethod.Post, "/v1/videos", Raw("text/plain", "hello"));
        await RefusedAsync(type, 415, "unsupported_media_type", null);
        using var missing = await SendAsync(HttpMethod.Get, "/v1/videos/video_1");
        await RefusedAsync(missing, 404, "task_not_found", "id");
        using var unread = await SendAsync(HttpMethod.Get, "/v1/models/nothing");
        await RefusedAsync(unread, 404, "model_not_found", "model");
    }

    [Fact]
    public async Task What_is_no_use_to_repeat_says_so_to_clients_that_repeat()
    {
        var poor = await Api.CreateCustomerAsync(credits: 0);
        var busy = await Api.CreateCustomerAsync(keyLimits: new { requestsPerMinute = 1 });
        var starter = await Api.CreateCustomerAsync(plan: "starter");
        using var unpaid = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json(Image), key: poor.Key);
        await RefusedAsync(unpaid, 402, "insufficient_quota", null);
        using var first = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json(Image), key: busy.Key);
        await ReadAsync(first, 200);
        using var limited = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json(Image), key: busy.Key);
        await RefusedAsync(limited, 429, "rate_limit_exceeded", null);
        var spending = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            spending.Add((await Api.GenerateAsync(starter, new { model = "nano-banana-pro", prompt = "[[fail]]" })).Expect(200).Data.GetProperty("id").GetString()!);
        }

        await Task.WhenAll(spending.Select(id => Api.WaitAsync(starter, id)));
        using var spent = await SendAsync(HttpMethod.Post, "/v1/videos", Json(Video), key: starter.Key);
        await RefusedAsync(spent, 429, "rate_limit_exceeded", null);
        using var failed = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json(Image.Replace("a red fox", "[[fail]]", StringComparison.Ordinal)));
        await RefusedAsync(failed, 500, "generation_failed", null);

        Assert.Equal("true", Assert.Single(limited.Headers.GetValues("x-should-retry")));
        Assert.InRange(limited.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal("false", Assert.Single(spent.Headers.GetValues("x-should-retry")));
        Assert.Equal("false", Assert.Single(failed.Headers.GetValues("x-should-retry")));
    }

    [Fact]
    public async Task A_repeated_request_with_its_key_is_the_same_task()
    {
        void Keyed(HttpRequestMessage request) => request.Headers.Add("Idempotency-Key", "once");
        var picture = await File.ReadAllBytesAsync(TestMedia.Image(640, 480));
        HttpContent Edit(string prompt) => Form(("model", "nano-banana-pro"), ("prompt", prompt), ("response_format", "url"), ("image", picture));

        using var first = await SendAsync(HttpMethod.Post, "/v1/images/edits", Edit("at night"), Keyed);
        await ReadAsync(first, 200);
        using var second = await SendAsync(HttpMethod.Post, "/v1/images/edits", Edit("at night"), Keyed);
        await ReadAsync(second, 200);
        using var other = await SendAsync(HttpMethod.Post, "/v1/images/edits", Edit("at dawn"), Keyed);
        await RefusedAsync(other, 422, "idempotency_mismatch", "Idempotency-Key");

        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal(1, (await Api.GetAsync(_customer, "/api/v1/tasks")).Data.GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public async Task Videos_are_paged_both_ways_without_images_and_without_deleted_ones()
    {
        using var image = await SendAsync(HttpMethod.Post, "/v1/images/generations", Json(Image));
        await ReadAsync(image, 200);
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await SendAsync(HttpMethod.Post, "/v1/videos", Json(i == 1 ? Video : Video.Replace("a red fox", "[[fail]]", StringComparison.Ordinal)));
            made.Add((await ReadAsync(answer, 200)).GetProperty("id").GetString()!);
            await Api.WaitAsync(_customer, made[^1]);
        }

        Assert.Equal(made, await PagesAsync("asc"));
        Assert.Equal(Enumerable.Reverse(made), await PagesAsync("desc"));
        using var deletion = await SendAsync(HttpMethod.Delete, $"/v1/videos/{made[1]}");
        Assert.Equal("video.deleted", (await ReadAsync(deletion, 200)).GetProperty("object").GetString());
        Assert.Equal([made[0], made[2]], await PagesAsync("asc"));
        using var content = await SendAsync(HttpMethod.Get, $"/v1/videos/{made[1]}/content");
        await RefusedAsync(content, 404, "no_result", null);
        using var none = await SendAsync(HttpMethod.Get, "/v1/videos?limit=0");
        Assert.Equal(0, (await ReadAsync(none, 200)).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task An_unfinished_video_has_no_content_yet_and_is_cancelled_by_deleting_it()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/v1/videos", Json(Video.Replace("a red fox", "[[never-finishes]]", StringComparison.Ordinal)));
        var id = (await ReadAsync(answer, 200)).GetProperty("id").GetString()!;
        using var early = await SendAsync(HttpMethod.Get, $"/v1/videos/{id}/content");
        await RefusedAsync(early, 404, "video_not_ready", null);
        var stranger = await Api.CreateCustomerAsync();
        using var foreign = await SendAsync(HttpMethod.Delete, $"/v1/videos/{id}", key: stranger.Key);
        await RefusedAsync(foreign, 404, "task_not_found", "id");
        using var deletion = await SendAsync(HttpMethod.Delete, $"/v1/videos/{id}");
        if (deletion.StatusCode is HttpStatusCode.Conflict)
        {
            // The wish met the submit in the air. It stays recorded, and a client is not to repeat it by itself.
            await RefusedAsync(deletion, 409, "invalid_operation", null);
            Assert.Equal("false", Assert.Single(deletion.Headers.GetValues("x-should-retry")));
            await Api.WaitAsync(_customer, id);
        }
        else
        {
            Assert.True((await ReadAsync(deletion, 200)).GetProperty("deleted").GetBoolean());
        }

        using var read = await SendAsync(HttpMethod.Get, $"/v1/videos/{id}");
        Assert.Equal("cancelled", (await ReadAsync(read, 200)).GetProperty("error").GetProperty("code").GetString());
    }

    private async Task<List<string>> PagesAsync(string order)
    {
        var found = new List<string>();
        string? after = null;
        for (var pages = 0; pages < 10; pages++)
        {
            using var answer = await SendAsync(HttpMethod.Get, $"/v1/videos?limit=1&order={order}{(after is null ? "" : "&after=" + after)}");
            var page = await ReadAsync(answer, 200);
            found.AddRange(page.GetProperty("data").EnumerateArray().Select(video => video.GetProperty("id").GetString()!));
            if (!page.GetProperty("has_more").GetBoolean())
            {
                return found;
            }

            after = page.GetProperty("last_id").GetString();
        }

        throw new InvalidOperationException($"The pages do not end: {string.Join(' ', found)}");
    }

    private async Task RefusedAsync(string path, string body, int status, string? code, string? param, string? says = null)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, Json(body));
        if (code is null)
        {
            await ReadAsync(answer, status);
            return;
        }

        var message = await RefusedAsync(answer, status, code, param);
        Assert.Contains(says ?? "", message, StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(HttpResponseMessage answer, int status, string code, string? param)
    {
        var error = (await ReadAsync(answer, status)).GetProperty("error");
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
        Assert.Equal((code, param), (error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.NotEqual("", error.GetProperty("type").GetString());
        if (status is 409 or 429 or >= 500)
        {
            Assert.Single(answer.Headers.GetValues("x-should-retry"));
        }

        return error.GetProperty("message").GetString()!;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode} {text[..Math.Min(text.Length, 500)]}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(Assert.Single(answer.Headers.GetValues("x-request-id")));
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body = null, Action<HttpRequestMessage>? change = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Api.Address, path)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? _customer.Key);
        request.Headers.Add("X-Stainless-Lang", "js");
        request.Headers.Add("OpenAI-Organization", "org-1");
        change?.Invoke(request);
        return await _http.SendAsync(request);
    }

    private static List<(string Name, JsonElement Data)> Events(string text) =>
    [
        .. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(block => !block.StartsWith(':'))
            .Select(block => block.Split('\n'))
            .Select(lines => (lines[0]["event: ".Length..], JsonDocument.Parse(lines[1]["data: ".Length..]).RootElement)),
    ];

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static ByteArrayContent Raw(string type, string body) => new(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    // As openai-node builds it: a file has the name unknown_file and no type.
    private static MultipartFormDataContent Form(params (string Name, object Value)[] parts)
    {
        var form = new MultipartFormDataContent("openai-boundary");
        foreach (var (name, value) in parts)
        {
            if (value is byte[] bytes)
            {
                form.Add(new ByteArrayContent(bytes), $"\"{name}\"", "unknown_file");
            }
            else
            {
                form.Add(new StringContent((string)value), $"\"{name}\"");
            }
        }

        return form;
    }
}

public sealed class OpenAiDoorSqliteTests : OpenAiDoorConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

// The door has no statement of its own: what PostgreSQL does differently, the paid calls of every door find each day.
[Trait("Category", "Nightly")]
public sealed class OpenAiDoorPostgresTests : OpenAiDoorConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
