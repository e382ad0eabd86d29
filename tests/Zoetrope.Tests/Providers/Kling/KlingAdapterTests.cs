using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Kling;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Kling;

/// <summary>What is Kling's own: signed tokens, tasks asked for by our id, shots.</summary>
public sealed class KlingAdapterTests(VendorServer<KlingVendor> server) : IClassFixture<VendorServer<KlingVendor>>
{
    private const string Model = "kling-3-0-text-to-video";
    private static readonly CancellationToken Never = CancellationToken.None;

    private FakeKling Vendor => (FakeKling)server.Vendor;

    private IProviderAdapter Adapter => server.Adapter;

    [Theory]
    [InlineData(1000, "Auth")]
    [InlineData(1004, "Auth")]
    [InlineData(1100, "QuotaExhausted")]
    [InlineData(1101, "QuotaExhausted")]
    [InlineData(1102, "QuotaExhausted")]
    [InlineData(1103, "Auth")]
    [InlineData(1200, "InvalidInput")]
    [InlineData(1203, "Unavailable")]
    [InlineData(1300, "ContentRefused")]
    [InlineData(1301, "ContentRefused")]
    [InlineData(1302, "RateLimited")]
    [InlineData(1303, "RateLimited")]
    [InlineData(1304, "Auth")]
    [InlineData(5001, "Unavailable")]
    public void A_code_has_its_kind(int code, string kind) => Assert.Equal(Enum.Parse<ProviderErrorKind>(kind), KlingWire.KindOf(code));

    [Fact]
    public void An_unknown_code_is_left_to_its_status() => Assert.Null(KlingWire.KindOf(1999));

    [Fact]
    public void A_plain_key_goes_as_it_is() => Assert.Equal("plain-key", KlingTokens.Of("plain-key", DateTimeOffset.UnixEpoch));

    [Fact]
    public void A_pair_becomes_a_token_of_half_an_hour_that_hides_the_secret()
    {
        var token = KlingTokens.Of("access:secret", DateTimeOffset.FromUnixTimeSeconds(1_000_000)).Split('.');

        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(token[1]))!;
        Assert.Equal(("access", 1_001_800, 999_995), (claims["iss"]!.GetValue<string>(), claims["exp"]!.GetValue<int>(), claims["nbf"]!.GetValue<int>()));
        Assert.Equal("jXYy9F8Y2KKxAyBk4LC71zfC74FMmAagpPumCRhEoT8", token[2]);
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token[1])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_task_is_found_by_our_id(bool asked)
    {
        Vendor.KnowsExternalIds = asked;
        var request = AdapterRequests.Of(Vendor, server.Clock, Model);
        var accepted = Assert.IsType<SubmitResult.Accepted>(await Adapter.SubmitAsync(request, Never));

        Assert.Equal(accepted.ProviderTaskId, Assert.IsType<LookupResult.Found>(await Adapter.LookupAsync(request, Never)).ProviderTaskId);
        Vendor.KnowsExternalIds = true;
    }

    [Theory]
    [InlineData(4, true, typeof(LookupResult.Absent))]
    [InlineData(1, true, typeof(LookupResult.Undecided))]
    [InlineData(4, false, typeof(LookupResult.Undecided))]
    public async Task Absence_needs_time_and_a_list_that_shows_our_kind_of_id(int minutes, bool echoes, Type result)
    {
        var list = $$"""{"code":0,"data":[{"task_id":"866","task_info":{{(echoes ? """{"external_task_id":"older"}""" : "{}")}}}]}""";

        Assert.IsType(result, KlingWire.FindInList(await Answers.OfAsync(200, list), "att_mine", 500, settled: minutes >= 3));
    }

    [Fact]
    public async Task A_full_page_is_no_proof_of_absence() => Assert.IsType<LookupResult.Undecided>(
        KlingWire.FindInList(await Answers.OfAsync(200, """{"code":0,"data":[{"task_id":"866","task_info":{"external_task_id":"older"}}]}"""), "att_mine", 1, settled: true));

    [Theory]
    [InlineData("""{"code":1301,"message":"risk"}""", typeof(SubmitResult.Refused))]
    [InlineData("""{"code":1203,"message":"no such model"}""", typeof(SubmitResult.Refused))]
    [InlineData("""{"code":0,"data":{"task_id":"867"}}""", typeof(SubmitResult.Accepted))]
    [InlineData("""{"code":5002,"message":"timeout"}""", null)]
    [InlineData("""{"code":0,"data":{}}""", null)]
    public async Task A_200_is_what_its_code_says(string body, Type? result) => Assert.Equal(result, KlingWire.ReadCreated(await Answers.OfAsync(200, body))?.GetType());

    [Fact]
    public async Task Shots_without_seconds_share_the_rest()
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, Model, more: [("duration", "10"), ("multi_shots", "true"), ("multi_prompt", """[{"prompt":"one","duration":3},{"prompt":"two"},{"prompt":"three"}]""")]);

        Assert.IsType<SubmitResult.Accepted>(await Adapter.SubmitAsync(request, Never));
        var shots = Vendor.Requests[^1].Json["multi_prompt"]!.AsArray();
        Assert.Equal(["3", "4", "3"], shots.Select(shot => shot!["duration"]!.GetValue<string>()));
        Assert.Equal("customize", Vendor.Requests[^1].Json["shot_type"]!.GetValue<string>());
        Assert.Empty(Vendor.Violations);
    }

    [Fact]
    public async Task A_task_cannot_be_stopped_and_nothing_is_asked() =>
        Assert.Equal(CancelResult.Refused, await Adapter.CancelAsync(AdapterRequests.Of(Vendor, server.Clock, Model), "867", Never));

    [Theory]
    [InlineData("""{"task_id":"867000000000000001","task_status":"succeed"}""", "867000000000000001")]
    [InlineData("""{"code":0,"data":{"task_id":"867"}}""", "867")]
    [InlineData("""{"task_id":"../account/costs"}""", null)]
    [InlineData("", null)]
    public async Task A_callback_tells_at_most_which_task_it_is(string body, string? task)
    {
        var reading = await ((ICallbackReader)Adapter).ReadCallbackAsync(new ProviderCallback("att", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body)), Never);

        Assert.Equal(new CallbackReading.Genuine(task), reading);
    }
}
