using System.Security.Cryptography;

namespace Zoetrope.Server.Artifacts.Stores;

/// <summary>What a move has done so far.</summary>
internal sealed class MoveCount
{
    private long _moved;
    private long _present;
    private long _bytes;

    /// <summary>Files that were copied and are gone from their old place.</summary>
    public long Moved => _moved;

    /// <summary>Files that were there already, from a move that broke off, and are gone from their old place.</summary>
    public long Present => _present;

    public long Bytes => _bytes;

    /// <summary>Files whose bytes are not those of their name. They stay.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<ArtifactKey> Damaged { get; } = [];

    public void Count(long bytes, bool wasPresent)
    {
        Interlocked.Increment(ref wasPresent ? ref _present : ref _moved);
        Interlocked.Add(ref _bytes, bytes);
    }
}

/// <summary>
/// Moves all files to another place while servers run: each is read and held against its hash, put, looked for, and only then deleted
/// where it was, after as long as a request may still be reading it there. What broke off is begun again and goes on.
/// </summary>
internal sealed class StoreMove(StoredFiles files, BlobRecords blobs, ArtifactOptions options, TimeProvider time)
{
    private const int AtOnce = 4;
    private readonly TemporaryFiles _temporary = new(options);

    /// <param name="to">The place that new files go to already.</param>
    /// <param name="stay">How long a copied file stays at its old place.</param>
    /// <param name="count">Counts while it runs.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="StoreAwayException">A place cannot be reached.</exception>
    public async Task RunAsync(string to, TimeSpan stay, MoveCount count, CancellationToken cancellationToken)
    {
        var target = files.Places.Single(store => store.Place == to);
        foreach (var source in files.Places.Where(store => store.Place != to))
        {
            var copied = new Queue<Copied>();
            await foreach (var some in source.ListAsync(null, cancellationToken).Chunk(AtOnce).WithCancellation(cancellationToken))
            {
                await blobs.AdoptAsync(some);
                foreach (var copy in await Task.WhenAll(some.Select(stored => CopyAsync(stored, source, target, count, cancellationToken))))
                {
                    if (copy is not null)
                    {
                        copied.Enqueue(copy);
                    }
                }

                await LeaveAsync(source, copied, stay, count, cancellationToken);
            }

            while (copied.TryPeek(out var next))
            {
                if (stay - time.GetElapsedTime(next.At) is var left && left > TimeSpan.Zero)
                {
                    await Task.Delay(left, time, cancellationToken);
                }

                await LeaveAsync(source, copied, stay, count, cancellationToken);
            }
        }
    }

    private async Task<Copied?> CopyAsync(
        StoredObject stored, IArtifactStore source, IArtifactStore target, MoveCount count, CancellationToken cancellationToken)
    {
        if (!await blobs.ExistsAsync(stored.Key))
        {
            // Somebody is deleting it.
            return null;
        }

        var wasPresent = await target.LengthAsync(stored.Key, cancellationToken) == stored.Bytes;
        if (!wasPresent)
        {
            var path = _temporary.NewPath();
            try
            {
                switch (await ReadAsync(stored, source, path, cancellationToken))
                {
                    case null:
                        return null;
                    case var hash when hash != stored.Key.Sha256:
                        count.Damaged.Enqueue(stored.Key);
                        return null;
                }

                await target.PutAsync(stored.Key, path, cancellationToken);
            }
            finally
            {
                File.Delete(path);
            }

            if (await target.LengthAsync(stored.Key, cancellationToken) != stored.Bytes)
            {
                throw new StoreAwayException($"{stored.Key} was put and is not there.");
            }
        }

        if (await blobs.ExistsAsync(stored.Key))
        {
            return new Copied(stored, time.GetTimestamp(), wasPresent);
        }

        // It was deleted while it was being copied.
        await target.DeleteAsync(stored.Key, cancellationToken);
        return null;
    }

    private static async Task<string?> ReadAsync(StoredObject stored, IArtifactStore source, string path, CancellationToken cancellationToken)
    {
        await using var body = await source.OpenReadAsync(stored.Key, 0, stored.Bytes, cancellationToken);
        if (body is null)
        {
            return null;
        }

        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.Asynchronous);
        await body.CopyToAsync(file, 128 * 1024, cancellationToken);
        file.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private async Task LeaveAsync(
        IArtifactStore source, Queue<Copied> copied, TimeSpan stay, MoveCount count, CancellationToken cancellationToken)
    {
        while (copied.TryPeek(out var copy) && time.GetElapsedTime(copy.At) >= stay)
        {
            await source.DeleteAsync(copy.Stored.Key, cancellationToken);
            count.Count(copy.Stored.Bytes, copy.WasPresent);
            copied.Dequeue();
        }
    }

    private sealed record Copied(StoredObject Stored, long At, bool WasPresent);
}
