using Amazon.S3;

namespace Zoetrope.Server.Artifacts.S3;

/// <summary>
/// Where the bytes of an upload go: to this server, or, where the operator wants it, into the bucket, from which they are taken over
/// at their first use (<see cref="S3Options.DirectUploads"/>).
/// </summary>
internal sealed class DirectUploads(SignedUrls urls, ArtifactOptions options, IEnumerable<Bucket> buckets)
{
    private readonly Bucket? _bucket = options.S3.DirectUploads ? buckets.FirstOrDefault() : null;

    /// <param name="upload">The upload.</param>
    /// <param name="sizeBytes">What the client said; then the bucket takes no other size.</param>
    public Uri UrlOf(Upload upload, long? sizeBytes)
    {
        var until = DateTimeOffset.FromUnixTimeMilliseconds(upload.CreatedAt) + options.UploadUrlLifetime;
        return _bucket is null
            ? urls.ForUpload(upload.Key, until)
            : _bucket.Presign(NameOf(upload.Key), HttpVerb.PUT, options.UploadUrlLifetime, request =>
            {
                request.ContentType = upload.ContentType;
                if (sizeBytes is { } bytes)
                {
                    request.Headers.ContentLength = bytes;
                }
            });
    }

    /// <summary>The bytes in the bucket; null where there are none.</summary>
    public Task<Stream?> OpenAsync(Upload upload, CancellationToken cancellationToken) =>
        _bucket is null ? Task.FromResult<Stream?>(null) : _bucket.OpenAsync(NameOf(upload.Key), cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        _bucket?.DeleteAsync(NameOf(key), cancellationToken) ?? Task.CompletedTask;

    private static string NameOf(string key) => $"uploads/{key}";
}
