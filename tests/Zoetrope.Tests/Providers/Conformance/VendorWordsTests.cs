using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Toy;
using Zoetrope.Tests.Providers.Vertex;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>
/// What a vendor says when it takes no job, and what only looks like it. Each vendor's own word sends the task to the next route,
/// with one submit at each; behind any other 5xx the vendor may have the job, so nobody else is asked for it.
/// </summary>
public sealed class VendorWordsTests
{
    private const string Html = "<html><head><title>503 Service Temporarily Unavailable</title></head><body>cloud front</body></html>";

    /// <summary>Each vendor's documented answers for "not now".</summary>
    private static readonly (string Provider, int Status, string Body)[] Words =
    [
        ("ark", 503, """{"error":{"code":"ServiceUnavailableTemp","message":"The service is temporarily unavailable.","type":"ServiceUnavailable"}}"""),
        ("ark", 503, """{"error":{"code":"ServiceUnavailable","message":"Unavailable."}}"""),
        ("ark", 429, """{"error":{"code":"ServerOverloaded","message":"Overloaded."}}"""),
        ("bfl", 503, """{"detail": "Service at capacity, try again later"}"""),
        ("fal", 503, "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503</h1></center>\r\n<hr><center>nginx</center></body></html>"),
        ("gemini", 503, """{"error": {"code": 503, "message": "The model is overloaded. Please try again later.", "status": "UNAVAILABLE"}}"""),
        ("kling", 503, """{"code":5001,"message":"Server temporarily unavailable, usually due to maintenance","request_id":"r"}"""),
        ("minimax", 529, """{"type":"error","error":{"type":"overloaded_error","message":"The server cluster is currently under high load (2064)","http_code":"529"},"request_id":"r"}"""),
        ("minimax", 429, """{"type":"error","error":{"type":"rate_limit_error","message":"rate limit (1002)","http_code":"429"}}"""),
        ("openai", 503, """{"error":{"message":"The engine is currently overloaded, please try again later","type":"server_error","param":null,"code":null}}"""),
        ("openai", 503, """{"error":{"message":"Our servers are currently overloaded.","type":"service_unavailable_error","param":null,"code":"server_is_overloaded"}}"""),
        ("replicate", 503, """{"title":"Service unavailable","detail":"The model is unavailable due to high demand. (E003)","status":503}"""),
        ("vertex", 503, """{"error": {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}}"""),
        ("vicsee", 503, """{"success":false,"error":{"code":"MODEL_UNAVAILABLE","message":"No provider serves this model.","retryable":true}}"""),
    ];

    /// <summary>What stands between a vendor and this server says, or a vendor that broke; the same for all of them.</summary>
    private static readonly (int Status, string Body)[] Bare =
    [
        (500, """{"detail":"Internal Server Error"}"""),
        (502, "<html><center>nginx</center></html>"),
        (503, Html),
        (503, ""),
        (503, """{"message":"upstream connect error or disconnect/reset before headers","fault":"UNAVAILABLE"}"""),
        (504, "<html><center>nginx</center></html>"),
        (Reset, ""),
    ];

    private const int Reset = 0;
    private const int Silence = -1;

    private static string[] Providers => [.. Words.Select(word => word.Provider).Distinct()];

    [Fact]
    public async Task A_vendors_own_word_is_a_refusal_and_a_bare_5xx_is_not()
    {
        await using var scene = await Scene.StartAsync();
        var cases = Words.Select(word => new Case(word.Provider, word.Status, word.Body, MovesOn: true))
            .Concat(Providers.SelectMany(provider => Bare.Select(bare => new Case(provider, bare.Status, bare.Body, MovesOn: false))));

        foreach (var round in Rounds(cases))
        {
            await scene.RunAsync(round);
        }

        Assert.Empty(scene.Wrong);
    }

