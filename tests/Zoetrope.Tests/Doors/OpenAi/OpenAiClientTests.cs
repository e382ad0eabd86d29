using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI;
using OpenAI.Images;
using OpenAI.Videos;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

// OpenAI marks its newer calls as experimental; that they may change is no concern of the tests of today's version.
#pragma warning disable OPENAI001

namespace Zoetrope.Tests.Doors.OpenAi;

/// <summary>OpenAI's own .NET client, unchanged: it gets a base URL and a key of ours, and works.</summary>
public sealed class OpenAiClientTests : IAsyncLifetime
{
    private const string Video = """{"model":"seedance-2-0-mini","prompt":"a red fox","seconds":"4","size":"854x480"}""";

    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;
    private OpenAIClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer());
        _customer = await _zoetrope.Api.CreateCustomerAsync();
        _client = Client(_customer.Key);
    }

    public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

    [Fact]
    public async Task An_image_is_made_with_an_alias_and_openais_own_options()
    {
        var image = (await _client.GetImageClient("gpt-image-1").GenerateImageAsync("a red fox in snow", new ImageGenerationOptions
        {
            Size = GeneratedImageSize.W1536xH1024,
            Quality = GeneratedImageQuality.Standard,
            ResponseFormat = GeneratedImageFormat.Bytes,
            EndUserId = "somebody",
        })).Value;

        var file = await FfProbe.ReadAsync(image.ImageBytes.ToArray());
        Assert.Equal(1.5, (double)file.Width / file.Height, 0.01);
        Assert.Equal(["gpt-image-2-text-to-image"], await TaskModelsAsync());
    }

    [Fact]
    public async Task An_image_by_url_is_read_without_a_key()
    {
        var image = (await _client.GetImageClient("nano-banana-pro").GenerateImageAsync("a red fox in snow", new ImageGenerationOptions { ResponseFormat = GeneratedImageFormat.Uri })).Value;

        Assert.Equal(1024, (await FfProbe.ReadAsync(await _zoetrope.Api.DownloadAsync(image.ImageUri.AbsoluteUri))).Width);
    }

    [Fact]
    public async Task An_image_is_edited_from_a_stream_without_a_type()
    {
        await using var picture = File.OpenRead(TestMedia.Image(640, 480));
        var image = (await _client.GetImageClient("gpt-image-2").GenerateImageEditAsync(picture, "some/where/image.bin", "make it night")).Value;

        Assert.True(image.ImageBytes.ToMemory().Length > 1000);
        Assert.Equal(["gpt-image-2-image-to-image"], await TaskModelsAsync());
    }

    [Fact]
    public async Task A_video_is_started_read_listed_downloaded_and_deleted()
    {
        var videos = new VideoClient(new ApiKeyCredential(_customer.Key), Options());
        var made = Json(await videos.CreateVideoAsync(BinaryContent.Create(BinaryData.FromString(Video)), "application/json"));
        var id = made.GetProperty("id").GetString()!;

        await _zoetrope.Api.WaitAsync(_customer, id);
        var done = Json(await videos.GetVideoAsync(id, null!));
        var listed = new List<string?>();
        await foreach (var page in videos.GetVideosAsync(limit: 1).GetRawPagesAsync())
        {
            listed.AddRange(Json(page).GetProperty("data").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        }

        var file = (await videos.DownloadVideoAsync(id)).GetRawResponse().Content.ToArray();
        var deleted = Json(await videos.DeleteVideoAsync(id, null!));
        var gone = await Assert.ThrowsAsync<ClientResultException>(() => videos.GetVideoAsync(id, null!));

        Assert.Equal(("completed", 100, "4"), (done.GetProperty("status").GetString(), done.GetProperty("progress").GetInt32(), done.GetProperty("seconds").GetString()));
        Assert.Equal([id], listed);
        Assert.Equal(4, (await FfProbe.ReadAsync(file)).Seconds, 0.1);
        Assert.True(deleted.GetProperty("deleted").GetBoolean());
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task Several_images_come_in_one_answer()
    {
        var images = (await _client.GetImageClient("gpt-image-2").GenerateImagesAsync("a red fox", 3)).Value;

        Assert.Equal(3, images.Count);
        Assert.All(images, image => Assert.True(image.ImageBytes.ToMemory().Length > 1_000));
        Assert.Equal(3, (await TaskModelsAsync()).Count);
    }

    [Fact]
    public async Task The_clients_exceptions_say_what_was_wrong()
    {
        var unknown = await Assert.ThrowsAsync<ClientResultException>(() => _client.GetImageClient("gpt-image-9").GenerateImageAsync("a"));
        var size = await Assert.ThrowsAsync<ClientResultException>(() =>
            _client.GetImageClient("gpt-image-2").GenerateImageAsync("a", new ImageGenerationOptions { Size = GeneratedImageSize.W256xH256 }));
        var several = await Assert.ThrowsAsync<ClientResultException>(() => _client.GetImageClient("gpt-image-2").GenerateImagesAsync("a", 11));
        var key = await Assert.ThrowsAsync<ClientResultException>(() => Client("sk-test-nonsense").GetImageClient("gpt-image-2").GenerateImageAsync("a"));
        var moderated = await Assert.ThrowsAsync<ClientResultException>(() => _client.GetImageClient("gpt-image-2").GenerateImageAsync("[[moderated]]"));

        Assert.Equal((404, true), (unknown.Status, unknown.Message.Contains("model_not_found", StringComparison.Ordinal)));
        Assert.Equal((400, true), (size.Status, size.Message.Contains("1024x1024", StringComparison.Ordinal)));
        Assert.Equal((400, true), (several.Status, several.Message.Contains("Parameter: n", StringComparison.Ordinal)));
        Assert.Equal((401, true), (key.Status, key.Message.Contains("invalid_api_key", StringComparison.Ordinal)));
        Assert.Equal((400, true), (moderated.Status, moderated.Message.Contains("moderation_blocked", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Models_are_listed_and_read()
    {
        var models = (await _client.GetOpenAIModelClient().GetModelsAsync()).Value;
        var model = (await _client.GetOpenAIModelClient().GetModelAsync("gpt-image-1")).Value;

        Assert.Contains(models, item => item.Id == "seedance-2-0-text-to-video" && item.OwnedBy == "bytedance");
        Assert.Contains(models, item => item.Id == "gpt-image-1");
        Assert.Contains(models, item => item.Id == "sora-2-text-to-video");
        Assert.Equal(("gpt-image-1", "openai"), (model.Id, model.OwnedBy));
    }

    private OpenAIClientOptions Options() => new() { Endpoint = new Uri(_zoetrope.Api.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) };

    private OpenAIClient Client(string key) => new(new ApiKeyCredential(key), Options());

    private async Task<List<string?>> TaskModelsAsync() =>
        [.. (await _zoetrope.Api.GetAsync(_customer, "/api/v1/tasks")).Expect(200).Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("model").GetString())];

    private static JsonElement Json(ClientResult result) => JsonDocument.Parse(result.GetRawResponse().Content).RootElement;
}
