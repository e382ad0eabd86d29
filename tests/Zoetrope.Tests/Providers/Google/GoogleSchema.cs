using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Tests.Providers.Google;

/// <summary>Checks of a request's JSON against what Google documents; each returns what is wrong, or null.</summary>
internal static class GoogleSchema
{
    public static string? Fields(JsonNode? node, string place, params string[] known) => node is not JsonObject members
        ? $"{place} is no object"
        : members.Select(member => member.Key).FirstOrDefault(name => !known.Contains(name)) is { } unknown ? $"{place}.{unknown} is no field" : null;

    public static string? OneOf(JsonNode? node, string place, params string[] values) =>
        node is null || (node.GetValueKind() is JsonValueKind.String && values.Contains(node.GetValue<string>())) ? null : $"{place} is {node.ToJsonString()}";

    public static string? Required(JsonNode? node, string place) => node is null ? $"{place} is missing" : null;

    public static string? Whole(JsonNode? node, string place, long min, long max) =>
        node is null || (node.GetValueKind() is JsonValueKind.Number && long.TryParse(node.ToJsonString(), out var value) && value >= min && value <= max) ? null : $"{place} is {node.ToJsonString()}";

    /// <summary>A file in base64 beside its type, and the bytes really are of that type.</summary>
    public static string? Picture(JsonNode? node, string place, string data, string type)
    {
        if (Fields(node, place, data, type) is { } unknown)
        {
            return unknown;
        }

        var text = node![data]?.GetValue<string>() ?? "";
        var bytes = new byte[text.Length];
        if (text.Length == 0 || !Convert.TryFromBase64String(text, bytes, out _))
        {
            return $"{place}.{data} is no base64";
        }

        var sniffed = bytes.AsSpan(1).StartsWith("PNG"u8) ? "image/png" : bytes[0] == 0xFF ? "image/jpeg" : "image/webp";
        return node[type]?.GetValue<string>() == sniffed ? null : $"{place}.{type} is not {sniffed}";
    }

    public static string Error(int code, string status, string message, params object[] details) =>
        JsonSerializer.Serialize(new { error = new { code, message, status, details } });
}
