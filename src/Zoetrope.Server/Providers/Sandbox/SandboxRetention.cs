using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>Forgets the sandbox's jobs: soon once their results were fetched, later if nobody does, and with them their files.</summary>
internal sealed class SandboxRetention(Database database, SandboxFiles files, SandboxOptions options, TimeProvider time) : IRetention
{
    private const string OldSql =
        """
        select attempt_id from (
            select * from (select attempt_id from sandbox_jobs where read_at < @read limit 200) as fetched
            union all
            select * from (select attempt_id from sandbox_jobs where attempt_id < @unread and accepted_at < @accepted
                order by attempt_id limit 200) as forgotten
        ) as old
        """;

    public string Table => "sandbox_jobs";

    public TimeSpan Every => TimeSpan.FromMinutes(5);

    public async Task<int> DeleteSomeAsync()
    {
        var now = time.GetUtcNow();
        var unread = now - options.UnreadTtl;
        files.DeleteOlderThan(unread);
        return await database.InTransactionAsync(async tx =>
        {
            var old = await tx.QueryAsync<string>(OldSql, new
            {
                read = (now - options.JobTtl).ToUnixTimeMilliseconds(),
                unread = Ids.First(Ids.Attempt, unread),
                accepted = unread.ToUnixTimeMilliseconds(),
            });
            foreach (var id in old)
            {
                await BlobRecords.LookAtJobsAsync(tx, "attempt_id = @id", new { id, lookAt = now.ToUnixTimeMilliseconds() });
                await tx.ExecuteAsync("delete from sandbox_jobs where attempt_id = @id", new { id });
            }

            return old.Count + await tx.ExecuteAsync(
                "delete from sandbox_counts where what in (select what from sandbox_counts where counted_at < @before limit 200)",
                new { before = unread.ToUnixTimeMilliseconds() });
        });
    }
}