    [Fact]
    public async Task Where_the_operator_is_strict_no_5xx_counts()
    {
        await using var scene = await Scene.StartAsync(strict: true);
        var cases = Words.Select(word => new Case(word.Provider, word.Status, word.Body, MovesOn: word.Status == 429));

        foreach (var round in Rounds(cases))
        {
            await scene.RunAsync(round);
        }

        Assert.Empty(scene.Wrong);
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task A_thousand_bare_answers_cause_no_second_submit()
    {
        await using var scene = await Scene.StartAsync(callEnds: "00:00:02");
        (int Status, string Body)[] kinds = [.. Bare, (Silence, "")];
        var cases = Enumerable.Range(0, 1_000).Select(i => (Provider: Providers[i % Providers.Length], Kind: kinds[i / Providers.Length % kinds.Length]))
            .Select(one => new Case(one.Provider, one.Kind.Status, one.Kind.Body, MovesOn: false));

        foreach (var round in Rounds(cases))
        {
            await scene.RunAsync(round);
        }

        Assert.Empty(scene.Wrong);
    }

    [Fact]
    public async Task What_fails_before_anything_left_moves_on()
    {
        // Nobody listens there.
        await using var scene = await Scene.StartAsync(address: new Uri("http://127.0.0.1:1/"));

        await scene.RunAsync([.. Providers.Select(provider => new Case(provider, 0, "", MovesOn: true, Arrives: false))]);

        Assert.Empty(scene.Wrong);
    }

    /// <summary>One of each vendor at a time: five failures in a row would close it for the next.</summary>
    private static IEnumerable<IReadOnlyList<Case>> Rounds(IEnumerable<Case> cases)
    {
        var left = cases.GroupBy(one => one.Provider).Select(group => new Queue<Case>(group)).ToList();
        while (left.Exists(queue => queue.Count > 0))
        {
            yield return [.. left.Where(queue => queue.Count > 0).Select(queue => queue.Dequeue())];
        }
    }

    private sealed record Case(string Provider, int Status, string Body, bool MovesOn, bool Arrives = true);

    /// <summary>All vendors at one address that answers as a case says, and behind each of them the toy works.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly ConcurrentDictionary<string, (Case Case, int Submits)> _planned = new();
        private readonly FakeToy _toy = new();
        private readonly FakeVertex _google = new();
        private readonly MovedClock _clock = new();
        private WebApplication _vendors = null!;
        private TestZoetrope _zoetrope = null!;
        private Customer _customer = null!;
        private int _serial;

        public List<string> Wrong { get; } = [];

        public static async Task<Scene> StartAsync(bool strict = false, Uri? address = null, string callEnds = "00:05:00")
        {
            var scene = new Scene();
            await scene._toy.OpenAsync();
            await scene.ListenAsync();
            var at = address ?? new Uri(scene._vendors.Urls.First());
            var file = scene._directory.File("catalogue.json");
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { models = Providers.Select(Model) }));
            var settings = new Dictionary<string, string?>
            {
                ["Catalog:File"] = file,
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
                ["Providers:toy:ApiKey"] = scene._toy.Key,
                ["Providers:toy:BaseUrl"] = scene._toy.BaseUrl.ToString(),
                ["Egress:OperatorTimeout"] = callEnds,
                ["Vertex:StorageUrl"] = at.ToString(),
            };
            foreach (var provider in Providers)
            {
                settings[$"Providers:{provider}:BaseUrl"] = new Uri(at, provider + "/").ToString();
                settings[$"Providers:{provider}:ApiKey"] = provider == "vertex" ? scene._google.WriteKey("key.json", "a@b.iam.gserviceaccount.com", new Uri(at, "vertex/token").ToString()) : " a-key-0123456789 ";
                settings[$"Providers:{provider}:Strict"] = strict ? "true" : null;
            }

