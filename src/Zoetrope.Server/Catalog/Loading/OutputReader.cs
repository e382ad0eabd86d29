using System.Collections.Immutable;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads how the result follows from the parameters and insists that every allowed combination has a size.</summary>
internal static class OutputReader
{
    public static OutputRule Read(OutputEntry entry, MediaType media, ParameterList parameters, Place place)
    {
        var aspectFrom = Find(entry.AspectFrom, "aspectFrom");
        var aspects = aspectFrom is { } aspect ? Aspects(parameters[aspect], place.At("aspectFrom")) : [];
        var ratios = aspects.OfType<AspectRatio>().OrderBy(ratio => (double)ratio.Width / ratio.Height).ToList();
        var (sizeFrom, sizes) = Mapped(entry.SizeFrom, "sizeFrom", entry.Sizes, "sizes");
        var (factorFrom, factors) = Mapped(entry.FactorFrom, "factorFrom", entry.Factors, "factors");
        var rule = new OutputRule
        {
            Kind = Kind(entry.Kind, media),
            Format = entry.Format,
            FormatFrom = Find(entry.FormatFrom, "formatFrom"),
            Size = entry.Size,
            SizeFrom = sizeFrom,
            Sizes = sizes,
            Aspect = Ratio(entry.Aspect, place.At("aspect")),
            AspectFrom = aspectFrom,
            Aspects = aspects,
            Tallest = Ratio(entry.Tallest, place.At("tallest")) ?? (ratios.Count > 0 ? ratios[0] : new AspectRatio(9, 21)),
            Widest = Ratio(entry.Widest, place.At("widest")) ?? (ratios.Count > 0 ? ratios[^1] : new AspectRatio(21, 9)),
            Grid = new ImageGrid(entry.MultipleOf, entry.MaxPixels, entry.MaxSide),
            FramesPerSecond = entry.Fps,
            Seconds = entry.Seconds,
            SecondsFrom = Find(entry.SecondsFrom, "secondsFrom"),
            Audio = entry.Audio,
            AudioFrom = Find(entry.AudioFrom, "audioFrom"),
            FactorFrom = factorFrom,
            Factors = factors,
        };
        Check(rule, media, place);
        CheckSources(rule, parameters, place);
        return rule;

        int? Find(string? name, string field) => name is null ? null : parameters.Find(name, place.At(field));

        (int? From, ImmutableArray<int> Values) Mapped(string? name, string field, OrderedDictionary<string, int>? map, string mapField) =>
            Find(name, field) is { } from
                ? (from, Values(parameters[from], place.At(field), map, place.At(mapField)))
                : (null, []);
    }

    private static OutputKind Kind(string word, MediaType media) => (word, media) switch
    {
        ("video", _) => OutputKind.Video,
        ("edit", _) => OutputKind.Edit,
        ("upscale", MediaType.Video) => OutputKind.Upscale,
        ("upscale", _) => OutputKind.UpscaleImage,
        _ => OutputKind.Image,
    };

    private static void Check(OutputRule rule, MediaType media, Place place)
    {
        var enlarges = rule.Kind is OutputKind.Upscale or OutputKind.UpscaleImage;
        var makesImage = rule.Kind is OutputKind.Image or OutputKind.UpscaleImage;
        RefuseIf(makesImage != (media == MediaType.Image), "kind", "This does not fit the model's mediaType.");
        RefuseIf((rule.Format == "mp4") != (media == MediaType.Video), "format", "A video is mp4; an image is png, jpeg or webp.");
        RefuseIf(!enlarges && rule.Size == 0 && rule.SizeFrom is null, "size", "Write this field, or sizeFrom with sizes.");
        RefuseIf(enlarges && rule.FactorFrom is null, "factorFrom", "An upscaler needs this field.");
        RefuseIf(media == MediaType.Video && rule.FramesPerSecond == 0, "fps", "A video needs this field.");
        var hasLength = rule.Kind != OutputKind.Video || rule.Seconds > 0 || rule.SecondsFrom is not null;
        RefuseIf(!hasLength, "seconds", "Write this field, or secondsFrom.");

        void RefuseIf(bool wrong, string field, string sentence)
        {
            if (wrong)
            {
                place.At(field).Refuse(sentence);
            }
        }
    }

    private static void CheckSources(OutputRule rule, ParameterList parameters, Place place)
    {
        (string Field, int? From)[] sources =
        [
            ("sizeFrom", rule.SizeFrom), ("secondsFrom", rule.SecondsFrom),
            ("factorFrom", rule.FactorFrom), ("formatFrom", rule.FormatFrom),
        ];
        foreach (var (field, from) in sources)
        {
            if (from is { } used && !parameters[used].Required && !parameters[used].Default.IsSet)
            {
                place.At(field).Refuse($"{parameters[used].Name} is not required and has no default.");
            }
        }

        if (rule.SecondsFrom is { } seconds && parameters[seconds] is not { Type: ParameterType.Integer, Cardinality: not null })
        {
            place.At("secondsFrom").Refuse($"{parameters[seconds].Name} must be an integer with a closed range.");
        }
    }

    private static ImmutableArray<int> Values(ParameterSpec parameter, Place source, OrderedDictionary<string, int>? map, Place place)
    {
        if (parameter.Cardinality is not { } count)
        {
            source.Refuse($"{parameter.Name} has no closed list of values.");
            return [];
        }

        if (map is null)
        {
            place.Refuse($"This field is required: a number for each value of {parameter.Name}.");
            return [];
        }

        var values = Enumerable.Range(0, count).Select(parameter.TextAt).ToArray();
        foreach (var missing in values.Except(map.Keys))
        {
            place.At(missing).Refuse($"This field is required: every value of {parameter.Name} needs a number.");
        }

        foreach (var unknown in map.Keys.Except(values))
        {
            place.At(unknown).RefuseName($"value of {parameter.Name}", unknown, values);
        }

        return [.. values.Select(value => map.GetValueOrDefault(value))];
    }

    private static ImmutableArray<AspectRatio?> Aspects(ParameterSpec parameter, Place place)
    {
        if (parameter.Values.Length == 0)
        {
            place.Refuse($"{parameter.Name} has no closed list of values.");
        }

        return [.. parameter.Values.Select(value => Ratio(value, place))];
    }

    // Null follows the input.
    private static AspectRatio? Ratio(string? text, Place place)
    {
        if (text is null or "auto" or "adaptive")
        {
            return null;
        }

        if (AspectRatio.TryParse(text, out var ratio))
        {
            return ratio;
        }

        place.Refuse($"\"{text}\"", "a ratio such as 16:9, landscape, portrait, auto, adaptive");
        return null;
    }
}
