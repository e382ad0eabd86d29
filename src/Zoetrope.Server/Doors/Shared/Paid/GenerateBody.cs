using System.Collections.Frozen;
using System.Text.Json;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.Shared.Paid;

/// <summary>
/// Reads the three shapes of POST /generate: everything in <c>input</c>, the older <c>options</c> in camelCase with a
/// top-level prompt, and mixtures of both. Only the shape is judged here; the model decides about the values.
/// </summary>
internal static class GenerateBody
{
    public const string WebhookField = "webhookUrl";

    /// <summary>No model has nearly this many parameters; more is an attack on our memory.</summary>
    private const int MaxFields = 256;

    private static readonly FrozenDictionary<string, string> _legacyNames = new Dictionary<string, string>
    {
        ["aspectRatio"] = "aspect_ratio",
        ["resolution"] = "resolution",
        ["duration"] = "duration",
        ["image"] = DraftField.LegacyImage,
    }.ToFrozenDictionary();

    public static Outcome<Draft> Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return Problems.InvalidJson.With("Invalid JSON body", allowed: "a JSON object");
        }

        try
        {
            return ReadObject(body);
        }
        catch (InvalidOperationException)
        {
            // A name with a lone surrogate escape: it parses as JSON but is no text.
            return Problems.InvalidJson.With("Invalid JSON body: a field name is not valid Unicode.", allowed: "valid Unicode");
        }
    }

    private static Outcome<Draft> ReadObject(JsonElement body)
    {
        string? model = null, webhookUrl = null, user = null;
        Tag[]? tags = null;
        DraftPrompt? topPrompt = null, inputPrompt = null;
        Problem? malformed = null;
        var fields = new List<DraftField>(8);
        foreach (var property in body.EnumerateObject())
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "model" or "prompt" when ValueReader.IsAbsent(value):
                case "input" or "options" when ValueReader.IsAbsent(value) && value.ValueKind != JsonValueKind.Array:
                    break;
                case "model":
                    if (!ValueReader.TryText(value, out model))
                    {
                        return Problems.InvalidModel.With(
                            "model must be a string.", "model", Given.Of(value), "a model's id");
                    }

                    break;
                case WebhookField:
                    malformed ??= ReadWebhook(value, out webhookUrl);
                    break;
                case Attribution.TagsField:
                    malformed ??= Attribution.ReadTags(value).Failed(out var badTags, out tags) ? badTags : null;
                    break;
                case Attribution.UserField:
                    malformed ??= Attribution.ReadUser(value).Failed(out var badUser, out user) ? badUser : null;
                    break;
                case "prompt":
                    topPrompt = ReadPrompt("prompt", value);
                    break;
                case "input" when value.ValueKind == JsonValueKind.Object:
                    inputPrompt = ReadInput(value, fields) ?? inputPrompt;
                    break;
                case "options" when value.ValueKind == JsonValueKind.Object:
                    ReadOptions(value, fields);
                    break;
                case "input" or "options":
                    malformed ??= Problems.InvalidParameter.With(
                        $"{property.Name} must be an object.", property.Name, Given.Of(value), "an object");
                    break;
                case var _ when fields.Count > MaxFields:
                    break;
                default:
                    fields.Add(new DraftField(property.Name, null, value));
                    break;
            }
        }

        if (fields.Count > MaxFields)
        {
            malformed = Problems.InvalidParameter.With(
                $"The request has more than {MaxFields} fields.", allowed: $"at most {MaxFields} fields");
        }

        return new Draft
        {
            Model = model,
            Prompt = topPrompt,
            OtherPrompt = inputPrompt,
            Fields = fields,
            WebhookUrl = webhookUrl,
            Attribution = Attribution.Of(tags ?? [], user),
            Malformed = malformed,
        };
    }

    /// <summary>The URL that is notified of this one task.</summary>
    public static Problem? ReadWebhook(JsonElement value, out string? url)
    {
        url = null;
        return ValueReader.IsAbsent(value) || ValueReader.TryText(value, out url)
            ? null
            : Problems.InvalidParameter.With($"{WebhookField} must be a string.", WebhookField, Given.Of(value), "a public https URL");
    }

    private static DraftPrompt? ReadInput(JsonElement input, List<DraftField> fields)
    {
        DraftPrompt? prompt = null;
        foreach (var property in input.EnumerateObject())
        {
            if (fields.Count > MaxFields)
            {
                break;
            }

            if (!property.NameEquals("prompt"))
            {
                fields.Add(new DraftField($"input.{property.Name}", property.Name, property.Value));
            }
            else if (!ValueReader.IsAbsent(property.Value))
            {
                prompt = ReadPrompt("input.prompt", property.Value);
            }
        }

        return prompt;
    }

    private static void ReadOptions(JsonElement options, List<DraftField> fields)
    {
        foreach (var property in options.EnumerateObject())
        {
            if (fields.Count > MaxFields)
            {
                break;
            }

            var name = _legacyNames.GetValueOrDefault(property.Name) ?? SnakeCase(property.Name);
            fields.Add(new DraftField($"options.{property.Name}", name, property.Value));
        }
    }

    private static DraftPrompt ReadPrompt(string field, JsonElement value) =>
        new(field, ValueReader.TryText(value, out var text) ? text : null);

    // The older dialect wrote every name in camelCase; newer parameters follow the same habit.
    private static string SnakeCase(string name) => name.Length > 64
        ? name
        : JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
