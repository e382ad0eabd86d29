using System.Text;
using CsCheck;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Tests.Catalog;

namespace Zoetrope.Tests.Admission.Requests;

public class RequestShapeTests
{
    [Theory]
    [InlineData("""{"model":"seedance-2-0-text-to-video","input":{"prompt":"a red fox","duration":10,"aspect_ratio":"9:16"}}""")]
    [InlineData("""{"model":"seedance-2-0-text-to-video","prompt":"a red fox","options":{"aspectRatio":"9:16","duration":10}}""")]
    [InlineData("""{"model":"seedance-2-0-text-to-video","prompt":"a red fox","input":{"duration":"10","aspect_ratio":"9:16","nsfw_checker":false,"seed":null}}""")]
    public void All_three_shapes_mean_the_same(string body)
    {
        var request = Ask.Resolved(body);

        Assert.Equal("a red fox", request.Prompt);
        Assert.Equal(
            """{"duration":10,"resolution":"720p","aspect_ratio":"9:16","audio":true,"web_search":false}""",
            Encoding.UTF8.GetString(request.Parameters.Span));
        Assert.Equal(550, Ask.Price(request).Value.Credits);
    }

    [Theory]
    [InlineData("sora-2", "sora-2-text-to-video")]
    [InlineData("flux-2/pro-text-to-image", "flux-2-pro-text-to-image")]
    [InlineData("nano-banana-pro", "nano-banana-pro-text-to-image")]
    public void Legacy_ids_resolve(string legacy, string id) =>
        Assert.Equal(id, Ask.Resolved($$"""{"model":"{{legacy}}","prompt":"a red fox"}""").Model.Id);

    [Fact]
    public void A_legacy_id_with_an_image_means_the_image_model()
    {
        var request = Ask.Resolved("""{"model":"sora-2","prompt":"x","options":{"aspectRatio":"16:9","image":"https://a.test/i.png"}}""");

        Assert.Equal("sora-2-image-to-video", request.Model.Id);
        var input = Assert.Single(request.Inputs);
        Assert.Equal(("image_urls", "options.image"), (input.Parameter, input.Field));
        Assert.Equal("""{"duration":10,"aspect_ratio":"landscape"}""", Encoding.UTF8.GetString(request.Parameters.Span));
    }

