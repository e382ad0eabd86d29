using System.Text.Json.Serialization;

namespace Zoetrope.Server;

internal enum InputKind
{
    Image,
    Video,
    Audio,
}

/// <summary>An input file as a request names it: an https URL, a <c>data:</c> URI or the public URL of an upload.</summary>
/// <param name="Parameter">The parameter that named it (<c>image_urls</c>).</param>
/// <param name="Field">The field as the client wrote it, for errors (<c>input.image_urls[0]</c>, <c>options.image</c>).</param>
/// <param name="Kind">What the parameter accepts.</param>
/// <param name="Reference">The client's text.</param>
internal sealed record InputReference(string Parameter, string Field, InputKind Kind, string Reference)
{
    /// <summary>The file itself, if it came with the request; <see cref="Reference"/> is then only its name there.</summary>
    public LocalFile? Local { get; init; }
}

/// <summary>A file that came with a request, on this machine.</summary>
internal sealed record LocalFile(string Path, long Bytes, string Sha256);

/// <summary>Limits of the files of one parameter, from the catalogue.</summary>
internal sealed record InputLimits
{
    public long MaxBytes { get; init; }

    /// <summary>Megapixels (10⁶) of one image.</summary>
    public double MaxMegapixels { get; init; } = 36;

    /// <summary>Width ÷ height of one image.</summary>
    public double MinAspect { get; init; } = 0.4;

    public double MaxAspect { get; init; } = 2.5;

    /// <summary>Seconds of one video or audio file; null is no limit.</summary>
    public double? MinSeconds { get; init; }

    public double? MaxSeconds { get; init; }

    /// <summary>Allowed content types by signature.</summary>
    public IReadOnlyList<string> ContentTypes { get; init; } = [];
}

/// <summary>A fetched, checked and stored input.</summary>
internal sealed record ResolvedInput(InputReference Reference, string ArtifactId, MediaProbe Probe);

/// <summary>An input file as the row of its generation keeps it; hash and extension find it in the store without another read.</summary>
internal sealed record GenerationInput(string Parameter, string ArtifactId, string ContentType, string Sha256, string Extension)
{
    /// <summary>How long a video is, as it is billed; null for other files.</summary>
    public long? Milliseconds { get; init; }
}

/// <summary>What a file is, read from its own headers; never from a name or a declared type.</summary>
internal sealed record MediaProbe
{
    /// <summary>
    /// Type by signature: image/png, image/jpeg, image/webp, image/gif, image/avif, image/heic, video/mp4, video/quicktime,
    /// video/webm, video/x-matroska, audio/….
    /// </summary>
    public required string ContentType { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>As it is shown: turned as the file says, with square pixels.</summary>
    public int? Width { get; init; }

    public int? Height { get; init; }

    /// <summary>An input image has an alpha channel.</summary>
    [JsonIgnore]
    public bool HasAlpha { get; init; }

    public double? DurationSeconds { get; init; }

    public double? FramesPerSecond { get; init; }

    /// <summary>h264, hevc, png, …</summary>
    public string? Codec { get; init; }

    public string? AudioCodec { get; init; }

    [JsonIgnore]
    public string Extension => ContentType switch
    {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/avif" => "avif",
        "image/heic" or "image/heif" => "heic",
        "video/mp4" => "mp4",
        "video/quicktime" => "mov",
        "video/webm" => "webm",
        "video/x-matroska" => "mkv",
        "audio/mpeg" => "mp3",
        "audio/wav" => "wav",
        "audio/aac" => "aac",
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        _ => "bin",
    };
}

/// <summary>The exact shape of the wanted result, derived from the catalogue and the resolved parameters.</summary>
internal sealed record OutputSpec
{
    public required MediaType Media { get; init; }

    /// <summary>png, jpeg, webp or mp4.</summary>
    public required string Format { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>Frames a second of a video; 0 for an image.</summary>
    public int FramesPerSecond { get; init; }

    /// <summary>Seconds of a video; 0 for an image.</summary>
    public double DurationSeconds { get; init; }

    /// <summary>Whether a video carries a sound track.</summary>
    public bool Audio { get; init; }
}
