using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Zoetrope.Server.Artifacts.Stores;

namespace Zoetrope.Server.Artifacts.S3;

/// <summary>Objects <c>&lt;prefix&gt;/ab/cd/&lt;sha256&gt;.&lt;ext&gt;</c> of a bucket that all nodes share.</summary>
/// <param name="bucket">The bucket.</param>
/// <param name="options">Where files are written before they are whole.</param>
/// <param name="cache">Copies of what is used here; null for a command that only passes files on.</param>
internal sealed class S3ArtifactStore(Bucket bucket, ArtifactOptions options, FileCache? cache = null) : IArtifactStore
{
    private readonly TemporaryFiles _temporary = new(options);
    private readonly ConcurrentDictionary<ArtifactKey, Task<string?>> _fetching = new();

    public string Place => PlaceWords.S3;

    /// <summary>The file stays here as a copy: a poster, a vendor or the client asks for it next.</summary>
    public async Task PutAsync(ArtifactKey key, string path, CancellationToken cancellationToken)
    {
        await bucket.PutAsync(NameOf(key), path, key.Sha256, cancellationToken);
        cache?.Take(key.ToString(), path);
        File.Delete(path);
    }

    public async Task<long?> LengthAsync(ArtifactKey key, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        return cache?.Touch(key.ToString()) is { } path && new FileInfo(path) is { Exists: true } copy
            ? copy.Length
            : await bucket.LengthAsync(name, cancellationToken);
    }

    public async Task<Stream?> OpenReadAsync(ArtifactKey key, long offset, long length, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        if (cache?.Touch(key.ToString()) is { } path && FileArtifactStore.TryOpen(path, offset, length) is { } copy)
        {
            return copy;
        }

        if (length == 0)
        {
            return await LengthAsync(key, cancellationToken) is null ? null : Stream.Null;
        }

        return await bucket.OpenAsync(name, cancellationToken, offset, length);
    }

    /// <summary>Many that want the same object wait for one download.</summary>
    public async Task<string?> LocalPathAsync(ArtifactKey key, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        var copies = cache ?? throw new InvalidOperationException("Without local copies there are no local paths.");
        if (copies.HandOut(key.ToString()) is { } path)
        {
            return path;
        }

        return await _fetching
            .GetOrAdd(key, static (key, work) => work.Store.FetchAsync(key, work.Name, work.Copies), (Store: this, Name: name, Copies: copies))
            .WaitAsync(cancellationToken);
    }

    public async Task<bool> DeleteAsync(ArtifactKey key, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        var existed = await bucket.LengthAsync(name, cancellationToken) is not null;
        if (existed)
        {
            await bucket.DeleteAsync(name, cancellationToken);
        }

        cache?.Delete(key.ToString());
        return existed;
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(ArtifactKey? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in bucket.ListAsync("", after is { } key ? NameOf(key) : null, cancellationToken))
        {
            var name = found.Name[(found.Name.LastIndexOf('/') + 1)..];
            if (ArtifactKey.TryParse(name, out var parsed) && NameOf(parsed) == found.Name)
            {
                yield return new StoredObject(parsed, found.Bytes, found.ModifiedAt);
            }
        }
    }

    /// <summary>A URL of the bucket that shows the object as our own answer would.</summary>
    public Uri PresignRead(ArtifactKey key, string contentType, string disposition, TimeSpan lifetime) =>
        bucket.Presign(NameOf(key), HttpVerb.GET, lifetime, request =>
        {
            request.ResponseHeaderOverrides.ContentType = contentType;
            request.ResponseHeaderOverrides.ContentDisposition = disposition;
            request.ResponseHeaderOverrides.CacheControl = "private, max-age=3600";
        });

    private async Task<string?> FetchAsync(ArtifactKey key, string name, FileCache copies)
    {
        await Task.Yield();
        var path = _temporary.NewPath();
        try
        {
            await using (var body = await bucket.OpenAsync(name, CancellationToken.None))
            {
                if (body is null)
                {
                    return null;
                }

                await using var file = new FileStream(
                    path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
                await body.CopyToAsync(file, 128 * 1024);
            }

            if (await TemporaryFiles.HashAsync(path, CancellationToken.None) != key.Sha256)
            {
                throw new StoreAwayException($"The bucket sent other bytes than those of {key}.");
            }

            return copies.Take(key.ToString(), path, handOut: true);
        }
        finally
        {
            File.Delete(path);
            _fetching.TryRemove(key, out _);
        }
    }

    // The key's parts were checked to be a hash and an extension; nothing of a request reaches a name otherwise.
    private static string NameOf(ArtifactKey key) =>
        ArtifactKey.TryParse(key.ToString(), out _)
            ? $"{key.Sha256[..2]}/{key.Sha256[2..4]}/{key}"
            : throw new ArgumentException($"Not an artifact key: {key}", nameof(key));
}