    [Theory]
    [InlineData("[]", "INVALID_JSON", null)]
    [InlineData("7", "INVALID_JSON", null)]
    [InlineData("{}", "MISSING_MODEL", "model")]
    [InlineData("""{"model":null}""", "MISSING_MODEL", "model")]
    [InlineData("""{"model":7}""", "INVALID_MODEL", "model")]
    [InlineData("""{"model":"seedance-2-0-text-to-vidoe","nonsense":1}""", "INVALID_MODEL", "model")]
    [InlineData("""{"model":"kling-3-0-text-to-video","input":[]}""", "INVALID_PARAMETER", "input")]
    [InlineData("""{"model":"kling-3-0-text-to-video","nonsense":1}""", "MISSING_PROMPT", "prompt")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"  "}""", "MISSING_PROMPT", "prompt")]
    [InlineData("""{"model":"kling-3-0-text-to-video","input":{"prompt":7}}""", "INVALID_PARAMETER", "input.prompt")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"\ud800"}""", "INVALID_PARAMETER", "prompt")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a\u0000b"}""", "INVALID_PARAMETER", "prompt")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"prompt":"b"}}""", "INVALID_PARAMETER", "input.prompt")]
    [InlineData("""{"model":"flux-2-pro-text-to-image","prompt":"ab"}""", "INVALID_PARAMETER", "prompt")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duratoin":5,"duration":99}}""", "UNKNOWN_PARAMETER", "input.duratoin")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","duration":5}""", "UNKNOWN_PARAMETER", "duration")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","options":{"fps":5}}""", "UNKNOWN_PARAMETER", "options.fps")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"image_urls":["https://a.test/i"]}}""", "UNKNOWN_PARAMETER", "input.image_urls")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duration":16}}""", "INVALID_PARAMETER", "input.duration")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duration":-1}}""", "INVALID_PARAMETER", "input.duration")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duration":1e308}}""", "INVALID_PARAMETER", "input.duration")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duration":9223372036854775808}}""", "INVALID_PARAMETER", "input.duration")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duration":"NaN"}}""", "INVALID_PARAMETER", "input.duration")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duration":5},"options":{"duration":6}}""", "INVALID_PARAMETER", "options.duration")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"multi_shots":true}}""", "MISSING_PARAMETER", "multi_prompt")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"multi_shots":true,"multi_prompt":[{"prompt":"b","length":2}]}}""", "UNKNOWN_PARAMETER", "input.multi_prompt[0]")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"multi_shots":true,"multi_prompt":[{"duration":2}]}}""", "MISSING_PARAMETER", "input.multi_prompt[0].prompt")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duration":5,"multi_shots":true,"multi_prompt":[{"prompt":"b","duration":2},{"prompt":"c","duration":2}]}}""", "INVALID_PARAMETER", "multi_prompt")]
    [InlineData("""{"model":"kling-3-0-image-to-video","prompt":"a"}""", "MISSING_PARAMETER", "image_urls")]
    [InlineData("""{"model":"kling-3-0-image-to-video","prompt":"a","input":{"image_urls":["a","b","c"]}}""", "INVALID_PARAMETER", "input.image_urls")]
    [InlineData("""{"model":"kling-3-0-image-to-video","prompt":"a","input":{"image_urls":["a",7]}}""", "INVALID_PARAMETER", "input.image_urls[1]")]
    [InlineData("""{"model":"minimax-h3-reference-to-video","prompt":"a","input":{"reference_audio_urls":["https://a.test/s.mp3"]}}""", "MISSING_PARAMETER", "reference_image_urls")]
    [InlineData("""{"model":"veo-3-1-text-to-video","prompt":"a","input":{"resolution":"4K","duration":4}}""", "INVALID_PARAMETER", "duration")]
    [InlineData("""{"model":"topaz-image-upscale","input":{"image_url":"https://a.test/i","upscale_factor":"8"}}""", "INVALID_PARAMETER", "input.upscale_factor")]
    public void A_wrong_request_is_told_what_is_wrong(string body, string code, string? field)
    {
        var problem = Ask.Refused(body);

        Assert.Equal((code, field), (problem.Kind.Code, problem.Field));
    }

    [Fact]
    public void A_problem_names_what_was_given_and_what_is_allowed()
    {
        var problem = Ask.Refused("""{"model":"seedance-2-0-text-to-video","prompt":"a","options":{"resolution":"999p"}}""");

        Assert.Equal(("options.resolution", "\"999p\"", "480p, 720p, 1080p, 4K"), (problem.Field, problem.Given, problem.Allowed));
        Assert.Contains("duration", Ask.Refused("""{"model":"kling-3-0-text-to-video","prompt":"a","input":{"duratoin":5}}""").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seedance-2-0-text-to-vidoe", "seedance-2-0-text-to-video")]
    [InlineData("kling-3-0", "kling-3-0-text-to-video")]
    [InlineData("Nano-Banana-Prro", "nano-banana-pro-text-to-image")]
    public void An_unknown_model_is_answered_with_the_nearest(string given, string nearest) =>
        Assert.Contains(nearest, Ask.Catalog.Names.Nearest(given, Attached.Nothing));

    [Theory]
    [InlineData("""{"model":"topaz-image-upscale","input":{"image_url":"https://a.test/i","upscale_factor":2}}""", """{"upscale_factor":"2"}""")]
    [InlineData("""{"model":"topaz-image-upscale","prompt":"ignored","input":{"image_url":"https://a.test/i","upscale_factor":"4"}}""", """{"upscale_factor":"4"}""")]
    [InlineData("""{"model":"kling-3-0-text-to-video","prompt":"x","input":{"mode":"pro","multi_shots":"true","multi_prompt":[{"duration":"2","prompt":"b"},{"prompt":"c","duration":3}]}}""", """{"duration":5,"mode":"professional","audio":true,"aspect_ratio":"16:9","multi_shots":true,"multi_prompt":[{"prompt":"b","duration":2},{"prompt":"c","duration":3}]}""")]
    [InlineData("""{"model":"happyhorse-text-to-video","prompt":"x","input":{"resolution":"1080P","duration":10.0,"seed":7}}""", """{"duration":10,"resolution":"1080p","seed":7,"aspect_ratio":"16:9"}""")]
    public void Values_with_one_possible_meaning_are_accepted(string body, string parameters) =>
        Assert.Equal(parameters, Encoding.UTF8.GetString(Ask.Resolved(body).Parameters.Span));

    [Fact]
    public void No_body_makes_an_exception()
    {
        string[] values =
        [
            "null", "true", "-1", "0", "1e308", "1e400", "9223372036854775808", "1.5", "\"\"", "\"10\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[[]]]]",
            "[null]", "[\"https://a.test/i\"]", "{\"a\":{\"b\":[{}]}}", "\"1080P\"", "\"4K\"", "\"auto\"", "8", "[{\"prompt\":\"x\",\"duration\":1e308}]",
            $"[{string.Join(',', Enumerable.Repeat("1", 200))}]", $"\"{new string('x', 30_000)}\"",
        ];
        var names = Ask.Catalog.Models.SelectMany(model => model.Parameters).Select(parameter => parameter.Name)
            .Concat(["prompt", "image", "model", "aspectRatio", "nsfw_checker", "", "\\ud800", "__proto__"]).Distinct().ToArray();
        var models = Ask.Catalog.Models.SelectMany(model => model.Aliases.Prepend(model.Id)).Append("nope").ToArray();
        var field = Gen.Select(Gen.OneOf(names), Gen.OneOf(values), (name, value) => $"\"{name}\":{value}");
        var fields = field.Array[0, 5].Select(list => $"{{{string.Join(',', list)}}}");
        var place = Gen.OneOf(fields, Gen.OneOf(values));
        Gen.Select(Gen.OneOf(models), place, place, Gen.OneOf(Gen.Const("\"a red fox\""), Gen.OneOf(values))).Sample(
            (model, input, options, prompt) =>
            {
                var priced = Ask.Price($$"""{"model":"{{model}}","prompt":{{prompt}},"input":{{input}},"options":{{options}}}""");
                return priced.Problem is { Kind.Status: 400, Message.Length: > 0 and < 2000 } || (priced.Problem is null && priced.Value.Credits is >= 1 and <= PriceRule.MaxCredits);
            },
            iter: 100_000);
    }
}
