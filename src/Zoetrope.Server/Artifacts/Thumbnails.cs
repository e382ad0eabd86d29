using NetVips;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Small pictures of results, for agents that look at what they made: a JPEG of at most <see cref="Side"/> pixels a side, some
/// ten kilobytes. They are made from the poster, which this server drew itself, so that no stranger's file is decoded here.
/// </summary>
internal sealed class Thumbnails(ArtifactRecords records, IArtifactStore store) : IDisposable
{
    public const int Side = 256;
    public const string ContentType = "image/jpeg";

    private const int Quality = 75;

    private readonly SemaphoreSlim _slots = new(Environment.ProcessorCount);

    static Thumbnails()
    {
        NetVips.NetVips.BlockUntrusted = true;
        NetVips.NetVips.Concurrency = 1;
    }

    /// <summary>The picture; null where the poster is past its retention.</summary>
    public async Task<byte[]?> OfPosterAsync(string accountId, string posterId, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(accountId, posterId) is not { Role: ArtifactRole.Poster } poster
            || await store.LocalPathAsync(poster.Key, cancellationToken) is not { } path)
        {
            return null;
        }

        await _slots.WaitAsync(cancellationToken);
        try
        {
            using var picture = Image.Thumbnail(path, Side, height: Side, size: Enums.Size.Down);
            return picture.JpegsaveBuffer(q: Quality, keep: Enums.ForeignKeep.None);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();
}
