using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Artifacts.Stores;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// All stored files, wherever they lie. New ones go to the first place; both are read, so that files can be moved while the server
/// runs. A row says that a file exists before it does, and is what decides about its end.
/// </summary>
/// <param name="places">Where files are; new ones go to the first.</param>
/// <param name="blobs">The rows; null for a command whose files end with it.</param>
/// <param name="time">The clock.</param>
internal sealed class StoredFiles(IReadOnlyList<IArtifactStore> places, BlobRecords? blobs, TimeProvider time)
{
    private const int AtOnce = 50;
    private static readonly TimeSpan WhileDeleted = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A process that was stopped in between must not delete what another took up again: well before its lease ends it
    /// deletes nothing more.
    /// </summary>
    private static readonly TimeSpan ToDelete = BlobRecords.DeletionLease / 3;

    public IReadOnlyList<IArtifactStore> Places => places;

    private BlobRecords Rows => blobs ?? throw new InvalidOperationException("Files without rows are not deleted one by one.");

    /// <summary>
    /// Stores the local file under its key and consumes it. Storing what is already there renews its age. When the task
    /// completes the object survives a crash.
    /// </summary>
    /// <exception cref="IOException">It cannot be stored now.</exception>
    public async Task PutAsync(ArtifactKey key, string path, CancellationToken cancellationToken)
    {
        var bytes = new FileInfo(path).Length;
        var began = time.GetTimestamp();
        while (blobs is not null && !await blobs.TouchAsync(key, bytes))
        {
            if (time.GetElapsedTime(began) > WhileDeleted)
            {
                throw new StoreAwayException($"The file {key} is being deleted.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }

        await places[0].PutAsync(key, path, cancellationToken);
    }

    /// <summary>Hashes the local file and stores it under its hash; what there is to say of it.</summary>
    /// <exception cref="IOException">It cannot be stored now.</exception>
    public async Task<MediaProbe> PutAsync(string path, MediaHeader header, CancellationToken cancellationToken)
    {
        var probe = header.ToProbe(new FileInfo(path).Length, await TemporaryFiles.HashAsync(path, cancellationToken));
        await PutAsync(new ArtifactKey(probe.Sha256, probe.Extension), path, cancellationToken);
        return probe;
    }

    /// <summary>The object's size, or null when it does not exist.</summary>
    public Task<long?> LengthAsync(ArtifactKey key, CancellationToken cancellationToken) =>
        FirstAsync(places, store => store.LengthAsync(key, cancellationToken));

    /// <summary>A stream of exactly the range, or null when the object does not exist.</summary>
    public Task<Stream?> OpenReadAsync(ArtifactKey key, long offset, long length, CancellationToken cancellationToken) =>
        FirstAsync(places, store => store.OpenReadAsync(key, offset, length, cancellationToken));

    /// <summary>A local file with the object's bytes, for reading only: providers upload from it and media processes read it.</summary>
    public Task<string?> LocalPathAsync(ArtifactKey key, CancellationToken cancellationToken) =>
        FirstAsync(places, store => store.LocalPathAsync(key, cancellationToken));

    /// <summary>Deletes one file that nobody names, unless it was stored after the moment.</summary>
    public async Task<bool> DeleteAsync(ArtifactKey key, DateTimeOffset unlessTouchedAfter, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        return await Rows.ClaimAsync(key, unlessTouchedAfter) && await DeleteAsync([key], began, cancellationToken) > 0;
    }

    /// <summary>Deletes some files that nobody names and whose date has come.</summary>
    /// <returns>How many rows were looked at, and how many files are gone.</returns>
    public async Task<(int Seen, int Deleted)> DeleteUnusedAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var judged = await Rows.JudgeAsync(AtOnce);
        return (judged.Seen, await DeleteAsync(judged.Unused, began, cancellationToken));
    }

    // What is not deleted in time, or because its place is away, is found again when its lease has ended.
    private async Task<int> DeleteAsync(IReadOnlyList<ArtifactKey> keys, long began, CancellationToken cancellationToken)
    {
        var gone = new List<ArtifactKey>();
        try
        {
            foreach (var key in keys.TakeWhile(_ => time.GetElapsedTime(began) < ToDelete))
            {
                foreach (var store in places)
                {
                    await store.DeleteAsync(key, cancellationToken);
                }

                gone.Add(key);
            }
        }
        finally
        {
            await Rows.ForgetAsync(gone);
        }

        return gone.Count;
    }

    // A place that is away hides nothing of the other. Only if neither has the file, its absence is no answer.
    private static async Task<T?> FirstAsync<T>(IReadOnlyList<IArtifactStore> places, Func<IArtifactStore, Task<T?>> ask)
    {
        StoreAwayException? away = null;
        foreach (var store in places)
        {
            try
            {
                if (await ask(store) is { } answer)
                {
                    return answer;
                }
            }
            catch (StoreAwayException exception)
            {
                away = exception;
            }
        }

        return away is null ? default : throw away;
    }
}
