using System.Globalization;
using CsCheck;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Tests.Catalog;

public class PriceTests
{
    [Fact]
    public void Every_price_that_vicsee_publishes_is_ours()
    {
        var checkedPrices = 0;
        foreach (var line in VicSeePrices.Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = line.Split('|', StringSplitOptions.TrimEntries);
            var model = Ask.Catalog.Find(parts[0])!;
            var values = parts[3].Split(' ');
            var credits = parts[4].Split(' ');
            for (var i = 0; i < values.Length; i++)
            {
                var given = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Append($"{parts[2]}={values[i]}").Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
                var seconds = given.Remove("video", out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : (double?)null;
                var more = given.Select(pair => (pair.Key, $"\"{pair.Value}\"")).ToList();
                if (seconds is not null && model.IndexOf("reference_video_urls") is not null)
                {
                    more.Add(("reference_video_urls", "[\"https://files.example.test/v.mp4\"]"));
                }

                var priced = Ask.Price(Ask.Smallest(model, [.. more]), Ask.Video(1280, 720, seconds ?? 5));

                Assert.True(priced.Problem is null, $"{line}: {priced.Problem?.Message}");
                Assert.Equal(long.Parse(credits[i], CultureInfo.InvariantCulture), priced.Value.Credits);
                checkedPrices++;
            }
        }

        Assert.Equal(586, checkedPrices);
    }

    [Theory]
    [InlineData("seedance-2-0-text-to-video", """{"duration":10}""", 550)]
    [InlineData("seedance-2-0-text-to-video", "{}", 440)]
    [InlineData("kling-3-0-text-to-video", "{}", 210)]
    [InlineData("gpt-image-2-text-to-image", """{"resolution":"4k"}""", 20)]
    public void The_documented_examples(string model, string input, long credits)
    {
        var body = $$"""{"model":"{{model}}","prompt":"a red fox","input":{{input}}}""";

        Assert.Equal(credits, Ask.Price(body).Value.Credits);
    }

    [Theory]
    [InlineData("gpt-image-2-text-to-image", "auto", 0, 8)]
    [InlineData("gpt-image-2-text-to-image", "low", 0, 2)]
    [InlineData("gpt-image-2-text-to-image", "medium", 0, 8)]
    [InlineData("gpt-image-2-text-to-image", "high", 0, 32)]
    [InlineData("gpt-image-2-image-to-image", "auto", 1, 8)]
    [InlineData("gpt-image-2-image-to-image", "auto", 16, 8)]
    [InlineData("gpt-image-2-image-to-image", "medium", 1, 12)]
    [InlineData("gpt-image-2-image-to-image", "medium", 2, 16)]
    [InlineData("gpt-image-2-image-to-image", "high", 16, 96)]
    [InlineData("gpt-image-2-5-flare-image-to-image", "low", 1, 6)]
    [InlineData("gpt-image-2-6-sunburst-image-to-image", "low", 16, 72)]
    public void Input_images_add_to_the_price_after_the_first_unless_it_is_vicsees(string id, string quality, int images, long credits)
    {
        var model = Ask.Catalog.Find(id)!;
        var urls = string.Join(',', Enumerable.Range(0, images).Select(image => $"\"https://files.example.test/{image}.png\""));
        (string, string)[] asked = images == 0 ? [("quality", $"\"{quality}\"")] : [("quality", $"\"{quality}\""), ("image_urls", $"[{urls}]")];
        var request = Ask.Resolved(Ask.Smallest(model, asked));

        Assert.Equal((credits, credits), (Ask.Price(request, Ask.Video(1280, 720, 5)).Value.Credits, RequestPricing.WithoutFiles(request) ?? credits));
        Assert.True(credits >= ModelPrice.From(model));
    }

    [Theory]
    [InlineData("""{"each":{"type":"flat","credits":4}}""", "price.inputImages.free: 0 is not allowed. Allowed: at least 1")]
    [InlineData("""{"each":{"type":"table","keys":["resolution"],"rows":{"9K":4}},"free":1}""", "price.inputImages.each.rows.9K: Unknown value of resolution `9K`.")]
    [InlineData("""{"each":{"type":"flat","credits":4,"inputImages":{"each":{"type":"flat","credits":1}}},"free":1}""", "price.inputImages.each.inputImages: inputImages belongs to the price as a whole.")]
    [InlineData("""{"free":1}""", "price.inputImages.each")]
    public void A_wrong_price_of_images_is_refused_with_its_place(string images, string fault)
    {
        var file = $$$"""{"models":[{"id":"flux-2-pro-image-to-image","price":{"inputImages":{{{images}}}}}]}""";
        var (catalog, errors) = CatalogLoader.Load(CatalogLoader.Embedded(), System.Text.Encoding.UTF8.GetBytes(file));

        Assert.Null(catalog);
        Assert.Contains(errors, error => $"{error}".Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void A_reference_video_is_paid_with_the_output()
    {
        var body = """{"model":"seedance-2-0-reference-to-video","input":{"prompt":"x","duration":8,"reference_video_urls":["https://a.test/v.mp4"]}}""";

        Assert.Equal(630, Ask.Price(body, Ask.Video(1280, 720, 10)).Value.Credits);
    }

    [Theory]
    [InlineData(4000, 3000, "1", 20)]
    [InlineData(3000, 2000, "2", 20)]
    [InlineData(3001, 2000, "2", 40)]
    [InlineData(4000, 3000, "2", 40)]
    [InlineData(3000, 2000, "4", 80)]
    public void An_image_upscale_costs_by_output_megapixels(int width, int height, string factor, long credits)
    {
        var body = $$$"""{"model":"topaz-image-upscale","input":{"image_url":"https://a.test/i.png","upscale_factor":"{{{factor}}}"}}""";

        var priced = Ask.Price(body, Ask.Video(width, height, null)).Value;

        Assert.Equal(credits, priced.Credits);
        Assert.Equal(width * int.Parse(factor, CultureInfo.InvariantCulture), priced.Output.Width);
    }

    [Fact]
    public void An_image_upscale_above_the_last_tier_is_refused()
    {
        var body = """{"model":"topaz-image-upscale","input":{"image_url":"https://a.test/i.png","upscale_factor":4}}""";

        var problem = Ask.Price(body, Ask.Video(3001, 2000, null)).Problem!;

        Assert.Equal("INVALID_PARAMETER", problem.Kind.Code);
        Assert.Contains("96", problem.Message, StringComparison.Ordinal);
        Assert.Equal("input.image_url", problem.Field);
    }

    [Theory]
    [InlineData(15.5, "INVALID_PARAMETER")]
    [InlineData(1.5, "INVALID_PARAMETER")]
    [InlineData(null, "INVALID_INPUT")]
    public void Reference_videos_have_limits_that_need_a_probe(double? seconds, string code)
    {
        var body = """{"model":"seedance-2-0-reference-to-video","input":{"prompt":"x","reference_video_urls":["https://a.test/v.mp4"]}}""";

        Assert.Equal(code, Ask.Price(body, Ask.Video(1280, 720, seconds)).Problem!.Kind.Code);
    }

    [Fact]
    public void A_video_that_was_not_read_cannot_be_priced_as_if_it_were_not_there()
    {
        var request = Ask.Resolved("""{"model":"seedance-2-0-reference-to-video","input":{"prompt":"x","reference_video_urls":["https://a.test/v.mp4"]}}""");

        Assert.Equal("INVALID_INPUT", RequestPricing.Price(request, []).Problem!.Kind.Code);
    }

    [Fact]
    public void The_default_request_of_every_model_has_a_price_and_a_shape()
    {
        foreach (var model in Ask.Catalog.Models)
        {
            var priced = Ask.Price(Ask.Smallest(model));

            Assert.True(priced.Problem is null, $"{model.Id}: {priced.Problem?.Message}");
            Assert.InRange(priced.Value.Credits, 1, PriceRule.MaxCredits);
        }
    }

    [Fact]
    public void No_probe_however_wrong_makes_a_price_of_zero_or_an_exception()
    {
        var doubles = Gen.OneOf(Gen.Double, Gen.OneOf(0d, -1d, 1e308, double.NaN, double.PositiveInfinity, 0.0001, 36_001));
        var sides = Gen.OneOf(Gen.Int, Gen.OneOf(0, -1, 1, int.MaxValue, 720));
        Gen.Select(Gen.Int[0, Ask.Catalog.Models.Length - 1], sides, sides, doubles).Sample(
            (index, width, height, seconds) =>
            {
                var priced = Ask.Price(Ask.Smallest(Ask.Catalog.Models[index]), Ask.Video(width, height, seconds));
                return priced.Problem is not null || (priced.Value.Credits is >= 1 and <= PriceRule.MaxCredits && priced.Value.Output.Width > 0 && priced.Value.Output.Height > 0);
            },
            iter: 20_000);
    }
}
