using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Server.Catalog.Listing;

/// <summary>JSON of <c>GET /models</c>: what a model does not have is not written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IEnumerable<ModelListing>))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ListingJson : JsonSerializerContext
{
    public static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node, Default.JsonNode);
}
