using System.Globalization;
using System.Net;
using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.VicSee;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.VicSee;

public sealed class VicSeeAdapterTests
{
    private const string Text = "flux-2-pro-text-to-image";
    private const string Edit = "happyhorse-video-edit";

    [Fact]
    public async Task A_zoetrope_that_had_taken_the_task_names_it_again()
    {
        await using var bench = await StartAsync(new FakeVicSee { IsZoetrope = true });
        var request = bench.Image(Route(Text), "a fox");
        var accepted = Assert.IsType<SubmitResult.Accepted>(await bench.Adapter.SubmitAsync(request, default));

        Assert.Equal(new LookupResult.Found(accepted.ProviderTaskId), await bench.Adapter.LookupAsync(request, default));
        Assert.Single(bench.Vendor.Jobs);
        Assert.Empty(bench.Vendor.Violations);
    }

    [Fact]
    public async Task A_zoetrope_that_never_got_the_request_gets_it_now()
    {
        await using var bench = await StartAsync(new FakeVicSee { IsZoetrope = true });
        var request = bench.Image(Route(Text), "a fox");

        Assert.IsType<LookupResult.Found>(await bench.Adapter.LookupAsync(request, default));
        Assert.Equal(request.AttemptId, Assert.Single(bench.Vendor.Jobs).Accepted.ClientId);
    }

    [Fact]
    public async Task A_server_that_does_not_read_the_key_is_not_sent_the_task_again()
    {
        await using var bench = await StartAsync(new FakeVicSee());
        var request = bench.Image(Route(Text), "a fox");

        Assert.IsType<LookupResult.Impossible>(await bench.Adapter.LookupAsync(request, default));
        Assert.Empty(bench.Vendor.Jobs);
        Assert.Equal("{}", Assert.Single(bench.Vendor.Requests).Text);
    }

    [Fact]
    public async Task A_key_that_may_be_forgotten_is_not_used_again()
    {
        await using var bench = await StartAsync(new FakeVicSee { IsZoetrope = true });
        var request = bench.Image(Route(Text), "a fox");
        bench.Clock.Advance(TimeSpan.FromHours(7));

        Assert.IsType<LookupResult.Impossible>(await bench.Adapter.LookupAsync(request, default));
        Assert.Empty(bench.Vendor.Requests);
    }

    [Fact]
    public async Task Without_a_public_address_a_video_is_uploaded_and_then_a_lost_answer_stays_lost()
    {
        await using var bench = await StartAsync(new FakeVicSee { IsZoetrope = true });
        var clip = TestMedia.Video(320, 240, 4);
        var request = bench.Image(Route(Edit), "make it rain", """{"resolution":"720p"}""", new ProviderInput("video_url", clip, "video/mp4"));

        Assert.IsType<SubmitResult.Accepted>(await bench.Adapter.SubmitAsync(request, default));

        var (address, upload) = Assert.Single(bench.Vendor.Uploads);
        Assert.Equal(("video/mp4", (int)new FileInfo(clip).Length), upload);
        Assert.Equal(address, bench.Vendor.Jobs.Single().Request.Json["input"]!["video_url"]!.GetValue<string>());
        Assert.IsType<LookupResult.Impossible>(await bench.Adapter.LookupAsync(request, default));
        Assert.Single(bench.Vendor.Jobs);
        Assert.Empty(bench.Vendor.Violations);
    }

