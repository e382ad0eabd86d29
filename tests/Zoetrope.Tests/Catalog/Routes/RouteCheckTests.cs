using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Catalog.Routes;

/// <summary>Every word of a route is checked when the catalogue is loaded.</summary>
public sealed class RouteCheckTests
{
    internal const string Model = "route-check";

    /// <summary>A model of one family with a bit of everything; its route is sound.</summary>
    internal const string Sound = """
        {"models": [{
          "$use": "video-run", "id": "route-check", "name": "Check", "family": "route-check", "vendor": "House", "mode": "text-to-video",
          "description": "For tests.", "prompt": {"required": true, "maxLength": 2000},
          "parameters": {
            "aspect_ratio": {"type": "string", "values": ["16:9", "9:16"], "default": "16:9", "description": "Shape."},
            "duration": {"type": "integer", "min": 4, "max": 8, "default": 5, "description": "Seconds."},
            "audio": {"type": "boolean", "default": true, "description": "Sound."},
            "steps": {"type": "string", "values": ["1", "2"], "default": "1", "description": "Steps."},
            "mode": {"type": "string", "values": ["standard", "pro"], "default": "pro", "description": "Mode."},
            "shots": {"type": "object[]", "minItems": 1, "maxItems": 3, "fields": {"prompt": {"type": "string", "required": true, "minLength": 1, "maxLength": 100, "description": "What."}}, "description": "Shots."},
            "image_urls": {"$use": "images", "required": false, "maxItems": 3},
            "seed": {"$use": "seed"},
            "tone": null
          },
          "output": {"$use": "video-output", "size": 720, "aspectFrom": "aspect_ratio", "audioFrom": "audio"},
          "price": {"type": "flat", "credits": 3}, "priceSource": "zoetrope", "derivation": "Ours.",
          "routes": [{
            "provider": "fal", "model": "house/{mode}/x",
            "params": {
              "prompt": "input.prompt", "aspect_ratio": "input.ratio", "duration": "seconds", "audio": "sound", "steps": "steps", "mode": "<model>",
              "shots": "shots", "image_urls[0]": "first", "image_urls[]": "content[type=image].url", "seed": null, "tone": "tone"
            },
            "transforms": {
              "prompt": {"@Image": "[Image{n}]"}, "duration": "decimal-string", "audio": {"true": "on", "false": null}, "steps": "number",
              "mode": {"standard": "std"}, "shots": "numbered-shots"
            },
            "accepts": {"prompt": {"max": 500}, "duration": {"min": 4, "max": 6}, "aspect_ratio": ["16:9"], "*": {"max": 2}},
            "implied": {},
            "fixed": {"safety.level": 2, "input.size": [1, 2]}
          }]
        }]}
        """;

