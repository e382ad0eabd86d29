using System.Globalization;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Listing;

/// <summary>Writes one model for the listing: everything a client, a form or an agent needs to ask for it correctly.</summary>
internal static class ModelWriter
{
    public static void Write(Utf8JsonWriter writer, ModelSpec model, bool available)
    {
        writer.WriteStartObject();
        writer.WriteString("id", model.Id);
        writer.WriteString("name", model.Name);
        writer.WriteString("vendor", model.Vendor);
        writer.WriteString("family", model.Family);
        writer.WriteString("type", model.MediaType.Word());
        writer.WriteString("mediaType", model.MediaType.Word());
        writer.WriteString("mode", model.Mode);
        Strings(writer, "aliases", model.Aliases);
        writer.WriteString("description", model.Description);
        writer.WriteBoolean("available", available);
        WriteParameters(writer, model);
        writer.WriteNumber("maxImages", model.MaxInputs(InputKind.Image));
        writer.WriteNumber("maxVideos", model.MaxInputs(InputKind.Video));
        writer.WriteNumber("maxAudios", model.MaxInputs(InputKind.Audio));
        WriteLimits(writer, model);
        writer.WritePropertyName("credits");
        PriceWriter.Write(writer, model);
        writer.WriteString("priceSource", model.PriceSource);
        if (model.Derivation is not null)
        {
            writer.WriteString("priceDerivation", model.Derivation);
        }

        WriteLifecycle(writer, model.Lifecycle);
        Strings(writer, "assumed", model.Assumed);
        writer.WriteNumber("typicalSeconds", model.TypicalSeconds);
        writer.WritePropertyName("inputSchema");
        InputSchema.Write(writer, model);
        writer.WriteEndObject();
    }

    private static void WriteParameters(Utf8JsonWriter writer, ModelSpec model)
    {
        writer.WriteStartObject("parameters");
        writer.WritePropertyName("prompt");
        InputSchema.WritePrompt(writer, model, withRequired: true);
        foreach (var parameter in model.Parameters)
        {
            writer.WritePropertyName(parameter.Name);
            InputSchema.WriteParameter(writer, parameter, withRequired: true);
        }

        writer.WriteEndObject();
    }

    private static void WriteLimits(Utf8JsonWriter writer, ModelSpec model)
    {
        writer.WriteStartObject("limits");
        writer.WriteNumber("promptMaxChars", model.Prompt.MaxLength);
        if (model.TotalVideoSeconds is { } video)
        {
            writer.WriteNumber("totalVideoSeconds", video);
        }

        if (model.TotalAudioSeconds is { } audio)
        {
            writer.WriteNumber("totalAudioSeconds", audio);
        }

        writer.WriteStartObject("files");
        foreach (var parameter in model.Parameters)
        {
            if (parameter.Limits is { } limits)
            {
                WriteFileLimits(writer, parameter, limits);
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteFileLimits(Utf8JsonWriter writer, ParameterSpec parameter, InputLimits limits)
    {
        writer.WriteStartObject(parameter.Name);
        writer.WriteNumber("maxBytes", limits.MaxBytes);
        if (parameter.Input == InputKind.Image)
        {
            writer.WriteNumber("maxMegapixels", limits.MaxMegapixels);
            writer.WriteNumber("minAspect", limits.MinAspect);
            writer.WriteNumber("maxAspect", limits.MaxAspect);
        }

        if (limits.MinSeconds is { } min)
        {
            writer.WriteNumber("minSeconds", min);
        }

        if (limits.MaxSeconds is { } max)
        {
            writer.WriteNumber("maxSeconds", max);
        }

        Strings(writer, "contentTypes", limits.ContentTypes);
        writer.WriteEndObject();
    }

    private static void WriteLifecycle(Utf8JsonWriter writer, Lifecycle lifecycle)
    {
        writer.WriteStartObject("lifecycle");
        writer.WriteString("status", lifecycle.Status.ToString().ToLowerInvariant());
        Day("announced", lifecycle.Announced);
        Day("shutdown", lifecycle.Shutdown);
        if (lifecycle.Replacement is not null)
        {
            writer.WriteString("replacement", lifecycle.Replacement);
        }

        if (lifecycle.Note is not null)
        {
            writer.WriteString("note", lifecycle.Note);
        }

        writer.WriteEndObject();

        void Day(string name, DateOnly? date)
        {
            if (date is { } day)
            {
                writer.WriteString(name, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }
        }
    }

    private static void Strings(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
