using System.Text.Json;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Bfl;

/// <summary>Names the fake in the types of public test classes.</summary>
public sealed class BflVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeBfl();
}

public sealed class BflConformanceTests(VendorServer<BflVendor> server) : ProviderConformance<BflVendor>(server)
{
    private protected override object Request(string prompt) => new { model = "flux-2-klein-4b-text-to-image", input = new { prompt } };

    // Moderation takes its time here: a submit is taken, and the job ends as moderated.
    private protected override bool ModeratesSubmits => false;

    [Fact]
    public async Task A_result_is_fetched_without_the_key()
    {
        await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded] }, "completed", 1);

        var fetches = Vendor.Requests.Where(request => request.Path.StartsWith("/results/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(fetches);
        Assert.All(fetches, request => Assert.Null(request.Header("x-key")));
    }

    [Fact]
    public async Task The_vendors_words_for_a_moderated_result_reach_the_task()
    {
        var task = await RunAsync(new JobPlan { Polls = [PollAnswer.Moderated] }, "CONTENT_REFUSED", 1);

        Assert.Contains("Violence", task.GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("flux-2-pro-image-to-image", 8, "input_image", "input_image_8")]
    [InlineData("flux-2-klein-9b-image-to-image", 4, "input_image", "input_image_4")]
    [InlineData("flux-3-image-image-to-image", 10, "images", null)]
    [InlineData("flux-3-video-image-to-video", 2, "keyframes", null)]
    public async Task Pictures_go_inline_and_all_of_them(string model, int count, string first, string? last)
    {
        var picture = $"data:image/png;base64,{Convert.ToBase64String(await File.ReadAllBytesAsync(TestMedia.Png))}";
        var prompt = NewPrompt();
        var id = await Server.GenerateAsync(new { model, input = new { prompt, image_urls = Enumerable.Repeat(picture, count) } });
        await AssertEndAsync(id, prompt, "completed", 1);

        var body = Vendor.Jobs.Single(job => job.Accepted.Prompt == prompt).Request.Json;
        Assert.Equal(last is null ? count : 1, last is null ? body[first]!.AsArray().Count : body.ContainsKey(last) ? 1 : 0);
        Assert.Equal("i2v", model.StartsWith("flux-3-video", StringComparison.Ordinal) ? body["mode"]!.GetValue<string>() : "i2v");
    }

    [Theory]
    [InlineData("flux-2-max-text-to-image", """{"resolution":"2K","aspect_ratio":"16:9","output_format":"webp","seed":7}""", """{"width":2560,"height":1440,"seed":7,"safety_tolerance":2,"output_format":"webp"}""")]
    [InlineData("flux-2-flex-text-to-image", """{"aspect_ratio":"1:1"}""", """{"width":1024,"height":1024,"safety_tolerance":2,"output_format":"jpeg"}""")]
    [InlineData("flux-3-image-text-to-image", """{"resolution":"4K","aspect_ratio":"5:7","web_search":false}""", """{"resolution":"4k","aspect_ratio":"5:7","grounding":false,"safety_tolerance":2,"version":"latest"}""")]
    [InlineData("flux-3-video-text-to-video", """{"resolution":"2K","duration":20,"audio":false}""", """{"mode":"t2v","resolution":"qhd","duration":20,"aspect_ratio":"auto","generate_audio":false,"draft":false,"safety_tolerance":2,"version":"latest"}""")]
    public async Task A_request_is_said_in_the_vendors_words_and_nothing_more(string model, string input, string expected)
    {
        var prompt = NewPrompt();
        var asked = JsonSerializer.Deserialize<Dictionary<string, object>>(input)!;
        asked["prompt"] = prompt;
        await AssertEndAsync(await Server.GenerateAsync(new { model, input = asked }), prompt, "completed", 1);

        var job = Vendor.Jobs.Single(job => job.Accepted.Prompt == prompt);
        var body = job.Request.Json;
        body.Remove("prompt");
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(expected), body), body.ToJsonString());
    }
}
