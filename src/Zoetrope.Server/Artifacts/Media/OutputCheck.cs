using Zoetrope.Server.Artifacts.Media.Structure;
using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>A good result, or what is wrong with it.</summary>
internal sealed record CheckedOutput(MediaHeader? Header, string Reason)
{
    public static CheckedOutput Bad(string reason) => new(null, reason);
}

/// <summary>
/// Sees that a result is one. A file whose structure proves that it is whole is not decoded (<see cref="Structure"/>). Any other is:
/// an image wholly in a media worker, which also brings it into the format that was asked for; of a video the first frames and the last
/// second (a cut file has none) with ffmpeg.
/// </summary>
internal sealed class OutputCheck(MediaProber prober, MediaProcess process, PictureWorkers workers, ArtifactOptions options) : IDisposable
{
    // Larger than any result a model of the catalogue can make (upscale ends at 96 megapixels).
    public const long MaxPixels = 128_000_000;

    private static readonly string[] Changeable = ["image/png", "image/jpeg", "image/webp"];

    // Requests need the processors too.
    private readonly SemaphoreSlim _readers = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Where a provider answered in its own format, the changed picture takes the file's place.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What was asked for.</param>
    /// <param name="changedPath">Where the changed picture may lie until then.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The server is too busy to look at it now.</exception>
    public async Task<CheckedOutput> CheckAsync(string path, OutputSpec expected, string changedPath, CancellationToken cancellationToken)
    {
        if (MediaSniffer.Read(path) is not { } type)
        {
            return CheckedOutput.Bad("it is not a media file of a known type");
        }

        var header = new MediaHeader(type);
        return (expected.Media == MediaType.Image ? !header.IsImage : !header.IsVideo)
            ? CheckedOutput.Bad($"it is {type}, not {expected.Media}")
            : header.IsImage ? await ImageAsync(path, header, expected.Format, changedPath, cancellationToken)
            : await VideoAsync(path, header, cancellationToken);
    }

    public void Dispose() => _readers.Dispose();

    private async Task<CheckedOutput> ImageAsync(
        string path, MediaHeader header, string format, string changedPath, CancellationToken cancellationToken)
    {
        var wanted = $"image/{format}";
        var isDue = Changeable.Contains(header.ContentType) && Changeable.Contains(wanted) && header.ContentType != wanted;
        if (!isDue && header.ContentType == "image/png"
            && await ReadAsync(() => PngStructure.Read(path, MaxPixels), cancellationToken) is var (width, height))
        {
            return new CheckedOutput(header.Sized(width, height), "");
        }

        var job = new CheckPicture(path, MaxPixels, isDue ? changedPath : null, isDue ? format : null);
        var answer = await workers.RunOwnAsync(job, cancellationToken);
        if (answer.Fault is { } fault)
        {
            return CheckedOutput.Bad("it " + fault);
        }

        if (isDue)
        {
            File.Move(changedPath, path, overwrite: true);
            header = new MediaHeader(wanted);
        }

        return new CheckedOutput(header.Sized(answer.Width, answer.Height), "");
    }

    private async Task<CheckedOutput> VideoAsync(string path, MediaHeader type, CancellationToken cancellationToken)
    {
        if (type.ContentType is "video/mp4" or "video/quicktime"
            && await ReadAsync(() => Mp4Structure.Read(path, type), cancellationToken) is { Width: { } width, Height: { } height } whole
            && (long)width * height <= MaxPixels)
        {
            return new CheckedOutput(whole, "");
        }

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

        var result = await process.FfmpegAsync(Video(path, header), cancellationToken);
        if (!result.Succeeded)
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

        return new CheckedOutput(header, "");
    }

    // Null where everything is decoded, too.
    private async Task<T?> ReadAsync<T>(Func<T?> read, CancellationToken cancellationToken)
    {
        if (options.DecodesAll)
        {
            return default;
        }

        await _readers.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(read, CancellationToken.None);
        }
        finally
        {
            _readers.Release();
        }
    }

    private static string[] Video(string path, MediaHeader header) =>
    [
        "-v", "error", "-nostdin", "-xerror",
        "-threads", "1", "-t", "0.5", .. MediaProcess.Input(path, header.ContentType),
        "-threads", "1", "-sseof", "-1", .. MediaProcess.Input(path, header.ContentType),
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
