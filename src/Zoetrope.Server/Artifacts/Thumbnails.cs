using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Small pictures of results, for agents that look at what they made: a JPEG of at most <see cref="Side"/> pixels a side, some
/// ten kilobytes, made from the poster.
/// </summary>
internal sealed class Thumbnails(
    ArtifactRecords records, Posters posters, StoredFiles store, PictureWorkers workers, ArtifactOptions options)
{
    public const int Side = 256;
    public const string ContentType = "image/jpeg";

    private readonly TemporaryFiles _temporary = new(options);

    /// <summary>The picture; null where the poster is past its retention or cannot be read now, or the server is too busy.</summary>
    public async Task<byte[]?> OfPosterAsync(string accountId, string posterId, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(accountId, posterId) is not { Role: ArtifactRole.Poster } found
            || await PathOfAsync(found, cancellationToken) is not { } path)
        {
            return null;
        }

        var made = _temporary.NewResultPath();
        try
        {
            var run = await workers.RunAsync(new ShrinkPicture(path, made, Side), account: null, cancellationToken);
            return run.Failed(out _, out var answer) || answer.Fault is not null ? null
                : await File.ReadAllBytesAsync(made, cancellationToken);
        }
        finally
        {
            File.Delete(made);
        }
    }

    private async Task<string?> PathOfAsync(Artifact found, CancellationToken cancellationToken)
    {
        try
        {
            return await posters.DrawnAsync(found, cancellationToken) is not { } poster ? null
                : await store.LocalPathAsync(poster.Key, cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