    /// <summary>Section, what is written there, the word that the error names, and what it proposes.</summary>
    public static TheoryData<string, string, string, string?> Broken => new()
    {
        { "provider", "\"fall\"", "fall", "fal" },
        { "model", "\"house/x\"", "<model>", null },
        { "model", "\"house/{mode}/{size}\"", "size", null },
        { "model", "\"house/{mode}/{open\"", "open", null },

        { "params", """{"aspekt_ratio": "image_size"}""", "aspekt_ratio", "aspect_ratio" },
        { "params", """{"duraton[0]": "x"}""", "duraton", "duration" },
        { "params", """{"aspect_ratio+colour": "x"}""", "colour", null },
        { "params", """{"aspect_ratio+steps+mode": "x"}""", "aspect_ratio+steps+mode", null },
        { "params", """{"aspect_ratio": "a[b.c"}""", "a[b.c", null },
        { "params", """{"aspect_ratio": "a..b"}""", "a..b", null },
        { "params", """{"aspect_ratio": "a+b+c"}""", "a+b+c", null },
        { "params", """{"aspect_ratio": "a[x=]"}""", "a[x=]", null },
        { "params", """{"aspect_ratio": "a[0][1]"}""", "a[0][1]", null },
        { "params", """{"aspect_ratio": "a[1000]"}""", "a[1000]", null },
        { "params", """{"aspect_ratio": "a[0]b"}""", "a[0]b", null },
        { "params", """{"aspect_ratio": "a{m}"}""", "a{m}", null },
        { "params", """{"aspect_ratio": "a{n}"}""", "a{n}", null },
        { "params", """{"aspect_ratio": "a[type=x]"}""", "a[type=x]", null },
        { "params", """{"aspect_ratio": "<modl>"}""", "<modl>", "<model>" },
        { "params", """{"aspect_ratio": "<model>"}""", "<model>", null },
        { "params", """{"duration": "<model>"}""", "<model>", null },
        { "params", """{"prompt": "<result>"}""", "<result>", null },
        { "params", """{"image_urls": "<result>"}""", "<result>", null },
        { "params", """{"duration[0]": "x"}""", "duration[0]", null },
        { "params", """{"image_urls[x]": "x"}""", "image_urls[x]", null },
        { "params", """{"image_urls[3]": "x"}""", "image_urls[3]", null },
        { "params", """{"aspect_ratio": "seconds"}""", "seconds", null },
        { "params", """{"aspect_ratio": "seconds.of"}""", "seconds", null },
        { "params", """{"*": "<model>"}""", "<model>", null },
        { "params", """{"prompt": null}""", "prompt", null },
        { "params", """{"audio": null}""", "audio", null },

        { "transforms", """{"durration": "number"}""", "durration", "duration" },
        { "transforms", """{"seed+mode": "number"}""", "seed+mode", null },
        { "transforms", """{"aspect_ratio": "lowercase"}""", "lowercase", "lower-case" },
        { "transforms", """{"duration": "decimal-strng"}""", "decimal-strng", "decimal-string" },
        { "transforms", """{"duration": 7}""", "7", null },
        { "transforms", """{"audio": "seconds-suffix"}""", "seconds-suffix", null },
        { "transforms", """{"duration": "upper-case"}""", "upper-case", null },
        { "transforms", """{"mode": "number"}""", "number", null },
        { "transforms", """{"mode": "shots"}""", "shots", null },
        { "transforms", """{"mode": "one-or-many"}""", "one-or-many", null },
        { "transforms", """{"image_urls": "number"}""", "image_urls", "image_urls[]" },
        { "transforms", """{"mode": {"standart": "std"}}""", "standart", "standard" },
        { "transforms", """{"duration": {"9": "nine"}}""", "9", "4" },
        { "transforms", """{"audio": {"true": "on", "false": null, "yes": "on"}}""", "yes", null },
        { "transforms", """{"seed": {"1": 2}}""", "seed", null },
        { "transforms", """{"prompt": "lower-case"}""", "lower-case", null },
        { "transforms", """{"prompt": {"@Imag": "[{n}]"}}""", "@Imag", "@Image" },
        { "transforms", """{"prompt": {"@Image": "[{x}]"}}""", "[{x}]", null },

        { "accepts", """{"durations": {"max": 5}}""", "durations", "duration" },
        { "accepts", """{"duration": "4"}""", "4", null },
        { "accepts", """{"duration": {"maxi": 4}}""", "maxi", "max" },
        { "accepts", """{"duration": {"max": "4"}}""", "4", null },
        { "accepts", """{"duration": {"min": 6, "max": 4}}""", """{"min":6,"max":4}""", null },
        { "accepts", """{"duration": {"min": 9, "max": null}}""", "null", null },
        { "accepts", """{"duration": [4, 20]}""", "20", null },
        { "accepts", """{"aspect_ratio": ["16:9", "9:61"]}""", "9:61", "9:16" },
        { "accepts", """{"aspect_ratio": {"max": 2}}""", """{"max":2}""", null },
        { "accepts", """{"aspect_ratio": []}""", "[]", null },
        { "accepts", """{"image_urls": ["a"]}""", """["a"]""", null },
        { "accepts", """{"*": 12}""", "12", null },

        { "extra", """{"queuPath": "house/x"}""", "queuPath", "queuePath" },
        { "extra", """{"path": "/v1/x"}""", "path", null },
        { "extra", """{"queuePath": 7}""", "7", null },

        { "implied", """{"nonsense": true}""", "nonsense", null },
        { "implied", """{"audio": "yes"}""", "yes", null },
        { "implied", """{"aspect_ratio": "16.9"}""", "16.9", "16:9" },
        { "implied", """{"aspect_ratio": ["16:9", 7]}""", "7", null },
        { "implied", """{"duration": 99}""", "99", null },
        { "implied", """{"image_urls": "a"}""", "a", null },
        { "implied", """{"mode": {"a": 1}}""", """{"a":1}""", null },

        { "fixed", """{"x[": 1}""", "x[", null },
        { "fixed", """{"": 1}""", "", null },
        { "fixed", """{"<model>": 1}""", "<model>", null },
        { "fixed", """{"a{n}": 1}""", "a{n}", null },
        { "fixed", """{"seconds": 1}""", "seconds", null },
        { "fixed", """{"input": {}}""", "input", null },
        { "fixed", """{"input.prompt.text": "x"}""", "input.prompt.text", null },
        { "fixed", """{"safety.level.of": 1}""", "safety.level.of", null },
    };

