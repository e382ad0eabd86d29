namespace Zoetrope.Server.Artifacts.Stores;

/// <summary>
/// Compares what lies in each place with the rows, once a week and by one node: a file without a row gets one, and is deleted like
/// any other if nobody names it. Such files come from earlier versions, and from crashes.
/// </summary>
internal sealed class StoreWalk(StoredFiles files, BlobRecords blobs, ArtifactOptions options)
{
    private const int AtOnce = 500;
    private static readonly TimeSpan Every = TimeSpan.FromDays(7);

    /// <summary>Walks what is due; returns how many files got a row.</summary>
    public async Task<int> WalkDueAsync(CancellationToken cancellationToken)
    {
        var adopted = 0;
        foreach (var store in files.Places)
        {
            var name = NameOf(store);
            if (await blobs.BeginWalkAsync(name, Every))
            {
                adopted += await WalkAsync(store, name, cancellationToken);
            }
        }

        return adopted;
    }

    private async Task<int> WalkAsync(IArtifactStore store, string name, CancellationToken cancellationToken)
    {
        var adopted = 0;
        var some = new List<StoredObject>(AtOnce);
        try
        {
            await foreach (var found in store.ListAsync(null, cancellationToken))
            {
                some.Add(found);
                if (some.Count == AtOnce)
                {
                    adopted += await blobs.AdoptAsync(some);
                    some.Clear();
                }
            }

            return adopted + await blobs.AdoptAsync(some);
        }
        catch
        {
            await blobs.LeaveWalkAsync(name);
            throw;
        }
    }

    // Nodes share a bucket and have a disk each.
    private string NameOf(IArtifactStore store) => store.Place == PlaceWords.S3
        ? $"{store.Place} {options.S3.Name}/{options.S3.Root}"
        : $"{store.Place} {Environment.MachineName}:{Path.GetFullPath(options.DataDirectory)}";
}
