using System.Text.Json;
using System.Text.Json.Serialization;
using Zoetrope.Server.Admission.Requests;

namespace Zoetrope.Server.Admission;

/// <summary>Writes the JSON columns of an order's row; <c>GenerationJson</c> reads them with the same options.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(OutputSpec))]
[JsonSerializable(typeof(GenerationInput[]))]
internal sealed partial class OrderJson : JsonSerializerContext
{
    public static string Write(OutputSpec output) => JsonSerializer.Serialize(output, Default.OutputSpec);

    /// <summary>Null if there are none.</summary>
    public static string? Write(IReadOnlyList<ResolvedInput> inputs) => inputs.Count == 0
        ? null
        : JsonSerializer.Serialize(
            [.. inputs.Select(input => new GenerationInput(
                input.Reference.Parameter, input.ArtifactId, input.Probe.ContentType, input.Probe.Sha256, input.Probe.Extension)
            {
                Milliseconds = RequestPricing.VideoMilliseconds(input),
            })],
            Default.GenerationInputArray);
}
