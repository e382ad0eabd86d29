using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Artifacts;

/// <summary>What may be uploaded, and how much of it.</summary>
internal static class UploadTypes
{
    public const long ImageBytes = 20 * 1024 * 1024;
    public const long VideoBytes = 100 * 1024 * 1024;
    public const long AudioBytes = 20 * 1024 * 1024;

    public static IReadOnlyList<string> All { get; } =
    [
        "image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic", "image/heif",
        "video/mp4", "video/quicktime", "video/webm", "audio/mpeg", "audio/wav",
    ];

    public static string AllText { get; } = string.Join(", ", All);

    public static long MaxBytes(string contentType) => contentType[..contentType.IndexOf('/')] switch
    {
        "video" => VideoBytes,
        "audio" => AudioBytes,
        _ => ImageBytes,
    };

    public static string LimitText(string contentType) => ByteText.Of(MaxBytes(contentType));

    /// <summary>Whether bytes of the sniffed type are acceptable for the signed one: writers mix up the brands within one family.</summary>
    public static bool Matches(string signed, string sniffed) => Family(signed) == Family(sniffed);

    private static string Family(string contentType) => contentType switch
    {
        "image/heif" => "image/heic",
        "video/quicktime" => "video/mp4",
        "video/x-matroska" => "video/webm",
        _ => contentType,
    };
}
