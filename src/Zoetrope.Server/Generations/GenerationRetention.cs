using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations.Batches;
using Zoetrope.Server.Generations.Finding;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Deletes finished tasks, and the files that only they name: all after <see cref="RetentionOptions.GenerationDays"/>, by default
/// never, and those of test keys after <see cref="RetentionOptions.TestDays"/>. A batch goes as one. A task stays at least as long
/// as an idempotency key or a webhook delivery that can still show it. What it cost stays in the ledger.
/// </summary>
internal sealed class GenerationRetention(
    Database database, RetentionOptions options, GenerationOptions generations, WebhookOptions webhooks, TimeProvider time) : IRetention
{
    private readonly Walk _all = new(TestOnly: false);
    private readonly Walk _test = new(TestOnly: true);

    public string Table => "generations";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    public async Task<int> DeleteSomeAsync() => await DeleteSomeAsync(_all, options.GenerationDays) is var deleted and > 0
        ? deleted
        : await DeleteSomeAsync(_test, options.TestDays);

    private async Task<int> DeleteSomeAsync(Walk walk, int kept)
    {
        if (kept == 0)
        {
            return 0;
        }

        var now = time.GetUtcNow();
        var days = Math.Max(kept, webhooks.RetentionDays);
        var old = now - TimeSpan.FromHours(Math.Max(days * 24L, generations.IdempotencyHours));
        while (await database.ReadAsync(async session =>
            await GenerationStore.NextAccountWithOldAsync(session, walk.Account, old, walk.TestOnly)) is { } account)
        {
            var deleted = await database.InTransactionAsync(tx => DeleteAsync(tx, account, old, walk.TestOnly, now));
            if (deleted > 0)
            {
                return deleted;
            }

            walk.Account = account;
        }

        walk.Account = "";
        return 0;
    }

    private static async Task<int> DeleteAsync(Tx tx, string accountId, DateTimeOffset old, bool testOnly, DateTimeOffset now)
    {
        var gone = await BatchStore.NextFinishedAsync(tx, accountId, old, testOnly) is { } batch
            ? await BatchStore.DeleteAsync(tx, accountId, batch)
            : await GenerationStore.DeleteFinishedAsync(tx, accountId, old, testOnly);
        if (gone.Count > 0)
        {
            var among = tx.Dialect is SqlDialect.Postgres ? "= any(@ids)" : "in @ids";
            string[] ids = [.. gone.Select(one => one.Id)];
            await tx.ExecuteAsync($"delete from generation_tags where account_id = @accountId and id {among}", new { accountId, ids });
            await PromptStore.DeleteAsync(tx, accountId, ids);
        }

        var files = gone.SelectMany(FilesOf).Distinct().ToList();
        if (files.Count > 0)
        {
            await ArtifactRecords.DeleteAsync(tx, accountId, files, now);
        }

        return gone.Count;
    }

    private static IEnumerable<string> FilesOf(Generation generation) =>
    [
        .. GenerationJson.Inputs(generation).Select(input => input.ArtifactId),
        .. GenerationJson.Results(generation).SelectMany(
            result => result.PosterId is { } poster ? [result.ArtifactId, poster] : new[] { result.ArtifactId }),
    ];

    /// <summary>How far a walk over the accounts has come: the table is clustered by them, and an index by age would cost every submit.
    /// </summary>
    private sealed record Walk(bool TestOnly)
    {
        public string Account { get; set; } = "";
    }
}