            scene._zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = settings, Time = scene._clock, Vendors = [.. ProvidersFeature.Vendors, .. new VendorList().AddToy().All] });
            scene._customer = await scene._zoetrope.Api.CreateCustomerAsync(mode: "live");
            return scene;
        }

        public async Task RunAsync(IReadOnlyList<Case> round)
        {
            // Parked keys and open circuits of the round before are over, and so are its windows of reconciliation.
            _clock.Advance(TimeSpan.FromHours(1));
            await Task.WhenAll(round.Select(RunAsync));
        }

        private async Task RunAsync(Case one)
        {
            var prompt = $"case {Interlocked.Increment(ref _serial)} of {one.Provider}.";
            _planned[prompt] = (one, 0);
            var id = (await _zoetrope.Api.GenerateAsync(_customer, new { model = $"words-{one.Provider}", prompt })).Expect(200).Data.GetProperty("id").GetString()!;
            var state = await Until.SeesAsync(
                () => StateAsync(id), seen => one.MovesOn ? seen.Status is "succeeded" or "failed" : seen.Attempt is "unknown" or "unresolved" || seen.Status is "succeeded" or "failed",
                what: $"the end of {one}");
            var submits = _planned[prompt].Submits;
            var elsewhere = _toy.Books.Accepted.Count(job => job.Prompt == prompt);
            var right = one.MovesOn
                ? state.Status == "succeeded" && elsewhere == 1
                : elsewhere == 0 && state.Attempt is "unknown" or "unresolved";
            if (!right || submits != (one.Arrives ? 1 : 0))
            {
                Wrong.Add($"{one}: {state}, {submits} submits, {elsewhere} elsewhere");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _zoetrope.DisposeAsync();
            await _vendors.DisposeAsync();
            await _toy.DisposeAsync();
            await _google.DisposeAsync();
            _directory.Dispose();
        }

        /// <summary>The task, and what became of its first attempt.</summary>
        private async Task<(string Status, string? Attempt)> StateAsync(string id)
        {
            var database = (Database)_zoetrope.Services.GetService(typeof(Database))!;
            return await database.ReadAsync(async session => (
                (await session.ScalarAsync<string>("select status from generations where id = @id", new { id }))!,
                await session.ScalarAsync<string>("select state from attempts where generation_id = @id and number = 1", new { id })));
        }

        private async Task ListenAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            _vendors = builder.Build();
            _vendors.Run(AnswerAsync);
            await _vendors.StartAsync();
        }

        private async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            if (context.Request.Path.Value!.EndsWith("/token", StringComparison.Ordinal))
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("""{"access_token":"a-token","expires_in":3600,"token_type":"Bearer"}""");
                return;
            }

            var prompt = _planned.Keys.FirstOrDefault(known => body.Contains(known, StringComparison.Ordinal));
            if (prompt is null)
            {
                // Searches for lost jobs: nothing is known, and nothing is proven.
                context.Response.StatusCode = 500;
                return;
            }

            var (planned, submits) = _planned.AddOrUpdate(prompt, static _ => throw new InvalidOperationException(), static (_, known) => (known.Case, known.Submits + 1));
            if (planned.Status == Reset)
            {
                context.Abort();
                return;
            }

            if (planned.Status == Silence)
            {
                await HostileAnswers.NeverAsync(context);
                return;
            }

            context.Response.StatusCode = planned.Status;
            context.Response.ContentType = planned.Body.StartsWith('{') ? "application/json" : "text/html";
            await context.Response.WriteAsync(planned.Body);
        }

        private static object Model(string provider) => new
        {
            id = $"words-{provider}",
            name = "Words",
            family = $"words-{provider}",
            vendor = "Nobody",
            mediaType = "image",
            mode = "text-to-image",
            description = "An image.",
            prompt = new { required = true, maxLength = 100 },
            parameters = new { },
            output = new { kind = "image", format = "png", size = 64, multipleOf = 8, aspect = "1:1" },
            price = new { type = "flat", credits = 3 },
            priceSource = "zoetrope",
            derivation = "Ours.",
            deadlineSeconds = 7_200,
            typicalSeconds = 2,
            routes = new object[]
            {
                new { provider, model = "a/model", @params = new { prompt = provider is "vicsee" ? "input.prompt" : "prompt" }, extra = provider is "kling" ? new Dictionary<string, string> { ["path"] = "/v1/videos/text2video" } : [] },
                new { provider = "toy", model = "bear", @params = new { prompt = "wish" } },
            },
        };
    }
}
