using System.Data.Common;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Where nodes share their files, they share what lies on the shelf too: results that came inside the answer of a paid submit go into
/// the store before that answer is recorded, so that another node finds them if this one dies in between. A lone node has its disk.
/// </summary>
internal sealed partial class AttemptResults(
    ResultShelf shelf, StoredFiles files, Database database, TimeProvider time, ILogger<AttemptResults> logger) : IRetention
{
    /// <summary>Longer than the shelf keeps its files: a task that nobody has looked at for so long has ended.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(2);

    private const string Extension = "bin";

    public string Table => "attempt_results";

    public TimeSpan Every => TimeSpan.FromHours(1);

    private bool AreShared => files.Places[0].Place != PlaceWords.Disk;

    /// <summary>Shares what the shelf has of the attempt. A failure is only logged: the shelf still has it.</summary>
    public async Task KeepAsync(string attemptId)
    {
        if (!AreShared || shelf.FilesOf(attemptId) is not { } kept)
        {
            return;
        }

        try
        {
            var keys = new List<ArtifactKey>();
            foreach (var path in kept)
            {
                var copy = shelf.NewPath();
                File.Copy(path, copy);
                var key = new ArtifactKey(await TemporaryFiles.HashAsync(copy, CancellationToken.None), Extension);
                await files.PutAsync(key, copy, CancellationToken.None);
                keys.Add(key);
            }

            await InsertAsync(attemptId, keys);
        }
        catch (Exception exception) when (exception is IOException or DbException or TimeoutException)
        {
            LogNotShared(exception, attemptId);
        }
    }

    /// <summary>Puts what another node shared of the attempt on this shelf.</summary>
    /// <exception cref="IOException">The files cannot be read now.</exception>
    public async Task BringAsync(string attemptId)
    {
        if (!AreShared || shelf.FilesOf(attemptId) is not null)
        {
            return;
        }

        var rows = await database.ReadAsync(async session => await session.QueryAsync<Row>(
            "select sha256, ext from attempt_results where attempt_id = @attemptId order by ordinal", new { attemptId }));
        var paths = new List<string>();
        foreach (var row in rows)
        {
            var stored = await files.LocalPathAsync(new ArtifactKey(row.Sha256, row.Ext), CancellationToken.None)
                ?? throw new IOException($"A result of {attemptId} is not in the store.");
            var copy = shelf.NewPath();
            File.Copy(stored, copy);
            paths.Add(copy);
        }

        if (paths.Count > 0)
        {
            shelf.Put(attemptId, paths);
        }
    }

    public Task<int> DeleteSomeAsync() => database.InTransactionAsync(async tx =>
    {
        var before = (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
        const string Old = "select attempt_id from attempt_results where created_at < @before order by created_at limit 200";
        await BlobRecords.LookAtResultsAsync(tx, $"attempt_id in ({Old})", new { before, lookAt = time.GetUtcNow().ToUnixTimeMilliseconds() });
        return await tx.ExecuteAsync($"delete from attempt_results where attempt_id in ({Old})", new { before });
    });

    private Task InsertAsync(string attemptId, IReadOnlyList<ArtifactKey> keys) => database.InTransactionAsync(async tx =>
    {
        for (var i = 0; i < keys.Count; i++)
        {
            await tx.ExecuteAsync(
                """
                insert into attempt_results (attempt_id, ordinal, sha256, ext, created_at) values (@attemptId, @ordinal, @sha256, @ext, @now)
                on conflict do nothing
                """,
                new
                {
                    attemptId,
                    ordinal = (long)i,
                    sha256 = keys[i].Sha256,
                    ext = keys[i].Extension,
                    now = time.GetUtcNow().ToUnixTimeMilliseconds(),
                });
        }
    });

    [LoggerMessage(LogLevel.Warning, "The result of the attempt {AttemptId} could not be shared with other nodes; this one has it")]
    private partial void LogNotShared(Exception exception, string attemptId);

    private sealed class Row
    {
        public string Sha256 { get; init; } = "";

        public string Ext { get; init; } = "";
    }
}
