using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>What the owner of a task does with it after it was made: a star, a collection, tags, and the end of what it made.</summary>
internal sealed class TaskCare(Database database, TimeProvider time)
{
    public static readonly Problem NoFiles = Problems.NoResult.With(
        "The task has no result to delete: it is not finished, it failed, or its files are gone already.");

    /// <summary>Marks the task; null where there is no such task.</summary>
    /// <param name="by">Who does.</param>
    /// <param name="caller">Whose task it is.</param>
    /// <param name="id">The task.</param>
    /// <param name="change">The task as it shall be.</param>
    public Task<Generation?> MarkAsync(Actor by, Caller caller, string id, Func<Generation, Generation> change) =>
        database.InTransactionAsync(async tx =>
        {
            if (await FindAsync(tx, caller, id) is not { } before)
            {
                return null;
            }

            var after = change(before);
            await tx.ExecuteAsync(
                """
                update generations set starred = @starred, collection = @Collection, own_tags = @OwnTags
                where account_id = @AccountId and id = @Id
                """,
                new { starred = after.IsStarred ? 1L : 0L, after.Collection, after.OwnTags, after.AccountId, after.Id });
            if (after.OwnTags != before.OwnTags)
            {
                await FindByAsync(tx, after);
            }

            await AuditLog.AppendAsync(
                tx,
                by,
                new AuditEntry(caller.AccountId, "task.changed", id) { Before = Facts(before), After = Facts(after) },
                time.GetUtcNow());
            return after;
        });

    /// <summary>
    /// Deletes the files of a finished task for good, posters included; null where there is no such task. The task stays, and so does
    /// what was charged for it.
    /// </summary>
    public Task<Outcome<Generation>?> DeleteResultAsync(Actor by, Caller caller, string id) =>
        database.InTransactionAsync<Outcome<Generation>?>(async tx =>
        {
            if (await FindAsync(tx, caller, id) is not { } task)
            {
                return null;
            }

            if (task.Result is null || task.ResultDeletedAt is not null)
            {
                return NoFiles with { Given = id };
            }

            var now = time.GetUtcNow();
            var results = GenerationJson.Results(task);
            string[] files = [.. results.Select(result => result.ArtifactId), .. results.Select(result => result.PosterId).OfType<string>()];
            await ArtifactRecords.DeleteAsync(tx, task.AccountId, files, now);
            await tx.ExecuteAsync(
                """
                update generations set result_deleted_at = @now, share_id = null, share_words = 0, share_until = null
                where account_id = @AccountId and id = @Id
                """,
                new { now = now.ToUnixTimeMilliseconds(), task.AccountId, task.Id });
            await AuditLog.AppendAsync(tx, by, new AuditEntry(task.AccountId, "result.deleted", id) { Before = new { files } }, now);
            return (Outcome<Generation>)(task with { ResultDeletedAt = now, Share = null });
        });

    // Where tasks are found by their tags. What they are counted for is in their own column and in the rows of usage.
    private static async Task FindByAsync(Tx tx, Generation task)
    {
        await tx.ExecuteAsync("delete from generation_tags where account_id = @AccountId and id = @Id", new { task.AccountId, task.Id });
        foreach (var tag in Attribution.ReadTags(task.OwnTags ?? task.Tags))
        {
            await tx.ExecuteAsync(
                "insert into generation_tags (account_id, id, name, value) values (@AccountId, @Id, @Name, @Value)",
                new { task.AccountId, task.Id, tag.Name, tag.Value });
        }
    }

    /// <summary>The caller's own task in the caller's mode.</summary>
    public static async ValueTask<Generation?> FindAsync(Tx tx, Caller caller, string id) =>
        Ids.IsValid(Ids.Generation, id) && await GenerationStore.FindAsync(tx, caller.AccountId, id) is { } task && task.Mode == caller.Mode
            ? task
            : null;

    private static object Facts(Generation task) => new
    {
        star = task.IsStarred,
        collection = task.Collection,
        tags = Attribution.ReadTags(task.OwnTags ?? task.Tags).ToDictionary(tag => tag.Name, tag => tag.Value, StringComparer.Ordinal),
    };
}
