using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using Zoetrope.Contracts.OpenAi;

namespace Zoetrope.Server.Hosting.ApiDocs;

/// <summary>
/// Schemas as our wires are. The framework derives them from its own settings of JSON, which read numbers from strings, know one
/// spelling of names for all doors, and require whatever a constructor takes.
/// </summary>
internal static class ApiSchemas
{
    public static void Correct(OpenApiSchema schema, JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(static property => property.IsGetNullable && !property.IsRequired))
        {
            schema.Required?.Remove(property.Name);
        }

        if (IsOpenAi(type.Type) && type.Kind == JsonTypeInfoKind.Object)
        {
            // The framework looks for what is inside under the old name, and would leave it as it is.
            foreach (var property in type.Properties.Where(static property => IsOpenAi(property.PropertyType)))
            {
                if (Snake(property.Name) != property.Name && schema.Properties?[property.Name] is OpenApiSchema inside)
                {
                    Correct(inside, type.Options.GetTypeInfo(property.PropertyType));
                }
            }

            schema.Properties = schema.Properties?.ToDictionary(static property => Snake(property.Key), static property => property.Value);
            schema.Required = schema.Required?.Select(Snake).ToHashSet();
        }
    }

    /// <summary>What is derived from properties rather than types, once all schemas are there.</summary>
    public static void Finish(OpenApiSchema schema)
    {
        // A text that may be a number instead has a pattern; our numbers are numbers.
        if (schema.Type is { } kinds && (kinds & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0 && schema.Pattern is not null)
        {
            schema.Type = kinds & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        // The wrapper of every answer: both members are always there.
        if (schema.Properties is { Count: 2 } members && members.ContainsKey("success") && members.TryGetValue("data", out var data))
        {
            schema.Required = new HashSet<string> { "success", "data" };
            members["data"] = data is OpenApiSchema { OneOf: { Count: 2 } choices } ? choices[1] : data;
        }
    }

    private static bool IsOpenAi(Type type) => type.Namespace == typeof(OpenAiError).Namespace;

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
