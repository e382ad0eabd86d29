using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Hosting.Commands;
using Zoetrope.Server.Hosting.Commands.Drift;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

/// <summary><c>catalog drift</c> against documents in the shapes that vendors publish, over real HTTP.</summary>
public sealed class CatalogDriftTests : IAsyncLifetime
{
    /// <summary>One model for each vendor, with the route to that vendor alone.</summary>
    private static readonly (string Model, string Provider)[] Routes =
    [
        ("kling-4-0-text-to-video", "fal"),
        ("nano-banana-pro-image-to-image", "replicate"),
        ("gpt-image-2-6-flare-text-to-image", "openai"),
        ("nano-banana-text-to-image", "gemini"),
        ("flux-3-image-image-to-image", "bfl"),
        ("seedance-2-0-text-to-video", "ark"),
    ];

    private readonly TemporaryDirectory _directory = new();
    private FakePublishers _vendors = null!;

    public async ValueTask InitializeAsync() => _vendors = await FakePublishers.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _vendors.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Routes_that_the_vendors_confirm_are_good_news_and_cost_nothing()
    {
        var (answer, text) = await RunAsync();

        Assert.Null(answer.Failure);
        Assert.Equal(5, (int)answer.Json["compared"]!);
        Assert.Contains("5 of the vendors' models compared, 0 differences", text, StringComparison.Ordinal);
        Assert.Contains("not asked: ark: It is not configured. Set ARK_API_KEY.", text, StringComparison.Ordinal);
        Assert.All(_vendors.Asked, asked => Assert.Equal("GET", asked.Method));

        // A public document is read without a key.
        Assert.Equal(
            ["/v1/models/google/nano-banana-pro", "/v1/models/gpt-image-2.6-flare", "/v1beta/models/gemini-2.5-flash-image"],
            _vendors.Asked.Where(asked => asked.Key).Select(asked => asked.Path).Order(StringComparer.Ordinal));
    }

