namespace Zoetrope.Server.Artifacts.Media;

/// <summary>What the headers of a file say. Missing values could not be read.</summary>
internal sealed record MediaHeader(string ContentType)
{
    public int? Width { get; init; }

    public int? Height { get; init; }

    /// <summary>Pictures in an image file.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>The index of the one that is shown.</summary>
    public int Primary { get; init; }

    public double? DurationSeconds { get; init; }

    public double? FramesPerSecond { get; init; }

    public string? Codec { get; init; }

    public string? AudioCodec { get; init; }

    public bool IsImage => ContentType.StartsWith("image/", StringComparison.Ordinal);

    public bool IsVideo => ContentType.StartsWith("video/", StringComparison.Ordinal);

    public bool IsAudio => ContentType.StartsWith("audio/", StringComparison.Ordinal);

    public double Megapixels => (double)(Width ?? 0) * (Height ?? 0) / 1e6;

    /// <summary>An image's header with its size; the codec of an image goes with its type.</summary>
    public MediaHeader Sized(int width, int height) => this with
    {
        Width = width,
        Height = height,
        Codec = ContentType switch
        {
            "image/jpeg" => "mjpeg",
            "image/avif" => "av1",
            "image/heic" or "image/heif" => "hevc",
            _ => ContentType["image/".Length..],
        },
    };

    public MediaProbe ToProbe(long bytes, string sha256) => new()
    {
        ContentType = ContentType,
        Bytes = bytes,
        Sha256 = sha256,
        Width = Width,
        Height = Height,
        DurationSeconds = DurationSeconds,
        FramesPerSecond = FramesPerSecond,
        Codec = Codec,
        AudioCodec = AudioCodec,
    };
}
