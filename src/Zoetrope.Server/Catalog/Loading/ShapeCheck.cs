using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>
/// Compares JSON with the entry that it will become and reports every difference. What is wrong is taken out, so that the rest can be
/// bound and checked for what it means: the operator sees all errors at once.
/// </summary>
internal static class ShapeCheck
{
    public static void Check(JsonObject node, JsonTypeInfo type, Place place)
    {
        var contract = Contract.Of(type);
        var fields = contract.Fields;

        // Which fields there are can depend on the type; without a known type all of them may be meant.
        var written = contract.Kinds.Count == 0 ? null : (node["type"] as JsonValue)?.ToString();
        var kind = contract.Kinds.FirstOrDefault(kind => kind == written);
        foreach (var (name, field) in fields)
        {
            if (field.About.Required && (field.About.Of is [] || field.About.Of.Contains(kind)) && node[name] is null)
            {
                place.At(name).Refuse("This field is required.");
            }
        }

        foreach (var (name, value) in node.ToArray())
        {
            if (!fields.TryGetValue(name, out var field) || !Has(field, kind))
            {
                place.At(name).RefuseName("field", name, fields.Values.Where(field => Has(field, kind)).Select(field => field.Name));
                node.Remove(name);
            }
            else if (!Fits(value, field.Type, field.About, place.At(name)))
            {
                node.Remove(name);
            }
        }
    }

    public static string Shown(JsonNode? value) => ShortText.Of(value?.ToJsonString(), 60) ?? "null";

    private static bool Has(ContractField field, string? kind) => kind is null || field.About.Of is [] || field.About.Of.Contains(kind);

    private static bool Fits(JsonNode? value, JsonTypeInfo type, FieldAttribute about, Place place)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when value is JsonObject child:
                Check(child, type, place);
                return true;
            case JsonTypeInfoKind.Dictionary when value is JsonObject map:
                CheckMembers(map, Contract.Info(type.ElementType!), about, place);
                return true;
            case JsonTypeInfoKind.Enumerable when value is JsonArray items:
                var element = Contract.Info(type.ElementType!);

                // Every item is looked at; without one of them the places of the others would be wrong.
                return items.Select((item, index) => Fits(item, element, about, place.At(index))).Count(fits => !fits) == 0;
            case JsonTypeInfoKind.None when Allowed(value, type, about) is var allowed:
                if (allowed is not null)
                {
                    var words = Words(type, about);
                    var nearest = value is JsonValue text && text.GetValueKind() is JsonValueKind.String && words.Count > 0
                        ? EditDistance.Nearest(text.GetValue<string>(), words)
                        : null;
                    place.Refuse(Shown(value), allowed, nearest);
                }

                return allowed is null;
            default:
                place.Refuse(Shown(value), type.Kind == JsonTypeInfoKind.Enumerable ? "an array" : "an object");
                return false;
        }
    }

    private static void CheckMembers(JsonObject map, JsonTypeInfo element, FieldAttribute about, Place place)
    {
        foreach (var (name, value) in map.ToArray())
        {
            if (value is not null && !Fits(value, element, about, place.At(name)))
            {
                map.Remove(name);
            }
        }
    }

    private static IReadOnlyList<string> Words(JsonTypeInfo type, FieldAttribute about) =>
        (Nullable.GetUnderlyingType(type.Type) ?? type.Type).IsEnum ? Contract.Words(type) : about.Words;

    // Null where the value is allowed; otherwise what would be.
    private static string? Allowed(JsonNode? value, JsonTypeInfo type, FieldAttribute about)
    {
        var bare = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        var scalar = value as JsonValue;
        var kind = scalar?.GetValueKind() ?? JsonValueKind.Undefined;
        if (bare == typeof(JsonElement))
        {
            return null;
        }

        if (bare.IsEnum || (about.Words.Count > 0 && !about.Open))
        {
            var words = Words(type, about);
            return kind == JsonValueKind.String && words.Contains(scalar!.GetValue<string>()) ? null : string.Join(", ", words);
        }

        if (bare == typeof(string))
        {
            return kind == JsonValueKind.String && scalar!.GetValue<string>() is { Length: > 0 } ? null : "a text that is not empty";
        }

        if (bare == typeof(bool))
        {
            return kind is JsonValueKind.True or JsonValueKind.False ? null : "true, false";
        }

        if (bare == typeof(DateOnly))
        {
            return DateOnly.TryParseExact(scalar?.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
                ? null
                : "a date such as 2026-09-24";
        }

        if (bare == typeof(double))
        {
            return kind == JsonValueKind.Number && double.IsFinite(scalar!.GetValue<double>()) ? null : "a number";
        }

        return kind == JsonValueKind.Number && IsWhole(scalar!, about)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"an integer from {about.Min} to {about.Max}");
    }

    private static bool IsWhole(JsonValue value, FieldAttribute about) =>
        long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && number >= about.Min
        && number <= about.Max;
}
