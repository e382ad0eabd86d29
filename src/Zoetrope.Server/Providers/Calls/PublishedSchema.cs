using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// The request of one model as its vendor publishes it: a schema inside an OpenAPI document. It is read for what makes a vendor
/// refuse a request: names, required fields, kinds and values. What it does not know of the format it lets pass.
/// </summary>
internal sealed class PublishedSchema
{
    private const int Deepest = 16;
    private readonly JsonElement _document;
    private readonly JsonElement _schema;

    private PublishedSchema(JsonElement document, JsonElement schema) => (_document, _schema) = (document, schema);

    /// <summary>The JSON body of a POST; null where the document has none.</summary>
    public static PublishedSchema? OfPost(JsonElement document, string path) =>
        document.At("paths", path, "post", "requestBody", "content", "application/json", "schema") is { } schema
            ? new PublishedSchema(document, schema)
            : null;

    /// <summary>A schema by its name; null where the document has none.</summary>
    public static PublishedSchema? Named(JsonElement document, string name) =>
        document.At("components", "schemas", name) is { ValueKind: JsonValueKind.Object } schema
            ? new PublishedSchema(document, schema)
            : null;

    /// <summary>Everything in the body that the vendor does not take.</summary>
    public IReadOnlyList<SchemaGap> Check(JsonObject body) => Check(body, _schema, "", 0);

    private List<SchemaGap> Check(JsonNode? value, JsonElement schema, string place, int depth)
    {
        schema = Resolve(schema);
        if (depth > Deepest || schema.ValueKind is not JsonValueKind.Object)
        {
            return [];
        }

        var gaps = new List<SchemaGap>();
        foreach (var name in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            // Of several forms the nearest one tells what is wrong.
            if (schema.ItemsAt(name).Select(form => Check(value, form, place, depth + 1)).MinBy(form => form.Count) is { } nearest)
            {
                gaps.AddRange(nearest.Count == 0 ? [] : Merge(schema.ItemsAt(name), value, place, nearest));
            }
        }

        var parts = schema.ItemsAt("allOf").ToList();
        gaps.AddRange(parts.SelectMany(part => Check(value, part, place, depth + 1))
            .Where(gap => parts.Count == 1 || gap.Kind is not SchemaGap.Unknown));
        if (OfKind(value, schema, place) is { } kind)
        {
            gaps.Add(kind);
            return gaps;
        }

        gaps.AddRange(OfValue(value, schema, place));
        switch (value)
        {
            case JsonObject members:
                gaps.AddRange(OfMembers(members, schema, place, depth));
                break;
            case JsonArray items when schema.At("items") is { } of:
                gaps.AddRange(items.SelectMany(item => Check(item, of, $"{place}[]", depth + 1)));
                break;
        }

        return gaps;
    }

    private IEnumerable<SchemaGap> OfMembers(JsonObject members, JsonElement schema, string place, int depth)
    {
        foreach (var required in schema.ItemsAt("required").Select(name => name.GetString()!).Where(name => !members.ContainsKey(name)))
        {
            yield return new SchemaGap(SchemaGap.Missing, Below(place, required), "the vendor requires it, and it is not sent");
        }

        if (schema.At("properties") is not { ValueKind: JsonValueKind.Object } properties)
        {
            yield break;
        }

        var open = schema.At("additionalProperties") is { ValueKind: JsonValueKind.True or JsonValueKind.Object };
        foreach (var (name, value) in members)
        {
            if (properties.TryGetProperty(name, out var member))
            {
                foreach (var gap in Check(value, member, Below(place, name), depth + 1))
                {
                    yield return gap;
                }
            }
            else if (!open)
            {
                yield return new SchemaGap(SchemaGap.Unknown, Below(place, name), "it is sent, and the vendor has no such field");
            }
        }
    }

