using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts.Stores;

/// <summary>
/// The blobs table: which files exist, when each was last stored, and when to look whether anyone names it. A file is deleted in
/// three steps (the row says so, the object goes, the row goes), and whoever stores the same bytes meanwhile waits for the end.
/// </summary>
internal sealed class BlobRecords(Database database, ArtifactOptions options, TimeProvider time)
{
    /// <summary>How long a row in deletion belongs to whoever began it.</summary>
    public static readonly TimeSpan DeletionLease = TimeSpan.FromMinutes(1);

    /// <summary>A request may be taking a file over as its input at the very moment at which it is deleted.</summary>
    public static readonly TimeSpan TakeOver = TimeSpan.FromHours(1);

    private const string IsNamed =
        """
        (exists (select 1 from artifacts where artifacts.sha256 = blobs.sha256 and artifacts.deleted_at is null)
            or exists (select 1 from attempt_results where attempt_results.sha256 = blobs.sha256)
            or exists (select 1 from sandbox_jobs where sandbox_jobs.sha256 = blobs.sha256))
        """;

    private const string TouchSql =
        """
        insert into blobs (sha256, ext, bytes, state, touched_at, check_at) values (@sha256, @ext, @bytes, 'stored', @now, @checkAt)
        on conflict (sha256, ext) do update
            set state = 'stored', touched_at = excluded.touched_at, check_at = excluded.check_at
            where blobs.state = 'stored' or blobs.check_at <= excluded.touched_at
        """;

    private const string AdoptSql =
        """
        insert into blobs (sha256, ext, bytes, state, touched_at, check_at) values (@sha256, @ext, @bytes, 'stored', @touchedAt, @now)
        on conflict do nothing
        """;

    // In one statement each row is judged and gets its next date, so no two nodes can judge differently.
    private static readonly string JudgeSql =
        $"""
        update blobs set
            state = case when touched_at <= @oldest and not {IsNamed} then 'deleting' else 'stored' end,
            check_at = case when {IsNamed} then null when touched_at > @oldest then touched_at + @grace else @lease end
        where (sha256, ext) in (select sha256, ext from blobs where check_at <= @now order by check_at limit @limit
        """;

    private static readonly string ClaimSql =
        $"""
        update blobs set state = 'deleting', check_at = @lease
        where sha256 = @sha256 and ext = @ext and state = 'stored' and touched_at <= @oldest and not {IsNamed}
        """;

    /// <summary>Says that the file exists and is young; false while somebody is deleting it.</summary>
    public Task<bool> TouchAsync(ArtifactKey key, long bytes)
    {
        var now = Now();
        var row = new { sha256 = key.Sha256, ext = key.Extension, bytes, now, checkAt = now + Grace };
        return database.InTransactionAsync(async tx => await tx.ExecuteAsync(TouchSql, row) > 0);
    }

    /// <summary>
    /// Looks at some rows whose date has come. Those that nobody names and that are older than the grace time are now the
    /// caller's to delete.
    /// </summary>
    public Task<Judged> JudgeAsync(int limit) => database.InTransactionAsync(async tx =>
    {
        var now = Now();
        var rows = await tx.QueryAsync<Row>(
            JudgeSql + (tx.Dialect == SqlDialect.Postgres ? " for update skip locked) " : ") ") + "returning sha256, ext, state",
            new { now, oldest = now - Grace, grace = Grace, lease = now + Lease, limit });
        return new Judged(rows.Count, [.. rows.Where(row => row.State == "deleting").Select(row => row.Key)]);
    });

    /// <summary>Makes one file the caller's to delete, if nobody names it and it was not stored after the moment.</summary>
    public Task<bool> ClaimAsync(ArtifactKey key, DateTimeOffset unlessTouchedAfter) => database.InTransactionAsync(async tx =>
        await tx.ExecuteAsync(
            ClaimSql,
            new { sha256 = key.Sha256, ext = key.Extension, oldest = unlessTouchedAfter.ToUnixTimeMilliseconds(), lease = Now() + Lease }) > 0);

    /// <summary>The object is gone.</summary>
    public Task ForgetAsync(IReadOnlyList<ArtifactKey> keys) => database.InTransactionAsync(async tx =>
    {
        foreach (var key in keys)
        {
            await tx.ExecuteAsync(
                "delete from blobs where sha256 = @sha256 and ext = @ext and state = 'deleting'", new { sha256 = key.Sha256, ext = key.Extension });
        }
    });

