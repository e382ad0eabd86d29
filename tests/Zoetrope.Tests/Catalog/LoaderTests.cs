using System.Text;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Listing;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Catalog;

public class LoaderTests
{
    private static (ModelCatalog? Catalog, IReadOnlyList<string> Errors) Load(string file)
    {
        var (catalog, errors) = CatalogLoader.Load(CatalogLoader.Embedded(), Encoding.UTF8.GetBytes(file), ProvidersFeature.ForRoutes(ProvidersFeature.Vendors));
        return (catalog, errors);
    }

    [Fact]
    public void An_operator_changes_a_price_and_adds_a_model_in_few_lines()
    {
        var (catalog, errors) = Load("""
            {"models": [
              {"id": "seedream-4-5-text-to-image", "price": {"credits": 12}},
              {"$use": "seedream", "id": "house-image", "name": "House", "family": "house", "mode": "text-to-image",
               "description": "Our own.", "parameters": {"$use": "seedream-parameters"}, "price": {"credits": 3},
               "priceSource": "zoetrope", "derivation": "Ours.", "aliases": ["our-image"],
               "routes": [{"provider": "comfyui", "model": "flux.json"}]}
            ]}
            """);

        Assert.Empty(errors);
        Assert.Equal(Ask.Catalog.Models.Length + 1, catalog!.Models.Length);
        Assert.Equal("house-image", catalog.Find("our-image")!.Id);
        Assert.Equal(12, ModelPrice.Default(catalog.Find("seedream-4-5-text-to-image")!));
        Assert.Equal("Seedream 4.5", catalog.Find("seedream-4-5-text-to-image")!.Name);
    }

