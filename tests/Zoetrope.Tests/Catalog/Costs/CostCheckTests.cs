using System.Text;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Tests.Catalog.Routes;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Catalog.Costs;

/// <summary>A cost is read or refused like everything else of a catalogue, and no price may be below it.</summary>
public sealed class CostCheckTests
{
    private const string Rates = """{"kind": "stated", "checked": "2026-11-30", "source": "A list.", "rule": {"type": "perSecond", "base": "output", "keys": ["mode"], "rates": {"standard": 100, "pro": 200}}}""";

    /// <summary>What is written as the cost, where the error is, the word that it names and what it proposes.</summary>
    public static TheoryData<string, string, string?, string?> Broken => new()
    {
        { """{"kind": "statd"}""", "cost.kind", "statd", "stated" },
        { """{"kind": "stated"}""", "cost.rule", null, null },
        { """{"kind": "stated"}""", "cost.checked", null, null },
        { """{"kind": "assumed"}""", "cost.source", null, null },
        { """{}""", "cost.kind", null, null },
        { """{"kind": "unknown", "rule": {"type": "flat", "micros": 5}}""", "cost.kind", "unknown", null },
        { """{"kind": "unknown", "inputImages": {"each": 5}}""", "cost.kind", "unknown", null },
        { Rates.Replace("\"checked\"", "\"cheked\"", StringComparison.Ordinal), "cost.cheked", "cheked", "checked" },
        { Rates.Replace("2026-11-30", "30.11.2026", StringComparison.Ordinal), "cost.checked", "30.11.2026", null },
        { Rates.Replace("\"mode\"", "\"mod\"", StringComparison.Ordinal), "cost.rule.keys[0]", "mod", "mode" },
        { Rates.Replace("\"mode\"", "\"seed\"", StringComparison.Ordinal), "cost.rule.keys", null, null },
        { Rates.Replace("\"standard\"", "\"standad\"", StringComparison.Ordinal), "cost.rule.rates.standad", "standad", "standard" },
        { Rates.Replace("\"standard\": 100, ", "", StringComparison.Ordinal), "cost.rule.rates.standard", null, null },
        { Rates.Replace("100", "0", StringComparison.Ordinal), "cost.rule.rates.standard", "0", null },
        { Rates.Replace("100", "0.5", StringComparison.Ordinal), "cost.rule.rates.standard", "0.5", null },
        { Rates.Replace("100", "1000000001", StringComparison.Ordinal), "cost.rule.rates.standard", "1000000001", null },
        { Rates.Replace("\"perSecond\"", "\"perSecnd\"", StringComparison.Ordinal), "cost.rule.type", "perSecnd", "perSecond" },
        { """{"kind": "stated", "checked": "2026-11-30", "source": "A list.", "rule": {"type": "flat", "credits": 5}}""", "cost.rule.credits", "credits", null },
        { """{"kind": "stated", "checked": "2026-11-30", "source": "A list.", "rule": {"type": "flat", "micros": 0}}""", "cost.rule.micros", "0", null },
        { """{"kind": "stated", "checked": "2026-11-30", "source": "A list.", "rule": {"type": "outputMegapixels", "tiers": []}}""", "cost.rule.tiers", null, null },
        { """{"kind": "stated", "checked": "2026-11-30", "source": "A list.", "rule": {"type": "flat", "micros": 5}, "inputImages": {"each": 0}}""", "cost.inputImages.each", "0", null },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_slip_in_a_cost_is_refused_with_its_place_and_the_nearest_word(string cost, string place, string? word, string? suggestion)
    {
        var errors = CatalogLoader.Load(CatalogLoader.Embedded(), With(cost)).Errors;

        var error = errors.First(error => error.Place == $"models[{RouteCheckTests.Model}].routes[0].{place}");
        Assert.Equal((RouteCheckTests.Model, "cost"), (error.Model, error.Section));
        Assert.Equal(suggestion, error.Suggestion);
        if (word is not null)
        {
            Assert.Equal(word, error.Word);
        }
    }

    [Theory]
    [InlineData(null, nameof(CostKind.Unknown), null)]
    [InlineData("""{"kind": "unknown", "source": "Nobody says."}""", nameof(CostKind.Unknown), null)]
    [InlineData(Rates, nameof(CostKind.Stated), 1000L)]
    [InlineData("""{"kind": "assumed", "checked": "2026-11-30", "source": "A list.", "rule": {"type": "flat", "micros": 70000}, "inputImages": {"each": 500, "free": 1}}""", nameof(CostKind.Assumed), 70000L)]

    // The route takes 16:9 only, so 9:16 needs no cost.
    [InlineData("""{"kind": "assumed", "checked": "2026-11-30", "source": "A list.", "rule": {"type": "table", "keys": ["aspect_ratio"], "rows": {"16:9": 900}}}""", nameof(CostKind.Assumed), 900L)]
    public void A_cost_is_read_by_the_engine_of_prices_and_may_be_left_out(string? cost, string kind, long? micros)
    {
        var loaded = CatalogLoader.Load(CatalogLoader.Embedded(), With(cost));

        Assert.Empty(loaded.Errors);
        var model = loaded.Catalog!.Find(RouteCheckTests.Model)!;
        var read = model.CostOf(0);
        Assert.Equal(kind, read.Kind.ToString());
        Assert.Equal(micros, Micros(model, 0));
        Assert.Equal(micros is null ? null : micros + (2 * read.EachImage), Micros(model, 3));
        Assert.Equal(RouteCost.Unknown, model.CostOf(1));
    }

    [Fact]
    public void A_price_below_cost_fails_the_check_and_names_the_model_and_what_would_cover_it()
    {
        var check = Check("""{"models": [{"id": "veo-3-1-text-to-video", "price": {"rates": {"720p": {"true": 33}}}}]}""");

        Assert.False(check.Ok);
        Assert.Equal("3 error(s)", check.Lines[^1]);
        Assert.All(check.Errors, error => Assert.Equal(("veo-3-1-text-to-video", "cost"), (error.Model, error.Section)));
        Assert.Equal(["vertex", "fal", "replicate"], check.Errors.Select(error => check.Costs!.Routes.Single(route => error.Place.StartsWith($"models[{route.Model.Id}].routes[{route.Place}]", StringComparison.Ordinal)).Route.Provider));
        var vertex = check.Errors[0];
        Assert.Contains("resolution 720p, audio true, duration 8 costs 3.20 USD", vertex.Message, StringComparison.Ordinal);
        Assert.Contains("264 credits is worth 3.168 USD", vertex.Message, StringComparison.Ordinal);
        Assert.Equal("267", vertex.Suggestion);
    }

    [Fact]
    public void What_a_credit_is_worth_and_the_floor_are_the_operators()
    {
        var cheap = CatalogCheck.Run(null, new CatalogOptions { CreditValueMicros = 3_000 }, Day);
        Assert.False(cheap.Ok);
        Assert.Contains(cheap.Errors, error => error.Model == "seedance-2-0-text-to-video");

        var strict = CatalogCheck.Run(null, new CatalogOptions { MarginFloorPercent = 50 }, Day);
        Assert.True(strict.Ok);
        Assert.Contains(strict.Costs!.Warnings, warning => warning.StartsWith("models[gpt-image-2-text-to-image].routes[0]: The margin of quality auto, resolution 1K is 44 %", StringComparison.Ordinal));
        Assert.DoesNotContain(CatalogCheck.Run(null, new CatalogOptions { MarginFloorPercent = 0 }, Day).Costs!.Warnings, warning => warning.Contains("Your floor", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_input_images_that_eat_the_profit_are_warned_of()
    {
        var warnings = Check("""{"models": [{"id": "gpt-image-2-5-flare-image-to-image", "price": {"inputImages": null}}]}""").Costs!.Warnings;

        Assert.Contains(warnings, warning => warning.StartsWith("models[gpt-image-2-5-flare-image-to-image].routes[0]: With quality low, resolution 1K, 16 input images, the cost", StringComparison.Ordinal));
        Assert.DoesNotContain(Check("{}").Costs!.Warnings, warning => warning.Contains("input images", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("active", "2026-11-29", true)]
    [InlineData("deprecated", "2026-11-29", true)]
    [InlineData("retired", "2026-11-29", false)]
    [InlineData("active", "2026-11-30", false)]
    [InlineData("active", "2027-03-15", false)]
    public void A_shutdown_that_has_passed_is_warned_of_while_the_model_is_offered(string status, string shutdown, bool warned)
    {
        var check = Check($$"""{"models": [{"id": "seedream-4-5-text-to-image", "lifecycle": {"status": "{{status}}", "shutdown": "{{shutdown}}"} }]}""");

        Assert.Equal(warned, check.Costs!.Warnings.Any(warning => warning.StartsWith("models[seedream-4-5-text-to-image].lifecycle.shutdown: ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_cost_that_was_checked_long_ago_is_warned_of_once_for_each_provider_and_day()
    {
        var options = new CatalogOptions { CostCheckedDays = 30 };
        var last = Ask.Catalog.Models.SelectMany(model => model.Costs).Max(cost => cost.Checked)!.Value;

        var fresh = CatalogCheck.Run(null, options, last.AddDays(30)).Costs!.Warnings.Where(IsOld).ToList();
        var old = CatalogCheck.Run(null, options, last.AddDays(31)).Costs!.Warnings.Where(IsOld).ToList();

        Assert.True(old.Count > fresh.Count);
        Assert.Single(old, warning => warning.Contains($" route(s) of bfl were last checked on {last:yyyy-MM-dd}", StringComparison.Ordinal));
        Assert.True(CatalogCheck.Run(null, options, last.AddDays(31)).Ok);

        static bool IsOld(string warning) => warning.Contains("Catalog:CostCheckedDays", StringComparison.Ordinal);
    }

    private static readonly DateOnly Day = new(2026, 11, 30);

    private static long? Micros(ModelSpec model, int images) => model.CostOf(0).Micros(new PriceQuantities
    {
        Values = [.. model.Parameters.Select(parameter => parameter.Default)],
        OutputMilliseconds = 5_000,
        InputImages = images,
    });

    private static CatalogCheck Check(string file)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "catalog.json");
        File.WriteAllText(path, file);
        return CatalogCheck.Run(path, new CatalogOptions(), Day);
    }

    private static byte[] With(string? cost)
    {
        var file = JsonNode.Parse(RouteCheckTests.Sound)!;
        file["models"]![0]!["routes"]![0]!["cost"] = cost is null ? null : JsonNode.Parse(cost);
        return Encoding.UTF8.GetBytes(file.ToJsonString());
    }
}
