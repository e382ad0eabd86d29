namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// Decodes a result to see that it is one, and draws its poster in the same run: an image wholly, a video's first
/// frames and its last second (a cut file has no last second).
/// </summary>
internal sealed class OutputCheck(MediaProcess process)
{
    private const string PosterFilter =
        "scale=w='min(512,iw)':h='min(512,ih)':force_original_aspect_ratio=decrease,format=yuvj420p";

    /// <summary>Returns null when the file decodes, otherwise what is wrong; the poster is a JPEG of at most 512 pixels a side.</summary>
    public async Task<string?> DecodeAsync(string path, MediaHeader header, string posterPath, CancellationToken cancellationToken)
    {
        if (header.IsVideo && !IsWhole(path, header))
        {
            return "the container is cut short";
        }

        var result = await process.FfmpegAsync(
            header.IsVideo ? Video(path, header, posterPath) : Image(path, header, posterPath), cancellationToken);
        if (!result.Succeeded || !File.Exists(posterPath))
        {
            return "it cannot be decoded: " + FirstLine(result.Errors);
        }

        // framecrc writes one line a frame: stream 0 is the beginning, stream 1 the end of a video.
        var lines = result.Output.Split('\n');
        var wanted = header.IsVideo ? 2 : 1;
        for (var stream = 0; stream < wanted; stream++)
        {
            if (!lines.Any(line => line.StartsWith($"{stream},", StringComparison.Ordinal)))
            {
                return stream == 0 ? "it has no frames" : "its end is missing";
            }
        }

        return null;
    }

    /// <summary>Draws only the poster, of a video or image that is known to be good.</summary>
    public async Task<bool> PosterAsync(string path, MediaHeader header, string posterPath, CancellationToken cancellationToken)
    {
        var result = await process.FfmpegAsync(
            ["-v", "error", "-nostdin", "-threads", "1", .. MediaProcess.Input(path, header.ContentType), .. PosterOutput(0, posterPath)], cancellationToken);
        return result.Succeeded && File.Exists(posterPath);
    }

    private static string[] Image(string path, MediaHeader header, string posterPath) =>
    [
        "-v", "error", "-nostdin", "-xerror", "-threads", "1", "-err_detect", "crccheck+bitstream+buffer+explode",
        .. MediaProcess.Input(path, header.ContentType),
        .. PosterOutput(0, posterPath),
        "-map", "0:v:0", "-frames:v", "1", "-f", "framecrc", "pipe:1",
    ];

    private static string[] Video(string path, MediaHeader header, string posterPath) =>
    [
        "-v", "error", "-nostdin", "-xerror",
        "-threads", "1", "-t", "0.5", .. MediaProcess.Input(path, header.ContentType),
        "-threads", "1", "-sseof", "-1", .. MediaProcess.Input(path, header.ContentType),
        .. PosterOutput(0, posterPath),
        "-map", "0:v:0", "-map", "1:v:0", "-f", "framecrc", "pipe:1",
    ];

    private static string[] PosterOutput(int input, string posterPath) =>
        ["-map", $"{input}:v:0", "-frames:v", "1", "-vf", PosterFilter, "-c:v", "mjpeg", "-q:v", "4", "-f", "image2", "-update", "1", "-y", "file:" + posterPath];

    private static bool IsWhole(string path, MediaHeader header)
    {
        if (header.ContentType is not ("video/mp4" or "video/quicktime"))
        {
            return true;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096);
        return IsoMedia.IsWhole(new HeaderReader(file));
    }

    // ffmpeg's first line names the fault; paths in it are ours and end with the job's temporary name.
    private static string FirstLine(string errors) => errors.Split('\n', 2)[0] is { Length: > 200 } line ? line[..200] : errors.Split('\n', 2)[0];
}
