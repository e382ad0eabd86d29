using System.Globalization;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Admission.Inputs;

/// <summary>What an input file must be. Pure; the numbers come from the catalogue.</summary>
internal static class InputRules
{
    private static readonly string[] Images =
    [
        "image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/heic", "image/heif",
    ];
    private static readonly string[] Videos = ["video/mp4", "video/quicktime", "video/webm", "video/x-matroska"];
    private static readonly string[] Sounds = ["audio/mpeg", "audio/wav", "audio/aac", "audio/mp4", "audio/ogg"];

    public static long MaxBytes(InputKind kind, InputLimits limits) => limits.MaxBytes > 0
        ? limits.MaxBytes
        : kind switch
        {
            InputKind.Video => UploadTypes.VideoBytes,
            InputKind.Audio => UploadTypes.AudioBytes,
            _ => UploadTypes.ImageBytes,
        };

    /// <summary>The code of too many bytes differs: an image can be made smaller by its sides, too.</summary>
    public static Problem TooLarge(InputReference reference, long maxBytes, string given) =>
        (reference.Kind == InputKind.Image ? Problems.ImageTooLarge : Problems.InputTooLarge).With(
            $"{reference.Field}: The file is larger than {ByteText.Of(maxBytes)}.",
            reference.Field,
            given,
            $"at most {ByteText.Of(maxBytes)}");

    public static Problem? Check(InputReference reference, InputLimits limits, MediaHeader? header, long bytes)
    {
        var maxBytes = MaxBytes(reference.Kind, limits);
        if (bytes > maxBytes)
        {
            return TooLarge(reference, maxBytes, ByteText.Of(bytes));
        }

        var types = limits.ContentTypes.Count > 0 ? limits.ContentTypes : Types(reference.Kind);
        if (header is null || !types.Contains(header.ContentType))
        {
            return Problems.InvalidInput.With(
                $"{reference.Field}: The file is {header?.ContentType ?? "of no known type"}, which cannot be used here.",
                reference.Field,
                header?.ContentType ?? "unknown",
                string.Join(", ", types));
        }

        if (header.Fault is { } fault)
        {
            var word = reference.Kind.ToString().ToLowerInvariant();
            return Problems.InvalidInput.With($"{reference.Field}: The {word} {fault}.", reference.Field);
        }

        return reference.Kind == InputKind.Image ? Image(reference, limits, header) : Length(reference, limits, header);
    }

    private static string[] Types(InputKind kind) => kind switch
    {
        InputKind.Video => Videos,
        InputKind.Audio => Sounds,
        _ => Images,
    };

    private static Problem? Image(InputReference reference, InputLimits limits, MediaHeader header)
    {
        if (header.Width is not { } width || header.Height is not { } height)
        {
            return Problems.InvalidInput.With($"{reference.Field}: The image's size cannot be read; the file is damaged.", reference.Field);
        }

        var size = $"{width}×{height}";
        if (header.Megapixels > limits.MaxMegapixels)
        {
            return Problems.ImageTooLarge.With(
                Text($"{reference.Field}: The image exceeds {limits.MaxMegapixels:0.##} MP ({size} is {Over(header.Megapixels)} MP). ")
                + Advice(limits.MaxMegapixels),
                reference.Field,
                size,
                Text($"at most {limits.MaxMegapixels:0.##} MP"));
        }

        var aspect = (double)width / height;
        return aspect < limits.MinAspect || aspect > limits.MaxAspect
            ? Problems.ImageAspect.With(
                $"{reference.Field}: The image is {size}; its width divided by its height is "
                + Text($"{Outside(aspect, limits)} and must be between {limits.MinAspect} and {limits.MaxAspect}."),
                reference.Field,
                size,
                Text($"width ÷ height from {limits.MinAspect} to {limits.MaxAspect}"))
            : null;
    }

    // A length decides prices and provider limits, so a file that hides it cannot be used.
    private static Problem? Length(InputReference reference, InputLimits limits, MediaHeader header)
    {
        var isVideo = reference.Kind == InputKind.Video;
        if (isVideo && (header.Width is null || header.Codec is null))
        {
            return Problems.InvalidInput.With($"{reference.Field}: The file has no video track that can be read.", reference.Field);
        }

        if (header.DurationSeconds is not { } seconds)
        {
            return isVideo || limits.MinSeconds is not null || limits.MaxSeconds is not null
                ? Problems.InvalidInput.With($"{reference.Field}: The file's duration cannot be read.", reference.Field)
                : null;
        }

        if (seconds > limits.MaxSeconds)
        {
            return Problems.InputTooLarge.With(
                Text($"{reference.Field}: The file lasts {Over(seconds)} s and may last at most {limits.MaxSeconds:0.##} s."),
                reference.Field,
                Text($"{Over(seconds)} s"),
                Text($"at most {limits.MaxSeconds:0.##} s"));
        }

        return seconds < limits.MinSeconds
            ? Problems.InvalidInput.With(
                Text($"{reference.Field}: The file lasts {Under(seconds)} s and must last at least {limits.MinSeconds:0.##} s."),
                reference.Field,
                Text($"{Under(seconds)} s"),
                Text($"at least {limits.MinSeconds:0.##} s"))
            : null;
    }

    private static string Advice(double megapixels) => megapixels == 36
        ? "Resize it to at most 8000×4500 (16:9) or 8480×4240 (2:1)."
        : "Resize it.";

    // Rounded away from the limit that it breaks: nobody believes "36 MP exceeds 36 MP".
    private static string Over(double value) => Text($"{Math.Ceiling(value * 1000) / 1000:0.###}");

    private static string Under(double value) => Text($"{Math.Floor(value * 1000) / 1000:0.###}");

    private static string Outside(double value, InputLimits limits) => value > limits.MaxAspect ? Over(value) : Under(value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
