using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads one parameter of a model, all but the condition under which it is required.</summary>
internal static class ParameterReader
{
    public static ParameterSpec Read(string name, ParameterEntry entry, Place place)
    {
        var spec = new ParameterSpec
        {
            Name = name,
            Type = entry.Type,
            Description = entry.Description,
            Values = entry.Type == ParameterType.String ? Strings(entry.Values, place.At("values")) : [],
            Integers = entry.Type == ParameterType.Integer ? Integers(entry.Values, place.At("values")) : [],
            Also = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase).SetItems(entry.Also),
            Min = entry.Min,
            Max = entry.Max,
            MinLength = entry.MinLength,
            MaxLength = entry.MaxLength,
            MinItems = entry.MinItems,
            MaxItems = entry.MaxItems,
            Required = entry.Required,
            Input = entry.Input,
            Limits = Limits(entry.Limits),
            Fields = [.. entry.Fields.Select(field => Read(field.Key, field.Value, place.At("fields").At(field.Key)))],
        };
        Check(spec, place);
        return entry.Default is { } value ? spec with { Default = Default(spec, value, place.At("default")) } : spec;
    }

    private static void Check(ParameterSpec spec, Place place)
    {
        var isArray = spec.Type is ParameterType.StringArray or ParameterType.ObjectArray;
        RefuseIf(isArray && spec.MaxItems is null, "maxItems", "An array needs this field.");
        RefuseIf(spec.Type == ParameterType.ObjectArray && spec.Fields.Length == 0, "fields", "An object[] parameter needs this field.");
        RefuseIf(
            spec.Type == ParameterType.String && spec.Values.Length == 0 && spec.Input is null && spec.MaxLength is null,
            "maxLength",
            "A text without a list of values needs this field.");
        RefuseIf(
            spec.Input is not null && spec.Type is not (ParameterType.String or ParameterType.StringArray),
            "input",
            "Only a parameter of type string or string[] can name files.");
        RefuseIf(spec.Input is not null != spec.Limits is not null, "limits", "Write input and limits together, or neither.");
        RefuseIf(spec.Min > spec.Max, "min", "This number is greater than max.");
        RefuseIf(
            spec.Type == ParameterType.Integer && ((spec.Min ?? 0) % 1 != 0 || (spec.Max ?? 0) % 1 != 0),
            "min",
            "The min and max of an integer must be whole numbers.");
        RefuseIf(spec.MinItems > spec.MaxItems, "minItems", "This number is greater than maxItems.");
        foreach (var (word, canonical) in spec.Also)
        {
            if (!spec.Values.Contains(canonical))
            {
                place.At("also").At(word).Refuse($"\"{canonical}\"", string.Join(", ", spec.Values));
            }
        }

        void RefuseIf(bool wrong, string field, string sentence)
        {
            if (wrong)
            {
                place.At(field).Refuse(sentence);
            }
        }
    }

    private static ParameterValue Default(ParameterSpec spec, JsonElement written, Place place)
    {
        if (spec.Input is not null || spec.Type is ParameterType.StringArray or ParameterType.ObjectArray)
        {
            place.Refuse("An array or an input file cannot have a default. Remove this field.");
            return default;
        }

        var read = ValueReader.Read(spec, "default", written);
        if (read.Problem is not null)
        {
            place.Refuse(Given.Of(written), spec.Allowed());
        }

        return read.Problem is null ? read.Value : default;
    }

    private static ImmutableArray<string> Strings(IReadOnlyList<JsonElement> values, Place place)
    {
        var strings = ImmutableArray.CreateBuilder<string>(values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            if (ValueReader.TryText(values[i], out var text) && text.Length > 0)
            {
                strings.Add(text);
            }
            else
            {
                place.At(i).Refuse(Given.Of(values[i]), "a text that is not empty");
            }
        }

        return strings.ToImmutable();
    }

    private static ImmutableArray<long> Integers(IReadOnlyList<JsonElement> values, Place place)
    {
        var integers = new SortedSet<long>();
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].ValueKind == JsonValueKind.Number && values[i].TryGetInt64(out var number))
            {
                integers.Add(number);
            }
            else
            {
                place.At(i).Refuse(Given.Of(values[i]), "an integer");
            }
        }

        return [.. integers];
    }

    private static InputLimits? Limits(LimitsEntry? entry)
    {
        var usual = new InputLimits();
        return entry is null ? null : new InputLimits
        {
            MaxBytes = entry.MaxBytes,
            MaxMegapixels = entry.MaxMegapixels ?? usual.MaxMegapixels,
            MinAspect = entry.MinAspect ?? usual.MinAspect,
            MaxAspect = entry.MaxAspect ?? usual.MaxAspect,
            MinSeconds = entry.MinSeconds,
            MaxSeconds = entry.MaxSeconds,
            ContentTypes = entry.ContentTypes,
        };
    }
}
