using System.Collections.Frozen;
using System.Collections.Immutable;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads an output rule and insists that every allowed combination has a size.</summary>
internal static class OutputReader
{
    public static OutputRule? Read(
        NodeReader node, MediaType media, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        var kind = Kind(node.OneOf("kind", ["image", "video", "edit", "upscale"], required: true), media);
        var (sizeFrom, sizes) = Mapped(node, "sizeFrom", "sizes", parameters, index, 16, 8192);
        var (factorFrom, factors) = Mapped(node, "factorFrom", "factors", parameters, index, 1, 8);
        var aspectFrom = From(node, "aspectFrom", index);
        var aspects = aspectFrom is { } place ? Aspects(node, parameters[place]) : [];
        var secondsFrom = From(node, "secondsFrom", index);
        var ratios = aspects.Where(aspect => aspect is not null).Select(aspect => aspect!.Value).OrderBy(ratio => (double)ratio.Width / ratio.Height).ToList();
        var rule = new OutputRule
        {
            Kind = kind,
            Format = node.OneOf("format", media == MediaType.Video ? ["mp4"] : ["png", "jpeg", "webp"], required: true) ?? "",
            FormatFrom = From(node, "formatFrom", index),
            Size = (int)(node.Integer("size", 16, 8192) ?? 0),
            SizeFrom = sizeFrom,
            Sizes = sizes,
            Aspect = Ratio(node, "aspect"),
            AspectFrom = aspectFrom,
            Aspects = aspects,
            Tallest = Ratio(node, "tallest") ?? (ratios.Count > 0 ? ratios[0] : new AspectRatio(9, 21)),
            Widest = Ratio(node, "widest") ?? (ratios.Count > 0 ? ratios[^1] : new AspectRatio(21, 9)),
            Grid = new ImageGrid(
                (int)(node.Integer("multipleOf", 1, 64) ?? 1),
                node.Integer("maxPixels", 1, 1_000_000_000) ?? long.MaxValue,
                (int)(node.Integer("maxSide", 16, 100_000) ?? int.MaxValue)),
            FramesPerSecond = (int)(node.Integer("fps", 1, 120) ?? 0),
            Seconds = (int)(node.Integer("seconds", 1, PriceRule.MaxSeconds) ?? 0),
            SecondsFrom = secondsFrom,
            Audio = node.OneOf("audio", ["never", "always", "asInput"]) switch
            {
                "always" => OutputAudio.Always,
                "asInput" => OutputAudio.AsInput,
                _ => OutputAudio.Never,
            },
            AudioFrom = From(node, "audioFrom", index),
            FactorFrom = factorFrom,
            Factors = factors,
        };
        node.Done();
        Check(node, rule, media, parameters);
        return rule;
    }

    private static OutputKind Kind(string? text, MediaType media) => (text, media) switch
    {
        ("video", _) => OutputKind.Video,
        ("edit", _) => OutputKind.Edit,
        ("upscale", MediaType.Video) => OutputKind.Upscale,
        ("upscale", _) => OutputKind.UpscaleImage,
        _ => OutputKind.Image,
    };

    private static void Check(NodeReader node, OutputRule rule, MediaType media, ImmutableArray<ParameterSpec> parameters)
    {
        if ((rule.Kind is OutputKind.Image or OutputKind.UpscaleImage) != (media == MediaType.Image))
        {
            node.Error("kind", "does not fit the model's mediaType");
        }

        if (!rule.Kind.ToString().StartsWith("Upscale", StringComparison.Ordinal) && rule.Size == 0 && rule.SizeFrom is null)
        {
            node.Error("size", "is required, or sizeFrom with sizes");
        }

        if (rule.Kind is OutputKind.Upscale or OutputKind.UpscaleImage && rule.FactorFrom is null)
        {
            node.Error("factorFrom", "is required for an upscaler");
        }

        if (media == MediaType.Video && rule.FramesPerSecond == 0)
        {
            node.Error("fps", "is required for a video");
        }

        if (rule.Kind == OutputKind.Video && rule.Seconds == 0 && rule.SecondsFrom is null)
        {
            node.Error("seconds", "is required, or secondsFrom");
        }

        foreach (var (field, place) in new[] { ("sizeFrom", rule.SizeFrom), ("secondsFrom", rule.SecondsFrom), ("factorFrom", rule.FactorFrom), ("formatFrom", rule.FormatFrom) })
        {
            if (place is { } used && !parameters[used].Required && !parameters[used].Default.IsSet)
            {
                node.Error(field, $"{parameters[used].Name} is neither required nor has it a default");
            }
        }

        if (rule.SecondsFrom is { } seconds && parameters[seconds] is not { Type: ParameterType.Integer, Cardinality: not null })
        {
            node.Error("secondsFrom", $"{parameters[seconds].Name} must be an integer with a closed range");
        }
    }

    private static (int? From, ImmutableArray<int> Values) Mapped(
        NodeReader node, string fromField, string mapField, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index, int min, int max)
    {
        if (From(node, fromField, index) is not { } place)
        {
            return (null, []);
        }

        if (parameters[place].Cardinality is not { } count)
        {
            node.Error(fromField, $"{parameters[place].Name} has no closed list of values");
            return (null, []);
        }

        if (node.Object(mapField, required: true) is not { } map)
        {
            return (null, []);
        }

        var values = Enumerable.Range(0, count)
            .Select(ordinal => (int)(map.Integer(parameters[place].TextAt(ordinal), min, max, required: true) ?? min))
            .ToImmutableArray();
        map.Done();
        return (place, values);
    }

    private static ImmutableArray<AspectRatio?> Aspects(NodeReader node, ParameterSpec parameter)
    {
        var aspects = ImmutableArray.CreateBuilder<AspectRatio?>();
        foreach (var value in parameter.Values)
        {
            if (AspectRatio.TryParse(value, out var ratio))
            {
                aspects.Add(ratio);
            }
            else
            {
                if (value is not ("auto" or "adaptive"))
                {
                    node.Error("aspectFrom", $"\"{value}\" of {parameter.Name} is no ratio; allowed: W:H, landscape, portrait, auto, adaptive");
                }

                aspects.Add(null);
            }
        }

        if (parameter.Values.Length == 0)
        {
            node.Error("aspectFrom", $"{parameter.Name} has no closed list of values");
        }

        return aspects.ToImmutable();
    }

    private static AspectRatio? Ratio(NodeReader node, string field)
    {
        var text = node.Text(field);
        if (text is null or "auto" || AspectRatio.TryParse(text, out var ratio) == false)
        {
            if (text is not (null or "auto"))
            {
                node.Error(field, $"is \"{text}\"; allowed: W:H or auto");
            }

            return null;
        }

        return ratio;
    }

    private static int? From(NodeReader node, string field, FrozenDictionary<string, int> index)
    {
        var name = node.Text(field);
        var place = name is null ? -1 : RuleReader.Place(node, field, name, index);
        return place < 0 ? null : place;
    }
}
