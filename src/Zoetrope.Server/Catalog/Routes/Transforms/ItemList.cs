using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Catalog.Routes.Transforms;

/// <summary>The items of a list with their numbers as texts; a numbered list also counts them from 1 in <c>index</c>.</summary>
internal sealed record ItemList(bool IsNumbered) : Transform
{
    public override JsonNode Apply(in RouteValue value)
    {
        var list = new JsonArray();
        foreach (var item in value.First.EnumerateArray())
        {
            var written = new JsonObject();
            if (IsNumbered)
            {
                written["index"] = list.Count + 1;
            }

            foreach (var member in item.EnumerateObject())
            {
                written[member.Name] = member.Value.ValueKind is JsonValueKind.Number ? member.Value.GetRawText() : Node(member.Value);
            }

            list.Add(written);
        }

        return list;
    }
}
