using System.Security.Cryptography;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>A result as its owner shows it to whoever has the link.</summary>
/// <param name="Id">The unguessable part of the link.</param>
/// <param name="Words">Whether the prompt is shown.</param>
/// <param name="Until">When the link ends; null while it stands.</param>
internal sealed record Share(string Id, bool Words, DateTimeOffset? Until);

/// <summary>Links that show a result to anybody. They live in the row of the task, so they die with it and with its result.</summary>
internal sealed class Shares(Database database, TimeProvider time)
{
    public const string Path = "s/";

    // 128 random bits in 32 letters, which no list of words or ids leads to.
    private const int IdLength = 32;
    private const string Letters = "abcdefghijklmnop";

    private static readonly Problem NoResult = Problems.NoResult.With(
        "The task has no result to share: it is not finished, it failed, or its files are gone.");

    private static readonly Problem NotShared = Problems.InvalidOperation.With("The task is not shared.");

    private static readonly string FindSql =
        $"""
        select {Admission.Commit.GenerationColumns.All} from generations
        where share_id = @id and share_id is not null and (share_until is null or share_until > @now) and result_deleted_at is null
        """;

    /// <summary>Makes the link of a finished task, or changes what it shows; null where there is no such task.</summary>
    public Task<Outcome<Generation>?> SetAsync(Actor by, Caller caller, string id, bool words, DateTimeOffset? until) =>
        database.InTransactionAsync<Outcome<Generation>?>(async tx =>
        {
            if (await TaskCare.FindAsync(tx, caller, id) is not { } task)
            {
                return null;
            }

            if (task.Result is null || task.ResultDeletedAt is not null)
            {
                return NoResult with { Given = id };
            }

            var share = new Share(task.Share?.Id ?? RandomNumberGenerator.GetString(Letters, IdLength), words, until);
            return await WriteAsync(tx, by, task, share, "task.shared");
        });

    /// <summary>The link shows nothing from now on; null where there is no such task.</summary>
    public Task<Outcome<Generation>?> EndAsync(Actor by, Caller caller, string id) =>
        database.InTransactionAsync<Outcome<Generation>?>(async tx =>
        {
            if (await TaskCare.FindAsync(tx, caller, id) is not { } task)
            {
                return null;
            }

            return task.Share is null ? NotShared with { Given = id } : await WriteAsync(tx, by, task, share: null, "task.unshared");
        });

    /// <summary>What a link shows; null where it is none, or shows nothing any more.</summary>
    public async ValueTask<Generation?> FindAsync(string shareId) =>
        shareId.Length != IdLength || shareId.AsSpan().ContainsAnyExceptInRange('a', 'p')
            ? null
            : (await database.ReadAsync(session => GenerationStore.ReadAllAsync(
                session, FindSql, new { id = shareId, now = time.GetUtcNow().ToUnixTimeMilliseconds() }))).FirstOrDefault();

    // The id is the right to see the result, so it is in no log.
    private async Task<Outcome<Generation>> WriteAsync(Tx tx, Actor by, Generation task, Share? share, string action)
    {
        await tx.ExecuteAsync(
            """
            update generations set share_id = @share, share_words = @words, share_until = @until
            where account_id = @AccountId and id = @Id
            """,
            new
            {
                share = share?.Id,
                words = share is { Words: true } ? 1L : 0L,
                until = share?.Until?.ToUnixTimeMilliseconds(),
                task.AccountId,
                task.Id,
            });
        await AuditLog.AppendAsync(
            tx,
            by,
            new AuditEntry(task.AccountId, action, task.Id) { Before = Facts(task.Share), After = Facts(share) },
            time.GetUtcNow());
        return task with { Share = share };
    }

    private static object? Facts(Share? share) =>
        share is null ? null : new { words = share.Words, until = WireTime.Text(share.Until?.ToUnixTimeMilliseconds()) };
}
