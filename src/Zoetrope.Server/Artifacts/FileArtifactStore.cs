using System.Runtime.CompilerServices;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Files under <c>&lt;data&gt;/artifacts/ab/cd/&lt;sha256&gt;.&lt;ext&gt;</c>; a name appears only when its bytes are
/// complete and flushed.
/// </summary>
internal sealed class FileArtifactStore(string dataDirectory, TimeProvider time) : IArtifactStore
{
    // Keeps "still old, so delete" and "still there, so reuse" apart.
    private readonly Lock _age = new();
    private readonly string _root = Path.Combine(Path.GetFullPath(dataDirectory), "artifacts");

    public Task PutAsync(ArtifactKey key, string path, CancellationToken cancellationToken)
    {
        var target = PathOf(key);
        if (Renew(target))
        {
            File.Delete(path);
            return Task.CompletedTask;
        }

        File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        DurableFiles.Publish(path, target, overwrite: true);
        return Task.CompletedTask;
    }

    public Task<long?> LengthAsync(ArtifactKey key, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(key));
        return Task.FromResult<long?>(file.Exists ? file.Length : null);
    }

    public Task<Stream?> OpenReadAsync(ArtifactKey key, long offset, long length, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(
                PathOf(key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.Asynchronous);
            file.Position = offset;
            return Task.FromResult<Stream?>(new RangeStream(file, length));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task<string?> LocalPathAsync(ArtifactKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return Task.FromResult(File.Exists(path) ? path : null);
    }

    public Task<bool> DeleteAsync(ArtifactKey key, DateTimeOffset unlessTouchedAfter, CancellationToken cancellationToken)
    {
        lock (_age)
        {
            var file = new FileInfo(PathOf(key));
            if (!file.Exists || file.LastWriteTimeUtc > unlessTouchedAfter.UtcDateTime)
            {
                return Task.FromResult(false);
            }

            file.Delete();
            return Task.FromResult(true);
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(ArtifactKey? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = after?.ToString() ?? "";
        foreach (var first in Sorted(_root, start.Length >= 2 ? start[..2] : ""))
        {
            foreach (var second in Sorted(first, start.Length >= 4 && Path.GetFileName(first) == start[..2] ? start[2..4] : ""))
            {
                foreach (var path in Directory.GetFiles(second).Order(StringComparer.Ordinal))
                {
                    var name = Path.GetFileName(path);
                    if (string.CompareOrdinal(name, start) > 0 && ArtifactKey.TryParse(name, out var key))
                    {
                        var file = new FileInfo(path);
                        yield return new StoredObject(key, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
                    }
                }

                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }

    private static IEnumerable<string> Sorted(string directory, string from) =>
        Directory.Exists(directory)
            ? Directory.GetDirectories(directory)
                .Where(path => string.CompareOrdinal(Path.GetFileName(path), from) >= 0)
                .Order(StringComparer.Ordinal)
            : [];

    private bool Renew(string path)
    {
        lock (_age)
        {
            if (!File.Exists(path))
            {
                return false;
            }

            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
            return true;
        }
    }

    // The key's parts were checked to be a hash and an extension; nothing of a request reaches a path otherwise.
    private string PathOf(ArtifactKey key) =>
        ArtifactKey.TryParse(key.ToString(), out _)
            ? Path.Combine(_root, key.Sha256[..2], key.Sha256[2..4], key.ToString())
            : throw new ArgumentException($"Not an artifact key: {key}", nameof(key));
}
