using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Generations;
using Zoetrope.Tests.Catalog;

namespace Zoetrope.Tests.Generations;

/// <summary>The cost of an attempt by the catalogue's rule, from nothing but the row of its generation.</summary>
public sealed class AttemptRuleTests
{
    /// <summary>Model, request, seconds of its files, the place of the route, and what the vendor charges.</summary>
    [Theory]
    [InlineData("seedance-2-0-text-to-video", """{"duration":4,"resolution":"480p"}""", 0.0, 0, 4 * 70_400L)]
    [InlineData("seedance-2-0-text-to-video", """{"duration":4,"resolution":"480p"}""", 0.0, 1, 4 * 140_700L)]
    [InlineData("seedance-2-0-reference-to-video", """{"duration":5,"resolution":"720p","reference_video_urls":["https://files.example.test/v.mp4"]}""", 5.2, 0, (6 + 5) * 93_500L)]
    [InlineData("seedance-2-0-reference-to-video", """{"duration":5,"resolution":"720p","reference_image_urls":["https://files.example.test/v.mp4"]}""", 0.0, 0, 5 * 152_200L)]
    [InlineData("kling-3-0-text-to-video", """{"duration":3,"mode":"professional","audio":false}""", 0.0, 2, 3 * 112_000L)]
    [InlineData("gpt-image-2-5-flare-image-to-image", """{"quality":"low","image_urls":["https://files.example.test/v.mp4","https://files.example.test/v.mp4"]}""", 0.0, 0, (196 * 30) + (2 * 36_000L))]
    public void It_is_what_the_rule_says_about_the_stored_request(string model, string input, double seconds, int route, long micros)
    {
        var spec = Ask.Catalog.Find(model)!;
        var generation = Row(model, input, seconds) with { Route = route, Provider = spec.Routes[route].Provider };

        Assert.Equal(new AttemptCost(spec.CostOf(route).Kind is CostKind.Stated ? "stated" : "assumed", micros), AttemptCost.ByRule(spec, generation));
    }

    [Fact]
    public void It_is_unknown_without_a_rule_a_route_or_a_model()
    {
        var generation = Row("seedance-2-0-text-to-video", "{}", 0);
        var spec = Ask.Catalog.Find(generation.Model)!;

        Assert.Equal(AttemptCost.Unknown, AttemptCost.ByRule(spec, generation with { Route = spec.Routes.Length - 1 }));
        Assert.Equal(AttemptCost.Unknown, AttemptCost.ByRule(spec, generation with { Route = 99 }));
        Assert.Equal(AttemptCost.Unknown, AttemptCost.ByRule(null, generation));

        // Written under an older catalogue.
        Assert.Equal(AttemptCost.Unknown, AttemptCost.ByRule(spec, generation with { Parameters = """{"resolution":"8K"}""" }));
        Assert.Equal(AttemptCost.Unknown, AttemptCost.ByRule(spec, generation with { Parameters = "{}" }));
    }

    // As the commit writes it.
    private static Generation Row(string model, string input, double seconds)
    {
        var request = Ask.Resolved($$"""{"model":"{{model}}","prompt":"a red fox","input":{{input}}}""");
        var probe = seconds > 0 ? Ask.Video(1280, 720, seconds) : Ask.Video(1280, 720, null) with { ContentType = "image/png" };
        var inputs = request.Inputs.Select(reference => new ResolvedInput(reference, "art_1", probe)).ToList();
        var quote = RequestPricing.Price(request, inputs).Value;
        using var parameters = JsonDocument.Parse(ParameterWriter.Write(request.Model, [.. request.Values]));
        Assert.Equal(seconds > 0, OrderJson.Write(inputs)?.Contains("milliseconds", StringComparison.Ordinal) ?? false);
        return new Generation
        {
            AccountId = "acct_1",
            Id = "task_1",
            Mode = KeyMode.Live,
            KeyId = "key_1",
            Status = GenerationStatus.Running,
            Step = GenerationStep.Submit,
            Version = 1,
            Model = model,
            Media = request.Model.MediaType,
            Prompt = "a red fox",
            Parameters = parameters.RootElement.GetRawText(),
            Inputs = OrderJson.Write(inputs),
            Output = OrderJson.Write(quote.Output),
            Route = 0,
            Provider = "ark",
            Quoted = quote.Credits,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
    }
}
