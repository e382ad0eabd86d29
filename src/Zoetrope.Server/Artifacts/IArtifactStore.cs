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

/// <summary>
/// The seam of file storage: content-addressed, whole objects, never bytes in memory. Every implementation derives
/// the conformance suite.
/// </summary>
internal interface IArtifactStore
{
    /// <summary>
    /// Stores the local file under its key and consumes it. Storing what is already there only renews its age.
    /// When the task completes the object survives a crash.
    /// </summary>
    Task PutAsync(ArtifactKey key, string path, CancellationToken cancellationToken);

    /// <summary>The object's size, or null when it does not exist.</summary>
    Task<long?> LengthAsync(ArtifactKey key, CancellationToken cancellationToken);

    /// <summary>A stream of exactly the range, or null when the object does not exist.</summary>
    Task<Stream?> OpenReadAsync(ArtifactKey key, long offset, long length, CancellationToken cancellationToken);

    /// <summary>A local file with the object's bytes, for reading only: providers upload from it and media processes read it.</summary>
    Task<string?> LocalPathAsync(ArtifactKey key, CancellationToken cancellationToken);

    /// <summary>Deletes the object unless it was touched after the moment; false when it was or does not exist.</summary>
    Task<bool> DeleteAsync(ArtifactKey key, DateTimeOffset unlessTouchedAfter, CancellationToken cancellationToken);

    /// <summary>All objects in the order of their keys, after the given one.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(ArtifactKey? after, CancellationToken cancellationToken);
}
