using System.Text.Json;
using Zoetrope.Server.Providers.Google;

namespace Zoetrope.Tests.Providers.Google;

public sealed class GoogleErrorsTests : IDisposable
{
    private readonly ShelvedAnswers _answers = new();

    public void Dispose() => _answers.Dispose();

    [Theory]
    [InlineData(400, "INVALID_ARGUMENT", "Bad value.", "", "InvalidInput", "INVALID_ARGUMENT")]
    [InlineData(400, "INVALID_ARGUMENT", "API key not valid.", "\"reason\": \"API_KEY_INVALID\"", "Auth", "API_KEY_INVALID")]
    [InlineData(400, "FAILED_PRECONDITION", "User location is not supported for the API use.", "", "Auth", "FAILED_PRECONDITION")]
    [InlineData(400, "FAILED_PRECONDITION", "Please enable billing.", "", "QuotaExhausted", "FAILED_PRECONDITION")]
    [InlineData(400, "INVALID_ARGUMENT", "The prompt violates our usage guidelines. Support codes: 58061214", "", "ContentRefused", "support_code_58061214")]
    [InlineData(401, "UNAUTHENTICATED", "No.", "\"reason\": \"CREDENTIALS_MISSING\"", "Auth", "CREDENTIALS_MISSING")]
    [InlineData(402, "RESOURCE_EXHAUSTED", "Prepaid credit is empty.", "", "QuotaExhausted", "RESOURCE_EXHAUSTED")]
    [InlineData(403, "PERMISSION_DENIED", "No.", "", "Auth", "PERMISSION_DENIED")]
    [InlineData(403, "PERMISSION_DENIED", "No.", "\"reason\": \"BILLING_DISABLED\"", "QuotaExhausted", "BILLING_DISABLED")]
    [InlineData(404, "NOT_FOUND", "models/x is no longer available.", "", "Unavailable", "NOT_FOUND")]
    [InlineData(413, "INVALID_ARGUMENT", "Too large.", "", "InvalidInput", "INVALID_ARGUMENT")]
    [InlineData(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.", "", "RateLimited", "RESOURCE_EXHAUSTED")]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Quota.", "\"violations\": [{\"quotaId\": \"GenerateRequestsPerMinutePerProject\"}]", "RateLimited", "RESOURCE_EXHAUSTED")]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Quota.", "\"violations\": [{\"quotaId\": \"GenerateRequestsPerDayPerProjectPerModel\"}]", "QuotaExhausted", "RESOURCE_EXHAUSTED")]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.", "", "QuotaExhausted", "RESOURCE_EXHAUSTED")]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Quota exceeded, limit: 0, model: m", "", "QuotaExhausted", "RESOURCE_EXHAUSTED")]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Busy.", "\"reason\": \"MODEL_CAPACITY_EXHAUSTED\"", "RateLimited", "MODEL_CAPACITY_EXHAUSTED")]
    public async Task An_error_is_what_it_says(int status, string word, string message, string detail, string kind, string code)
    {
        var error = GoogleErrors.Read(await _answers.OfAsync(status, $$$"""{"error": {"code": {{{status}}}, "message": "{{{message}}}", "status": "{{{word}}}", "details": [{"@type": "x"}, { {{{detail}}} }]}}"""));

        Assert.Equal((kind, code, message), (error?.Kind.ToString(), error?.VendorCode, error?.VendorMessage));
    }

    [Theory]
    [InlineData(500, "INTERNAL")]
    [InlineData(503, "UNAVAILABLE")]
    [InlineData(504, "DEADLINE_EXCEEDED")]
    [InlineData(408, "CANCELLED")]
    [InlineData(409, "ABORTED")]
    public async Task What_may_have_been_taken_is_no_refusal(int status, string word) =>
        Assert.Null(GoogleErrors.Read(await _answers.OfAsync(status, GoogleSchema.Error(status, word, "Try again."))));

    [Theory]
    [InlineData("<html>Bad gateway</html>")]
    [InlineData("{}")]
    [InlineData("{\"error\": \"text\"}")]
    public async Task A_body_without_an_error_is_left_to_the_status(string body) => Assert.Null(GoogleErrors.Read(await _answers.OfAsync(400, body)));

    [Theory]
    [InlineData("37s", 37)]
    [InlineData("0.5s", 0.5)]
    [InlineData("999999s", 3_600)]
    public async Task The_wished_wait_is_read(string text, double seconds)
    {
        var answer = await _answers.OfAsync(429, GoogleSchema.Error(429, "RESOURCE_EXHAUSTED", "Slow down.", new { retryDelay = text }));

        Assert.Equal(TimeSpan.FromSeconds(seconds), GoogleErrors.Read(answer)?.RetryAfter);
    }

    [Theory]
    [InlineData(3, "The seed is wrong.", "InvalidInput", "grpc_3")]
    [InlineData(3, "Blocked. Support codes: 17301594, 15236754", "ContentRefused", "support_code_17301594")]
    [InlineData(7, "No.", "Auth", "grpc_7")]
    [InlineData(8, "Too many.", "RateLimited", "grpc_8")]
    [InlineData(13, "Oops.", "Unavailable", "grpc_13")]
    [InlineData(14, "Later.", "Unavailable", "grpc_14")]
    [InlineData(1, "Stopped.", "Canceled", "grpc_1")]
    public void A_failed_operation_is_what_it_says(int code, string message, string kind, string vendorCode)
    {
        var error = GoogleErrors.OfOperation(JsonSerializer.SerializeToElement(new { code, message }));

        Assert.Equal((kind, vendorCode, message), (error.Kind.ToString(), error.VendorCode, error.VendorMessage));
    }
}