    /// <summary>Looks at the files of these artifacts soon: their rows have just been deleted.</summary>
    public static Task LookAsync(Tx tx, string artifactsWhere, object arguments) => tx.ExecuteAsync(
        $"""
        update blobs set check_at = @lookAt where state = 'stored' and (check_at is null or check_at > @lookAt)
            and sha256 in (select sha256 from artifacts where {artifactsWhere})
        """,
        arguments);

    /// <summary>The same for results that are not waited for any more.</summary>
    public static Task LookAtResultsAsync(Tx tx, string resultsWhere, object arguments) => tx.ExecuteAsync(
        $"""
        update blobs set check_at = @lookAt where state = 'stored' and (check_at is null or check_at > @lookAt)
            and sha256 in (select sha256 from attempt_results where {resultsWhere})
        """,
        arguments);

    /// <summary>The same for results of sandbox jobs that are being forgotten.</summary>
    public static Task LookAtJobsAsync(Tx tx, string jobsWhere, object arguments) => tx.ExecuteAsync(
        $"""
        update blobs set check_at = @lookAt where state = 'stored' and (check_at is null or check_at > @lookAt)
            and sha256 in (select sha256 from sandbox_jobs where {jobsWhere})
        """,
        arguments);

    /// <summary>Gives objects that have no row one, in the order of their keys; returns how many.</summary>
    public async Task<int> AdoptAsync(IReadOnlyList<StoredObject> objects)
    {
        if (objects.Count == 0)
        {
            return 0;
        }

        var known = (await database.ReadAsync(async session => await session.QueryAsync<Row>(
            "select sha256, ext, state from blobs where sha256 >= @first and sha256 <= @last",
            new { first = objects[0].Key.Sha256, last = objects[^1].Key.Sha256 }))).Select(row => row.Key).ToHashSet();
        var now = Now();
        var adopted = objects.Where(stored => !known.Contains(stored.Key)).ToList();
        return adopted.Count == 0 ? 0 : await database.InTransactionAsync(async tx =>
        {
            var inserted = 0;
            foreach (var stored in adopted)
            {
                var touchedAt = Math.Min(stored.TouchedAt.ToUnixTimeMilliseconds(), now);
                inserted += await tx.ExecuteAsync(
                    AdoptSql, new { sha256 = stored.Key.Sha256, ext = stored.Key.Extension, bytes = stored.Bytes, touchedAt, now });
            }

            return inserted;
        });
    }

    /// <summary>Whether the row says that the file is there.</summary>
    public async Task<bool> ExistsAsync(ArtifactKey key) => await database.ReadAsync(async session => await session.ScalarAsync<long>(
        "select count(*) from blobs where sha256 = @sha256 and ext = @ext and state = 'stored'",
        new { sha256 = key.Sha256, ext = key.Extension })) > 0;

    /// <summary>Whether it is time to compare a place with the rows; the caller then does, and nobody else.</summary>
    public Task<bool> BeginWalkAsync(string place, TimeSpan every) => database.InTransactionAsync(async tx =>
        await tx.ExecuteAsync(
            """
            insert into store_walks (place, walked_at) values (@place, @now)
            on conflict (place) do update set walked_at = excluded.walked_at where store_walks.walked_at <= @due
            """,
            new { place, now = Now(), due = Now() - (long)every.TotalMilliseconds }) > 0);

    /// <summary>The comparison broke off; it is due again.</summary>
    public Task LeaveWalkAsync(string place) => database.InTransactionAsync(
        tx => tx.ExecuteAsync("update store_walks set walked_at = 0 where place = @place", new { place }));

    private static long Lease => (long)DeletionLease.TotalMilliseconds;

    private long Grace => (long)options.OrphanGrace.TotalMilliseconds;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Row
    {
        public string Sha256 { get; init; } = "";

        public string Ext { get; init; } = "";

        public string State { get; init; } = "";

        public ArtifactKey Key => new(Sha256, Ext);
    }
}

/// <summary>How many rows were looked at, and the files that are now the caller's to delete.</summary>
internal sealed record Judged(int Seen, IReadOnlyList<ArtifactKey> Unused);
