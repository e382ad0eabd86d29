using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>How the exact shape of the result follows from the parameters and, where it must, from the inputs.</summary>
internal sealed record OutputRule
{
    private const string Opaque = "jpeg";
    private const string Transparent = "png";

    public required OutputKind Kind { get; init; }

    public required string Format { get; init; }

    /// <summary>Place of the parameter that chooses the format.</summary>
    public int? FormatFrom { get; init; }

    /// <summary>Nominal size where no parameter chooses it: the short side of a video, the side of a square image.</summary>
    public int Size { get; init; }

    public int? SizeFrom { get; init; }

    /// <summary>Nominal size by the value of <see cref="SizeFrom"/>.</summary>
    public ImmutableArray<int> Sizes { get; init; } = [];

    /// <summary>Ratio where no parameter chooses it; null follows the first input.</summary>
    public AspectRatio? Aspect { get; init; }

    public int? AspectFrom { get; init; }

    /// <summary>Ratio by the value of <see cref="AspectFrom"/>; null entries follow the first input.</summary>
    public ImmutableArray<AspectRatio?> Aspects { get; init; } = [];

    /// <summary>An input's own ratio is brought between these two.</summary>
    public required AspectRatio Tallest { get; init; }

    public required AspectRatio Widest { get; init; }

    public ImageGrid Grid { get; init; } = ImageGrid.Free;

    public int FramesPerSecond { get; init; }

    public int Seconds { get; init; }

    public int? SecondsFrom { get; init; }

    public OutputAudio Audio { get; init; }

    public int? AudioFrom { get; init; }

    public int? FactorFrom { get; init; }

    /// <summary>Factors by the value of <see cref="FactorFrom"/>.</summary>
    public ImmutableArray<int> Factors { get; init; } = [];

    /// <summary>Whether the shape depends on what an input file turns out to be.</summary>
    public bool NeedsInput => Kind is OutputKind.Edit or OutputKind.Upscale or OutputKind.UpscaleImage;

    /// <summary>Whether this result is in a format that nobody asked for, to keep the transparency of the input.</summary>
    public bool KeepsAlpha(OutputSpec output) =>
        Kind is OutputKind.UpscaleImage && FormatFrom is null && Format == Opaque && output.Format == Transparent;

    public Outcome<OutputSpec> Resolve(ReadOnlySpan<ParameterValue> values, IReadOnlyList<ResolvedInput> inputs)
    {
        var picture = FirstPicture(inputs);
        if (Kind is OutputKind.Upscale or OutputKind.UpscaleImage)
        {
            return Upscaled(values, picture);
        }

        var ratio = Ratio(values, picture);
        var nominal = SizeFrom is { } sizeFrom ? Sizes[(int)values[sizeFrom].Integer] : Size;
        if (Kind == OutputKind.Image)
        {
            var (imageWidth, imageHeight) = FrameSize.Image(nominal, ratio, Grid);
            return new OutputSpec { Media = MediaType.Image, Format = FormatOf(values), Width = imageWidth, Height = imageHeight };
        }

        double seconds = SecondsFrom is { } secondsFrom ? values[secondsFrom].Integer : Seconds;
        if (Kind == OutputKind.Edit)
        {
            if (picture?.Probe.DurationSeconds is not ({ } duration and > 0))
            {
                return Unreadable(picture, "duration");
            }

            seconds = duration;
        }

        var (width, height) = FrameSize.Video(nominal, ratio);
        return new OutputSpec
        {
            Media = MediaType.Video,
            Format = FormatOf(values),
            Width = width,
            Height = height,
            FramesPerSecond = FramesPerSecond,
            DurationSeconds = seconds,
            Audio = HasAudio(values, picture),
        };
    }

    private Outcome<OutputSpec> Upscaled(ReadOnlySpan<ParameterValue> values, ResolvedInput? picture)
    {
        if (picture?.Probe is not { Width: { } width and > 0, Height: { } height and > 0 })
        {
            return Unreadable(picture, "width and height");
        }

        var factor = Factors[(int)values[FactorFrom!.Value].Integer];
        if (Kind == OutputKind.UpscaleImage)
        {
            // A larger copy of a picture is transparent where the picture is, which a JPEG cannot be.
            var format = FormatOf(values);
            format = format == Opaque && picture.Probe.HasAlpha ? Transparent : format;
            return new OutputSpec { Media = MediaType.Image, Format = format, Width = Times(width), Height = Times(height) };
        }

        if (picture.Probe.DurationSeconds is not ({ } duration and > 0))
        {
            return Unreadable(picture, "duration");
        }

        return new OutputSpec
        {
            Media = MediaType.Video,
            Format = FormatOf(values),
            Width = FrameSize.NearestEven(Times(width), 1),
            Height = FrameSize.NearestEven(Times(height), 1),
            FramesPerSecond = picture.Probe.FramesPerSecond is { } fps and >= 1 and <= 240 ? (int)Math.Round(fps) : FramesPerSecond,
            DurationSeconds = duration,
            Audio = HasAudio(values, picture),
        };

        // A header can claim anything; beyond this no limit lets the request through anyway.
        int Times(int side) => (int)Math.Min((long)side * factor, 1_000_000);
    }

    private AspectRatio Ratio(ReadOnlySpan<ParameterValue> values, ResolvedInput? picture)
    {
        var chosen = AspectFrom is { } aspectFrom && values[aspectFrom].IsSet ? Aspects[(int)values[aspectFrom].Integer] : Aspect;
        if (chosen is { } fixedRatio)
        {
            return fixedRatio;
        }

        return picture?.Probe is { Width: { } width and > 0, Height: { } height and > 0 }
            ? new AspectRatio(width, height).Clamp(Tallest, Widest)
            : (Kind == OutputKind.Image ? AspectRatio.Square : AspectRatio.Landscape).Clamp(Tallest, Widest);
    }

    private string FormatOf(ReadOnlySpan<ParameterValue> values) =>
        FormatFrom is { } from && values[from].Text is { } text ? text : Format;

    private bool HasAudio(ReadOnlySpan<ParameterValue> values, ResolvedInput? picture) => AudioFrom is { } from && values[from].IsSet
        ? values[from].Integer == 1
        : Audio == OutputAudio.Always || (Audio == OutputAudio.AsInput && picture?.Probe.AudioCodec is not null);

    private static ResolvedInput? FirstPicture(IReadOnlyList<ResolvedInput> inputs)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].Reference.Kind is InputKind.Image or InputKind.Video)
            {
                return inputs[i];
            }
        }

        return null;
    }

    private static Problem Unreadable(ResolvedInput? picture, string what) => Problems.InvalidInput.With(
        $"The {what} of the input could not be read, and the result depends on it.",
        picture?.Reference.Field);
}

internal enum OutputKind
{
    Image,
    Video,

    /// <summary>A video with the input's aspect and length.</summary>
    Edit,

    /// <summary>The input video, larger.</summary>
    Upscale,

    /// <summary>The input image, larger.</summary>
    UpscaleImage,
}

internal enum OutputAudio
{
    Never,
    Always,
    AsInput,
}
