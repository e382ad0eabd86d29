using Zoetrope.Server.Artifacts;

namespace Zoetrope.Server.Admission.Inputs;

/// <summary>
/// The input files of a request, fetched and checked. They are temporary until the request may start, and what is not stored
/// then is deleted here: an estimate or a refusal leaves nothing.
/// </summary>
internal sealed class InputFiles(IReadOnlyList<ResolvedInput> inputs, IReadOnlyList<Artifact> artifacts) : IDisposable
{
    public static readonly InputFiles None = new([], []);

    private readonly Dictionary<ArtifactKey, string> _temporary = [];
    private readonly List<ArtifactKey> _stored = [];

    /// <summary>In the order in which they were asked for.</summary>
    public IReadOnlyList<ResolvedInput> Inputs => inputs;

    /// <summary>One for each different file: the rows that the accepting transaction inserts.</summary>
    public IReadOnlyList<Artifact> Artifacts => artifacts;

    /// <summary>Bytes that storing would add.</summary>
    public long NewBytes => artifacts.Where(artifact => _temporary.ContainsKey(artifact.Key)).Sum(artifact => artifact.Probe.Bytes);

    /// <summary>Files that were put into the store; no row names them yet.</summary>
    public IReadOnlyList<ArtifactKey> Stored => _stored;

    /// <summary>Takes over a temporary file; of two with the same bytes the second goes.</summary>
    public void Add(ArtifactKey key, string path)
    {
        if (!_temporary.TryAdd(key, path))
        {
            File.Delete(path);
        }
    }

    /// <summary>Puts what is new into the store, where it survives a crash; the rows follow in the transaction.</summary>
    public async Task StoreAsync(StoredFiles store, CancellationToken cancellationToken)
    {
        foreach (var (key, path) in _temporary)
        {
            await store.PutAsync(key, path, cancellationToken);
            _stored.Add(key);
        }
    }

    public void Dispose()
    {
        foreach (var path in _temporary.Values)
        {
            File.Delete(path);
        }
    }
}
