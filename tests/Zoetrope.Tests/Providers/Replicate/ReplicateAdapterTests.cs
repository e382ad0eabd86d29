using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.Replicate;
using Zoetrope.Tests.Catalog;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Replicate;

/// <summary>What is Replicate's own: errors in plain text, the list that settles a lost answer, its files and its webhooks.</summary>
public sealed class ReplicateAdapterTests : IAsyncLifetime
{
    private AdapterBench<FakeReplicate> _bench = null!;
    private ProviderTools _tools = null!;

    private FakeReplicate Replicate => _bench.Vendor;

    public async ValueTask InitializeAsync()
    {
        _bench = await AdapterBench<FakeReplicate>.StartAsync(new FakeReplicate(), ReplicateAdapter.Vendor, tools => new ReplicateAdapter(_tools = tools));
        Replicate.Clock = _bench.Clock;
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("""{"status":"failed","error":"The input or output was flagged as sensitive. (E005) (p8Qk)"}""", "ContentRefused", "E005")]
    [InlineData("""{"status":"failed","error":"NSFW content detected."}""", "ContentRefused", "failed")]
    [InlineData("""{"status":"failed","error":"Input validation error: image: url expired"}""", "InvalidInput", "failed")]
    [InlineData("""{"status":"failed","error":"Service is currently unavailable due to high demand (E003)"}""", "Unavailable", "E003")]
    [InlineData("""{"status":"failed","error":"unknown error (E1000)"}""", "Unavailable", "E1000")]
    [InlineData("""{"status":"failed","error":null}""", "Unavailable", "failed")]
    [InlineData("""{"status":"canceled"}""", "Canceled", "canceled")]
    [InlineData("""{"status":"canceled","deadline":"2026-11-22T10:45:00Z","completed_at":"2026-11-22T10:45:00.2Z"}""", "Expired", "deadline")]
    [InlineData("""{"status":"aborted"}""", "Expired", "aborted")]
    [InlineData("""{"status":"succeeded","output":null,"data_removed":true}""", "Expired", "data_removed")]
    [InlineData("""{"status":"succeeded","output":null}""", "BadOutput", "no_output")]
    [InlineData("""{"status":"succeeded","output":["file:///etc/passwd"]}""", "BadOutput", "no_output")]
    public async Task Each_end_of_a_prediction_has_its_kind(string body, string kind, string code)
    {
        var failed = Assert.IsType<PollResult.Failed>(ReplicateWire.Prediction(await AnswerAsync(200, body), TimeSpan.Zero));
        Assert.Equal((Enum.Parse<ProviderErrorKind>(kind), code), (failed.Error.Kind, failed.Error.VendorCode));
    }

    [Theory]
    [InlineData("\"https://replicate.delivery/a.mp4\"", 1)]
    [InlineData("""["https://replicate.delivery/a.png","https://replicate.delivery/b.png"]""", 2)]
    public async Task A_result_is_one_file_or_many(string output, int files)
    {
        var succeeded = Assert.IsType<PollResult.Succeeded>(ReplicateWire.Prediction(await AnswerAsync(200, $$"""{"status":"succeeded","output":{{output}}}"""), TimeSpan.Zero));
        Assert.Equal(files, succeeded.Outputs.Count);
    }

    [Fact]
    public async Task A_throttled_submit_waits_as_long_as_the_text_says()
    {
        var refused = ReplicateWire.Refusal(await AnswerAsync(429, """{"detail":"Request was throttled. Your rate limit resets in ~30s."}"""))!;
        Assert.Equal((ProviderErrorKind.RateLimited, TimeSpan.FromSeconds(30)), (refused.Kind, refused.RetryAfter));
    }

    [Fact]
    public async Task A_lost_prediction_is_found_by_its_input()
    {
        var request = Seeded("a heron");
        await LoseAsync(request);

        Assert.Equal(Replicate.Jobs.Single().Id, Assert.IsType<LookupResult.Found>(await LookupAsync(request)).ProviderTaskId);
    }

    [Fact]
    public async Task Another_attempt_with_the_same_wish_is_never_taken_for_the_lost_one()
    {
        // The model takes a seed, and each attempt has its own.
        var lost = Seeded("a heron");
        await _bench.Adapter.SubmitAsync(Seeded("a heron"), CancellationToken.None);
        _bench.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.IsType<LookupResult.Absent>(await LookupAsync(lost));
    }

