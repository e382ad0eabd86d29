namespace Zoetrope.Server.Artifacts;

/// <summary>Where the bytes of a file are: its content hash and the extension of its sniffed type.</summary>
internal readonly record struct ArtifactKey(string Sha256, string Extension)
{
    public override string ToString() => $"{Sha256}.{Extension}";

    public static bool TryParse(string name, out ArtifactKey key)
    {
        var dot = name.IndexOf('.');
        key = dot == 64 ? new ArtifactKey(name[..64], name[65..]) : default;
        return dot == 64
            && !key.Sha256.AsSpan().ContainsAnyExcept("0123456789abcdef")
            && key.Extension.Length is > 0 and <= 5 && key.Extension.All(char.IsAsciiLetterOrDigit);
    }
}

/// <summary>A stored object as a listing sees it.</summary>
internal readonly record struct StoredObject(ArtifactKey Key, long Bytes, DateTimeOffset TouchedAt);

/// <summary>What the settings and commands call a place of files.</summary>
internal static class PlaceWords
{
    public const string Disk = "disk";
    public const string S3 = "s3";
}

/// <summary>
/// The seam of file storage, one place of files: content-addressed, whole objects, never bytes in memory. It knows nothing of ages and
/// of who names a file; <see cref="StoredFiles"/> does. Every implementation derives the conformance suite.
/// </summary>
/// <exception cref="StoreAwayException">From every call: the place cannot be reached now.</exception>
internal interface IArtifactStore
{
    /// <summary>One of <see cref="PlaceWords"/>.</summary>
    string Place { get; }

    /// <summary>
    /// Stores the local file under its key and consumes it. What is already there stays. When the task completes the object
    /// survives a crash.
    /// </summary>
    Task PutAsync(ArtifactKey key, string path, CancellationToken cancellationToken);

    /// <summary>The object's size, or null when it does not exist.</summary>
    Task<long?> LengthAsync(ArtifactKey key, CancellationToken cancellationToken);

    /// <summary>A stream of exactly the range, or null when the object does not exist.</summary>
    Task<Stream?> OpenReadAsync(ArtifactKey key, long offset, long length, CancellationToken cancellationToken);

    /// <summary>A local file with the object's bytes, for reading only: providers upload from it and media processes read it.</summary>
    Task<string?> LocalPathAsync(ArtifactKey key, CancellationToken cancellationToken);

    /// <summary>Deletes the object; false when it does not exist.</summary>
    Task<bool> DeleteAsync(ArtifactKey key, CancellationToken cancellationToken);

    /// <summary>All objects in the order of their keys, after the given one.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(ArtifactKey? after, CancellationToken cancellationToken);
}

/// <summary>
/// The place of files does not answer, or refuses us. Nothing was lost and it may answer later. An <see cref="IOException"/>, as of a
/// disk: what reads and stores results tries again.
/// </summary>
internal sealed class StoreAwayException(string message, Exception? inner = null) : IOException(message, inner);
