using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using SkiaSharp;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.OpenAi;

/// <summary>Names the fake in the types of public test classes.</summary>
public sealed class OpenAiVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeOpenAi();
}

public sealed class OpenAiConformanceTests(VendorServer<OpenAiVendor> server) : ProviderConformance<OpenAiVendor>(server)
{
    private protected override bool IsSynchronous => true;

    private protected override bool ResultsInline => true;

    private FakeOpenAi OpenAi => (FakeOpenAi)Vendor;

    private protected override object Request(string prompt) => new { model = "gpt-image-2-text-to-image", input = new { prompt } };

    [Fact]
    public async Task A_picture_too_large_for_a_text_arrives_whole()
    {
        // Noise, so that it does not shrink.
        using var bitmap = new SKBitmap(256, 256);
        new Random(7).NextBytes(bitmap.GetPixelSpan());
        foreach (ref var pixel in MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan()))
        {
            // Opaque, or the colours of what is stored would be multiplied by the noise.
            pixel |= 0xFF000000;
        }

        using var image = SKImage.FromBitmap(bitmap);
        using var encoded = image.Encode(SKEncodedImageFormat.Png, 100);
        Assert.True(encoded.Size > 64 * 1024, "The picture must not fit into a short string.");
        OpenAi.Picture = encoded.ToArray();
        try
        {
            var task = await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded] }, "completed", 1);
            var stored = await Server.Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!);
            using var decoded = SKBitmap.Decode(stored);
            Assert.Equal(bitmap.GetPixel(255, 255), decoded.GetPixel(255, 255));
        }
        finally
        {
            OpenAi.Picture = null;
        }
    }

    [Fact]
    public async Task A_server_that_answers_a_url_is_read_there_without_the_key()
    {
        OpenAi.AnswersUrls = true;
        try
        {
            await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded] }, "completed", 1);
        }
        finally
        {
            OpenAi.AnswersUrls = false;
        }

        var fetch = Assert.Single(Vendor.Requests, request => request.Path.StartsWith("/results/", StringComparison.Ordinal));
        Assert.Null(fetch.Header("Authorization"));
    }

    [Theory]
    [InlineData("gpt-image-2-image-to-image", 1)]
    [InlineData("gpt-image-2-image-to-image", 16)]
    [InlineData("gpt-image-2-6-sunburst-image-to-image", 2)]
    public async Task Edits_send_the_pictures_themselves(string model, int count)
    {
        var png = await File.ReadAllBytesAsync(TestMedia.Png);
        var picture = $"data:image/png;base64,{Convert.ToBase64String(png)}";
        var prompt = NewPrompt() + ", with ümlauts\nand \"quotes\"";
        var id = await Server.GenerateAsync(new { model, input = new { prompt, quality = count == 1 ? "auto" : "high", image_urls = Enumerable.Repeat(picture, count) } });
        await AssertEndAsync(id, prompt, "completed", 1);

        var request = Vendor.Jobs.Single(job => job.Accepted.Prompt == prompt).Request;
        Assert.Equal("/v1/images/edits", request.Path);
        Assert.True(request.Header("Content-Length") is { } length && long.Parse(length, CultureInfo.InvariantCulture) == request.Body.Length && request.Body.Length > count * png.Length);
    }

    [Fact]
    public async Task Images_that_a_price_does_not_cover_are_refused_with_what_would()
    {
        var picture = $"data:image/png;base64,{Convert.ToBase64String(await File.ReadAllBytesAsync(TestMedia.Png))}";
        var reply = await Server.Api.GenerateAsync(Server.Customer, new { model = "gpt-image-2-image-to-image", input = new { prompt = NewPrompt(), image_urls = Enumerable.Repeat(picture, 2) } });

        Assert.Equal("PARAMETER_UNAVAILABLE", reply.Code);
        var message = reply.Json.GetProperty("error").GetProperty("message").GetString();
        Assert.Contains("openai: image_urls 2 files, ", message, StringComparison.Ordinal);
        Assert.Contains("openai: quality \"auto\", it supports [\"low\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-image-2-text-to-image", """{"aspect_ratio":"1:1","quality":"high"}""", """{"size":"1024x1024","output_format":"png","quality":"high","n":1,"model":"gpt-image-2"}""")]
    [InlineData("gpt-image-2-text-to-image", """{"resolution":"2K","aspect_ratio":"16:9","output_format":"webp"}""", """{"size":"2816x1584","output_format":"webp","quality":"low","n":1,"model":"gpt-image-2"}""")]
    [InlineData("gpt-image-2-5-flare-text-to-image", """{"aspect_ratio":"1:1","quality":"max","background":"transparent"}""", """{"size":"1024x1024","output_format":"png","quality":"max","background":"transparent","n":1,"moderation":"auto","model":"gpt-image-2.5-flare"}""")]
    [InlineData("gpt-image-2-6-flare-text-to-image", """{"aspect_ratio":"16:9","resolution":"4K","quality":"xhigh","complexity":"low","output_format":"jpeg"}""", """{"size":"3840x2160","output_format":"jpeg","quality":"xhigh","background":"auto","complexity":"low","n":1,"moderation":"auto","model":"gpt-image-2.6-flare"}""")]
    public async Task A_request_is_said_in_the_vendors_words_and_nothing_more(string model, string input, string expected)
    {
        var prompt = NewPrompt();
        var asked = JsonSerializer.Deserialize<Dictionary<string, object>>(input)!;
        asked["prompt"] = prompt;
        await AssertEndAsync(await Server.GenerateAsync(new { model, input = asked }), prompt, "completed", 1);

        var body = Vendor.Jobs.Single(job => job.Accepted.Prompt == prompt).Request.Json;
        body.Remove("prompt");
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(expected), body), body.ToJsonString());
    }
}
