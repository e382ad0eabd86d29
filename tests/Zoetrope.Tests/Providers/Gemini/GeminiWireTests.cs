using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Gemini;
using Zoetrope.Server.Providers.Google;
using Zoetrope.Tests.Providers.Google;

namespace Zoetrope.Tests.Providers.Gemini;

public sealed class GeminiWireTests : IDisposable
{
    private readonly ShelvedAnswers _answers = new();

    public void Dispose() => _answers.Dispose();

    [Theory]
    [InlineData("""{"promptFeedback": {"blockReason": "SAFETY"}}""", "ContentRefused", "SAFETY")]
    [InlineData("""{"promptFeedback": {"blockReason": "SOMETHING_NEW"}}""", "ContentRefused", "SOMETHING_NEW")]
    [InlineData("""{"candidates": [], "promptFeedback": {"blockReason": "IMAGE_SAFETY"}}""", "ContentRefused", "IMAGE_SAFETY")]
    [InlineData("""{"candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": "No."}]}""", "ContentRefused", "IMAGE_SAFETY")]
    [InlineData("""{"candidates": [{"finishReason": "PROHIBITED_CONTENT"}]}""", "ContentRefused", "PROHIBITED_CONTENT")]
    [InlineData("""{"candidates": [{"finishReason": "IMAGE_RECITATION", "content": {"parts": [{"text": "No."}]}}]}""", "ContentRefused", "IMAGE_RECITATION")]
    [InlineData("""{"candidates": [{"finishReason": "IMAGE_OTHER", "finishMessage": "Blocked. Support codes: 12345678"}]}""", "ContentRefused", "support_code_12345678")]
    [InlineData("""{"candidates": [{"finishReason": "STOP", "content": {"parts": [{"text": "I cannot "}, {"text": "draw that."}]}}]}""", "ContentRefused", "refused_in_words")]
    [InlineData("""{"candidates": [{"finishReason": "STOP", "content": {"parts": [{"text": "Hm.", "thought": true}]}}]}""", "BadOutput", "STOP")]
    [InlineData("""{"candidates": [{"finishReason": "NO_IMAGE"}]}""", "BadOutput", "NO_IMAGE")]
    [InlineData("""{"candidates": [{"finishReason": "MAX_TOKENS"}]}""", "BadOutput", "MAX_TOKENS")]
    [InlineData("""{"candidates": [{"finishReason": "SOMETHING_NEW"}]}""", "BadOutput", "SOMETHING_NEW")]
    public async Task An_answer_without_a_picture_says_why(string json, string kind, string code)
    {
        var refused = Assert.IsType<SubmitResult.Refused>(await ReadAsync(json, _ => throw new InvalidOperationException("There is no picture.")));

        Assert.Equal((kind, code), (refused.Error.Kind.ToString(), refused.Error.VendorCode));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"candidates": {"finishReason": "STOP"}}""")]
    public async Task An_answer_that_says_nothing_is_no_verdict(string json) => Assert.Null(await ReadAsync(json, _ => throw new InvalidOperationException("There is no picture.")));

    [Fact]
    public async Task Drafts_are_not_the_result()
    {
        string? kept = null;
        await ReadAsync(
            """{"candidates": [{"finishReason": "STOP", "content": {"parts": [{"inlineData": {"data": "ZHJhZnQ="}, "thought": true}, {"inlineData": {"data": "Zmlyc3Q="}}, {"inlineData": {"data": "ZmluYWw="}}, {"text": "There."}]}}]}""",
            data =>
            {
                kept = data;
                return new SubmitResult.Completed("x", []);
            });

        Assert.Equal("ZmluYWw=", kept);
    }

    [Theory]
    [InlineData(503, """{"error": {"status": "UNAVAILABLE", "message": "The model is overloaded."}}""", "Unavailable")]
    [InlineData(503, "upstream connect error", null)]
    [InlineData(500, """{"error": {"status": "INTERNAL", "message": "Oops."}}""", null)]
    [InlineData(504, """{"error": {"status": "DEADLINE_EXCEEDED", "message": "Late."}}""", null)]
    [InlineData(429, """{"error": {"status": "RESOURCE_EXHAUSTED", "message": "Slow."}}""", "RateLimited")]
    public async Task Only_what_Google_says_itself_proves_that_nothing_was_made(int status, string body, string? kind) =>
        Assert.Equal(kind, PictureWire.Refusal(await _answers.OfAsync(status, body))?.Kind.ToString());

    [Theory]
    [InlineData("""{"status": "completed", "steps": []}""", "ContentRefused", "filtered")]
    [InlineData("""{"status": "completed"}""", "ContentRefused", "filtered")]
    [InlineData("""{"status": "completed", "steps": [{"type": "model_output", "content": [{"type": "text", "text": "No."}]}]}""", "ContentRefused", "refused_in_words")]
    [InlineData("""{"status": "completed", "steps": [{"type": "user_input", "content": [{"type": "video", "uri": "https://x.example/files/theirs"}]}]}""", "ContentRefused", "filtered")]
    [InlineData("""{"status": "completed", "steps": [{"type": "model_output", "content": [{"type": "video", "uri": "gs://nowhere"}]}]}""", "BadOutput", "uri")]
    [InlineData("""{"status": "failed"}""", "Unavailable", "failed")]
    [InlineData("""{"status": "failed", "errors": [{"code": "x/INVALID_ARGUMENT", "message": "m"}]}""", "InvalidInput", "x/INVALID_ARGUMENT")]
    [InlineData("""{"status": "failed", "errors": [{"code": "x/RESOURCE_EXHAUSTED", "message": "m"}]}""", "RateLimited", "x/RESOURCE_EXHAUSTED")]
    [InlineData("""{"status": "failed", "steps": [{"type": "model_output", "error": {"code": "c", "message": "Blocked by safety."}}]}""", "ContentRefused", "c")]
    [InlineData("""{"status": "cancelled"}""", "Canceled", "cancelled")]
    [InlineData("""{"status": "incomplete"}""", "BadOutput", "incomplete")]
    [InlineData("""{"status": "budget_exceeded"}""", "QuotaExhausted", "budget_exceeded")]
    public async Task An_interaction_that_ended_without_a_video_says_why(string json, string kind, string code)
    {
        var failed = Assert.IsType<PollResult.Failed>(await ReadVideoAsync(200, json));

        Assert.Equal((kind, code), (failed.Error.Kind.ToString(), failed.Error.VendorCode));
    }

    [Theory]
    [InlineData("""{"status": "queued"}""")]
    [InlineData("""{"status": "requires_action"}""")]
    [InlineData("""{"status": "pondering"}""")]
    [InlineData("{}")]
    public async Task Other_words_keep_it_running(string json) => Assert.IsType<PollResult.Running>(await ReadVideoAsync(200, json));

    [Fact]
    public async Task A_video_elsewhere_is_fetched_without_the_key()
    {
        var done = Assert.IsType<PollResult.Succeeded>(await ReadVideoAsync(200, """{"status": "completed", "steps": [{"type": "model_output", "content": [{"type": "video", "uri": "https://cdn.example/v.mp4"}]}]}"""));

        Assert.Equal((new Uri("https://cdn.example/v.mp4"), null), (done.Outputs[0].Url, done.Outputs[0].Headers));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(400)]
    public async Task An_error_of_a_poll_says_nothing(int status) => Assert.Null(await ReadVideoAsync(status, "{}"));

    [Theory]
    [InlineData(200, """{"state": "ACTIVE"}""", "Succeeded")]
    [InlineData(200, """{"state": "PROCESSING"}""", "Running")]
    [InlineData(200, """{"state": "SOMETHING_NEW"}""", "Running")]
    [InlineData(200, """{"state": "FAILED", "error": {"message": "m"}}""", "Failed")]
    [InlineData(404, "{}", "Failed")]
    [InlineData(403, "{}", "Failed")]
    [InlineData(500, "{}", null)]
    public async Task A_file_is_ready_when_it_is_active(int status, string json, string? result) =>
        Assert.Equal(result, GeminiVideoWire.ReadFile(await _answers.OfAsync(status, json), new PollResult.Succeeded([]))?.GetType().Name);

    private async Task<SubmitResult?> ReadAsync(string json, Func<string, SubmitResult> keep) => PictureWire.Read(await _answers.OfAsync(200, json), keep);

    private async Task<PollResult?> ReadVideoAsync(int status, string json) =>
        GeminiVideoWire.Read(await _answers.OfAsync(status, json), _ => new ProviderOutput(null, "inline"), id => new ProviderOutput(null, id));
}
