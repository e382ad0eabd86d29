namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// Brings a picture into the file format that was asked for, where a provider answers in its own. To PNG nothing is lost but
/// metadata; to the others it is encoded once more at high quality.
/// </summary>
internal sealed class FormatChange(MediaProcess process)
{
    private static readonly string[] Readable = ["image/png", "image/jpeg", "image/webp"];

    /// <summary>Whether the file has another format than the asked one, and both are known.</summary>
    public static bool IsDue(MediaHeader header, string format) =>
        Readable.Contains(header.ContentType) && Readable.Contains($"image/{format}") && header.ContentType != $"image/{format}";

    /// <summary>Replaces the file; null where that failed.</summary>
    public async Task<MediaHeader?> ApplyAsync(string path, MediaHeader header, string format, CancellationToken cancellationToken)
    {
        var changed = $"{path}.{format}";
        try
        {
            var result = await process.FfmpegAsync(
                [
                    "-v", "error", "-nostdin", "-threads", "1", .. MediaProcess.Input(path, header.ContentType),
                    "-map", "0:v:0", "-frames:v", "1", .. Encoder(format), "-f", "image2", "-update", "1", "-y", "file:" + changed,
                ],
                cancellationToken);
            if (!result.Succeeded || MediaHeaders.Read(changed) is not { } read || read.ContentType != $"image/{format}")
            {
                return null;
            }

            File.Move(changed, path, overwrite: true);
            return read;
        }
        finally
        {
            File.Delete(changed);
        }
    }

    private static string[] Encoder(string format) => format switch
    {
        "png" => ["-c:v", "png"],
        "jpeg" => ["-c:v", "mjpeg", "-pix_fmt", "yuvj444p", "-q:v", "2"],
        _ => ["-c:v", "libwebp", "-quality", "92"],
    };
}
