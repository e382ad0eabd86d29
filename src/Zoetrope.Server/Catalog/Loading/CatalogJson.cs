using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>JSON of the catalogue file.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class CatalogJson : JsonSerializerContext;
