using System.Globalization;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Catalog.Routes.Transforms;

/// <summary>The value in our own words.</summary>
internal sealed record AsIs : Transform
{
    public override JsonNode? Apply(in RouteValue value) => Node(value.First);
}

/// <summary>8 → "8".</summary>
internal sealed record DecimalString : Transform
{
    public override JsonNode Apply(in RouteValue value) => JsonValue.Create(value.Text);
}

/// <summary>8 → "8s".</summary>
internal sealed record SecondsSuffix : Transform
{
    public override JsonNode Apply(in RouteValue value) => JsonValue.Create(value.Text + "s");
}

/// <summary>"2K" → "2k".</summary>
internal sealed record LowerCase : Transform
{
    public override JsonNode Apply(in RouteValue value) => JsonValue.Create(value.Text.ToLowerInvariant());
}

/// <summary>"720p" → "720P".</summary>
internal sealed record UpperCase : Transform
{
    public override JsonNode Apply(in RouteValue value) => JsonValue.Create(value.Text.ToUpperInvariant());
}

/// <summary>"2" → 2.</summary>
internal sealed record TextToNumber : Transform
{
    public override JsonNode Apply(in RouteValue value) => JsonValue.Create(decimal.Parse(value.Text, CultureInfo.InvariantCulture));
}

/// <summary>The JSON of the value as a text.</summary>
internal sealed record JsonText : Transform
{
    public override JsonNode Apply(in RouteValue value) => JsonValue.Create(value.First.GetRawText());
}
