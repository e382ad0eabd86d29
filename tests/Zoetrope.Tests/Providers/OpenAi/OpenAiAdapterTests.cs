using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.OpenAi;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.OpenAi;

/// <summary>What is special at OpenAI: results in the answer to the submit, and errors whose codes say more than their status.</summary>
public sealed class OpenAiAdapterTests(VendorServer<OpenAiVendor> server) : IClassFixture<VendorServer<OpenAiVendor>>
{
    [Fact]
    public async Task A_result_outlives_the_process_that_received_it()
    {
        var request = Request("kept");
        var completed = Assert.IsType<SubmitResult.Completed>(await server.Adapter.SubmitAsync(request, CancellationToken.None));
        Assert.Equal("req_made", completed.RequestId);

        // The process died before it recorded the answer, and took the first copy away.
        File.Delete(completed.Outputs[0].Path!);
        var found = Assert.IsType<LookupResult.Found>(await server.Adapter.LookupAsync(request, CancellationToken.None));
        var polled = Assert.IsType<PollResult.Succeeded>(await server.Adapter.PollAsync(request, found.ProviderTaskId, CancellationToken.None));

        Assert.True(new FileInfo(polled.Outputs[0].Path!).Length > 0);
        File.Delete(polled.Outputs[0].Path!);
    }

    [Fact]
    public async Task What_never_arrived_is_never_found() =>
        Assert.IsType<LookupResult.Impossible>(await server.Adapter.LookupAsync(Request("lost"), CancellationToken.None));

    [Fact]
    public async Task A_url_is_its_own_handle()
    {
        var polled = await server.Adapter.PollAsync(Request("url"), "https://images.example/a.png", CancellationToken.None);

        Assert.Equal(new Uri("https://images.example/a.png"), Assert.IsType<PollResult.Succeeded>(polled).Outputs[0].Url);
    }

    [Fact]
    public async Task Nothing_can_be_stopped() =>
        Assert.Equal(CancelResult.Refused, await server.Adapter.CancelAsync(Request("go on"), "x", CancellationToken.None));

    [Fact]
    public async Task Models_prove_a_key() =>
        Assert.Equal("2 models", Assert.IsType<CheckResult.Proven>(await server.Adapter.CheckAsync(new ProviderKey(server.Vendor.Key), CancellationToken.None)).Detail);

    [Fact]
    public async Task A_server_without_a_list_of_models_cannot_prove_one() =>
        Assert.IsType<CheckResult.NotPossible>(OpenAiWire.ReadModels(await Answers.OfAsync(404, "not found")));

    [Fact]
    public async Task The_order_of_pictures_and_their_types_are_kept()
    {
        ProviderInput[] inputs =
        [
            new("image_urls", TestMedia.Png, "image/png"),
            new("image_urls", TestMedia.Jpeg, "image/jpeg"),
            new("image_urls", TestMedia.WebP, "image/webp"),
        ];
        var request = AdapterRequests.Of(server.Vendor, TimeProvider.System, "gpt-image-2-image-to-image", "in order") with { Inputs = [.. inputs] };

        Assert.IsType<SubmitResult.Completed>(await server.Adapter.SubmitAsync(request, CancellationToken.None));

        var sent = server.Vendor.Jobs.Single(job => job.Accepted.Prompt == "in order").Request.Body.AsSpan();
        Assert.Empty(server.Vendor.Violations);
        foreach (var input in inputs)
        {
            var at = sent.IndexOf(File.ReadAllBytes(input.Path));
            Assert.True(at >= 0, $"{input.ContentType} is not in the rest of the form.");
            sent = sent[at..];
        }
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"m","type":"image_generation_user_error","code":"moderation_blocked"}}""", "ContentRefused", "moderation_blocked", false)]
    [InlineData(400, """{"error":{"message":"m","code":"moderation_blocked","moderation_details":{"moderation_stage":"input"}}}""", "ContentRefused", "moderation_blocked", false)]
    [InlineData(400, """{"error":{"message":"m","code":"moderation_blocked","moderation_details":{"moderation_stage":"output"}}}""", "ContentRefused", "moderation_blocked", true)]
    [InlineData(400, """{"error":{"message":"m","code":"content_policy_violation"}}""", "ContentRefused", "content_policy_violation", false)]
    [InlineData(403, """{"error":{"message":"m","code":"sentinel_block"}}""", "ContentRefused", "sentinel_block", false)]
    [InlineData(400, """{"error":{"message":"m","code":"billing_hard_limit_reached"}}""", "QuotaExhausted", "billing_hard_limit_reached", false)]
    [InlineData(429, """{"error":{"message":"m","type":"insufficient_quota","code":null}}""", "QuotaExhausted", "insufficient_quota", false)]
    [InlineData(429, """{"error":{"message":"m","code":"project_spend_limit_exceeded"}}""", "QuotaExhausted", "project_spend_limit_exceeded", false)]
    [InlineData(429, """{"error":{"message":"m","code":"rate_limit_exceeded"}}""", "RateLimited", "rate_limit_exceeded", false)]
    [InlineData(401, """{"error":{"message":"m","code":"invalid_api_key"}}""", "Auth", "invalid_api_key", false)]
    [InlineData(403, """{"error":{"message":"Your organization must be verified","type":"invalid_request_error"}}""", "Auth", "invalid_request_error", false)]
    [InlineData(404, """{"error":{"message":"m","code":"model_not_found"}}""", "Unavailable", "model_not_found", false)]
    [InlineData(400, """{"error":{"message":"m","type":"invalid_request_error","code":"invalid_image_file"}}""", "InvalidInput", "invalid_image_file", false)]
    [InlineData(422, """{"detail":"m"}""", "InvalidInput", "http_422", false)]
    [InlineData(400, """{"error":"m"}""", "InvalidInput", "http_400", false)]
    [InlineData(404, "m", "Unavailable", "http_404", false)]
    public async Task Each_error_has_its_kind(int http, string body, string kind, string code, bool charged)
    {
        var error = OpenAiWire.ReadRefusal(await Answers.OfAsync(http, body))!;

        Assert.Equal((kind, code, charged), (error.Kind.ToString(), error.VendorCode, error.Charged));
        Assert.Contains("m", error.VendorMessage);
    }

    [Theory]
    [InlineData(500, """{"error":{"message":"m","type":"server_error","code":null}}""")]
    [InlineData(409, """{"error":{"message":"m"}}""")]
    [InlineData(504, "upstream timed out")]
    public async Task A_server_error_of_a_submit_proves_nothing(int http, string body) =>
        Assert.Null(OpenAiWire.ReadRefusal(await Answers.OfAsync(http, body)));

    private ProviderRequest Request(string prompt) => AdapterRequests.Of(server.Vendor, TimeProvider.System, "gpt-image-2-text-to-image", prompt);
}
