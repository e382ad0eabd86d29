using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OpenAi;

/// <summary>
/// A picture under <c>/v1</c>, whatever a client calls it, is used or refused by its name: what was ignored would be paid for and
/// missing. No task here runs long: each prompt is refused by the sandbox.
/// </summary>
public sealed class OpenAiMediaTests : IAsyncLifetime
{
    private const string Prompt = "[[refused]]";

    private static readonly string Url = $"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(TestMedia.Image(854, 480)))}";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync();
        _customer = await _zoetrope.Api.CreateCustomerAsync();
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _zoetrope.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/videos", "seedance-2-0-mini", "seedance-2-0-mini-image-to-video")]
    [InlineData("/v1/images/generations", "nano-banana-pro", "nano-banana-pro-image-to-image")]
    [InlineData("/v1/images/edits", "nano-banana-pro", "nano-banana-pro-image-to-image")]
    public async Task A_picture_by_any_name_and_in_any_form_is_the_reference(string path, string model, string used)
    {
        string[] names = ["image", "images", "image_url", "image_urls", "input_image", "input_reference", "first_frame", "reference_image", "start_image", "init_image"];
        HttpContent[] bodies =
            [
                .. names.Select(name => Json(model, name, Url)),
                Json(model, "image", new[] { Url }),
                Json(model, "image", new { url = Url }),
                Json(model, "image_url", new { url = Url }),
                Json(model, "images", new[] { new { type = "input_image", image_url = Url } }),
                Json(model, "input_reference", new { image_url = new { url = Url } }),
                Form(model, "image_url", Encoding.UTF8.GetBytes(Url), isFile: false),
                Form(model, "input_reference[image_url]", Encoding.UTF8.GetBytes(Url), isFile: false),
                .. names.Select(name => Form(model, name, File.ReadAllBytes(TestMedia.Png), isFile: true)),
                Form(model, "image[]", File.ReadAllBytes(TestMedia.Png), isFile: true),
            ];

        foreach (var body in bodies)
        {
            var (status, text) = await SendAsync(path, body);
            Assert.True(status == 200 || text.Contains("input_refused", StringComparison.Ordinal), $"{status} {text}");
        }

        Assert.Equal(Enumerable.Repeat(used, bodies.Length), await ModelsAsync());
    }

    [Theory]
    [InlineData("/v1/videos", "seedance-2-0-mini", "input_reference")]
    [InlineData("/v1/images/generations", "nano-banana-pro", "image")]
    public async Task A_file_that_nothing_uses_is_refused_with_its_name_and_the_right_one(string path, string model, string right)
    {
        object[] values = [Url, "https://example.com/a.png", "http://example.com/a", new[] { "https://example.com/a.png" }, new { url = "https://example.com/a.png" }, new { deep = new { deeper = new[] { Url } } }, new { file_id = "file-1" }];
        foreach (var value in values)
        {
            await RefusedAsync(path, Json(model, "last_frame", value), "last_frame", right);
        }

        foreach (var name in new[] { "video", "audio_url", "control_image", "mask_image", "extra", "input", "callback_url", "reference_video_urls", "attachments" })
        {
            await RefusedAsync(path, Json(model, name, "https://example.com/x"), name, right);
            await RefusedAsync(path, Form(model, name, Encoding.UTF8.GetBytes("https://example.com/x"), isFile: false), name, right);
            await RefusedAsync(path, Form(model, name, File.ReadAllBytes(TestMedia.Png), isFile: true), name, right);
        }

        await RefusedAsync(path, Json(model, "mask", Url), "mask", "prompt");
        Assert.Empty(await ModelsAsync());
    }

    [Theory]
    [InlineData("/v1/videos", "seedance-2-0-mini", "seedance-2-0-mini-text-to-video")]
    [InlineData("/v1/images/generations", "nano-banana-pro", "nano-banana-pro-text-to-image")]
    public async Task What_holds_no_file_is_ignored_and_a_clients_own_notes_may_hold_one(string path, string model, string used)
    {
        (string, object?)[] fields =
        [
            ("user", "https://example.com/user/1"), ("metadata", new { source = "https://example.com/a.png" }), ("style", "vivid"), ("moderation", "low"), ("store", true), ("service_tier", "auto"),
            ("something", 3), ("flag", true), ("note", "see https://example.com/a.png for an example"), ("nothing", null), ("image", null), ("image_url", ""), ("images", Array.Empty<string>()), ("input_reference", ""),
        ];
        foreach (var (name, value) in fields)
        {
            var (status, text) = await SendAsync(path, Json(model, name, value));
            Assert.True(status == 200 || text.Contains("input_refused", StringComparison.Ordinal), $"{name}: {status} {text}");
        }

        Assert.Equal(Enumerable.Repeat(used, fields.Length), await ModelsAsync());
    }

    [Fact]
    public async Task Pictures_sent_twice_in_a_form_are_two_pictures()
    {
        var other = $"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(TestMedia.Png))}";
        using var form = new MultipartFormDataContent
        {
            { new StringContent("nano-banana-pro"), "model" }, { new StringContent(Prompt), "prompt" }, { new StringContent(Url), "image" }, { new StringContent(other), "image" },
        };

        var (_, text) = await SendAsync("/v1/images/edits", form);

        Assert.Contains("input_refused", text, StringComparison.Ordinal);
        var database = (Server.Storage.Database)_zoetrope.Services.GetService(typeof(Server.Storage.Database))!;
        Assert.Equal(2, await database.ReadAsync(async session => await session.ScalarAsync<long>("select count(*) from artifacts where role = 'input'")));
    }

    private static StringContent Json(string model, string name, object? value) =>
        new(JsonSerializer.Serialize(new Dictionary<string, object?> { ["model"] = model, ["prompt"] = Prompt, [name] = value }), Encoding.UTF8, "application/json");

    private static MultipartFormDataContent Form(string model, string name, byte[] value, bool isFile)
    {
        var part = new ByteArrayContent(value);
        var form = new MultipartFormDataContent { { new StringContent(model), "model" }, { new StringContent(Prompt), "prompt" } };
        if (isFile)
        {
            form.Add(part, name, "a.png");
        }
        else
        {
            form.Add(part, name);
        }

        return form;
    }

    private async Task RefusedAsync(string path, HttpContent body, string param, string right)
    {
        var (status, text) = await SendAsync(path, body);
        Assert.True(status == 400, $"{param}: {status} {text}");
        var error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Contains(right, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private async Task<(int Status, string Text)> SendAsync(string path, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_zoetrope.Api.Address, path)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _customer.Key);
        using var answer = await _http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<IReadOnlyList<string>> ModelsAsync() =>
        [.. (await _zoetrope.Api.GetAsync(_customer, "/api/v1/tasks?limit=100")).Expect(200).Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("model").GetString()!)];
}
