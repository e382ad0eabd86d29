using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>The vendor's memory: a row per job, which every node reads, so that what one accepted no other denies.</summary>
/// <param name="database">Where the rows are.</param>
/// <param name="owner">This node, as rows name it.</param>
/// <param name="time">The clock.</param>
internal sealed class SandboxJobs(Database database, GenerationOwner owner, TimeProvider time)
{
    private const int LeaseMilliseconds = 30_000;
    private const int FarthestPosition = 1_000;
    private const string Alone = "alone";

    private const string InsertSql =
        """
        insert into sandbox_jobs (attempt_id, state, job, magic, accepted_at, ready_at, node, owner, leased_until)
        values (@AttemptId, @State, @Job, @Magic, @AcceptedAt, @ReadyAt, @Node, @Owner, @LeasedUntil) on conflict do nothing
        """;

    // The first condition is the index's: SQLite uses a partial one only where its own words stand.
    private const string OpenSql =
        """
        select attempt_id from sandbox_jobs
        where state in ('waiting', 'rendering') and (state = 'waiting' or leased_until < @now) and node in ('', @self)
        order by accepted_at limit 1
        """;

    private static readonly string TakeSql =
        $"""
        update sandbox_jobs set state = 'rendering', owner = @self, leased_until = @until, progress = 0
        where attempt_id = ({OpenSql} for update skip locked) returning *
        """;

    /// <summary>No other node has the database, so none has to be told anything.</summary>
    public bool IsAlone => owner.Name is null;

    /// <summary>This node, as rows name it.</summary>
    public string Self => owner.Name ?? Alone;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private long? Lease => IsAlone ? null : Now + LeaseMilliseconds;

    public bool MayPass(Exception exception) => database.MayPass(exception);

    public ValueTask<SandboxJob?> FindAsync(string attemptId) => database.ReadAsync(async session =>
        await session.FirstOrDefaultAsync<SandboxJob>("select * from sandbox_jobs where attempt_id = @attemptId", new { attemptId }));

    /// <summary>Records the job. Null if it is new; otherwise the job as it is known.</summary>
    public async Task<SandboxJob?> AcceptAsync(SandboxJob job)
    {
        // A job that is drawn here at once needs no second write.
        var mine = job.State == SandboxStates.Rendering;
        var row = new
        {
            job.AttemptId,
            job.State,
            job.Job,
            job.Magic,
            job.AcceptedAt,
            job.ReadyAt,
            job.Node,
            Owner = mine ? Self : null,
            LeasedUntil = mine ? Lease : null,
        };
        return await database.InTransactionAsync(tx => tx.ExecuteAsync(InsertSql, row)) > 0 ? null : await FindAsync(job.AttemptId);
    }

    /// <summary>The job that has waited longest is this node's to draw now; null where none waits.</summary>
    public async Task<SandboxJob?> TakeAsync()
    {
        var found = await database.ReadAsync(async session =>
            await session.ScalarAsync<string>(OpenSql, new { now = Now, self = Self }));
        return found is null ? null : await database.InTransactionAsync(tx => tx.FirstOrDefaultAsync<SandboxJob>(
            tx.Dialect == SqlDialect.Postgres ? TakeSql : TakeSql.Replace(" for update skip locked", "", StringComparison.Ordinal),
            new { now = Now, self = Self, until = Lease }));
    }

    /// <summary>Still at it; false when the job is not this node's any more.</summary>
    public async Task<bool> RenewAsync(string attemptId, int progress) => await database.InTransactionAsync(tx => tx.ExecuteAsync(
        """
        update sandbox_jobs set leased_until = @until, progress = @progress
        where attempt_id = @attemptId and owner = @self and state = 'rendering'
        """,
        new { attemptId, self = Self, until = Lease, progress = (long)progress })) > 0;

    /// <summary>Ends the job that this node draws; false when it is not this node's any more.</summary>
    public async Task<bool> EndAsync(string attemptId, string state, string? error, string? sha256, string ext) =>
        await database.InTransactionAsync(tx => tx.ExecuteAsync(
            """
            update sandbox_jobs set state = @state, error = @error, sha256 = @sha256, ext = @ext, leased_until = null
            where attempt_id = @attemptId and owner = @self and state = 'rendering'
            """,
            new { attemptId, self = Self, state, error, sha256, ext })) > 0;

    /// <summary>What this node draws is anybody's again.</summary>
    public Task GiveBackAsync() => database.InTransactionAsync(tx => tx.ExecuteAsync(
        "update sandbox_jobs set state = 'waiting', owner = null, leased_until = null where state = 'rendering' and owner = @self",
        new { self = Self }));

    /// <summary>Cancels the job unless it is over; returns its state then.</summary>
    public Task<string?> CancelAsync(string attemptId) => database.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync(
            """
            update sandbox_jobs set state = 'canceled', leased_until = null
            where attempt_id = @attemptId and (state in ('scripted', 'waiting', 'rendering') or ready_at > @now)
            """,
            new { attemptId, now = Now });
        return await tx.ScalarAsync<string>("select state from sandbox_jobs where attempt_id = @attemptId", new { attemptId });
    });

    /// <summary>Has the job drawn once more: its file is not to be had here.</summary>
    /// <param name="attemptId">The job.</param>
    /// <param name="node">Where it must be drawn; empty: anywhere.</param>
    public Task RedrawAsync(string attemptId, string node) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        """
        update sandbox_jobs set state = 'waiting', node = @node, owner = null, leased_until = null, sha256 = null
        where attempt_id = @attemptId and (state = 'done' or (state in ('waiting', 'rendering') and node <> @node))
        """,
        new { attemptId, node }));

    public Task ReadAsync(string attemptId) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        "update sandbox_jobs set read_at = @now where attempt_id = @attemptId and read_at is null", new { attemptId, now = Now }));

    /// <summary>How many wait before it, and one; null where it is far behind.</summary>
    public async Task<int?> PositionAsync(SandboxJob job)
    {
        var before = await database.ReadAsync(async session => await session.ScalarAsync<long>(
            """
            select count(*) from (
                select 1 from sandbox_jobs where state in ('waiting', 'rendering') and state = 'waiting' and accepted_at < @at limit @most
            ) as earlier
            """,
            new { at = job.AcceptedAt, most = FarthestPosition }));
        return before < FarthestPosition ? (int)before + 1 : null;
    }

    /// <summary>How often this was asked before, on any node.</summary>
    public Task<int> CountAsync(params ReadOnlySpan<string> what)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', what))))[..32];
        return database.InTransactionAsync(async tx => (int)(await tx.ScalarAsync<long>(
            """
            insert into sandbox_counts (what, n, counted_at) values (@name, 1, @now)
            on conflict (what) do update set n = sandbox_counts.n + 1, counted_at = excluded.counted_at returning n
            """,
            new { name, now = Now }) - 1));
    }
}