    // The values that all forms of a field allow, together: a text of one list or a number is one sentence.
    private IEnumerable<SchemaGap> Merge(IEnumerable<JsonElement> forms, JsonNode? value, string place, List<SchemaGap> nearest)
    {
        var values = forms.Select(Resolve).SelectMany(form => form.ItemsAt("enum")).ToList();
        return values.Count > 0 && value is JsonValue
            ? [new SchemaGap(SchemaGap.Value, place, $"{value.ToJsonString()} is sent; the vendor accepts {Words(values)}")]
            : nearest;
    }

    private static SchemaGap? OfKind(JsonNode? value, JsonElement schema, string place)
    {
        if (value is null || schema.At("type") is not { } type)
        {
            return null;
        }

        string?[] kinds = type.ValueKind is JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(kind => kind.GetString())]
            : [type.GetString()];
        var fits = value.GetValueKind() switch
        {
            JsonValueKind.Object => kinds.Contains("object"),
            JsonValueKind.Array => kinds.Contains("array"),
            JsonValueKind.String => kinds.Contains("string"),
            JsonValueKind.True or JsonValueKind.False => kinds.Contains("boolean"),
            _ => kinds.Contains("number") || (kinds.Contains("integer") && value.AsValue().TryGetValue<long>(out _)),
        };
        return fits
            ? null
            : new SchemaGap(
                SchemaGap.Value,
                place,
                $"{Shown(value)} is sent; the vendor accepts a value of the kind {string.Join(" or ", kinds)}");
    }

    private static IEnumerable<SchemaGap> OfValue(JsonNode? value, JsonElement schema, string place)
    {
        if (value is not null && schema.ItemsAt("enum").ToList() is { Count: > 0 } values
            && !values.Exists(one => JsonNode.DeepEquals(JsonNode.Parse(one.GetRawText()), value)))
        {
            yield return new SchemaGap(SchemaGap.Value, place, $"{Shown(value)} is sent; the vendor accepts {Words(values)}");
        }

        double? size = value switch
        {
            JsonArray items => items.Count,
            JsonValue one when one.GetValueKind() is JsonValueKind.Number => double.Parse(one.ToJsonString(), CultureInfo.InvariantCulture),
            _ => null,
        };
        var (least, most) = value is JsonArray ? ("minItems", "maxItems") : ("minimum", "maximum");
        if (size < schema.NumberAt(least))
        {
            yield return new SchemaGap(SchemaGap.Value, place, string.Create(
                CultureInfo.InvariantCulture, $"{Amount(value, size)} sent; the vendor accepts at least {schema.NumberAt(least)}"));
        }

        if (size > schema.NumberAt(most))
        {
            yield return new SchemaGap(SchemaGap.Value, place, string.Create(
                CultureInfo.InvariantCulture, $"{Amount(value, size)} sent; the vendor accepts at most {schema.NumberAt(most)}"));
        }
    }

    private JsonElement Resolve(JsonElement schema)
    {
        for (var hops = 0; hops < Deepest && schema.TextAt("$ref") is { } reference; hops++)
        {
            schema = reference.StartsWith("#/", StringComparison.Ordinal) ? _document.At(reference[2..].Split('/')) ?? default : default;
        }

        return schema;
    }

    private static string Below(string place, string name) => place.Length == 0 ? name : $"{place}.{name}";

    private static string Amount(JsonNode? value, double? size) =>
        string.Create(CultureInfo.InvariantCulture, $"{size}{(value is JsonArray ? " items are" : " is")}");

    private static string Shown(JsonNode value) => ShortText.Of(value.ToJsonString(), 60);

    private static string Words(List<JsonElement> values) => string.Join(", ", values.Select(value => value.ToString()).Distinct());
}

/// <summary>Something that a vendor's schema does not allow.</summary>
/// <param name="Kind">One of the words below.</param>
/// <param name="Field">The vendor's field.</param>
/// <param name="Message">What is sent and what is allowed.</param>
internal sealed record SchemaGap(string Kind, string Field, string Message)
{
    public const string Unknown = "unknown_field";
    public const string Missing = "missing_field";
    public const string Value = "value";
}