    public static TheoryData<string, string, string, string?, string> Changes => new()
    {
        { "fal forgets a field", "fal", "unknown_field", "aspect_ratio", "it is sent, and the vendor has no such field" },
        { "fal requires a field", "fal", "missing_field", "mode", "the vendor requires it, and it is not sent" },
        { "fal takes one value less", "fal", "value", "resolution", "\"1080p\" is sent; the vendor accepts 720p" },
        { "fal takes one form less", "fal", "value", "aspect_ratio", "\"21:9\" is sent; the vendor accepts 16:9, 9:16, 1:1, auto" },
        { "fal makes shorter videos", "fal", "value", "duration", "16 is sent; the vendor accepts at most 15" },
        { "fal wants texts", "fal", "value", "duration", "5 is sent; the vendor accepts a value of the kind string" },
        { "fal has no such model", "fal", "gone", null, "The vendor does not have this model: HTTP 404" },
        { "Replicate takes one value less", "replicate", "value", "resolution", "\"4K\" is sent; the vendor accepts 1K, 2K" },
        { "Replicate takes fewer files", "replicate", "value", "image_input", "14 items are sent; the vendor accepts at most 8" },
        { "Replicate forgets a field", "replicate", "unknown_field", "allow_fallback_model", "the vendor has no such field" },
        { "BFL forgets a field", "bfl", "unknown_field", "version", "the vendor has no such field" },
        { "BFL has no such model", "bfl", "gone", null, "It is not in the list of endpoints." },
        { "OpenAI has no such model", "openai", "gone", null, "HTTP 404" },
        { "OpenAI ends a model", "openai", "shutdown", null, "The vendor ends it on 2026-12-01; the catalogue says nothing of an end." },
        { "OpenAI writes seconds", "openai", "shutdown", null, "The vendor ends it on 2026-12-01; the catalogue says nothing of an end." },
        { "Google has no such model", "gemini", "gone", null, "HTTP 404" },
        { "OpenRouter knows another end", "gemini", "shutdown", null, "OpenRouter expects its end on 2026-12-24; the catalogue says 2027-03-15." },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_vendor_that_changed_is_told_by_model_field_and_value(string change, string provider, string kind, string? field, string message)
    {
        Change(change);
        var (answer, text) = await RunAsync();

        Assert.Equal("CATALOG_DRIFT", answer.Failure?.Code);
        var difference = answer.Json["differences"]!.AsArray().First(one => (string?)one!["field"] == field)!;
        Assert.Equal((provider, kind), ((string?)difference["provider"], (string?)difference["kind"]));
        Assert.All(answer.Json["differences"]!.AsArray(), one => Assert.Equal(kind, (string?)one!["kind"]));
        Assert.Contains(message, (string?)difference["message"], StringComparison.Ordinal);
        Assert.Equal([Routes.Single(route => route.Provider == provider).Model], difference["models"]!.AsArray().Select(model => (string?)model));
        Assert.Contains(message, text, StringComparison.Ordinal);
        Assert.DoesNotContain(FakePublishers.Key, answer.Json.ToJsonString() + text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vendor_that_is_busy_is_asked_again()
    {
        _vendors.Busy = 1;

        Assert.Null((await RunAsync()).Answer.Failure ?? (_vendors.Asked.Count > 6 ? null : ("NOT_ASKED_AGAIN", "")));
    }

    [Fact]
    public async Task A_question_without_an_answer_proves_nothing()
    {
        _vendors.Documents["/openapi.json"] = JsonNode.Parse("""{"hello": "world"}""")!;
        var (answer, text) = await RunAsync();

        Assert.Equal("DRIFT_UNKNOWN", answer.Failure?.Code);
        Assert.Equal("bfl", (string?)Assert.Single(answer.Json["unread"]!.AsArray())!["provider"]);
        Assert.Contains("not answered: bfl flux-3-image: HTTP 200", text, StringComparison.Ordinal);
    }

    /// <summary>Every route of the built-in catalogue can be put into words, so that none is skipped in silence.</summary>
    [Fact]
    public void Every_route_has_a_request_to_compare()
    {
        var catalog = Zoetrope.Tests.Catalog.Ask.Catalog;
        var samples = new RouteSamples(catalog, TimeProvider.System);
        var silent = from model in catalog.Models
                     from route in model.Routes
                     let form = ProvidersFeature.Vendors.Single(vendor => vendor.Profile.Name == route.Provider).Profile.Inputs
                     where !samples.Of(model, route, form).Any()
                     select $"{model.Id} on {route.Provider}";

        Assert.Empty(silent);
    }

    private void Change(string change)
    {
        var fal = _vendors.FalInput["properties"]!.AsObject();
        switch (change)
        {
            case "fal forgets a field": fal.Remove("aspect_ratio"); break;
            case "fal requires a field": fal["mode"] = new JsonObject { ["type"] = "string" }; _vendors.FalInput["required"] = new JsonArray("mode"); break;
            case "fal takes one value less": fal["resolution"]!["enum"] = new JsonArray("720p"); break;
            case "fal takes one form less": fal["aspect_ratio"]!["anyOf"]![0]!["enum"] = new JsonArray("16:9", "9:16", "1:1"); break;
            case "fal makes shorter videos": fal["duration"]!["maximum"] = 15; break;
            case "fal wants texts": fal["duration"]!["type"] = "string"; break;
            case "fal has no such model": Forget("/api/openapi/queue/openapi.json?endpoint_id=kling%2Fv4%2Ftext-to-video"); break;
            case "Replicate takes one value less": _vendors.ReplicateSchemas["resolution"]!["enum"] = new JsonArray("1K", "2K"); break;
            case "Replicate takes fewer files": _vendors.ReplicateSchemas["Input"]!["properties"]!["image_input"]!["maxItems"] = 8; break;
            case "Replicate forgets a field": _vendors.ReplicateSchemas["Input"]!["properties"]!.AsObject().Remove("allow_fallback_model"); break;
            case "BFL forgets a field": _vendors.BflInput["properties"]!.AsObject().Remove("version"); break;
            case "BFL has no such model": _vendors.Documents["/openapi.json"]["paths"]!.AsObject().Remove("/v1/flux-3-image"); break;
            case "OpenAI has no such model": Forget("/v1/models/gpt-image-2.6-flare"); break;
            case "OpenAI ends a model": _vendors.Documents["/v1/models/gpt-image-2.6-flare"]["shutdown_date"] = "2026-12-01"; break;
            case "OpenAI writes seconds": _vendors.Documents["/v1/models/gpt-image-2.6-flare"]["shutdown_date"] = 1_796_083_200; break;
            case "Google has no such model": Forget("/v1beta/models/gemini-2.5-flash-image"); break;
            default: _vendors.Documents["/api/v1/models?output_modalities=all"]["data"]![0]!["expiration_date"] = "2026-12-24"; break;
        }
    }

    private void Forget(string path) => _vendors.Documents.Remove(path);

    private async Task<(Answer Answer, string Text)> RunAsync()
    {
        await using var providers = OperatorProviders.Open(new HostSettings("http://127.0.0.1:0", _directory.Path, _vendors.Settings));
        var all = providers.Get<CatalogHolder>().Current;
        var catalog = new ModelCatalog(
            [.. Routes.Select(pair => all.Find(pair.Model)!).Select((model, place) => model with { Routes = [.. model.Routes.Where(route => route.Provider == Routes[place].Provider)] })]);
        var ends = new OpenRouterEnds(providers.Get<CatalogOptions>(), providers.Get<EgressClient>(), providers.Get<ResultShelf>(), TimeProvider.System);
        var answer = await new CatalogDrift(providers.Get<ProviderRegistry>(), catalog, ends, TimeProvider.System).RunAsync(CancellationToken.None);
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        answer.Show(console);
        return (answer, text.ToString());
    }
}
