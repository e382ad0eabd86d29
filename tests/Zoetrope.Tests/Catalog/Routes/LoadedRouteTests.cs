using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Catalog.Routes;

/// <summary>A loaded route does what its words say.</summary>
public sealed class LoadedRouteTests
{
    private const string Asked = """{"aspect_ratio":"16:9","duration":5,"audio":true,"steps":"2","mode":"standard","shots":[{"prompt":"one"}]}""";

    [Fact]
    public void Every_kind_of_field_is_written_in_the_vendors_words()
    {
        var (body, translated) = Write(Route(), Asked, Image("a"), Image("b"));

        Assert.Equal("house/std/x", translated.Model);
        Assert.Equal(
            """{"input":{"prompt":"[Image1] runs","ratio":"16:9","size":[1,2]},"seconds":"5","sound":"on","steps":2,"shots":[{"index":1,"prompt":"one"}],"first":"a","content":[{"type":"image","url":"b"}],"safety":{"level":2}}""",
            body);
    }

    [Fact]
    public void A_null_of_a_map_leaves_the_field_out()
    {
        var (body, _) = Write(Route(), Asked.Replace("true", "false", StringComparison.Ordinal));

        Assert.DoesNotContain("sound", body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_of_two_parameters_names_every_pair_and_an_index_takes_a_plain_value()
    {
        var route = Route(json =>
        {
            json["params"]!.AsObject().Remove("aspect_ratio");
            json["params"]!.AsObject().Remove("steps");
            json["params"]!["aspect_ratio+steps"] = "sizes[1]";
            json["transforms"]!.AsObject().Remove("steps");
            json["transforms"]!["aspect_ratio+steps"] = JsonNode.Parse("""{"16:9": {"1": "w1", "2": "w2"}, "9:16": {"1": "h1", "2": "h2"}}""");
        });

        var (body, _) = Write(route, Asked);

        Assert.Contains("""sizes":[{},"w2"]""", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"duration":5,"audio":false}""", 2, null)]
    [InlineData("""{"duration":7}""", 0, "duration 7, at most 6 there")]
    [InlineData("""{"aspect_ratio":"9:16"}""", 0, """aspect_ratio "9:16", it supports ["16:9"]""")]
    [InlineData("""{"seed":3}""", 0, "seed 3, it has no such parameter")]
    [InlineData("{}", 3, "input files 3 files, at most 2 there")]
    public void What_a_route_cannot_do_makes_it_unfit(string parameters, int images, string? gap)
    {
        using var json = JsonDocument.Parse(parameters);
        var files = images == 0 ? [] : new Dictionary<string, RouteFiles> { ["image_urls"] = new(InputKind.Image, images) };

        var found = RouteFit.Gap(Route(), form: null, new RouteRequest("a fox", json.RootElement, files, PublicAddress: true));

        Assert.Equal(gap, found is null ? null : $"{found.Parameter} {found.Asked}, {found.Can}");
    }

    [Theory]
    [InlineData(500, null)]
    [InlineData(501, "at most 500 there")]
    public void A_limit_of_the_prompt_counts_its_letters(int length, string? can)
    {
        using var json = JsonDocument.Parse("{}");
        var request = new RouteRequest(new string('x', length), json.RootElement, new Dictionary<string, RouteFiles>(), PublicAddress: true);

        Assert.Equal(can, RouteFit.Gap(Route(), form: null, request)?.Can);
    }

    private static RouteSpec Route(Action<JsonNode>? change = null)
    {
        var file = JsonNode.Parse(RouteCheckTests.Sound)!;
        change?.Invoke(file["models"]![0]!["routes"]![0]!);
        var loaded = CatalogLoader.Load(CatalogLoader.Embedded(), Encoding.UTF8.GetBytes(file.ToJsonString()));
        Assert.Empty(loaded.Errors);
        return Assert.Single(loaded.Catalog!.Find(RouteCheckTests.Model)!.Routes);
    }

    private static (string Body, TranslatedRequest Translated) Write(RouteSpec route, string parameters, params ProviderInput[] inputs)
    {
        using var json = JsonDocument.Parse(parameters);
        var body = new JsonObject();
        var request = new ProviderRequest
        {
            AttemptId = "att_1",
            Route = route,
            Model = RouteCheckTests.Model,
            Mode = "text-to-video",
            Prompt = "@Image1 runs",
            Parameters = json.RootElement.Clone(),
            Inputs = inputs,
            Output = new OutputSpec { Media = MediaType.Video, Format = "mp4", Width = 1280, Height = 720 },
            IntendedAt = DateTimeOffset.Parse("2026-11-22T12:00:00Z", CultureInfo.InvariantCulture),
        };
        var translated = RouteTranslation.Write(body, request, input => input.Path);
        return (body.ToJsonString(), translated);
    }

    private static ProviderInput Image(string path) => new("image_urls", path, "image/png");
}
