using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.Fal;
using Zoetrope.Tests.Catalog;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Fal;

/// <summary>What is fal's own: its error words, its file storage, its addresses, and that it serves what the catalogue says.</summary>
public sealed class FalAdapterTests(VendorServer<FalVendor> server) : IClassFixture<VendorServer<FalVendor>>
{
    private static readonly Uri Base = new("https://queue.fal.run/");

    private FakeFal Fal => (FakeFal)server.Vendor;

    public static TheoryData<string> Models => [.. Ask.Catalog.Models.Where(model => model.Routes.Any(route => route.Provider == "fal")).Select(model => model.Id)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Fal_alone_serves_the_plain_request_of_every_model_it_has(string model)
    {
        var asked = Ask.Resolved(Ask.Smallest(Ask.Catalog.Find(model)!));
        using var parameters = JsonDocument.Parse(asked.Parameters);
        var request = asked.OnRoutes(parameters.RootElement, publicAddress: false);
        var routes = asked.Model.Routes.Where(route => route.Provider == "fal").ToList();

        // A price that depends on a choice has a route for each of them.
        Assert.Single(routes, route => RouteFit.Gap(route, FalAdapter.Vendor.Inputs, request) is null);
        Assert.All(routes, route => Assert.Equal(string.Join('/', route.Model.Split('/').Take(2)), route.ExtraText("queuePath")));
    }

    [Theory]
    [InlineData("", "", "https://rest.fal.ai/")]
    [InlineData("", "http://proxy.example/fal", "http://proxy.example/fal/")]
    [InlineData("https://files.example/x", "", "https://files.example/x/")]
    [InlineData("https://files.example/", "http://proxy.example/fal", "https://files.example/")]
    public void Whoever_sends_the_jobs_elsewhere_sends_the_key_and_the_files_there_too(string rest, string configured, string expected) =>
        Assert.Equal(new Uri(expected), new FalOptions { RestUrl = rest }.RestUri(configured, configured.Length == 0 ? Base : new Uri(configured + "/")));

    [Fact]
    public void More_files_than_the_model_takes_together_make_the_route_unfit()
    {
        var route = Ask.Catalog.Find("seedance-2-0-reference-to-video")!.Routes.Single(route => route.Provider == "fal");
        using var parameters = JsonDocument.Parse("{}");
        RouteGap? With(int images) => RouteFit.Gap(route, FalAdapter.Vendor.Inputs, new RouteRequest("x", parameters.RootElement, new Dictionary<string, RouteFiles>
        {
            ["reference_image_urls"] = new(InputKind.Image, images),
            ["reference_video_urls"] = new(InputKind.Video, 3),
            ["reference_audio_urls"] = new(InputKind.Audio, 3),
        }, PublicAddress: true));

        Assert.Null(With(6));
        Assert.Equal("13 files", With(7)!.Asked);
    }

    [Theory]
    [InlineData(422, """{"detail":[{"loc":["body","prompt"],"msg":"blocked","type":"content_policy_violation"}]}""", "ContentRefused")]
    [InlineData(422, """{"detail":[{"loc":["body"],"msg":"nothing came","type":"no_media_generated"}]}""", "BadOutput")]
    [InlineData(422, """{"detail":"The prompt goes against Google's safety rules."}""", "ContentRefused")]
    [InlineData(422, """{"detail":[{"loc":["body","duration"],"msg":"Input should be '4'","type":"literal_error"}]}""", "InvalidInput")]
    [InlineData(422, """{"detail":[{"loc":["body","image_url"],"msg":"too small","type":"image_too_small"}]}""", "InvalidInput")]
    [InlineData(500, """{"detail":[{"loc":["body"],"msg":"broken","type":"internal_server_error"}]}""", "Unavailable")]
    [InlineData(504, """{"detail":"Request timed out","error_type":"request_timeout"}""", "Unavailable")]
    [InlineData(503, """{"detail":"no runner","error_type":"runner_scheduling_failure"}""", "Unavailable")]
    [InlineData(499, """{"detail":"cancelled","error_type":"client_cancelled"}""", "Canceled")]
    [InlineData(404, """{"detail":"Request not found"}""", "Expired")]
    [InlineData(200, """{"images":[],"seed":4}""", "BadOutput")]
    public async Task Each_end_of_a_job_has_its_kind(int status, string body, string kind)
    {
        var failed = Assert.IsType<PollResult.Failed>(FalWire.Result(await AnswerAsync(status, body), TimeSpan.Zero));
        Assert.Equal(Enum.Parse<ProviderErrorKind>(kind), failed.Error.Kind);
    }

    [Theory]
    [InlineData(504, "<html>nginx</html>")]
    [InlineData(500, """{"detail":"Internal Server Error"}""")]
    [InlineData(401, """{"detail":"bad key"}""")]
    [InlineData(429, """{"detail":"slow down"}""")]
    [InlineData(200, "<html>")]
    public async Task What_is_about_the_read_says_nothing_of_the_job(int status, string body) =>
        Assert.Null(FalWire.Result(await AnswerAsync(status, body), TimeSpan.Zero));

    [Fact]
    public async Task A_result_asked_for_too_early_is_still_running() =>
        Assert.IsType<PollResult.Running>(FalWire.Result(await AnswerAsync(400, """{"detail":"Request is still in progress"}"""), TimeSpan.Zero));

    [Theory]
    [InlineData(403, """{"detail":"User is locked. Reason: Exhausted balance."}""", "QuotaExhausted")]
    [InlineData(403, """{"detail":"No access to this app"}""", "Auth")]
    [InlineData(401, """{"detail":"No user"}""", "Auth")]
    [InlineData(429, "{}", "RateLimited")]
    [InlineData(404, """{"detail":"Application not found"}""", "Unavailable")]
    [InlineData(503, "<html><h1>503 Service Temporarily Unavailable</h1>nginx</html>", "Unavailable")]
    [InlineData(503, """{"detail":"no runner","error_type":"runner_scheduling_failure"}""", null)]
    [InlineData(502, "<html>nginx</html>", null)]
    public async Task A_refusal_is_believed_only_where_nothing_can_have_been_taken(int status, string body, string? kind) =>
        Assert.Equal(kind is null ? null : Enum.Parse<ProviderErrorKind>(kind), FalWire.Refusal(await AnswerAsync(status, body))?.Kind);

    [Theory]
    [InlineData("https://queue.fal.run/bytedance/seedance-2.0/requests/ab-1", "https://queue.fal.run/bytedance/seedance-2.0/requests/ab-1")]
    [InlineData("ab-1", "https://queue.fal.run/fal-ai/kling-video/requests/ab-1")]
    [InlineData("https://evil.example/fal-ai/kling-video/requests/ab-1", "https://queue.fal.run/fal-ai/kling-video/requests/ab-1")]
    [InlineData("../../secrets", null)]
    [InlineData("https://evil.example/?x=%0a", null)]
    public void A_job_is_asked_for_at_fal_only(string handle, string? url)
    {
        var route = Ask.Catalog.Find("kling-3-0-text-to-video")!.Routes.Single(route => route.Provider == "fal");
        Assert.Equal(url is null ? null : new Uri(url), FalWire.JobUrl(Base, route, handle));
    }

    [Fact]
    public async Task An_accepted_job_at_another_origin_is_known_by_its_id()
    {
        var accepted = FalWire.Accepted(await AnswerAsync(200, """{"request_id":"ab-1","response_url":"https://evil.example/requests/ab-1"}"""), Base, TimeSpan.Zero);
        Assert.Equal("ab-1", Assert.IsType<SubmitResult.Accepted>(accepted).ProviderTaskId);
    }

    [Fact]
    public async Task A_large_file_goes_in_parts_and_arrives_whole()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("clip.mp4");
        var bytes = new byte[(95 * 1024 * 1024) + 7];
        new Random(4).NextBytes(bytes);
        await File.WriteAllBytesAsync(path, bytes);

        Assert.IsType<SubmitResult.Accepted>(await server.Adapter.SubmitAsync(Upscale(path), CancellationToken.None));

        var upload = Fal.Uploads.Single(upload => upload.InParts);
        Assert.Equal((10, Convert.ToHexStringLower(SHA256.HashData(bytes))), (upload.Received, upload.Sha256));
        Assert.Empty(Fal.Violations);
    }

