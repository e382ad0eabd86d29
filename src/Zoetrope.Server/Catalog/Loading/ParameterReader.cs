using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads one parameter of a model.</summary>
internal static class ParameterReader
{
    private static readonly string[] Types = ["string", "integer", "number", "boolean", "string[]", "object[]"];

    public static ParameterSpec Read(string name, NodeReader node)
    {
        var type = node.OneOf("type", Types, required: true) switch
        {
            "integer" => ParameterType.Integer,
            "number" => ParameterType.Number,
            "boolean" => ParameterType.Boolean,
            "string[]" => ParameterType.StringArray,
            "object[]" => ParameterType.ObjectArray,
            _ => ParameterType.String,
        };
        var input = node.OneOf("input", ["image", "video", "audio"]);
        var spec = new ParameterSpec
        {
            Name = name,
            Type = type,
            Description = node.Text("description") ?? "",
            Values = type == ParameterType.String ? [.. node.Texts("values")] : [],
            Integers = type == ParameterType.Integer ? Integers(node) : [],
            Also = Also(node.Object("also")),
            Min = node.Number("min"),
            Max = node.Number("max"),
            MinLength = (int?)node.Integer("minLength", 0, 100_000),
            MaxLength = (int?)node.Integer("maxLength", 1, 100_000),
            MinItems = (int?)node.Integer("minItems", 0, 64),
            MaxItems = (int?)node.Integer("maxItems", 1, 64),
            Required = node.Flag("required"),
            Input = input switch { "image" => InputKind.Image, "video" => InputKind.Video, "audio" => InputKind.Audio, _ => null },
            Limits = Limits(node.Object("limits")),
            Fields = [.. Fields(node.Object("fields"))],
        };
        node.Object("requiredWhen");
        spec = spec with { Default = Default(node, spec) };
        Check(node, spec);
        node.Done();
        return spec;
    }

    private static void Check(NodeReader node, ParameterSpec spec)
    {
        if (spec.Type is ParameterType.StringArray or ParameterType.ObjectArray && spec.MaxItems is null)
        {
            node.Error("maxItems", "is required for an array");
        }

        if (spec.Type == ParameterType.ObjectArray && spec.Fields.Length == 0)
        {
            node.Error("fields", "is required for object[]");
        }

        if (spec.Type == ParameterType.String && spec.Values.Length == 0 && spec.Input is null && spec.MaxLength is null)
        {
            node.Error("maxLength", "is required for a free string");
        }

        if (spec.Input is not null && spec.Type is not (ParameterType.String or ParameterType.StringArray))
        {
            node.Error("input", "is only for parameters of type string or string[]");
        }

        if (spec.Input is not null != spec.Limits is not null)
        {
            node.Error("limits", "goes together with input");
        }

        if (spec.Min > spec.Max)
        {
            node.Error("min", "is greater than max");
        }

        if (spec.Type == ParameterType.Integer && ((spec.Min ?? 0) % 1 != 0 || (spec.Max ?? 0) % 1 != 0))
        {
            node.Error("min", "and max of an integer must be whole numbers");
        }

        if (spec.MinItems > spec.MaxItems)
        {
            node.Error("minItems", "is greater than maxItems");
        }

        foreach (var (word, canonical) in spec.Also)
        {
            if (!spec.Values.Contains(canonical))
            {
                node.Error("also", $"\"{word}\" stands for \"{canonical}\", which is not one of: {string.Join(", ", spec.Values)}");
            }
        }
    }

    private static ParameterValue Default(NodeReader node, ParameterSpec spec)
    {
        if (node.Node("default") is not { } written)
        {
            return default;
        }

        if (spec.Input is not null)
        {
            node.Error("default", "an input file has no default");
            return default;
        }

        if (spec.Type is ParameterType.StringArray or ParameterType.ObjectArray)
        {
            node.Error("default", "an array has no default");
            return default;
        }

        var read = ValueReader.Read(spec, "default", JsonSerializer.SerializeToElement(written, CatalogJson.Default.JsonNode));
        if (read.Problem is null)
        {
            return read.Value;
        }

        node.Error("default", $"is {NodeReader.Shown(written)}; allowed: {spec.Allowed()}");
        return default;
    }

    private static ImmutableArray<long> Integers(NodeReader node)
    {
        var integers = new List<long>();
        foreach (var item in node.Nodes("values"))
        {
            if (item is JsonValue value && NodeReader.TryInteger(value, out var number))
            {
                integers.Add(number);
            }
            else
            {
                node.Error("values", $"contains {NodeReader.Shown(item)}; allowed: integers");
            }
        }

        return [.. integers.Distinct().Order()];
    }

    private static ImmutableDictionary<string, string> Also(NodeReader? node) => (node?.Members() ?? [])
        .Where(member => member.Value is not null)
        .ToImmutableDictionary(member => member.Key, member => node!.Text(member.Key) ?? "", StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<ParameterSpec> Fields(NodeReader? node)
    {
        foreach (var (name, value) in node?.Members() ?? [])
        {
            if (value is not null && node!.Object(name) is { } field)
            {
                yield return Read(name, field);
            }
        }
    }

    private static InputLimits? Limits(NodeReader? node)
    {
        if (node is null)
        {
            return null;
        }

        var usual = new InputLimits();
        var limits = new InputLimits
        {
            MaxBytes = node.Integer("maxBytes", 1, 4L << 30, required: true) ?? 0,
            MaxMegapixels = node.Number("maxMegapixels") ?? usual.MaxMegapixels,
            MinAspect = node.Number("minAspect") ?? usual.MinAspect,
            MaxAspect = node.Number("maxAspect") ?? usual.MaxAspect,
            MinSeconds = node.Number("minSeconds"),
            MaxSeconds = node.Number("maxSeconds"),
            ContentTypes = node.Texts("contentTypes"),
        };
        if (limits.ContentTypes.Count == 0)
        {
            node.Error("contentTypes", "is required");
        }

        node.Done();
        return limits;
    }
}
