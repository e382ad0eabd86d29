using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Catalog.Routes.Transforms;

/// <summary>The vendor's value for some of ours; the others stay as they are. A null leaves the field out.</summary>
internal sealed record ValueMap(FrozenDictionary<string, JsonNode?> Values) : Transform
{
    public override JsonNode? Apply(in RouteValue value) =>
        Values.TryGetValue(value.Text, out var mapped) ? mapped?.DeepClone() : Node(value.First);
}

/// <summary>The vendor's value for each pair of values of two parameters.</summary>
internal sealed record PairMap(FrozenDictionary<(string First, string Second), JsonNode?> Values) : Transform
{
    public override JsonNode? Apply(in RouteValue value) =>
        Values.GetValueOrDefault((value.Text, RouteValue.TextOf(value.Second)))?.DeepClone();
}
