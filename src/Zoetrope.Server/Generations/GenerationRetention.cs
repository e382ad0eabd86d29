using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations.Batches;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Deletes finished tasks, and the files that only they name, after <see cref="RetentionOptions.GenerationDays"/>; by default
/// never. A batch goes as one. A task stays at least as long as an idempotency key or a webhook delivery that can still show it.
/// What it cost stays in the ledger.
/// </summary>
internal sealed class GenerationRetention(
    Database database, RetentionOptions options, GenerationOptions generations, WebhookOptions webhooks, TimeProvider time) : IRetention
{
    // Behind which account the walk is: the table is clustered by account, and an index by age would cost every submit.
    private string _walked = "";

    public string Table => "generations";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    public async Task<int> DeleteSomeAsync()
    {
        if (options.GenerationDays == 0)
        {
            return 0;
        }

        var now = time.GetUtcNow();
        var days = Math.Max(options.GenerationDays, webhooks.RetentionDays);
        var old = now - TimeSpan.FromHours(Math.Max(days * 24L, generations.IdempotencyHours));
        while (await database.ReadAsync(async session =>
            await GenerationStore.NextAccountWithOldAsync(session, _walked, old)) is { } account)
        {
            var deleted = await database.InTransactionAsync(tx => DeleteAsync(tx, account, old, now));
            if (deleted > 0)
            {
                return deleted;
            }

            _walked = account;
        }

        _walked = "";
        return 0;
    }

    private static async Task<int> DeleteAsync(Tx tx, string accountId, DateTimeOffset old, DateTimeOffset now)
    {
        var gone = await BatchStore.NextFinishedAsync(tx, accountId, old) is { } batch
            ? await BatchStore.DeleteAsync(tx, accountId, batch)
            : await GenerationStore.DeleteFinishedAsync(tx, accountId, old);
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
}
