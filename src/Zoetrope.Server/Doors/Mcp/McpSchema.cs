using System.Text.Json.Nodes;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>The few shapes of JSON Schema that tools need.</summary>
internal static class McpSchema
{
    public static JsonObject Object(IReadOnlyList<string> required, params (string Name, JsonObject Schema)[] properties)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(
                properties.Select(property => KeyValuePair.Create<string, JsonNode?>(property.Name, property.Schema))),
        };
        if (required.Count > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        }

        return schema;
    }

    /// <summary>An object that accepts only these fields.</summary>
    public static JsonObject Closed(IReadOnlyList<string> required, params (string Name, JsonObject Schema)[] properties)
    {
        var schema = Object(required, properties);
        schema["additionalProperties"] = false;
        return schema;
    }

    public static JsonObject Text(string description) => Of("string", description);

    public static JsonObject Number(string description) => Of("number", description);

    public static JsonObject Integer(string description) => Of("integer", description);

    public static JsonObject Flag(string description) => Of("boolean", description);

    public static JsonObject Any(string description) => Of("object", description);

    public static JsonObject List(string description, JsonObject item)
    {
        var schema = Of("array", description);
        schema["items"] = item;
        return schema;
    }

    public static JsonObject Urls(string description) => List(description, new JsonObject { ["type"] = "string" });

    public static JsonObject OneOf(string description, IReadOnlyList<string> values)
    {
        var schema = Text(description);
        if (values.Count > 0)
        {
            schema["enum"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        }

        return schema;
    }

    /// <summary>Or null; in branches, because some hosts read a single type only.</summary>
    public static JsonObject Nullable(JsonObject schema) =>
        new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };

    private static JsonObject Of(string type, string description) => new() { ["type"] = type, ["description"] = description };
}
