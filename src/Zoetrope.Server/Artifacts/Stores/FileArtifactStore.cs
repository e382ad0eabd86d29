using System.Runtime.CompilerServices;

namespace Zoetrope.Server.Artifacts.Stores;

/// <summary>
/// Files under <c>&lt;data&gt;/artifacts/ab/cd/&lt;sha256&gt;.&lt;ext&gt;</c>; a name appears only when its bytes are
/// complete and flushed.
/// </summary>
internal sealed class FileArtifactStore(string dataDirectory) : IArtifactStore
{
    private readonly string _root = Path.Combine(Path.GetFullPath(dataDirectory), "artifacts");

    public string Place => PlaceWords.Disk;

    public Task PutAsync(ArtifactKey key, string path, CancellationToken cancellationToken)
    {
        var target = PathOf(key);
        if (File.Exists(target))
        {
            File.Delete(path);
        }
        else
        {
            DurableFiles.Publish(path, target, overwrite: true);
        }

        return Task.CompletedTask;
    }

    public Task<long?> LengthAsync(ArtifactKey key, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(key));
        return Task.FromResult<long?>(file.Exists ? file.Length : null);
    }

    public Task<Stream?> OpenReadAsync(ArtifactKey key, long offset, long length, CancellationToken cancellationToken) =>
        Task.FromResult(TryOpen(PathOf(key), offset, length));

    /// <summary>A range of a file; null where there is none.</summary>
    public static Stream? TryOpen(string path, long offset, long length)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.Asynchronous);
            file.Position = offset;
            return new RangeStream(file, length);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public Task<string?> LocalPathAsync(ArtifactKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return Task.FromResult(File.Exists(path) ? path : null);
    }

    public Task<bool> DeleteAsync(ArtifactKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        var existed = File.Exists(path);
        if (existed)
        {
            File.Delete(path);
        }

        return Task.FromResult(existed);
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

    // The key's parts were checked to be a hash and an extension; nothing of a request reaches a path otherwise.
    private string PathOf(ArtifactKey key) =>
        ArtifactKey.TryParse(key.ToString(), out _)
            ? Path.Combine(_root, key.Sha256[..2], key.Sha256[2..4], key.ToString())
            : throw new ArgumentException($"Not an artifact key: {key}", nameof(key));
}
