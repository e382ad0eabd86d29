using System.Text;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Ark;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Ark;

/// <summary>What is Ark's own: tasks that are found by our mark alone, deletions that destroy, images that exist in one answer.</summary>
public sealed class ArkAdapterTests(VendorServer<ArkVendor> server) : IClassFixture<VendorServer<ArkVendor>>
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private FakeArk Vendor => (FakeArk)server.Vendor;

    private IProviderAdapter Adapter => server.Adapter;

    [Theory]
    [InlineData("InputTextSensitiveContentDetected.PolicyViolation", "", "ContentRefused")]
    [InlineData("OutputVideoRiskDetection", "", "ContentRefused")]
    [InlineData("InputImageSensitiveContentDetected.PrivacyInformation", "", "ContentRefused")]
    [InlineData("ContentSecurityDetectionError", "", "Unavailable")]
    [InlineData("InvalidParameter.TaskTypeConstraint", "", "InvalidInput")]
    [InlineData("MissingParameter.model", "", "InvalidInput")]
    [InlineData("AuthenticationError", "", "Auth")]
    [InlineData("OperationDenied.ServiceNotOpen", "", "Auth")]
    [InlineData("OperationDenied.ServiceOverdue", "", "QuotaExhausted")]
    [InlineData("AccountOverdueError", "", "QuotaExhausted")]
    [InlineData("SetLimitExceeded", "", "QuotaExhausted")]
    [InlineData("QuotaExceeded", "The free quota is used up.", "QuotaExhausted")]
    [InlineData("QuotaExceeded", "Too many tasks in the queue.", "RateLimited")]
    [InlineData("ModelAccountIpmRateLimitExceeded", "", "RateLimited")]
    [InlineData("ServerOverloaded", "", "RateLimited")]
    [InlineData("InvalidEndpointOrModel.NotFound", "", "Unavailable")]
    [InlineData("ModelNotOpen", "", "Unavailable")]
    public void A_code_has_its_kind(string code, string message, string kind) => Assert.Equal(Enum.Parse<ProviderErrorKind>(kind), ArkWire.KindOf(code, message));

    [Fact]
    public void An_unknown_code_is_left_to_its_status() => Assert.Null(ArkWire.KindOf("SomethingNew", ""));

    [Theory]
    [InlineData("https://ark.cn-beijing.volces.com/api/v3/", "doubao-seedance-2-0-fast-260128")]
    [InlineData("https://ark.ap-southeast.bytepluses.com/api/v3/", "dreamina-seedance-2-0-fast-260128")]
    [InlineData("https://volces.com.example.test/", "dreamina-seedance-2-0-fast-260128")]
    public void The_address_decides_the_models_id(string address, string model)
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-fast-text-to-video");

        Assert.Equal(model, ArkWire.Prepare(request, ArkWire.IsMainland(new Uri(address))).Body.Json["model"]!.GetValue<string>());
    }

    [Fact]
    public void Every_route_names_both_ids() => Assert.DoesNotContain(
        Tests.Catalog.Ask.Catalog.Models.SelectMany(model => model.Routes).Where(route => route.Provider == "ark"),
        route => route.ExtraText("mainlandModel")?.StartsWith("doubao-", StringComparison.Ordinal) != true);

    [Fact]
    public async Task A_lost_task_is_found_by_its_mark_and_nobody_elses_is_taken()
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-fast-text-to-video");
        Vendor.OtherTasks.Add(new { id = "cgt-other", model = "dreamina-seedance-2-0-fast-260128", status = "running", safety_identifier = "a-user" });

        Assert.IsType<LookupResult.Undecided>(await Adapter.LookupAsync(request, Never));
        var accepted = Assert.IsType<SubmitResult.Accepted>(await Adapter.SubmitAsync(request, Never));
        Assert.Equal(accepted.ProviderTaskId, Assert.IsType<LookupResult.Found>(await Adapter.LookupAsync(request, Never)).ProviderTaskId);
        Assert.IsType<LookupResult.Undecided>(await Adapter.LookupAsync(AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-fast-text-to-video"), Never));
        Vendor.EchoesTags = false;
        Assert.IsType<LookupResult.Undecided>(await Adapter.LookupAsync(request, Never));
        Vendor.EchoesTags = true;
    }

    [Fact]
    public async Task A_lost_task_is_found_behind_the_first_page()
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-fast-text-to-video");
        var accepted = Assert.IsType<SubmitResult.Accepted>(await Adapter.SubmitAsync(request, Never));
        Vendor.OtherTasks.AddRange(Enumerable.Range(0, 600).Select(number => new { id = $"cgt-{number}", status = "running" }));

        Assert.Equal(accepted.ProviderTaskId, Assert.IsType<LookupResult.Found>(await Adapter.LookupAsync(request, Never)).ProviderTaskId);
        Vendor.OtherTasks.Clear();
    }

    [Theory]
    [InlineData(nameof(PollAnswer.Queued), "Confirmed", 1)]
    [InlineData(nameof(PollAnswer.Running), "Refused", 0)]
    [InlineData(nameof(PollAnswer.Succeeded), "Refused", 0)]
    [InlineData(nameof(PollAnswer.Expired), "Refused", 0)]
    public async Task Only_a_queued_task_is_deleted(string state, string result, int deletes)
    {
        var prompt = $"a fox that is {state}";
        Vendor.Books.PlanFor(prompt, new JobPlan { Polls = [Enum.Parse<PollAnswer>(state)] });
        var request = AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-fast-text-to-video", prompt);
        var accepted = Assert.IsType<SubmitResult.Accepted>(await Adapter.SubmitAsync(request, Never));
        var before = Vendor.Requests.Count(call => call.Method == "DELETE");

        Assert.Equal(Enum.Parse<CancelResult>(result), await Adapter.CancelAsync(request, accepted.ProviderTaskId, Never));
        Assert.Equal(deletes, Vendor.Requests.Count(call => call.Method == "DELETE") - before);
        Assert.Empty(Vendor.Destroyed);
    }

    [Fact]
    public async Task A_task_that_begins_before_its_deletion_goes_on()
    {
        Vendor.Books.PlanFor("a quick fox", new JobPlan { Polls = [PollAnswer.Queued, PollAnswer.Running], RefusesCancel = true });
        var request = AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-fast-text-to-video", "a quick fox");
        var accepted = Assert.IsType<SubmitResult.Accepted>(await Adapter.SubmitAsync(request, Never));

        Assert.Equal(CancelResult.Refused, await Adapter.CancelAsync(request, accepted.ProviderTaskId, Never));
    }

    [Fact]
    public async Task An_image_outlives_a_crash_between_its_answer_and_our_record()
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, "seedream-5-pro-text-to-image");
        var completed = Assert.IsType<SubmitResult.Completed>(await Adapter.SubmitAsync(request, Never));

        var found = Assert.IsType<LookupResult.Found>(await Adapter.LookupAsync(request, Never));
        Assert.Equal(completed.ProviderTaskId, found.ProviderTaskId);
        Assert.DoesNotContain("http", completed.RequestId, StringComparison.Ordinal);
        Assert.Equal(completed.Outputs[0].Url, Assert.IsType<PollResult.Succeeded>(await Adapter.PollAsync(request, found.ProviderTaskId, Never)).Outputs[0].Url);
        Assert.IsType<LookupResult.Impossible>(await Adapter.LookupAsync(AdapterRequests.Of(Vendor, server.Clock, "seedream-5-pro-text-to-image"), Never));
    }

    [Fact]
    public async Task A_clip_without_a_public_address_is_refused_before_anything_is_sent()
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-reference-to-video", more: ("reference_video_urls", """["https://files.example.test/a.mp4"]"""));
        var before = Vendor.Requests.Count;

        var refused = Assert.IsType<SubmitResult.Refused>(await Adapter.SubmitAsync(request, Never));
        Assert.Equal((ProviderErrorKind.Unavailable, before), (refused.Error.Kind, Vendor.Requests.Count));
    }

    [Theory]
    [InlineData("""{"id":"cgt-20261122101500-k7x2p","status":"succeeded"}""", "cgt-20261122101500-k7x2p")]
    [InlineData("""{"id":"../../images","status":"succeeded"}""", null)]
    [InlineData("""{"id":"images:[\"http://10.0.0.1/\"]"}""", null)]
    [InlineData("""{"id":7}""", "7")]
    [InlineData("[]", null)]
    [InlineData("no json", null)]
    public async Task A_callback_tells_at_most_which_task_it_is(string body, string? task)
    {
        var reading = await ((ICallbackReader)Adapter).ReadCallbackAsync(new ProviderCallback("att", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body)), Never);

        Assert.Equal(new CallbackReading.Genuine(task), reading);
    }

    [Fact]
    public async Task The_callbacks_address_and_web_search_are_sent_where_they_apply()
    {
        var callback = new Uri("https://media.example.test/hooks/ark/token");
        await Adapter.SubmitAsync(AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-text-to-video", "a searching fox", callback, ("web_search", "true")), Never);

        var sent = Vendor.Requests[^1].Json;
        Assert.Equal(callback.AbsoluteUri, sent["callback_url"]!.GetValue<string>());
        Assert.Equal("""[{"type":"web_search"}]""", sent["tools"]!.ToJsonString());
        Assert.Empty(Vendor.Violations);
    }

    [Fact]
    public async Task Files_are_named_in_the_vendors_way()
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, "seedance-2-0-reference-to-video", "@Image1 walks to @Audio2 beside @Image12", more: ("reference_image_urls", """["https://files.example.test/a.png"]"""));
        await Adapter.SubmitAsync(request, Never);

        Assert.Equal("Image 1 walks to Audio 2 beside Image 12", Vendor.Requests[^1].Json["content"]![0]!["text"]!.GetValue<string>());
    }
}
