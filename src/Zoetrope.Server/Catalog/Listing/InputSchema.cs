using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Listing;

/// <summary>The JSON Schema (draft 2020-12) of a model's <c>input</c>; agents, forms and the SDK are fed from it.</summary>
internal static class InputSchema
{
    public const string Draft = "https://json-schema.org/draft/2020-12/schema";

    public static JsonObject Of(ModelSpec model)
    {
        var schema = new JsonObject
        {
            ["$schema"] = Draft,
            ["title"] = model.Id,
            ["description"] = model.Description,
            ["type"] = "object",
            ["properties"] = Properties(model.Parameters, Of(model.Prompt)),
            ["required"] = Required(model.Parameters, model.Prompt.Required),
        };
        if (Conditions(model).ToArray() is { Length: > 0 } conditions)
        {
            schema["allOf"] = new JsonArray(conditions);
        }

        schema["additionalProperties"] = false;
        return schema;
    }

    public static JsonObject Of(PromptSpec prompt) => new()
    {
        ["type"] = "string",
        ["minLength"] = prompt.Required ? Math.Max(1, prompt.MinLength) : 0,
        ["maxLength"] = prompt.MaxLength,
        ["description"] = prompt.Required ? "What to make." : "Not needed by this model.",
    };

    public static JsonObject Of(ParameterSpec parameter)
    {
        var schema = parameter.Type switch
        {
            ParameterType.StringArray => Array(parameter, new JsonObject { ["type"] = "string" }),
            ParameterType.ObjectArray => Array(parameter, new JsonObject
            {
                ["type"] = "object",
                ["properties"] = Properties(parameter.Fields),
                ["required"] = Required(parameter.Fields),
                ["additionalProperties"] = false,
            }),
            ParameterType.Boolean => new JsonObject { ["type"] = "boolean" },
            ParameterType.Integer => new JsonObject { ["type"] = "integer" },
            ParameterType.Number => new JsonObject { ["type"] = "number" },
            _ => new JsonObject { ["type"] = "string" },
        };
        var listed = parameter.Values.Length + parameter.Integers.Length;
        Add("enum", listed > 0 ? Values(parameter, Enumerable.Range(0, listed)) : null);
        if (parameter.Type == ParameterType.String)
        {
            Add("minLength", parameter.MinLength);
            Add("maxLength", parameter.MaxLength);
        }

        if (parameter.Type is ParameterType.Integer or ParameterType.Number)
        {
            Add("minimum", parameter.Min);
            Add("maximum", parameter.Max);
        }

        Add("default", parameter.Default.IsSet ? Value(parameter, parameter.Default) : null);
        Add("description", parameter.Description.Length > 0 ? parameter.Description : null);
        return schema;

        void Add(string word, JsonNode? value)
        {
            if (value is not null)
            {
                schema[word] = value;
            }
        }
    }

    private static JsonObject Array(ParameterSpec parameter, JsonObject items) => new()
    {
        ["type"] = "array",
        ["minItems"] = Math.Max(parameter.MinItems ?? 0, parameter.Required ? 1 : 0),
        ["maxItems"] = parameter.MaxItems,
        ["items"] = items,
    };

    private static JsonObject Properties(IEnumerable<ParameterSpec> parameters, JsonObject? prompt = null)
    {
        var properties = new JsonObject();
        if (prompt is not null)
        {
            properties["prompt"] = prompt;
        }

        foreach (var parameter in parameters)
        {
            properties[parameter.Name] = Of(parameter);
        }

        return properties;
    }

    private static JsonArray Required(IEnumerable<ParameterSpec> parameters, bool prompt = false)
    {
        var required = parameters.Where(parameter => parameter.Required).Select(parameter => parameter.Name);
        return prompt ? ["prompt", .. required] : [.. required];
    }

    private static IEnumerable<JsonNode> Conditions(ModelSpec model)
    {
        foreach (var rule in model.Rules)
        {
            switch (rule)
            {
                case ModelRule.AnyOf any:
                    yield return new JsonObject
                    {
                        ["description"] = any.Message,
                        ["anyOf"] = new JsonArray([.. any.Parameters.Select(place => Given(model.Parameters[place]))]),
                    };
                    break;
                case ModelRule.WhenThen limit:
                    yield return new JsonObject
                    {
                        ["description"] = limit.Message,
                        ["if"] = OneOf(model.Parameters[limit.When], limit.WhenOrdinals, present: true),
                        ["then"] = OneOf(model.Parameters[limit.Then], limit.ThenOrdinals, present: false),
                    };
                    break;
            }

            // A sum over items has no words in JSON Schema; the resolver alone checks it.
        }

        foreach (var parameter in model.Parameters)
        {
            if (parameter.RequiredWhen is { } when)
            {
                yield return new JsonObject
                {
                    ["if"] = OneOf(model.Parameters[when.Index], [when.Ordinal], present: true),
                    ["then"] = new JsonObject { ["required"] = new JsonArray(parameter.Name) },
                };
            }
        }
    }

    private static JsonObject Given(ParameterSpec parameter)
    {
        var given = new JsonObject { ["required"] = new JsonArray(parameter.Name) };
        if (parameter.Type == ParameterType.StringArray)
        {
            given["properties"] = new JsonObject { [parameter.Name] = new JsonObject { ["minItems"] = 1 } };
        }

        return given;
    }

    private static JsonObject OneOf(ParameterSpec parameter, IEnumerable<int> ordinals, bool present)
    {
        var schema = new JsonObject
        {
            ["properties"] = new JsonObject { [parameter.Name] = new JsonObject { ["enum"] = Values(parameter, ordinals) } },
        };
        if (present)
        {
            schema["required"] = new JsonArray(parameter.Name);
        }

        return schema;
    }

    private static JsonArray Values(ParameterSpec parameter, IEnumerable<int> ordinals) =>
        [.. ordinals.Select(ordinal => Value(parameter, parameter.ValueAt(ordinal)))];

    // Arrays have no default and are never listed.
    private static JsonValue Value(ParameterSpec parameter, in ParameterValue value) => parameter.Type switch
    {
        ParameterType.Boolean => JsonValue.Create(value.Integer == 1),
        ParameterType.Integer => JsonValue.Create(value.Integer),
        ParameterType.Number => JsonValue.Create(value.Real),
        _ => JsonValue.Create(value.Text)!,
    };
}
