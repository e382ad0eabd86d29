using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Gemini;

public sealed class GeminiVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeGemini();
}

/// <summary>Pictures: the answer to the submit is the result.</summary>
public sealed class GeminiImageConformanceTests(VendorServer<GeminiVendor> server) : ProviderConformance<GeminiVendor>(server)
{
    private protected override bool IsSynchronous => true;

    private protected override bool ResultsInline => true;

    private protected override object Request(string prompt) => new { model = "nano-banana-2-lite-text-to-image", prompt };

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    public async Task The_asked_format_is_kept_whatever_Google_sends(string format)
    {
        ((FakeGemini)Vendor).PictureFormat = format == "png" ? "jpeg" : "png";
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = NewPrompt();
        var task = await AssertEndAsync(await Server.GenerateAsync(new { model = "nano-banana-2-1-text-to-image", prompt, input = new { output_format = format } }), prompt, "completed", 1);
        var bytes = await Server.Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!);
        Assert.Equal(format == "png" ? (byte)'P' : (byte)0xD8, bytes[1]);
    }

    [Fact]
    public async Task A_picture_of_several_pictures_carries_them_all()
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = NewPrompt();
        var png = $"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(TestMedia.Png))}";
        var jpeg = $"data:image/jpeg;base64,{Convert.ToBase64String(File.ReadAllBytes(TestMedia.Jpeg))}";
        await AssertEndAsync(
            await Server.GenerateAsync(new { model = "nano-banana-pro-image-to-image", prompt, input = new { image_urls = new[] { png, jpeg, png }, resolution = "2K", web_search = true } }),
            prompt,
            "completed",
            1);
        var parts = Vendor.Jobs.Single(job => job.Accepted.Prompt == prompt).Request.Json["contents"]![0]!["parts"]!.AsArray();
        Assert.Equal(["", "image/png", "image/jpeg", "image/png"], parts.Select(part => (string?)part!["inlineData"]?["mimeType"] ?? ""));
    }

    [Fact]
    public async Task A_picture_outlives_a_crash_between_its_answer_and_its_record()
    {
        var model = Server.Catalog.Find("nano-banana-2-lite-text-to-image")!;
        var request = new ProviderRequest
        {
            AttemptId = Ids.New(Ids.Attempt, Server.Clock),
            Route = model.Routes[0],
            Key = new ProviderKey(Vendor.Key),
            Model = model.Id,
            Mode = model.Mode,
            Prompt = NewPrompt(),
            Parameters = JsonDocument.Parse("{}").RootElement,
            Inputs = [],
            Output = new OutputSpec { Media = MediaType.Image, Format = "png", Width = 1_024, Height = 1_024 },
            IntendedAt = Server.Clock.GetUtcNow(),
        };
        Assert.IsType<LookupResult.Impossible>(await Server.Adapter.LookupAsync(request, CancellationToken.None));

        Vendor.Books.PlanFor(request.Prompt, new JobPlan { Polls = [PollAnswer.Succeeded] });
        var given = Assert.IsType<SubmitResult.Completed>(await Server.Adapter.SubmitAsync(request, CancellationToken.None));
        var found = Assert.IsType<LookupResult.Found>(await Server.Adapter.LookupAsync(request, CancellationToken.None));
        var again = Assert.IsType<PollResult.Succeeded>(await Server.Adapter.PollAsync(request, found.ProviderTaskId, CancellationToken.None));

        Assert.Equal(await File.ReadAllBytesAsync(given.Outputs[0].Path!), await File.ReadAllBytesAsync(Assert.Single(again.Outputs).Path!));
    }
}

/// <summary>Video: background interactions.</summary>
public sealed class GeminiVideoConformanceTests(VendorServer<GeminiVendor> server) : ProviderConformance<GeminiVendor>(server)
{
    private protected override bool CanCancel => true;

    // Google moderates video by finishing without one.
    private protected override string EmptyEnd => "CONTENT_REFUSED";

    private protected override object Request(string prompt) => new { model = "gemini-omni-text-to-video", prompt, input = new { duration = 3 } };

    [Fact]
    public async Task A_file_that_comes_late_is_waited_for()
    {
        ((FakeGemini)Vendor).FilesComeLate = true;
        await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded] }, "completed", 1);
        ((FakeGemini)Vendor).FilesComeLate = false;
    }

    [Fact]
    public async Task A_video_inside_the_answer_is_taken_too()
    {
        ((FakeGemini)Vendor).VideosInside = true;
        await RunAsync(new JobPlan { Polls = [PollAnswer.Running, PollAnswer.Succeeded] }, "completed", 1);
        ((FakeGemini)Vendor).VideosInside = false;
    }

    [Fact]
    public async Task References_are_named_as_Google_counts_them()
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var png = $"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(TestMedia.Png))}";
        var id = await Server.GenerateAsync(new { model = "gemini-omni-reference-to-video", prompt = "@Image2 beside @Image1", input = new { reference_image_urls = new[] { png, png } } });
        await AssertEndAsync(id, "<IMAGE_REF_1> beside <IMAGE_REF_0>", "completed", 1);
    }

    [Fact]
    public async Task The_key_goes_to_Google_alone()
    {
        await RunAsync(new JobPlan { Polls = [PollAnswer.Succeeded] }, "completed", 1);

        Assert.DoesNotContain(Vendor.Requests, request => request.Query.Contains(Vendor.Key, StringComparison.Ordinal) || request.Path.Contains(Vendor.Key, StringComparison.Ordinal));
    }
}
