using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>A good result and its poster, or what is wrong with it.</summary>
internal sealed record CheckedOutput(MediaHeader? Header, MediaHeader? Poster, string Reason)
{
    public static CheckedOutput Bad(string reason) => new(null, null, reason);
}

/// <summary>
/// Decodes a result to see that it is one, and draws its poster in the same run: an image wholly in a media worker, which also
/// brings it into the format that was asked for; of a video the first frames and the last second (a cut file has none) with ffmpeg.
/// </summary>
internal sealed class OutputCheck(MediaProber prober, MediaProcess process, PictureWorkers workers)
{
    // Larger than any result a model of the catalogue can make (upscale ends at 96 megapixels).
    private const long MaxPixels = 128_000_000;
    private const int PosterSide = 512;
    private const string PosterFilter =
        "scale=w='min(512,iw)':h='min(512,ih)':force_original_aspect_ratio=decrease,format=yuvj420p";

    private static readonly MediaHeader Poster = new("image/jpeg");
    private static readonly string[] Changeable = ["image/png", "image/jpeg", "image/webp"];

    /// <summary>
    /// Leaves the poster of a good result at the path, a JPEG of at most 512 pixels a side. Where a provider answered in its own
    /// format, the changed picture takes the file's place.
    /// </summary>
    /// <exception cref="IOException">The server is too busy to look at it now.</exception>
    public async Task<CheckedOutput> CheckAsync(string path, OutputSpec expected, string posterPath, CancellationToken cancellationToken)
    {
        if (MediaSniffer.Read(path) is not { } type)
        {
            return CheckedOutput.Bad("it is not a media file of a known type");
        }

        var header = new MediaHeader(type);
        return (expected.Media == MediaType.Image ? !header.IsImage : !header.IsVideo)
            ? CheckedOutput.Bad($"it is {type}, not {expected.Media}")
            : header.IsImage ? await ImageAsync(path, header, expected.Format, posterPath, cancellationToken)
            : await VideoAsync(path, posterPath, cancellationToken);
    }

    private async Task<CheckedOutput> ImageAsync(
        string path, MediaHeader header, string format, string posterPath, CancellationToken cancellationToken)
    {
        var wanted = $"image/{format}";
        var isDue = Changeable.Contains(header.ContentType) && Changeable.Contains(wanted) && header.ContentType != wanted;
        var changed = posterPath + ".changed";
        try
        {
            var job = new CheckPicture(path, MaxPixels, posterPath, PosterSide, isDue ? changed : null, isDue ? format : null);
            var run = await workers.RunAsync(job, account: null, cancellationToken);
            if (run.Failed(out var busy, out var answer))
            {
                throw new IOException(busy.Message);
            }

            if (answer.Fault is { } fault)
            {
                return CheckedOutput.Bad("it " + fault);
            }

            if (isDue)
            {
                File.Move(changed, path, overwrite: true);
                header = new MediaHeader(wanted);
            }

            return new CheckedOutput(header.Sized(answer.Width, answer.Height), Poster.Sized(answer.PosterWidth, answer.PosterHeight), "");
        }
        finally
        {
            File.Delete(changed);
        }
    }

    private async Task<CheckedOutput> VideoAsync(string path, string posterPath, CancellationToken cancellationToken)
    {
        var probed = await prober.ProbeAsync(path, account: null, cancellationToken);
        if (probed.Failed(out var busy, out var header))
        {
            throw new IOException(busy.Message);
        }

        if (header is not { IsVideo: true, Width: not null, Height: not null, Codec: not null })
        {
            return CheckedOutput.Bad("it has no picture");
        }

        if ((long)header.Width * header.Height > MaxPixels)
        {
            return CheckedOutput.Bad($"it has {header.Width}×{header.Height} pixels");
        }

        if (!IsWhole(path, header))
        {
            return CheckedOutput.Bad("the container is cut short");
        }

        var result = await process.FfmpegAsync(Video(path, header, posterPath), cancellationToken);
        if (!result.Succeeded || !File.Exists(posterPath))
        {
            return CheckedOutput.Bad("it cannot be decoded: " + FirstLine(result.Errors));
        }

        // framecrc writes one line a frame: stream 0 is the beginning, stream 1 the end.
        var lines = result.Output.Split('\n');
        for (var stream = 0; stream < 2; stream++)
        {
            if (!lines.Any(line => line.StartsWith($"{stream},", StringComparison.Ordinal)))
            {
                return CheckedOutput.Bad(stream == 0 ? "it has no frames" : "its end is missing");
            }
        }

        var poster = await prober.ProbeAsync(posterPath, account: null, cancellationToken);
        return new CheckedOutput(header, poster.Failed(out _, out var drawn) ? Poster : drawn, "");
    }

    private static string[] Video(string path, MediaHeader header, string posterPath) =>
    [
        "-v", "error", "-nostdin", "-xerror",
        "-threads", "1", "-t", "0.5", .. MediaProcess.Input(path, header.ContentType),
        "-threads", "1", "-sseof", "-1", .. MediaProcess.Input(path, header.ContentType),
        "-map", "0:v:0", "-frames:v", "1", "-vf", PosterFilter, "-c:v", "mjpeg", "-q:v", "4", "-f", "image2", "-update", "1", "-y",
            "file:" + posterPath,
        "-map", "0:v:0", "-map", "1:v:0", "-f", "framecrc", "pipe:1",
    ];

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
    private static string FirstLine(string errors) => ShortText.Of(errors.Split('\n', 2)[0], 200);
}
