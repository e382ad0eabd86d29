using System.Collections.Concurrent;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Previews of results, JPEGs of at most <see cref="Side"/> pixels a side. One is drawn when it is first asked for, and then kept: most
/// are never looked at. Until then its row has no bytes. Two nodes that draw the same one keep the first.
/// </summary>
internal sealed class Posters(
    ArtifactRecords records, StoredFiles store, PictureWorkers workers, MediaProcess process, ArtifactOptions options)
{
    public const int Side = 512;
    public const string ContentType = "image/jpeg";

    private const string Filter =
        "scale=w='min(512,iw)':h='min(512,ih)':force_original_aspect_ratio=decrease,format=yuvj420p";

    private readonly TemporaryFiles _temporary = new(options);
    private readonly ConcurrentDictionary<string, Lazy<Task<Artifact?>>> _drawing = new(StringComparer.Ordinal);

    /// <summary>
    /// The file, whatever it is, with its bytes in the store. Null where there is none, or a poster that cannot be drawn: its result has
    /// gone or has no frame that a decoder can read.
    /// </summary>
    /// <exception cref="IOException">The server is too busy, or the result's place is away.</exception>
    public async Task<Artifact?> DrawnAsync(Artifact? file, CancellationToken cancellationToken)
    {
        if (file is not { IsUndrawn: true })
        {
            return file;
        }

        // Whoever asks meanwhile waits for the same one, and who leaves does not end it for the others.
        var drawing = _drawing.GetOrAdd(file.Id, _ => new Lazy<Task<Artifact?>>(() => Task.Run(() => DrawAsync(file))));
        return await drawing.Value.WaitAsync(cancellationToken);
    }

    private async Task<Artifact?> DrawAsync(Artifact poster)
    {
        var path = _temporary.NewResultPath();
        try
        {
            if (await records.FindResultAsync(poster) is not { } result
                || await store.LocalPathAsync(result.Key, CancellationToken.None) is not { } from)
            {
                // Drawn between the read of the row and now: then it names a hash of its own.
                return await ReadAgainAsync(poster);
            }

            var drawn = result.Probe.ContentType.StartsWith("image/", StringComparison.Ordinal)
                ? await OfPictureAsync(from, path) : await OfVideoAsync(from, result.Probe.ContentType, path);
            if (drawn is null)
            {
                return null;
            }

            var header = new MediaHeader(ContentType).Sized(drawn.Width, drawn.Height);
            var probe = await store.PutAsync(path, header, CancellationToken.None);
            await records.DrawnAsync(poster.Id, probe);
            return await ReadAgainAsync(poster);
        }
        finally
        {
            File.Delete(path);
            _drawing.TryRemove(poster.Id, out _);
        }
    }

    private async Task<Artifact?> ReadAgainAsync(Artifact poster) =>
        await records.FindAsync(poster.AccountId, poster.Id) is { IsUndrawn: false } drawn ? drawn : null;

    private async Task<PictureAnswer?> OfPictureAsync(string from, string to) =>
        await workers.RunOwnAsync(new DrawPoster(from, OutputCheck.MaxPixels, to, Side), CancellationToken.None) is { Fault: null } drawn
            ? drawn : null;

    private async Task<PictureAnswer?> OfVideoAsync(string from, string contentType, string to)
    {
        var result = await process.FfmpegAsync(
            [
                "-v", "error", "-nostdin", "-threads", "1", "-t", "0.5", .. MediaProcess.Input(from, contentType),
                "-map", "0:v:0", "-frames:v", "1", "-vf", Filter, "-c:v", "mjpeg", "-q:v", "4", "-f", "image2", "-update", "1",
                "-y", "file:" + to,
            ],
            CancellationToken.None);
        return result.Succeeded && File.Exists(to) ? await workers.RunOwnAsync(new MeasurePicture(to), CancellationToken.None) : null;
    }
}
