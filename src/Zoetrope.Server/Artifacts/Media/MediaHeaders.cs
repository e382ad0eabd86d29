namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// Reads type, size and length of a file from its headers in managed code, with bounded reads and no decoding. Hostile
/// bytes give null or missing values, never an exception.
/// </summary>
internal static class MediaHeaders
{
    public static MediaHeader? Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 16 * 1024);
        return Read(file);
    }

    public static MediaHeader? Read(Stream stream)
    {
        var reader = new HeaderReader(stream);
        var type = MediaSniffer.Sniff(reader.ReadUpTo(0, MediaSniffer.HeadBytes));
        return type switch
        {
            null => null,
            "image/png" => ImageHeaders.Png(reader),
            "image/jpeg" => ImageHeaders.Jpeg(reader),
            "image/gif" => ImageHeaders.Gif(reader),
            "image/webp" => ImageHeaders.WebP(reader),
            "image/avif" or "image/heic" or "image/heif" => IsoMedia.Still(reader, type),
            "video/mp4" or "video/quicktime" or "audio/mp4" => IsoMedia.Movie(reader, type),
            "video/webm" or "video/x-matroska" => Matroska.Read(reader, type),
            "audio/wav" => AudioHeaders.Wav(reader),
            "audio/mpeg" => new MediaHeader(type) { DurationSeconds = MpegAudio.Mp3Seconds(reader), AudioCodec = "mp3" },
            "audio/aac" => new MediaHeader(type) { DurationSeconds = MpegAudio.AdtsSeconds(reader), AudioCodec = "aac" },
            "audio/ogg" => AudioHeaders.Ogg(reader),
            "audio/flac" => AudioHeaders.Flac(reader),
            _ => new MediaHeader(type),
        };
    }
}
