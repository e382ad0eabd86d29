using System.Text;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.MiniMax;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.MiniMax;

/// <summary>What is MiniMax's own: the challenge, a list without anything of ours, numbers in brackets.</summary>
public sealed class MiniMaxAdapterTests(VendorServer<MiniMaxVendor> server) : IClassFixture<VendorServer<MiniMaxVendor>>
{
    private const string Model = "minimax-h3-text-to-video";
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly Uri Callback = new("https://media.example.test/hooks/minimax/token");

    private FakeMiniMax Vendor => (FakeMiniMax)server.Vendor;

    private IProviderAdapter Adapter => server.Adapter;

    [Theory]
    [InlineData(400, "bad_request_error", "invalid params (2013)", "InvalidInput", "2013")]
    [InlineData(401, "authorized_error", "login fail (1004)", "Auth", "1004")]
    [InlineData(402, "insufficient_balance_error", "insufficient balance (1008)", "QuotaExhausted", "1008")]
    [InlineData(429, "rate_limit_error", "insufficient balance (1008)", "QuotaExhausted", "1008")]
    [InlineData(422, "unprocessable_entity_error", "output sensitive (1027)", "ContentRefused", "1027")]
    [InlineData(422, "unprocessable_entity_error", "blocked", "ContentRefused", "unprocessable_entity_error")]
    [InlineData(429, "rate_limit_error", "slow down (please)", "RateLimited", "rate_limit_error")]
    [InlineData(400, "new_error", "what (9999)", "InvalidInput", "9999")]
    public async Task A_refusal_has_its_kind(int status, string type, string message, string kind, string code)
    {
        var error = MiniMaxWire.Refusal(await Answers.OfAsync(status, $$$"""{"type":"error","error":{"type":"{{{type}}}","message":"{{{message}}}","http_code":"{{{status}}}"}}"""))!;

        Assert.Equal((Enum.Parse<ProviderErrorKind>(kind), code, message), (error.Kind, error.VendorCode, error.VendorMessage));
    }

    [Fact]
    public async Task A_breakdown_proves_nothing() => Assert.Null(MiniMaxWire.Refusal(await Answers.OfAsync(500, """{"type":"error","error":{"type":"server_error","message":"unknown (1000)"}}""")));

    [Theory]
    [InlineData("""{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""", typeof(SubmitResult.Refused))]
    [InlineData("""{"base_resp":{"status_code":1000,"status_msg":"unknown"}}""", null)]
    [InlineData("""{"task_id":424}""", typeof(SubmitResult.Accepted))]
    [InlineData("{}", null)]
    public async Task A_200_is_a_task_or_the_first_apis_refusal(string body, Type? result) => Assert.Equal(result, MiniMaxWire.ReadCreated(await Answers.OfAsync(200, body))?.GetType());

    [Fact]
    public async Task A_listed_task_is_never_taken_for_ours()
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, Model);
        await Adapter.SubmitAsync(request, Never);

        Assert.IsType<LookupResult.Impossible>(await Adapter.LookupAsync(request, Never));
        Assert.IsType<LookupResult.Undecided>(await Adapter.LookupAsync(request with { CallbackUrl = Callback }, Never));
    }

    [Fact]
    public async Task The_callbacks_address_is_sent()
    {
        await Adapter.SubmitAsync(AdapterRequests.Of(Vendor, server.Clock, Model, callback: Callback), Never);

        Assert.Equal(Callback.AbsoluteUri, Vendor.Requests[^1].Json["callback_url"]!.GetValue<string>());
        Assert.Empty(Vendor.Violations);
    }

    [Fact]
    public async Task Without_a_public_address_a_clip_goes_inside()
    {
        var request = AdapterRequests.Of(Vendor, server.Clock, "minimax-h3-reference-to-video", more: ("reference_video_urls", """["https://files.example.test/a.mp4"]"""));

        Assert.IsType<SubmitResult.Accepted>(await Adapter.SubmitAsync(request, Never));
        Assert.Contains(Vendor.Requests[^1].Json["content"]!.AsArray(), item => item!["video_url"]?["url"]?.GetValue<string>().StartsWith("data:video/mp4;base64,", StringComparison.Ordinal) == true);
        Assert.Empty(Vendor.Violations);
    }

    [Theory]
    [InlineData("""{"challenge":"a\"b"}""", """{"challenge":"a\"b"}""")]
    [InlineData("""{"challenge":"c-1"}""", """{"challenge":"c-1"}""")]
    public async Task A_challenge_is_given_back(string body, string answer) => Assert.Equal(new CallbackReading.Challenge(answer), await ReadAsync(body));

    [Theory]
    [InlineData("""{"task":{"id":"424000000000001","status":"succeeded"}}""", "424000000000001")]
    [InlineData("""{"task_id":"424","status":"success"}""", "424")]
    [InlineData("""{"task":{"id":"../x"}}""", null)]
    [InlineData("""{"challenge":7}""", null)]
    [InlineData("{", null)]
    public async Task A_callback_tells_at_most_which_task_it_is(string body, string? task) => Assert.Equal(new CallbackReading.Genuine(task), await ReadAsync(body));

    [Theory]
    [InlineData(nameof(PollAnswer.Queued), "Confirmed", 1)]
    [InlineData(nameof(PollAnswer.Running), "Refused", 0)]
    [InlineData(nameof(PollAnswer.Succeeded), "Refused", 0)]
    public async Task Only_a_queued_task_is_deleted(string state, string result, int deletes)
    {
        var prompt = $"a fox that is {state}";
        Vendor.Books.PlanFor(prompt, new JobPlan { Polls = [Enum.Parse<PollAnswer>(state)] });
        var request = AdapterRequests.Of(Vendor, server.Clock, Model, prompt);
        var accepted = Assert.IsType<SubmitResult.Accepted>(await Adapter.SubmitAsync(request, Never));
        var before = Vendor.Requests.Count(call => call.Method == "DELETE");

        Assert.Equal(Enum.Parse<CancelResult>(result), await Adapter.CancelAsync(request, accepted.ProviderTaskId, Never));
        Assert.Equal(deletes, Vendor.Requests.Count(call => call.Method == "DELETE") - before);
        Assert.Empty(Vendor.Destroyed);
    }

    private async Task<CallbackReading> ReadAsync(string body) =>
        await ((ICallbackReader)Adapter).ReadCallbackAsync(new ProviderCallback("att", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body)), Never);
}
