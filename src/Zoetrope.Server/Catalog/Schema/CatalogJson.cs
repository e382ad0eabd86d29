using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>JSON of the catalogue file; what is not there is not written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(Words<MediaType>), typeof(Words<InputKind>), typeof(Words<LifecycleStatus>), typeof(Words<ParameterType>),
        typeof(Words<PriceType>), typeof(Words<CostKind>), typeof(Words<SecondsBase>), typeof(Words<OutputAudio>),
    ])]
[JsonSerializable(typeof(CatalogFile))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class CatalogJson : JsonSerializerContext
{
    /// <summary>An enum as the words of the catalogue.</summary>
    internal sealed class Words<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
        where T : struct, Enum;
}
