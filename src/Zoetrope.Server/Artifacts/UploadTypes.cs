using System.Collections.Frozen;
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
        "video/mp4", "video/quicktime", "video/webm", "video/x-matroska",
        "audio/mpeg", "audio/wav", "audio/aac", "audio/mp4", "audio/ogg",
    ];

    // What browsers, operating systems and libraries write for the same files.
    private static readonly FrozenDictionary<string, string> OtherNames = new Dictionary<string, string>
    {
        ["image/jpg"] = "image/jpeg",
        ["image/pjpeg"] = "image/jpeg",
        ["image/x-png"] = "image/png",
        ["image/heic-sequence"] = "image/heic",
        ["image/heif-sequence"] = "image/heif",
        ["video/x-m4v"] = "video/mp4",
        ["video/matroska"] = "video/x-matroska",
        ["audio/mp3"] = "audio/mpeg",
        ["audio/x-mp3"] = "audio/mpeg",
        ["audio/mpeg3"] = "audio/mpeg",
        ["audio/x-wav"] = "audio/wav",
        ["audio/wave"] = "audio/wav",
        ["audio/vnd.wave"] = "audio/wav",
        ["audio/x-aac"] = "audio/aac",
        ["audio/m4a"] = "audio/mp4",
        ["audio/x-m4a"] = "audio/mp4",
        ["application/ogg"] = "audio/ogg",
        ["audio/x-ogg"] = "audio/ogg",
        ["audio/vorbis"] = "audio/ogg",
        ["audio/opus"] = "audio/ogg",
    }.ToFrozenDictionary();

    public static string AllText { get; } = string.Join(", ", All);

    /// <summary>The type that a client means by its word; null for one that cannot be uploaded.</summary>
    public static string? Find(string? contentType)
    {
        // A browser's recorder adds the codecs to the type; no other parameter means anything here.
        var parts = (contentType ?? "").ToLowerInvariant().Split(';', 2, StringSplitOptions.TrimEntries);
        var type = OtherNames.GetValueOrDefault(parts[0], parts[0]);
        return All.Contains(type) && (parts.Length == 1 || parts[1].StartsWith("codecs=", StringComparison.Ordinal)) ? type : null;
    }

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
