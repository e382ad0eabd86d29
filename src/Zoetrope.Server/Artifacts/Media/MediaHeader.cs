namespace Zoetrope.Server.Artifacts.Media;

/// <summary>What the headers of a file say. Missing values could not be read.</summary>
internal sealed record MediaHeader(string ContentType)
{
    /// <summary>
    /// Why the file cannot be used, as the rest of a sentence that begins with it and in our own words; null where nothing is known
    /// against it.
    /// </summary>
    public string? Fault { get; init; }

    /// <summary>As it is shown: turned as the file says, with square pixels.</summary>
    public int? Width { get; init; }

    public int? Height { get; init; }

    /// <summary>Pictures in an image file.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>The index of the one that is shown.</summary>
    public int Primary { get; init; }

    /// <summary>An image file says to turn or mirror the pixels that it stores.</summary>
    public bool IsTurned { get; init; }

    /// <summary>An image has an alpha channel.</summary>
    public bool HasAlpha { get; init; }

    /// <summary>Pixels of the pictures in an image file that are not shown.</summary>
    public long HiddenPixels { get; init; }

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
        HasAlpha = HasAlpha,
        DurationSeconds = DurationSeconds,
        FramesPerSecond = FramesPerSecond,
        Codec = Codec,
        AudioCodec = AudioCodec,
    };
}
