using System.Text.Json;
using System.Text.Json.Serialization;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations;

/// <summary>The JSON columns of <c>generations</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(OutputSpec))]
[JsonSerializable(typeof(List<GenerationInput>))]
[JsonSerializable(typeof(List<GenerationResult>))]
[JsonSerializable(typeof(ProviderCall))]
[JsonSerializable(typeof(ProviderFailure))]
internal sealed partial class GenerationJson : JsonSerializerContext
{
    public static string Write(List<GenerationResult> results) => JsonSerializer.Serialize(results, Default.ListGenerationResult);

    public static string Write(ProviderCall call) => JsonSerializer.Serialize(call, Default.ProviderCall);

    public static string Write(ProviderError error) =>
        JsonSerializer.Serialize(
            new ProviderFailure(
                error.Word,
                error.VendorCode,
                error.VendorMessage,
                error.MayRetry,
                error.Kind is ProviderErrorKind.UnknownOutcome ? null : error.Charged),
            Default.ProviderFailure);

    public static ProviderCall? Call(Generation generation) =>
        generation.ProviderCall is null ? null : JsonSerializer.Deserialize(generation.ProviderCall, Default.ProviderCall);

    public static ProviderFailure? Failure(Generation generation)
    {
        var failure = generation.ProviderError is null
            ? null
            : JsonSerializer.Deserialize(generation.ProviderError, Default.ProviderFailure);

        // Rows from before it was left open say false.
        return failure is { Kind: ProviderError.UnknownOutcomeWord } ? failure with { Charged = null } : failure;
    }

    public static OutputSpec Output(Generation generation) => JsonSerializer.Deserialize(generation.Output, Default.OutputSpec)!;

    public static List<GenerationInput> Inputs(Generation generation) =>
        generation.Inputs is null ? [] : JsonSerializer.Deserialize(generation.Inputs, Default.ListGenerationInput)!;

    public static List<GenerationResult> Results(Generation generation) => generation.Result is null ? [] : Results(generation.Result);

    /// <summary>The files of a column <c>result</c>.</summary>
    public static List<GenerationResult> Results(string column) => JsonSerializer.Deserialize(column, Default.ListGenerationResult)!;
}
