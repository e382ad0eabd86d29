using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>The shortest request that a model accepts.</summary>
internal static class ModelExample
{
    public const string Image = "https://example.com/photo.jpg";
    public const string Video = "https://example.com/clip.mp4";
    public const string Audio = "https://example.com/voice.mp3";

    private const string Prompt = "A red fox runs through snow at sunset";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(ModelSpec model)
    {
        var input = new JsonObject();
        foreach (var place in Enumerable.Range(0, model.Parameters.Length).Where(place => IsNeeded(model, place)))
        {
            input[model.Parameters[place].Name] = Value(model.Parameters[place]);
        }

        var body = new JsonObject { ["model"] = model.Id };
        if (model.Prompt.MaxLength > 1)
        {
            body["prompt"] = Prompt;
        }

        if (input.Count > 0)
        {
            body["input"] = input;
        }

        return body.ToJsonString(Readable);
    }

    private static bool IsNeeded(ModelSpec model, int place)
    {
        var parameter = model.Parameters[place];
        return parameter.Required
            || model.Rules.OfType<ModelRule.AnyOf>().Any(rule => rule.Parameters[0] == place)
            || (parameter.RequiredWhen is { } when && model.Parameters[when.Index] is var other && other.OrdinalOf(other.Default) == when.Ordinal);
    }

    private static JsonNode Value(ParameterSpec parameter) => parameter.Type switch
    {
        ParameterType.StringArray => new JsonArray([.. Enumerable.Repeat(0, Math.Max(1, parameter.MinItems ?? 1)).Select(_ => (JsonNode)Text(parameter))]),
        ParameterType.ObjectArray => new JsonArray(
            new JsonObject(parameter.Fields.Where(field => field.Required).Select(field => KeyValuePair.Create(field.Name, (JsonNode?)Value(field))))),
        ParameterType.Boolean => true,
        ParameterType.Integer => parameter.Integers.Length > 0 ? parameter.Integers[0] : (long)(parameter.Min ?? 1),
        ParameterType.Number => parameter.Min ?? 1,
        _ => Text(parameter),
    };

    private static string Text(ParameterSpec parameter) => parameter switch
    {
        { Input: InputKind.Image } => Image,
        { Input: InputKind.Video } => Video,
        { Input: InputKind.Audio } => Audio,
        { Values.Length: > 0 } => parameter.Values[0],
        _ => Prompt,
    };
}
