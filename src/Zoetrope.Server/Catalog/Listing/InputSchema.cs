using System.Buffers;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Listing;

/// <summary>The JSON Schema (draft 2020-12) of a model's <c>input</c>; agents, forms and the SDK are fed from it.</summary>
internal static class InputSchema
{
    public const string Draft = "https://json-schema.org/draft/2020-12/schema";

    public static ReadOnlyMemory<byte> Render(ModelSpec model)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer);
        Write(writer, model);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    public static void Write(Utf8JsonWriter writer, ModelSpec model)
    {
        writer.WriteStartObject();
        writer.WriteString("$schema", Draft);
        writer.WriteString("title", model.Id);
        writer.WriteString("description", model.Description);
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WritePropertyName("prompt");
        WritePrompt(writer, model, withRequired: false);
        foreach (var parameter in model.Parameters)
        {
            writer.WritePropertyName(parameter.Name);
            WriteParameter(writer, parameter, withRequired: false);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("required");
        if (model.Prompt.Required)
        {
            writer.WriteStringValue("prompt");
        }

        foreach (var parameter in model.Parameters.Where(parameter => parameter.Required))
        {
            writer.WriteStringValue(parameter.Name);
        }

        writer.WriteEndArray();
        WriteConditions(writer, model);
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    }

    /// <param name="writer">Where to.</param>
    /// <param name="model">Whose prompt.</param>
    /// <param name="withRequired">The listing says on each parameter whether it is required; a schema says it once.</param>
    public static void WritePrompt(Utf8JsonWriter writer, ModelSpec model, bool withRequired)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "string");
        writer.WriteNumber("minLength", model.Prompt.Required ? Math.Max(1, model.Prompt.MinLength) : 0);
        writer.WriteNumber("maxLength", model.Prompt.MaxLength);
        if (withRequired)
        {
            writer.WriteBoolean("required", model.Prompt.Required);
        }

        writer.WriteString("description", model.Prompt.Required ? "What to make." : "Not needed by this model.");
        writer.WriteEndObject();
    }

    public static void WriteParameter(Utf8JsonWriter writer, ParameterSpec parameter, bool withRequired)
    {
        writer.WriteStartObject();
        switch (parameter.Type)
        {
            case ParameterType.StringArray or ParameterType.ObjectArray:
                WriteArray(writer, parameter);
                break;
            case ParameterType.String:
                WriteString(writer, parameter);
                break;
            case ParameterType.Boolean:
                writer.WriteString("type", "boolean");
                break;
            default:
                WriteNumber(writer, parameter);
                break;
        }

        if (parameter.Default.IsSet)
        {
            writer.WritePropertyName("default");
            ParameterWriter.WriteValue(writer, parameter, parameter.Default);
        }

        if (withRequired)
        {
            writer.WriteBoolean("required", parameter.Required);
            if (parameter.RequiredWhen is { } when)
            {
                writer.WriteString("requiredWhen", $"{when.Parameter} = {when.Text}");
            }
        }

        if (parameter.Description.Length > 0)
        {
            writer.WriteString("description", parameter.Description);
        }

        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, ParameterSpec parameter)
    {
        writer.WriteString("type", "array");
        writer.WriteNumber("minItems", Math.Max(parameter.MinItems ?? 0, parameter.Required ? 1 : 0));
        writer.WriteNumber("maxItems", parameter.MaxItems!.Value);
        writer.WriteStartObject("items");
        if (parameter.Type == ParameterType.StringArray)
        {
            writer.WriteString("type", "string");
            writer.WriteEndObject();
            return;
        }

        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (var field in parameter.Fields)
        {
            writer.WritePropertyName(field.Name);
            WriteParameter(writer, field, withRequired: false);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("required");
        foreach (var field in parameter.Fields.Where(field => field.Required))
        {
            writer.WriteStringValue(field.Name);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    }

    private static void WriteString(Utf8JsonWriter writer, ParameterSpec parameter)
    {
        writer.WriteString("type", "string");
        if (parameter.Values.Length > 0)
        {
            writer.WriteStartArray("enum");
            foreach (var value in parameter.Values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        if (parameter.MinLength is { } min)
        {
            writer.WriteNumber("minLength", min);
        }

        if (parameter.MaxLength is { } max)
        {
            writer.WriteNumber("maxLength", max);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, ParameterSpec parameter)
    {
        writer.WriteString("type", parameter.Type == ParameterType.Integer ? "integer" : "number");
        if (parameter.Integers.Length > 0)
        {
            writer.WriteStartArray("enum");
            foreach (var value in parameter.Integers)
            {
                writer.WriteNumberValue(value);
            }

            writer.WriteEndArray();
        }

        if (parameter.Min is { } min)
        {
            writer.WriteNumber("minimum", min);
        }

        if (parameter.Max is { } max)
        {
            writer.WriteNumber("maximum", max);
        }
    }

    private static void WriteConditions(Utf8JsonWriter writer, ModelSpec model)
    {
        // A sum over items has no words in JSON Schema; the resolver alone checks it.
        if (model.Rules.All(rule => rule is ModelRule.ItemSum) && model.Parameters.All(parameter => parameter.RequiredWhen is null))
        {
            return;
        }

        writer.WriteStartArray("allOf");
        foreach (var rule in model.Rules)
        {
            switch (rule)
            {
                case ModelRule.AnyOf any:
                    WriteAnyOf(writer, model, any);
                    break;
                case ModelRule.WhenThen limit:
                    WriteWhenThen(writer, model, limit);
                    break;
            }
        }

        foreach (var parameter in model.Parameters)
        {
            if (parameter.RequiredWhen is { } when)
            {
                writer.WriteStartObject();
                WriteOneOf(writer, "if", model.Parameters[when.Index], [when.Ordinal], present: true);
                writer.WriteStartObject("then");
                Required(writer, parameter.Name);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteAnyOf(Utf8JsonWriter writer, ModelSpec model, ModelRule.AnyOf rule)
    {
        writer.WriteStartObject();
        writer.WriteString("description", rule.Message);
        writer.WriteStartArray("anyOf");
        foreach (var place in rule.Parameters)
        {
            writer.WriteStartObject();
            Required(writer, model.Parameters[place].Name);
            if (model.Parameters[place].Type == ParameterType.StringArray)
            {
                writer.WriteStartObject("properties");
                writer.WriteStartObject(model.Parameters[place].Name);
                writer.WriteNumber("minItems", 1);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteWhenThen(Utf8JsonWriter writer, ModelSpec model, ModelRule.WhenThen rule)
    {
        writer.WriteStartObject();
        writer.WriteString("description", rule.Message);
        WriteOneOf(writer, "if", model.Parameters[rule.When], rule.WhenOrdinals, present: true);
        WriteOneOf(writer, "then", model.Parameters[rule.Then], rule.ThenOrdinals, present: false);
        writer.WriteEndObject();
    }

    private static void WriteOneOf(Utf8JsonWriter writer, string name, ParameterSpec parameter, IEnumerable<int> ordinals, bool present)
    {
        writer.WriteStartObject(name);
        writer.WriteStartObject("properties");
        writer.WriteStartObject(parameter.Name);
        writer.WriteStartArray("enum");
        foreach (var ordinal in ordinals)
        {
            ParameterWriter.WriteValue(writer, parameter, parameter.ValueAt(ordinal));
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (present)
        {
            Required(writer, parameter.Name);
        }

        writer.WriteEndObject();
    }

    private static void Required(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartArray("required");
        writer.WriteStringValue(name);
        writer.WriteEndArray();
    }
}
