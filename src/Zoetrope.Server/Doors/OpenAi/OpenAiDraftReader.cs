using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// Translates an OpenAI body for a model. Fields that neither OpenAI nor the model knows are ignored, as OpenAI's clients
/// expect of servers older than themselves, unless there is a file in them; a known field that this model cannot honour is refused.
/// </summary>
internal sealed class OpenAiDraftReader(OpenAiModels models)
{
    /// <summary>The same limit as in OpenAI's own API.</summary>
    private const int MaxImages = 10;

    // Accepted, and read here or without effect on the picture.
    private static readonly FrozenSet<string> Own =
    [
        "model", "prompt", "n", "size", "quality", "seconds", "output_format", "response_format", "stream", "partial_images",
        "user", "moderation",
        "style", "output_compression", "input_fidelity", "background", "mask", "markup", "metadata", "store", "service_tier",
    ];

    // In OpenAI's own field, which has no name of ours.
    private static readonly Attached AnImage = new([], [InputKind.Image]);

    /// <param name="body">The body's fields.</param>
    /// <param name="media">What the endpoint makes.</param>
    /// <param name="images">Input images as references, in order, with the field of each.</param>
    /// <param name="imageField">The endpoint's own name of one.</param>
    public Outcome<Draft> Read(JsonElement body, MediaType media, IReadOnlyList<(string Field, string Url)> images, string imageField)
    {
        var finding = models.Find(Text(body, "model"), media, images.Count > 0 ? AnImage : Attached.Nothing);
        if (finding.Failed(out var problem, out var model))
        {
            return problem;
        }

        if (images.Count > 0)
        {
            if (models.TakingImages(model) is not { } taking)
            {
                return Problems.InvalidParameter.With(
                    $"{model.Id} accepts no images.",
                    images[0].Field,
                    allowed: "a model whose id says image-to-image, image-to-video or reference-to-video");
            }

            model = taking;
        }

        if ((Refusal(body, model) ?? OpenAiPictures.Stray(body, model, imageField)) is { } refusal)
        {
            return refusal;
        }

        var fields = new List<DraftField>();
        foreach (var property in body.EnumerateObject()
            .Where(property => !Own.Contains(property.Name) && !OpenAiPictures.IsPicture(property.Name)
                && model.ParameterIndex.ContainsKey(property.Name)))
        {
            fields.Add(new DraftField(property.Name, property.Name, property.Value));
        }

        AddImages(model, images, fields);
        if (AddQuality(body, model, fields) is { } badQuality)
        {
            return badQuality;
        }

        foreach (var name in (ReadOnlySpan<string>)["output_format", "background"])
        {
            if (model.ParameterIndex.ContainsKey(name) && body.TryGetProperty(name, out var value))
            {
                fields.Add(new DraftField(name, name, value));
            }
        }

        if (AddSeconds(body, model, fields) is { } badSeconds)
        {
            return badSeconds;
        }

        var size = Text(body, "size") is { Length: > 0 } text && !text.Equals("auto", StringComparison.OrdinalIgnoreCase) ? text : null;
        if (size is not null)
        {
            var mapping = OpenAiSize.Map(model, size, name => fields.Any(field => field.Name == name));
            if (mapping.Failed(out problem, out var mapped))
            {
                return problem;
            }

            fields.AddRange(mapped.Select(pair => new DraftField("size", pair.Key, Element(pair.Value))));
        }

        if (Counted(body).Failed(out problem, out var attribution))
        {
            return problem;
        }

        var prompt = Given(body, "prompt") is { } given
            ? new DraftPrompt("prompt", ValueReader.TryText(given, out var words) ? words : null)
            : null;
        return new Draft
        {
            Model = model.Id,
            Prompt = prompt,
            Fields = fields,
            Attribution = attribution,
            Unfit = size is null ? null : output => OpenAiSize.Check(model, size, output),
        };
    }

    // Metadata may be more than tags can be; what fits is a tag. A user that does not fit is refused: budgets are counted by it.
    private static Outcome<Attribution> Counted(JsonElement body)
    {
        string? user = null;
        if (body.TryGetProperty(Attribution.UserField, out var given) && Attribution.ReadUser(given).Failed(out var problem, out user))
        {
            return problem;
        }

        var tags = Given(body, "metadata") is { } metadata
            && ValueReader.Structured(metadata, '{') is { ValueKind: JsonValueKind.Object } pairs
            ? pairs.EnumerateObject()
                .Select(pair => Attribution.TryName(pair, out var name) && ValueReader.TryText(pair.Value, out var text)
                    ? new Tag(name, text)
                    : new Tag("", ""))
                .Where(tag => Attribution.Check(tag, "metadata", "") is null)
                .DistinctBy(tag => tag.Name)
                .Take(Attribution.MaxTags)
            : [];
        return Attribution.Of(Attribution.Sorted(tags), user);
    }

    /// <summary>The text of a field; null if it is absent or something else.</summary>
    public static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && ValueReader.TryText(value, out var text) ? text : null;

    /// <summary>How many results are asked for.</summary>
    public static Outcome<int> Count(JsonElement body, MediaType media)
    {
        if (Given(body, "n") is not { } given)
        {
            return 1;
        }

        var most = media is MediaType.Image ? MaxImages : 1;
        return ValueReader.TryInteger(given, out var count) && count >= 1 && count <= most
            ? (int)count
            : Problems.InvalidParameter.With(
                most == 1 ? "One request makes one video. Send one request for each video." : $"n must be a whole number from 1 to {most}.",
                "n",
                Catalog.Models.Given.Of(given),
                most == 1 ? "1" : $"1..{most}");
    }

