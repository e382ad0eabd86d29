using System.Globalization;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Catalog.Routes.Transforms;

/// <summary>The size of the result as "1280x720".</summary>
internal sealed record SizeText : Transform
{
    public override JsonNode Apply(in RouteValue value) =>
        JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"{value.Output.Width}x{value.Output.Height}"));
}

/// <summary>The size of the result as {"width", "height"}.</summary>
internal sealed record SizeObject : Transform
{
    public override JsonNode Apply(in RouteValue value) =>
        new JsonObject { ["width"] = value.Output.Width, ["height"] = value.Output.Height };
}