    [Fact]
    public async Task Two_predictions_with_the_same_input_are_never_guessed_between()
    {
        var (lost, other) = (Seedless("a heron"), Seedless("a heron"));
        await LoseAsync(lost);
        var first = Assert.IsType<LookupResult.Found>(await LookupAsync(lost)).ProviderTaskId;
        await LoseAsync(other);
        Assert.Equal(2, Replicate.Jobs.Count);

        // Neither is known; once the first one's prediction is, the other one is the second's.
        Assert.IsType<LookupResult.Undecided>(await LookupAsync(other));
        Assert.Equal(Replicate.Jobs.Last().Id, Assert.IsType<LookupResult.Found>(await LookupAsync(other with { Own = Own(isOnly: true, first) })).ProviderTaskId);
    }

    [Fact]
    public async Task A_prediction_that_another_attempt_has_is_nobodys_else()
    {
        var request = Seedless("a heron");
        await LoseAsync(request);
        _bench.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.IsType<LookupResult.Absent>(await LookupAsync(request with { Own = Own(isOnly: true, Replicate.Jobs.Single().Id) }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7)]
    public async Task Without_a_seed_of_ours_a_prediction_is_taken_only_where_no_other_attempt_may_have_made_it(int? seed)
    {
        var request = seed is null
            ? Seedless("a heron")
            : Seeded("a heron") with { Parameters = JsonDocument.Parse($$"""{"resolution":"1K","aspect_ratio":"1:1","seed":{{seed}}}""").RootElement };
        await LoseAsync(request);
        Assert.IsType<LookupResult.Undecided>(await LookupAsync(request with { Own = Own(isOnly: false) }));

        // Whichever process asks.
        Assert.IsType<LookupResult.Found>(await NewProcess().LookupAsync(request with { Own = Own(isOnly: true) }, CancellationToken.None));

        // The seed of ours is the attempt's own.
        var ours = Seeded("a fox") with { Own = Own(isOnly: false) };
        await LoseAsync(ours);
        Assert.IsType<LookupResult.Found>(await NewProcess().LookupAsync(ours, CancellationToken.None));
    }

    [Fact]
    public async Task What_is_not_listed_yet_is_not_absent()
    {
        var request = Seeded("a heron");
        Assert.IsType<LookupResult.Undecided>(await LookupAsync(request));
        _bench.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.IsType<LookupResult.Absent>(await LookupAsync(request));
    }

    [Fact]
    public async Task An_erased_input_proves_nothing()
    {
        var request = Seeded("a heron");
        await LoseAsync(request);
        Replicate.ErasesInputs = true;
        _bench.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.IsType<LookupResult.Undecided>(await LookupAsync(request));
    }

    [Fact]
    public async Task A_lost_prediction_is_found_behind_a_hundred_others()
    {
        var request = Seeded("a heron");
        await LoseAsync(request);
        for (var others = 0; others < 105; others++)
        {
            await _bench.Adapter.SubmitAsync(Seeded($"a fox {others}"), CancellationToken.None);
        }

        Assert.IsType<LookupResult.Found>(await LookupAsync(request));
        Assert.Contains(Replicate.Requests, request => request.Query == "?cursor=100");
    }

    [Fact]
    public async Task Small_files_go_inline_and_large_ones_are_uploaded()
    {
        using var directory = new TemporaryDirectory();
        var (small, large) = (directory.File("small.png"), directory.File("large.png"));
        await File.WriteAllBytesAsync(small, new byte[190_000]);
        await File.WriteAllBytesAsync(large, new byte[190_001]);
        var route = Route("flux-2-pro-image-to-image");

        Assert.IsType<SubmitResult.Accepted>(await _bench.Adapter.SubmitAsync(
            _bench.Image(route, "a heron", "{}", new ProviderInput("image_urls", small, "image/png"), new ProviderInput("image_urls", large, "image/png")), CancellationToken.None));

        var images = Replicate.Jobs.Single().Request.Json["input"]!["input_images"]!.AsArray().Select(image => image!.GetValue<string>()).ToList();
        Assert.StartsWith("data:image/png;base64,AAAA", images[0], StringComparison.Ordinal);
        Assert.StartsWith(Replicate.BaseUrl + "files/", images[1], StringComparison.Ordinal);
        Assert.Empty(Replicate.Violations);
    }

    [Fact]
    public async Task A_webhook_is_believed_by_its_signature_and_its_time_only()
    {
        var job = await CalledBackAsync();
        var now = _bench.Clock.GetUtcNow();

        Assert.Equal(job.Id, Assert.IsType<CallbackReading.Genuine>(await ReadAsync(Replicate.Webhook(job, now))).ProviderTaskId);
        Assert.IsType<CallbackReading.Genuine>(await ReadAsync(Replicate.Webhook(job, now.AddSeconds(-300))));
        Assert.IsType<CallbackReading.Forged>(await ReadAsync(Replicate.Webhook(job, now.AddSeconds(-301))));
        Assert.IsType<CallbackReading.Forged>(await ReadAsync(Replicate.Webhook(job, now.AddSeconds(301))));
        Assert.IsType<CallbackReading.Forged>(await ReadAsync(Replicate.Webhook(job, now, RandomNumberGenerator.GetBytes(24))));
        var tampered = Replicate.Webhook(job, now);
        tampered.Content = new StringContent("""{"id":"another"}""");
        Assert.IsType<CallbackReading.Forged>(await ReadAsync(tampered));
        Assert.Equal(1, Replicate.SecretReads);
    }

    [Fact]
    public async Task A_new_secret_is_asked_for_when_the_old_one_does_not_fit()
    {
        var job = await CalledBackAsync();
        await ReadAsync(Replicate.Webhook(job, _bench.Clock.GetUtcNow()));
        Replicate.ChangeSecret();
        Assert.IsType<CallbackReading.Forged>(await ReadAsync(Replicate.Webhook(job, _bench.Clock.GetUtcNow())));

        _bench.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<CallbackReading.Genuine>(await ReadAsync(Replicate.Webhook(job, _bench.Clock.GetUtcNow())));
    }

    private static OwnAttempts Own(bool isOnly, params string[] taken) =>
        new(handles => Task.FromResult<IReadOnlySet<string>>(handles.Intersect(taken).ToHashSet()), () => Task.FromResult(isOnly));

    private static RouteSpec Route(string model) => Ask.Catalog.Find(model)!.Routes.Single(route => route.Provider == "replicate");

    private ProviderRequest Seeded(string prompt) => _bench.Image(Route("flux-2-pro-text-to-image"), prompt, """{"resolution":"1K","aspect_ratio":"1:1"}""");

    private ProviderRequest Seedless(string prompt) => _bench.Image(Route("nano-banana-text-to-image"), prompt, """{"aspect_ratio":"1:1"}""");

    private async Task LoseAsync(ProviderRequest request)
    {
        Replicate.Books.PlanFor(request.Prompt, new JobPlan { Submit = SubmitFault.ResetAfterAcceptance });
        Assert.IsType<SubmitResult.Unknown>(await _bench.Adapter.SubmitAsync(request, CancellationToken.None));
    }

    private Task<LookupResult> LookupAsync(ProviderRequest request) => _bench.Adapter.LookupAsync(request, CancellationToken.None);

    private async Task<VendorJob> CalledBackAsync()
    {
        await _bench.Adapter.SubmitAsync(Seeded("a heron") with { CallbackUrl = new Uri("https://zoetrope.example.test/hooks/replicate/t") }, CancellationToken.None);
        return Replicate.Jobs.Single();
    }

    private async Task<CallbackReading> ReadAsync(HttpRequestMessage webhook)
    {
        var headers = webhook.Headers.ToDictionary(header => header.Key, header => string.Join(' ', header.Value), StringComparer.OrdinalIgnoreCase);
        return await ((ICallbackReader)_bench.Adapter).ReadCallbackAsync(new ProviderCallback("att_1", headers, await webhook.Content!.ReadAsByteArrayAsync()), CancellationToken.None);
    }

    private ReplicateAdapter NewProcess() => new(_tools);

    private static async Task<VendorAnswer> AnswerAsync(int status, string body)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8) };
        return await VendorAnswer.ReadAsync(response, null, TimeProvider.System, CancellationToken.None);
    }
}