    /// <summary>
    /// The request once for each result, to be made side by side. A given seed counts up from one to the next: the same seed
    /// would make the same picture n times.
    /// </summary>
    public static IReadOnlyList<Draft> Repeat(Draft request, int count)
    {
        var at = request.Fields.ToList()
            .FindIndex(field => field.Name == "seed" && field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt64(out _));
        return [.. Enumerable.Range(0, count).Select(i => i == 0 || at < 0 ? request : request with
        {
            Fields =
            [
                .. request.Fields.Select((field, index) => index == at
                    ? field with { Value = JsonSerializer.SerializeToElement(field.Value.GetInt64() + i, BodyJson.Default.Int64) }
                    : field),
            ],
        })];
    }

    /// <summary>A flag as JSON or as multipart's text.</summary>
    public static bool Flag(JsonElement body, string name) => body.TryGetProperty(name, out var value)
        && (value.ValueKind == JsonValueKind.True
            || (ValueReader.TryText(value, out var text) && bool.TryParse(text, out var parsed) && parsed));

    private static Problem? Refusal(JsonElement body, ModelSpec model)
    {
        foreach (var name in (ReadOnlySpan<string>)["mask", "markup"])
        {
            if (Given(body, name) is not null)
            {
                return OpenAiPictures.NoMask(name);
            }
        }

        if (Given(body, "size") is { ValueKind: not JsonValueKind.String } size)
        {
            return Problems.InvalidParameter.With(
                "size must be text.", "size", Catalog.Models.Given.Of(size), "width x height such as 1024x1024, or auto");
        }

        // Everything else about a background is the model's usual behaviour.
        if (Text(body, "background") == "transparent" && !model.ParameterIndex.ContainsKey("background"))
        {
            return Problems.InvalidParameter.With(
                $"{model.Id} cannot make a transparent background.", "background", "transparent", "auto, opaque");
        }

        var format = Text(body, "output_format");
        return format is { Length: > 0 } && !model.ParameterIndex.ContainsKey("output_format") && model.MediaType is MediaType.Image
            && format.Replace("jpg", "jpeg", StringComparison.OrdinalIgnoreCase) is var wanted
            && !wanted.Equals(model.Output.Format, StringComparison.OrdinalIgnoreCase)
                ? Problems.InvalidParameter.With(
                    $"{model.Id} makes {model.Output.Format} files.", "output_format", format, model.Output.Format)
                : null;
    }

    private static void AddImages(ModelSpec model, IReadOnlyList<(string Field, string Url)> images, List<DraftField> fields)
    {
        if (images.Count == 0)
        {
            return;
        }

        var parameter = OpenAiModels.ImageParameter(model)!;
        var value = images.Count == 1
            ? Element(images[0].Url)
            : JsonSerializer.SerializeToElement(images.Select(image => image.Url).ToArray(), BodyJson.Default.StringArray);
        fields.Add(new DraftField(images[0].Field, parameter.Name, value));
    }

    // The words of two generations of OpenAI's API, as far as a model has anything like them.
    private static Problem? AddQuality(JsonElement body, ModelSpec model, List<DraftField> fields)
    {
        if (Given(body, "quality") is not { } given || Text(body, "quality") is "auto" or "")
        {
            return null;
        }

        var parameter = model.IndexOf("quality") is { } index ? model.Parameters[index] : null;
        var text = Text(body, "quality");
        if (parameter is null)
        {
            // A request for what the model makes anyway is not refused.
            var only = OpenAiModels.OnlyQuality(model);
            return text is "standard" or "medium" || (only is not null && (text == only || (text, only) is ("hd", "high")))
                ? null
                : Problems.InvalidParameter.With(
                    $"The quality of {model.Id} cannot be chosen.",
                    "quality",
                    Catalog.Models.Given.Of(given),
                    only is null ? "auto" : $"auto, {only}");
        }

        string? instead = text switch
        {
            "standard" => parameter.Values.FirstOrDefault(value => value is "medium" or "basic"),
            "low" or "medium" =>
                parameter.Values.FirstOrDefault(value => value == text) ?? parameter.Values.FirstOrDefault(value => value is "basic"),
            "hd" => parameter.Values.FirstOrDefault(value => value is "high"),
            _ => null,
        };
        fields.Add(new DraftField("quality", "quality", instead is null ? given : Element(instead)));
        return null;
    }

    private static Problem? AddSeconds(JsonElement body, ModelSpec model, List<DraftField> fields)
    {
        if (model.MediaType is not MediaType.Video || Given(body, "seconds") is not { } seconds)
        {
            return null;
        }

        if (model.Output.SecondsFrom is { } from)
        {
            fields.Add(new DraftField("seconds", model.Parameters[from].Name, seconds));
            return null;
        }

        var fixedLength = model.Output.Seconds.ToString(CultureInfo.InvariantCulture);
        return seconds.ToString() == fixedLength && model.Output.Kind is OutputKind.Video
            ? null
            : Problems.InvalidParameter.With(
                $"{model.Id} has a fixed length.",
                "seconds",
                Catalog.Models.Given.Of(seconds),
                model.Output.Kind is OutputKind.Video ? fixedLength : "no seconds: the result is as long as its input");
    }

    private static JsonElement? Given(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && !ValueReader.IsAbsent(value) ? value : null;

    private static JsonElement Element(string text) => JsonSerializer.SerializeToElement(text, BodyJson.Default.String);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
[System.Text.Json.Serialization.JsonSerializable(typeof(long))]
internal sealed partial class BodyJson : System.Text.Json.Serialization.JsonSerializerContext;
