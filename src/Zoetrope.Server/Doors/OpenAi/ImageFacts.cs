using System.Globalization;
using System.Text.Json;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// What OpenAI's answers say about an image besides its bytes. Their types require <c>usage</c> in an event, and some programs
/// add up the tokens of every answer: here they are zero, because nothing is counted or charged in tokens.
/// </summary>
internal static class ImageFacts
{
    private const string NoTokens =
        """{"input_tokens":0,"input_tokens_details":{"image_tokens":0,"text_tokens":0}"""
        + ""","output_tokens":0,"output_tokens_details":{"image_tokens":0,"text_tokens":0},"total_tokens":0}""";

    /// <summary>Members of a JSON object.</summary>
    public static string Of(ModelCatalog catalog, Generation generation, Artifact artifact)
    {
        var model = catalog.Find(generation.Model);
        using var parameters = JsonDocument.Parse(generation.Parameters);
        var quality = Text(parameters.RootElement, "quality") ?? (model is null ? null : OpenAiModels.OnlyQuality(model)) ?? "auto";
        var background = Text(parameters.RootElement, "background") ?? "auto";
        var format = artifact.Probe.ContentType[(artifact.Probe.ContentType.IndexOf('/') + 1)..];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"\"size\":\"{artifact.Probe.Width}x{artifact.Probe.Height}\",\"output_format\":\"{format}\","
            + $"\"quality\":\"{Escaped(quality)}\",\"background\":\"{Escaped(background)}\",\"usage\":{NoTokens}");
    }

    private static string? Text(JsonElement parameters, string name) =>
        parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Escaped(string text) => WireJson.Encoder.Encode(text);
}
