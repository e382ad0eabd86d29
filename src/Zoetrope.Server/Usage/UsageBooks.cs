using System.Text.Json;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>
/// Counts accounts' events into the rows of usage. How far an account is counted changes in the transaction of the rows, so an event
/// is counted once, whoever counts and however often.
/// </summary>
internal sealed class UsageBooks(Database database, RetentionOptions retention, TimeProvider time)
{
    private const int Page = 500;

    private const string HeadSql = "select coalesce(max(seq), 0) from events where account_id = @account";

    // Every charge, release and refund of the account holds one of these until it is committed.
    private const string LockBalancesSql = "select mode from balances where account_id = @account order by mode for update";

    private const string VanishedSql =
        """
        select max(created_at) from ledger_transfers l
        where account_id = @account and (resolves is not null or kind = 'refund')
            and not exists (select 1 from generations g where g.account_id = l.account_id and g.id = l.generation_id)
        """;

    /// <summary>Counts some of what the account's log holds and is not counted; whether there may be more.</summary>
    public Task<bool> CountAsync(string account) => database.InTransactionAsync(async tx =>
    {
        if (await UsageStore.LockAsync(tx, account) is not { } after)
        {
            await RebuildAsync(tx, account);
            return false;
        }

        var events = await EventLog.ReadAsync(tx, account, generationId: null, after, Page);
        if (events.Count == 0)
        {
            return false;
        }

        var sums = new UsageSums();
        var ended = events.Where(one => EventTypes.IsLast(one.Type)).Select(one => one.GenerationId).Distinct().ToList();
        var refunds = events.Where(one => one.Type == EventTypes.CreditsRefunded).Select(TransferOf).ToList();
        foreach (var fact in await UsageFact.ResolvedAsync(tx, account, ended))
        {
            sums.Add(fact);
        }

        foreach (var fact in await UsageFact.RefundedAsync(tx, account, refunds))
        {
            sums.Add(fact);
        }

        await UsageStore.AddAsync(tx, account, sums);
        await UsageStore.MoveAsync(tx, account, events[^1].Seq);
        return events.Count == Page;
    });

    /// <summary>
    /// Counts the account anew from its ledger; meanwhile its tasks do not end. Hours of which something was deleted since, by the
    /// retention of tasks or of attempts, stay as they were counted.
    /// </summary>
    public Task RebuildAsync(string account) => database.InTransactionAsync(async tx =>
    {
        await LockBalancesAsync(tx, account);
        await UsageStore.LockAsync(tx, account);
        await RebuildAsync(tx, account);
    });

    private async Task RebuildAsync(Tx tx, string account)
    {
        var head = await tx.ScalarAsync<long>(HeadSql, new { account });
        var fromHour = await FromAsync(tx, account);
        await UsageStore.ClearAsync(tx, account, fromHour);
        var sums = new UsageSums();
        var after = "";
        while (await UsageFact.AllAsync(tx, account, after, Page) is { Count: > 0 } facts)
        {
            foreach (var fact in facts.Where(fact => fact.Hour >= fromHour))
            {
                sums.Add(fact);
            }

            after = facts[^1].Id;
        }

        await UsageStore.AddAsync(tx, account, sums);
        await UsageStore.MoveAsync(tx, account, head);
    }

    // Nothing was counted: then what is left is better than nothing.
    private async Task<long> FromAsync(Tx tx, string account)
    {
        if (!await tx.ScalarAsync<bool>("select exists (select 1 from usage_hours where account_id = @account)", new { account }))
        {
            return 0;
        }

        var vanished = await tx.ScalarAsync<long?>(VanishedSql, new { account }) is { } at ? (at / UsageHours.Milliseconds) + 1 : 0;
        var costs = RetentionOptions.OlderThan(retention.AttemptDays, time) is { } old ? UsageHours.Of(old) + 1 : 0;
        var kept = RetentionOptions.OlderThan(retention.UsageDays, time) is { } oldest ? UsageHours.Of(oldest) + 1 : 0;
        return Math.Max(vanished, Math.Max(costs, kept));
    }

    private static async Task LockBalancesAsync(Tx tx, string account)
    {
        if (tx.Dialect is SqlDialect.Postgres)
        {
            await tx.QueryAsync<long>(LockBalancesSql, new { account });
        }
    }

    private static string TransferOf(LoggedEvent refund)
    {
        using var document = JsonDocument.Parse(refund.Payload!);
        return document.RootElement.GetProperty("id").GetString()!;
    }
}