    [Fact]
    public void A_bad_file_is_refused_with_all_its_errors()
    {
        var (catalog, errors) = Load("""
            {"modles": [], "models": [
              {"id": "kling-3-0-text-to-video", "mode": "text-to-film", "aliases": ["sora-2"], "deadlinSeconds": 5},
              {"id": "happyhorse-text-to-video", "price": {"rates": {"720p": 0, "1080p": 70}}},
              {"id": "happyhorse-image-to-video", "price": {"rates": {"720p": null}}},
              {"id": "seedream-4-5-text-to-image", "parameters": {"quality": {"default": "best"}}, "routes": [{"provider": "acme", "model": "x"}]},
              {"id": "nano-banana-text-to-image", "price": {"credits": 100000000}},
              {"id": "flux-2-pro-text-to-image", "output": {"sizes": {"2K": null}}},
              {"$use": "nothing", "id": "NEW"}
            ]}
            """);

        Assert.Null(catalog);
        Assert.Contains(errors, error => error.Contains("modles", StringComparison.Ordinal) && error.Contains("models", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("models[kling-3-0-text-to-video].mode", StringComparison.Ordinal) && error.Contains("text-to-video", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("Unknown field `deadlinSeconds`. Did you mean `deadlineSeconds`?", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("price.rates.720p: 0 is not allowed. Allowed: an integer from 1 to 1000000.", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("price.rates.720p: There is no price.", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("parameters.quality.default", StringComparison.Ordinal) && error.Contains("basic, high", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("routes[0].provider", StringComparison.Ordinal) && error.Contains("replicate", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("price.credits: 100000000 is not allowed.", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("output.sizes.2K: This field is required", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("Unknown fragment `nothing`.", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("models[NEW].id", StringComparison.Ordinal));
    }

    [Fact]
    public void Wrong_shapes_and_wrong_meanings_of_one_model_are_reported_together()
    {
        var (_, errors) = Load("""
            {"models": [{"id": "veo-3-1-text-to-video", "mode": 7, "vendor": "", "deadlineSeconds": "soon", "typicalSeconds": 1.5, "aliases": ["a", 7],
              "parameters": {"duration": {"default": 5}, "seed": {"min": 9, "max": 1}}, "price": {"keys": ["resolutoin"], "credits": 7},
              "rules": [{"anyOf": ["prompt"], "sum": "a.b", "message": "No."}, 7, {"when": {"audio": "maybe"}, "then": {}, "message": "No."}]}]}
            """);

        string[] expected =
        [
            ".mode: 7 is not allowed. Allowed: text-to-image, ", ".vendor: \"\" is not allowed. Allowed: a text that is not empty.",
            ".deadlineSeconds: \"soon\" is not allowed. Allowed: an integer from 10 to 86400.", ".typicalSeconds: 1.5 is not allowed.",
            ".aliases[1]: 7 is not allowed.", ".parameters.duration.default: 5 is not allowed. Allowed: 4, 6, 8.",
            ".parameters.seed.min: This number is greater than max.", ".price.credits: Unknown field `credits`.",
            ".price.keys[0]: Unknown parameter `resolutoin`. Did you mean `resolution`?", ".rules[1]: 7 is not allowed. Allowed: an object.",
        ];
        Assert.All(expected, text => Assert.Contains(errors, error => error.StartsWith($"models[veo-3-1-text-to-video]{text}", StringComparison.Ordinal)));
        Assert.All(errors, error => Assert.EndsWith(".", error, StringComparison.Ordinal));
    }

    [Fact]
    public void What_an_operator_changes_is_checked_although_the_embedded_catalogue_is_not()
    {
        foreach (var file in new[]
        {
            """{"models": [{"id": "seedream-4-5-text-to-image", "pric": 1}]}""",
            """{"models": [{"id": "happyhorse-text-to-video", "output": {"sizes": {"720p": 17}, "aspect": "100:1"}}]}""",
            """{"models": [{"id": "seedream-4-5-text-to-image", "price": {"credits": 9}}]}""",
        })
        {
            var bytes = Encoding.UTF8.GetBytes(file);
            Assert.Equal(
                CatalogLoader.Load(CatalogLoader.Embedded(), bytes).Errors.Select(error => error.ToString()),
                CatalogLoader.Load(bytes).Errors.Select(error => error.ToString()));
        }
    }

    [Fact]
    public void A_null_takes_one_price_away_and_leaves_no_trace_in_the_listing()
    {
        var (catalog, errors) = Load("""
            {"fragments": {"p": {"type": "table", "keys": ["quality", "aspect_ratio"], "rows": {"basic": {"1:1": 5, "16:9": 6}, "high": {"1:1": 7, "16:9": 8}}}},
             "models": [{"id": "seedream-4-5-text-to-image", "parameters": {"aspect_ratio": {"values": ["1:1"]}},
               "price": {"credits": null, "$use": "p", "rows": {"basic": {"16:9": null}, "high": {"16:9": null}}}}]}
            """);

        Assert.Empty(errors);
        Assert.Equal(
            """{"type":"table","keys":["quality","aspect_ratio"],"rows":{"basic":{"1:1":5},"high":{"1:1":7}},"from":5,"example":5}""",
            ListedModel.Credits(catalog!.Find("seedream-4-5-text-to-image")!).ToJsonString());
    }

    [Fact]
    public void Names_belong_to_one_model()
    {
        var (_, errors) = Load("""{"models": [{"id": "kling-3-0-text-to-video", "aliases": ["sora-2"]}]}""");

        Assert.Contains("sora-2", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"models\": 7}")]
    [InlineData("{\"models\": [7]}")]
    [InlineData("{\"models\": [], \"models\": []}")]
    [InlineData("{\"models\": [{\"id\": \"house\", \"name\": \"\\ud800\"}]}")]
    [InlineData("{\"models\": [{\"\\uD800\": 1}]}")]
    [InlineData("{\"ignored\": [7], \"fragments\": [], \"models\": {}}")]
    [InlineData("{\"fragments\": {\"a\": {\"$use\": \"a\"}}, \"models\": [{\"$use\": \"a\", \"id\": \"b\"}]}")]
    [InlineData("{\"models\": [{\"id\": \"kling-3-0-text-to-video\", \"parameters\": 3, \"price\": [], \"output\": \"x\"}]}")]
    public void No_file_makes_an_exception(string file)
    {
        var (catalog, errors) = Load(file);

        Assert.Null(catalog);
        Assert.NotEmpty(errors);
    }

    [Fact]
    public void No_member_of_a_model_however_wrong_makes_an_exception()
    {
        string[] members =
        [
            "aliases", "name", "mediaType", "mode", "lifecycle", "prompt", "parameters", "ignored", "rules", "totals", "price", "output", "routes",
            "deadlineSeconds", "assumed", "parameters\":{\"duration", "parameters\":{\"reference_video_urls", "price\":{\"then", "output\":{\"sizes",
        ];
        string[] values = ["0", "-1e308", "\"\"", "\"x\"", "[]", "[[]]", "[{}]", "{}", "{\"a\":null}", "{\"a\":[{}]}", "{\"type\":\"integer\",\"default\":1e400}", "true"];
        foreach (var value in values)
        {
            // One model for each member, so that one reading of the file tries them all.
            var models = members.Zip(Ask.Catalog.Models, (member, model) =>
                $"{{\"id\":\"{model.Id}\",\"{member}\":{value}{(member.Contains('{', StringComparison.Ordinal) ? "}" : "")}}}");
            var (catalog, errors) = Load($"{{\"models\":[{string.Join(',', models)}]}}");
            Assert.NotEqual(catalog is null, errors.Count == 0);
        }
    }

    [Fact]
    public void A_retired_model_names_its_replacement()
    {
        var (catalog, _) = Load("""{"models": [{"id": "sora-2-text-to-video", "lifecycle": {"status": "retired"}}]}""");

        var problem = RequestResolver.Resolve(catalog!, new Draft { Model = "sora-2", Prompt = new DraftPrompt("prompt", "x") }).Problem!;

        Assert.Equal(("INVALID_MODEL", "seedance-2-0-text-to-video"), (problem.Kind.Code, problem.Allowed));
    }

    [Fact]
    public void A_changed_file_is_taken_up_once_it_has_settled_and_a_bad_one_is_not()
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"operator-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, """{"models": []}""");
        try
        {
            var holder = new CatalogHolder(Ask.Catalog);
            using var watcher = new CatalogWatcher(
                holder, new CatalogOptions { File = file }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<CatalogWatcher>.Instance);
            Assert.False(watcher.Look());

            File.WriteAllText(file, """{"models": [{"id": "seedream-4-5-text-to-image", "price": {"credits": 9}}]}""");
            Assert.False(watcher.Look());
            Assert.True(watcher.Look());
            Assert.Equal(9, ModelPrice.Default(holder.Current.Find("seedream-4-5-text-to-image")!));

            File.WriteAllText(file, """{"models": [{"id": "seedream-4-5-text-to-image", "price": {"credits": -9}}]}""");
            Assert.False(watcher.Look());
            Assert.False(watcher.Look());
            Assert.Equal(9, ModelPrice.Default(holder.Current.Find("seedream-4-5-text-to-image")!));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
