using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// What a file is: its type by signature, then its size and length as a kept tool reads them outside of this process: libvips in a
/// media worker for a picture, ffprobe for a video or sound.
/// </summary>
internal sealed partial class MediaProber(MediaProcess process, PictureWorkers workers, ILogger<MediaProber> logger)
{
    /// <summary>
    /// Null for a file of no known type; values that cannot be read are missing. Fails only where the server is too busy.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="account">Whose input it is; null for a result, of which less is asked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Outcome<MediaHeader?>> ProbeAsync(string path, string? account, CancellationToken cancellationToken)
    {
        if (MediaSniffer.Read(path) is not { } type)
        {
            return (MediaHeader?)null;
        }

        var header = new MediaHeader(type);
        if (!header.IsImage)
        {
            return account is null ? await ResultAsync(path, header, cancellationToken)
                : await InputAsync(path, header, account, cancellationToken);
        }

        var measured = await workers.RunAsync(new MeasurePicture(path), account, cancellationToken);
        return measured.Failed(out var busy, out var answer) ? busy
            : answer.Fault is { } fault ? header with { Fault = fault }
            : header.Sized(answer.Width, answer.Height) with
            {
                Pages = answer.Pages,
                Primary = answer.Primary,
                IsTurned = answer.IsTurned,
                HasAlpha = answer.HasAlpha,
                HiddenPixels = answer.HiddenPixels,
            };
    }

    private async Task<MediaHeader> ResultAsync(string path, MediaHeader header, CancellationToken cancellationToken)
    {
        var result = await process.FfprobeAsync(ProbedMedia.Arguments(path, header, packets: false), cancellationToken);
        return result.Succeeded ? ProbedMedia.Read(result.Output, header) : header;
    }

    // Its length is what is paid for, so it is that of every packet and not what the header says.
    private async Task<Outcome<MediaHeader?>> InputAsync(
        string path, MediaHeader header, string account, CancellationToken cancellationToken)
    {
        var result = await process.FfprobeInputAsync(ProbedMedia.Arguments(path, header, packets: true), account, cancellationToken);
        if (result.Succeeded)
        {
            return ProbedMedia.Read(result.Output, header);
        }

        if (result.IsLate)
        {
            return Problems.Unavailable.With("The server is too busy to read the file. Try again in a few seconds.");
        }

        LogUnread(header.ContentType, result.Errors.Split('\n', 2)[0]);
        return header with
        {
            Fault = result.IsCut ? "has more frames than are read; shorten it"
                : result.IsKilled ? "takes too long to read; write it anew, for example with ffmpeg"
                : "cannot be read; it is damaged or incomplete",
        };
    }

    [LoggerMessage(LogLevel.Information, "A file ({ContentType}) could not be read: {Detail}")]
    private partial void LogUnread(string contentType, string detail);
}
