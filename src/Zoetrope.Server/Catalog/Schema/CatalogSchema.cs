using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>
/// The JSON Schema (draft 2020-12) of a catalogue file, for editors. It describes a file and not a finished model: any field can be left
/// out because a fragment or the embedded catalogue gives it, and any can be null because that removes the value below it.
/// </summary>
internal sealed class CatalogSchema
{
    private const string Use = "$use";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = WireJson.Encoder,
    };

    private readonly JsonObject _parts = new()
    {
        ["use"] = new JsonObject
        {
            ["description"] = "The names of the fragments that this object is merged over: one name, or an array in which later ones win.",
            ["anyOf"] = new JsonArray(Type("string"), ArrayOf(Type("string"))),
        },
    };

    private CatalogSchema()
    {
    }

    /// <summary>The whole document, as it is shipped in <c>catalog.schema.json</c>.</summary>
    public static string Render() => new CatalogSchema().File().ToJsonString(Indented);

    private JsonObject File()
    {
        var file = Contract.Of(CatalogJson.Default.CatalogFile);
        var properties = Properties(file);
        properties.Remove(Use);
        // A fragment can be any part of a model, its parameters, or a piece that fits nowhere alone.
        var parts = _parts.Where(part => part.Key != "use").Select(part => Reference(part.Key));
        JsonNode[] pieces = [.. parts, MapOf(Reference("parameter")), Type("object")];
        properties["fragments"] = new JsonObject
        {
            ["description"] = file.Fields["fragments"].About.Description,
            ["type"] = "object",
            ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(pieces) },
        };
        properties["models"]!["items"] = new JsonObject { ["$ref"] = "#/$defs/model", ["required"] = new JsonArray("id") };
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Zoetrope catalogue",
            ["description"] = file.Description,
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
            ["$defs"] = _parts,
        };
    }

    private JsonObject Properties(Contract contract)
    {
        var properties = new JsonObject { [Use] = Reference("use") };
        foreach (var field in contract.Fields.Values)
        {
            var schema = Nullable(Of(field.Type, field.About));
            var types = field.About.Of is [] ? "" : $" Only for type {string.Join(", ", field.About.Of)}.";
            schema.Insert(0, "description", field.About.Description + types);
            properties[field.Name] = schema;
        }

        return properties;
    }

    private JsonObject Of(JsonTypeInfo type, FieldAttribute about) => type.Kind switch
    {
        JsonTypeInfoKind.Object => Part(type),
        JsonTypeInfoKind.Dictionary => MapOf(Nullable(Of(Contract.Info(type.ElementType!), about))),
        JsonTypeInfoKind.Enumerable => ArrayOf(Of(Contract.Info(type.ElementType!), about)),
        _ => Leaf(type, about),
    };

    private JsonObject Part(JsonTypeInfo type)
    {
        var noun = type.Type.Name.Replace("Entry", "", StringComparison.Ordinal).Replace("Spec", "", StringComparison.Ordinal);
        var name = JsonNamingPolicy.CamelCase.ConvertName(noun);
        if (!_parts.ContainsKey(name))
        {
            // It is there before its fields are, because one of them can be of the same kind.
            var part = _parts[name] = new JsonObject();
            var contract = Contract.Of(type);
            part["title"] = contract.Description;
            part["type"] = new JsonArray("object", "null");
            part["properties"] = Properties(contract);
            part["additionalProperties"] = false;
        }

        return Reference(name);
    }

    private static JsonObject Leaf(JsonTypeInfo type, FieldAttribute about)
    {
        var bare = System.Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        var words = bare.IsEnum ? Contract.Words(type) : about.Words;
        if (bare == typeof(JsonElement))
        {
            return about.Words.Count == 0 ? [] : new JsonObject { ["anyOf"] = new JsonArray(Enum(about.Words), Type("object")) };
        }

        if (words.Count > 0)
        {
            return Enum(words);
        }

        var schema = Type(bare.Name switch
        {
            nameof(Boolean) => "boolean",
            nameof(Double) => "number",
            nameof(Int32) or nameof(Int64) => "integer",
            _ => "string",
        });
        if (bare == typeof(DateOnly))
        {
            schema["format"] = "date";
        }

        if (bare == typeof(string))
        {
            schema[about.Pattern is null ? "minLength" : "pattern"] = about.Pattern is null ? 1 : about.Pattern;
        }

        if (about.HasRange)
        {
            schema["minimum"] = (long)about.Min;
            schema["maximum"] = (long)about.Max;
        }

        return schema;
    }

    private static JsonObject Enum(IEnumerable<string> words) => new()
    {
        ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]),
    };

    private static JsonObject Type(string type) => new() { ["type"] = type };

    private static JsonObject ArrayOf(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject MapOf(JsonObject members) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { [Use] = Reference("use") },
        ["additionalProperties"] = members,
    };

    private static JsonObject Reference(string part) => new() { ["$ref"] = $"#/$defs/{part}" };

    // A part that is referred to says itself that it can be null.
    private static JsonObject Nullable(JsonObject schema)
    {
        if (schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        }
        else if (schema["enum"] is JsonArray words)
        {
            words.Add(null);
        }
        else if (schema["anyOf"] is JsonArray choices)
        {
            choices.Add(Type("null"));
        }

        return schema;
    }
}