    [Fact]
    public async Task A_file_that_cannot_be_put_there_buys_nothing()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("clip.mp4");
        await File.WriteAllTextAsync(path, "clip");
        var before = Fal.Books.Submits;
        Fal.PutStatus = 503;
        try
        {
            var refused = Assert.IsType<SubmitResult.Refused>(await server.Adapter.SubmitAsync(Upscale(path), CancellationToken.None));
            Assert.Equal((ProviderErrorKind.Unavailable, "upload"), (refused.Error.Kind, refused.Error.VendorCode));
        }
        finally
        {
            Fal.PutStatus = 200;
        }

        var wrongKey = Upscale(path) with { Key = new ProviderKey("wrong:0123456789") };
        Assert.Equal(ProviderErrorKind.Auth, Assert.IsType<SubmitResult.Refused>(await server.Adapter.SubmitAsync(wrongKey, CancellationToken.None)).Error.Kind);
        Assert.Equal(before, Fal.Books.Submits);
    }

    [Fact]
    public async Task A_lost_answer_waits_for_a_webhook_only_where_one_can_come()
    {
        var request = Upscale("clip.mp4");
        Assert.IsType<LookupResult.Impossible>(await server.Adapter.LookupAsync(request, CancellationToken.None));
        Assert.IsType<LookupResult.Undecided>(await server.Adapter.LookupAsync(request with { CallbackUrl = new Uri("https://zoetrope.example.test/hooks/fal/t") }, CancellationToken.None));
    }

    private ProviderRequest Upscale(string path) => new()
    {
        AttemptId = Ids.New(Ids.Attempt, TimeProvider.System),
        Route = Ask.Catalog.Find("topaz-video-upscale")!.Routes.Single(route => route.Provider == "fal"),
        Key = new ProviderKey(Fal.Key),
        Model = "topaz-video-upscale",
        Mode = "upscale",
        Prompt = "",
        Parameters = JsonDocument.Parse("""{"upscale_factor":"2"}""").RootElement,
        Inputs = [new ProviderInput("video_url", path, "video/mp4")],
        Output = new OutputSpec { Media = MediaType.Video, Format = "mp4", Width = 1280, Height = 720 },
        IntendedAt = TimeProvider.System.GetUtcNow(),
    };

    private static async Task<VendorAnswer> AnswerAsync(int status, string body)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8) };
        return await VendorAnswer.ReadAsync(response, null, TimeProvider.System, CancellationToken.None);
    }
}
