using System.Globalization;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// <c>size</c> in the model's own words. A model makes a list of shapes in a list of sizes: the shape must be one of them,
/// the size is the nearest. OpenAI's own 1792x1024 is 7:4, and 16:9 is meant.
/// </summary>
internal static class OpenAiSize
{
    /// <summary>How far a ratio may be from a shape of the model: 1792x1024 is 1.6 % from 16:9, and 4:3 is 6 % from 5:4.</summary>
    private const double RatioTolerance = 0.03;

    /// <summary>
    /// How far the sides may be from what the model makes; a client that requests 256x256 does not want to pay for 1024x1024.
    /// </summary>
    private const double SideTolerance = 1.5;

    /// <summary>The fields that a size sets, by the parameter's name.</summary>
    /// <param name="model">The model.</param>
    /// <param name="size">As the client wrote it, not <c>auto</c>.</param>
    /// <param name="given">Parameters that the client set itself; those stay.</param>
    public static Outcome<IReadOnlyList<KeyValuePair<string, string>>> Map(ModelSpec model, string size, Func<string, bool> given)
    {
        var output = model.Output;
        var sized = output.SizeFrom is { } sizeFrom ? model.Parameters[sizeFrom] : null;
        var shaped = output.AspectFrom is { } aspectFrom ? model.Parameters[aspectFrom] : null;
        foreach (var parameter in new[] { sized, shaped })
        {
            // A client that knows our words may say 2K or 16:9.
            if (parameter?.Values.FirstOrDefault(value => value.Equals(size, StringComparison.OrdinalIgnoreCase)) is { } word)
            {
                return new[] { KeyValuePair.Create(parameter.Name, word) };
            }
        }

        if (output.Kind is not (OutputKind.Image or OutputKind.Video) || !TryParse(size, out var width, out var height))
        {
            return Refuse(model, size);
        }

        var fields = new List<KeyValuePair<string, string>>();
        if (shaped is not null && !given(shaped.Name))
        {
            var ratio = (double)width / height;
            var nearest = Enumerable.Range(0, output.Aspects.Length)
                .Where(index => output.Aspects[index] is not null)
                .OrderBy(index => Distance(ratio, Ratio(output.Aspects[index]!.Value)))
                .Select(index => (int?)index)
                .FirstOrDefault();
            if (nearest is not { } index || Distance(ratio, Ratio(output.Aspects[index]!.Value)) > Math.Log(1 + RatioTolerance))
            {
                return Refuse(model, size);
            }

            fields.Add(KeyValuePair.Create(shaped.Name, shaped.Values[index]));
        }

        if (sized is not null && !given(sized.Name))
        {
            var wanted = Side(output.Kind, width, height);
            var nearest = Enumerable.Range(0, output.Sizes.Length).MinBy(index => Distance(wanted, output.Sizes[index]));
            if (Distance(wanted, output.Sizes[nearest]) > Math.Log(SideTolerance))
            {
                return Refuse(model, size);
            }

            fields.Add(KeyValuePair.Create(sized.Name, sized.TextAt(nearest)));
        }

        return fields;
    }

    /// <summary>
    /// Whether the result that was priced is what the size asked for; shape and size may also come from the input or be
    /// fixed.
    /// </summary>
    public static Problem? Check(ModelSpec model, string size, OutputSpec output)
    {
        if (!TryParse(size, out var width, out var height))
        {
            return null;
        }

        var kind = output.Media is MediaType.Image ? OutputKind.Image : OutputKind.Video;

        // An input's own ratio need not be simple, and vendors round it.
        var fits = Distance((double)width / height, (double)output.Width / output.Height) <= Math.Log(1 + 2 * RatioTolerance)
            && Distance(Side(kind, width, height), Side(kind, output.Width, output.Height)) <= Math.Log(SideTolerance + RatioTolerance);
        return fits
            ? null
            : Problems.InvalidParameter.With(
                $"size is {size}, but with these parameters and inputs {model.Id} makes {output.Width}x{output.Height}.",
                "size",
                size,
                $"{output.Width}x{output.Height}, or no size");
    }

    private static bool TryParse(string size, out int width, out int height)
    {
        height = 0;
        var parts = size.Split('x', 'X', '*', '×');
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out width) && parts.Length == 2
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out height)
            && width is > 0 and <= 65_536 && height is > 0 and <= 65_536;
    }

    private static Problem Refuse(ModelSpec model, string size)
    {
        var allowed = Allowed(model.Output);
        var shown = ShortText.Of(size, 40);
        return Problems.InvalidParameter.With(
            $"size is {shown}, but {model.Id} makes: {allowed}.", "size", shown, allowed);
    }

    private static string Allowed(OutputRule output)
    {
        if (output.Kind is not (OutputKind.Image or OutputKind.Video))
        {
            return "the size of its input; omit size";
        }

        IReadOnlyList<int> sides = output.SizeFrom is null ? [output.Size] : [.. output.Sizes.Distinct()];
        var ratios = output.AspectFrom is null
            ? (output.Aspect is { } only ? [only] : (IReadOnlyList<AspectRatio>)[])
            : [.. output.Aspects.Where(ratio => ratio is not null).Select(ratio => ratio!.Value).Distinct()];
        return ratios.Count == 0
            ? "auto, the shape of its input"
            : "auto, " + string.Join(
                ", ",
                sides.SelectMany(
                    side =>
                        ratios.Select(
                            ratio =>
                                output.Kind is OutputKind.Image ? FrameSize.Image(side, ratio, output.Grid) : FrameSize.Video(side, ratio)))
                    .Select(frame => $"{frame.Width}x{frame.Height}"));
    }

    // What the catalogue's nominal sizes mean: the short side of a video, the side of the square of an image's area.
    private static double Side(OutputKind kind, int width, int height) =>
        kind is OutputKind.Image ? Math.Sqrt((double)width * height) : Math.Min(width, height);

    private static double Ratio(AspectRatio ratio) => (double)ratio.Width / ratio.Height;

    private static double Distance(double a, double b) => Math.Abs(Math.Log(a / b));
}