    [Fact]
    public void A_sound_route_is_accepted() => Assert.Empty(Errors(Sound));

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_fault_is_named_with_its_place_and_the_nearest_right_word(string section, string json, string word, string? suggestion)
    {
        var errors = Errors(With(section, json));

        var error = errors.FirstOrDefault(error => error.Word == word);
        Assert.True(error is not null, string.Join('\n', errors));
        Assert.StartsWith($"models[{Model}].routes[0].", error.Place, StringComparison.Ordinal);
        Assert.Equal(Model, error.Model);
        Assert.Contains(error.Section, new[] { section, section == "model" ? "params" : section });
        Assert.Equal(suggestion, error.Suggestion);
        Assert.Contains(word, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_that_the_route_says_nothing_about_is_reported()
    {
        var file = JsonNode.Parse(Sound)!;
        file["models"]![0]!["routes"]![0]!["params"]!.AsObject().Remove("seed");

        var error = Assert.Single(Errors(file.ToJsonString()));

        Assert.Equal(("params", "seed"), (error.Section, error.Word));
    }

    [Fact]
    public void Six_kinds_of_broken_words_are_all_reported_at_once()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "broken.json");
        File.WriteAllText(file, SixKinds);

        var check = CatalogCheck.Run(file, new CatalogOptions(), new DateOnly(2026, 11, 30));

        Assert.False(check.Ok);
        Assert.Equal(
            [
                ("accepts", "4"), ("fixed", "x["), ("implied", "nonsense"), ("params", "a[b.c"), ("params", "aspekt_ratio"),
                ("transforms", "decimal-strng"), ("transforms", "lowercase"),
            ],
            check.Errors.Select(error => (error.Section!, error.Word!)).Order());
        Assert.All(check.Errors, error => Assert.Equal("seedream-4-5-text-to-image", error.Model));
        Assert.Equal("7 error(s)", check.Lines[^1]);
    }

    [Fact]
    public async Task The_command_fails_and_prints_json_for_programs()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "broken.json");
        await File.WriteAllTextAsync(file, SixKinds);
        await using var process = ChildProcess.StartAssembly("Zoetrope.Server.dll", ["catalog", "check", file, "--json"], new Dictionary<string, string?> { ["ZOETROPE_DATA"] = directory.Path });

        Assert.NotEqual(0, await process.ExitCodeAsync(TimeSpan.FromSeconds(60)));

        using var json = JsonDocument.Parse(process.StandardOutput);
        Assert.False(json.RootElement.GetProperty("ok").GetBoolean());
        var misspelt = json.RootElement.GetProperty("errors").EnumerateArray().Single(error => error.GetProperty("word").GetString() == "decimal-strng");
        Assert.Equal("seedream-4-5-text-to-image", misspelt.GetProperty("model").GetString());
        Assert.Equal("transforms", misspelt.GetProperty("section").GetString());
        Assert.Equal("models[seedream-4-5-text-to-image].routes[0].transforms.seed", misspelt.GetProperty("place").GetString());
        Assert.Equal("decimal-string", misspelt.GetProperty("suggestion").GetString());
        Assert.Contains("decimal-strng", misspelt.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_detail_that_an_adapter_needs_is_missed_at_the_check()
    {
        var error = Assert.Single(Errors("""{"models": [{"id": "seedream-4-5-text-to-image", "routes": [{"provider": "kling", "model": "x"}]}]}"""));

        Assert.Equal("models[seedream-4-5-text-to-image].routes[0].extra: path is missing; kling needs it in every route. Allowed: path.", error.ToString());
    }

    [Fact]
    public void The_known_providers_can_be_given()
    {
        var file = System.Text.Encoding.UTF8.GetBytes("""{"models": [{"id": "seedream-4-5-text-to-image", "routes": [{"provider": "acme", "model": "x"}]}]}""");
        RouteProvider[] known = [.. Server.Providers.ProvidersFeature.ForRoutes(Server.Providers.ProvidersFeature.Vendors), new RouteProvider("acme", [])];

        Assert.Empty(CatalogLoader.Load(CatalogLoader.Embedded(), file, known).Errors);
        Assert.Equal("acme", Assert.Single(CatalogLoader.Load(CatalogLoader.Embedded(), file, known[..^1]).Errors).Word);
    }

    /// <summary>The file that once was "81 models: no errors".</summary>
    internal const string SixKinds = """
        {"models": [{"id": "seedream-4-5-text-to-image", "routes": [{
          "provider": "fal", "model": "x",
          "params": {"prompt": "prompt", "aspekt_ratio": "image_size", "quality": "a[b.c", "seed": "seed"},
          "transforms": {"quality": "lowercase", "seed": "decimal-strng"},
          "accepts": {"quality": "4"},
          "implied": {"nonsense": 1},
          "fixed": {"x[": 1}
        }]}]}
        """;

    private static IReadOnlyList<CatalogError> Errors(string file) =>
        CatalogLoader.Load(CatalogLoader.Embedded(), System.Text.Encoding.UTF8.GetBytes(file), Server.Providers.ProvidersFeature.ForRoutes(Server.Providers.ProvidersFeature.Vendors)).Errors;

    // Objects are laid over the sound route's, member by member.
    private static string With(string section, string json)
    {
        var file = JsonNode.Parse(Sound)!;
        var route = file["models"]![0]!["routes"]![0]!;
        var given = JsonNode.Parse(json);
        if (given is JsonObject members && route[section] is JsonObject)
        {
            foreach (var (name, value) in members)
            {
                route[section]![name] = value?.DeepClone();
            }
        }
        else
        {
            route[section] = given;
        }

        return file.ToJsonString();
    }
}
