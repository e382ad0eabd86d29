using Zoetrope.Server.Artifacts.Stores;

namespace Zoetrope.Server.Artifacts.S3;

/// <summary>Sends readers of file URLs to the bucket, where the operator wants that (<see cref="S3Options.DirectReads"/>).</summary>
internal sealed class DirectReads(ArtifactOptions options, IEnumerable<S3ArtifactStore> buckets)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private readonly S3ArtifactStore? _bucket = options.S3.DirectReads && options.FirstPlace == PlaceWords.S3 ? buckets.FirstOrDefault() : null;
    private readonly FileArtifactStore _disk = new(options.DataDirectory);

    /// <summary>Where the file is read; null if we send it ourselves, as we do with one that is still on this disk.</summary>
    public async Task<Uri?> UrlOfAsync(ArtifactKey key, string contentType, string disposition) =>
        _bucket is null || await _disk.LengthAsync(key, CancellationToken.None) is not null
            ? null
            : _bucket.PresignRead(key, contentType, disposition, Lifetime);
}