    [Fact]
    public async Task The_end_of_vicsees_day_is_when_to_come_back()
    {
        await using var bench = await StartAsync(new FakeVicSee());
        bench.Vendor.Books.PlanFor("a fox", new JobPlan { Submit = SubmitFault.RateLimitedWithRetryAfter });

        var refused = Assert.IsType<SubmitResult.Refused>(await bench.Adapter.SubmitAsync(bench.Image(Route(Text), "a fox"), default));

        Assert.Equal(ProviderErrorKind.RateLimited, refused.Error.Kind);
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Error.RetryAfter);
    }

    [Fact]
    public async Task Every_result_of_a_task_is_taken()
    {
        await using var bench = await StartAsync(new FakeVicSee { IsZoetrope = true });
        bench.Vendor.Books.PlanFor("two", new JobPlan { Polls = [PollAnswer.Running, PollAnswer.Succeeded] });
        var request = bench.Image(Route(Text), "two");
        var accepted = Assert.IsType<SubmitResult.Accepted>(await bench.Adapter.SubmitAsync(request, default));

        Assert.Equal(40, Assert.IsType<PollResult.Running>(await bench.Adapter.PollAsync(request, accepted.ProviderTaskId, default)).Progress);
        var succeeded = Assert.IsType<PollResult.Succeeded>(await bench.Adapter.PollAsync(request, accepted.ProviderTaskId, default));

        Assert.Equal(2, succeeded.Outputs.Count);
    }

    [Theory]
    [InlineData("https://vicsee.com/", "https://vicsee.com/api/v1/", true)]
    [InlineData("https://api.vicsee.com/api/v1/", "https://api.vicsee.com/api/v1/", true)]
    [InlineData("http://10.0.0.7:8080/", "http://10.0.0.7:8080/api/v1/", false)]
    [InlineData("https://notvicsee.com/", "https://notvicsee.com/api/v1/", false)]
    public void The_host_tells_what_evidence_to_expect(string given, string root, bool isVicSee)
    {
        Assert.Equal(new Uri(root), VicSeeWire.Root(new Uri(given)));
        Assert.Equal(isVicSee, VicSeeWire.IsVicSee(new Uri(given)));
    }

    [Theory]
    [InlineData("CONTENT_REFUSED", ProviderErrorKind.ContentRefused)]
    [InlineData("PROMPT_NSFW_DETECTED", ProviderErrorKind.ContentRefused)]
    [InlineData("IMAGE_TOO_LARGE", ProviderErrorKind.InvalidInput)]
    [InlineData("INPUT_REFUSED", ProviderErrorKind.InvalidInput)]
    [InlineData("PROVIDER_UNAVAILABLE", ProviderErrorKind.Unavailable)]
    [InlineData("OUTCOME_UNKNOWN", ProviderErrorKind.Unavailable)]
    [InlineData("TIMED_OUT", ProviderErrorKind.Expired)]
    [InlineData("BAD_OUTPUT", ProviderErrorKind.BadOutput)]
    [InlineData("CANCELLED", ProviderErrorKind.Canceled)]
    [InlineData("SOMETHING_NEW", ProviderErrorKind.Unavailable)]
    public async Task A_failed_task_is_what_its_code_says(string code, object kind)
    {
        var failed = Assert.IsType<PollResult.Failed>(VicSeeWire.Task(await AnswerAsync(200, """{"success":true,"data":{"id":"task_1","status":"failed","result":null,"error":{"code":"CODE","key":"x","message":"m"}}}""".Replace("CODE", code, StringComparison.Ordinal)), default));

        Assert.Equal((kind, code, "m"), (failed.Error.Kind, failed.Error.VendorCode, failed.Error.VendorMessage));
    }

    [Theory]
    [InlineData(401, "INVALID_KEY_FORMAT", ProviderErrorKind.Auth)]
    [InlineData(403, "FORBIDDEN", ProviderErrorKind.Auth)]
    [InlineData(402, "INSUFFICIENT_CREDITS", ProviderErrorKind.QuotaExhausted)]
    [InlineData(429, "TOO_MANY_IN_FLIGHT", ProviderErrorKind.RateLimited)]
    [InlineData(400, "INVALID_MODEL", ProviderErrorKind.Unavailable)]
    [InlineData(503, "MODEL_UNAVAILABLE", ProviderErrorKind.Unavailable)]
    [InlineData(400, "UNKNOWN_PARAMETER", ProviderErrorKind.InvalidInput)]
    [InlineData(413, "BODY_TOO_LARGE", ProviderErrorKind.InvalidInput)]
    [InlineData(400, "CONTENT_POLICY", ProviderErrorKind.ContentRefused)]
    [InlineData(418, "TEAPOT", ProviderErrorKind.InvalidInput)]
    public async Task A_refused_request_is_what_its_code_says(int status, string code, object kind) =>
        Assert.Equal(kind, VicSeeWire.Refusal(await AnswerAsync(status, Error(code)))!.Kind);

    [Theory]
    [InlineData(500, "INTERNAL_ERROR")]
    [InlineData(502, "BAD_GATEWAY")]
    [InlineData(503, "UNAVAILABLE")]
    public async Task A_server_error_proves_nothing(int status, string code) =>
        Assert.Null(VicSeeWire.Refusal(await AnswerAsync(status, Error(code))));

    [Theory]
    [InlineData(200, """{"data":{"status":"failed","error":{"code":"CANCELLED"}}}""", CancelResult.Confirmed)]
    [InlineData(200, """{"data":{"status":"processing","cancel":"declined"}}""", CancelResult.Refused)]
    [InlineData(200, """{"data":{"status":"completed"}}""", CancelResult.Refused)]
    [InlineData(200, """{"data":{"status":"processing","cancel":"requested"}}""", null)]
    [InlineData(405, "", CancelResult.Refused)]
    [InlineData(409, """{"error":{"code":"INVALID_OPERATION"}}""", CancelResult.Refused)]
    [InlineData(500, "", null)]
    public async Task A_cancel_is_confirmed_only_by_the_cancelled_task(int status, string body, object? result) =>
        Assert.Equal(result, (object?)VicSeeWire.Canceled(await AnswerAsync(status, body)));

    [Fact]
    public void A_star_writes_what_no_other_field_names()
    {
        var route = TestRoutes.Of("vicsee", Text, ("prompt", "input.prompt"), ("duration", "input.seconds"), ("image_urls[0]", "input.first"), ("*", "input"));
        using var parameters = JsonDocument.Parse("""{"duration":8,"seed":null,"resolution":"1K"}""");
        var body = new System.Text.Json.Nodes.JsonObject();
        var request = Request(route, parameters.RootElement.Clone(), new ProviderInput("image_urls", "a", "image/png"), new ProviderInput("reference_image_urls", "b", "image/png"), new ProviderInput("video_url", "c", "video/mp4"));

        RouteTranslation.Write(body, request, input => input.Path);

        Assert.Equal("""{"input":{"prompt":"a fox","seconds":8,"first":"a","resolution":"1K","reference_image_urls":["b"],"video_url":"c"}}""", body.ToJsonString());
    }

    [Fact]
    public void A_star_can_do_what_no_other_field_names_and_nothing_more()
    {
        using var parameters = JsonDocument.Parse("""{"duration":8,"audio":true}""");
        var asked = new RouteRequest("a fox", parameters.RootElement, new Dictionary<string, RouteFiles> { ["image_urls"] = new(InputKind.Image, 2) }, PublicAddress: false);

        Assert.Null(RouteFit.Gap(Route(Text), VicSeeAdapter.Vendor.Inputs, asked));
        Assert.Equal("audio", RouteFit.Gap(TestRoutes.Of("vicsee", Text, ("audio", null), ("*", "input")), VicSeeAdapter.Vendor.Inputs, asked)!.Parameter);
        Assert.Equal("image_urls", RouteFit.Gap(TestRoutes.Of("vicsee", Text, ("image_urls[0]", "input.first"), ("*", "input")), VicSeeAdapter.Vendor.Inputs, asked)!.Parameter);
        Assert.Equal("duration", RouteFit.Gap(TestRoutes.Of("vicsee", Text, ("*", null)), VicSeeAdapter.Vendor.Inputs, asked)!.Parameter);
    }

    private static string Error(string code) => JsonSerializer.Serialize(new { success = false, error = new { code, message = "m" } });

    private static RouteSpec Route(string model) => TestRoutes.Of("vicsee", model, ("prompt", "input.prompt"), ("*", "input"));

    private static Task<AdapterBench<FakeVicSee>> StartAsync(FakeVicSee vendor) =>
        AdapterBench<FakeVicSee>.StartAsync(vendor, VicSeeAdapter.Vendor, static tools => new VicSeeAdapter(tools));

    private static ProviderRequest Request(RouteSpec route, JsonElement parameters, params ProviderInput[] inputs) => new()
    {
        AttemptId = "att_1",
        Route = route,
        Model = Text,
        Mode = "text-to-image",
        Prompt = "a fox",
        Parameters = parameters,
        Inputs = inputs,
        Output = new OutputSpec { Media = MediaType.Image, Format = "png", Width = 64, Height = 64 },
        IntendedAt = DateTimeOffset.Parse("2026-11-22T12:00:00Z", CultureInfo.InvariantCulture),
    };

    private static async Task<VendorAnswer> AnswerAsync(int status, string body)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
        return await VendorAnswer.ReadAsync(response, null, TimeProvider.System, default);
    }
}
