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

    private const string VanishedSql =
        """
        select max(created_at) from ledger_transfers l
        where account_id = @account and (resolves is not null or kind = 'refund')
            and not exists (select 1 from generations g where g.account_id = l.account_id and g.id = l.generation_id)
        """;

    /// <summary>Counts some of what the account's log holds and is not counted; whether there may be more.</summary>
    public async Task<bool> CountAsync(string account)
    {
        // Read beside the writers: what an event reports does not change any more.
        var (after, page) = await database.ReadAsync(session => ReadAsync(session, account));
        if (after is null)
        {
            await RebuildAsync(account);
            return false;
        }

        if (page is null)
        {
            return false;
        }

        return await database.InTransactionAsync(async tx =>
        {
            if (await UsageStore.LockAsync(tx, account) != after)
            {
                // Somebody else has counted meanwhile.
                return true;
            }

            await UsageStore.AddAsync(tx, account, page.Sums);
            await UsageStore.MoveAsync(tx, account, page.LastSeq);
            return page.IsFull;
        });
    }

    /// <summary>
    /// Counts the account anew from its ledger. Days of which something was deleted since, by the retention of tasks or of attempts, stay
    /// as they were counted. Nothing else waits for it: it reads one snapshot, in which the ledger and the log agree.
    /// </summary>
    public Task RebuildAsync(string account) => database.InTransactionAsync(async tx =>
    {
        if (tx.Dialect is SqlDialect.Postgres)
        {
            // Whoever counts meanwhile waits for the row below, or has changed it: then this begins again.
            await tx.ExecuteAsync("set transaction isolation level repeatable read");
        }

        await RebuildAsync(tx, account, await UsageStore.LockAsync(tx, account));
    });

    private static async ValueTask<(long? After, CountedPage? Page)> ReadAsync(Session session, string account) =>
        await UsageStore.FindAsync(session, account) is { } after
            ? (after, await ReadAsync(session, account, after, static _ => true))
            : (null, null);

    private static async Task<CountedPage?> ReadAsync(Session session, string account, long after, Func<UsageFact, bool> counts)
    {
        var events = await EventLog.ReadAsync(session, account, generationId: null, after, Page);
        if (events.Count == 0)
        {
            return null;
        }

        var sums = new UsageSums();
        var ended = events.Where(one => EventTypes.IsLast(one.Type)).Select(one => one.GenerationId).Distinct().ToList();
        var refunds = events.Where(one => one.Type == EventTypes.CreditsRefunded).Select(TransferOf).ToList();
        foreach (var fact in (await UsageFact.ResolvedAsync(session, account, ended)).Where(counts))
        {
            sums.Add(fact);
        }

        foreach (var fact in (await UsageFact.RefundedAsync(session, account, refunds)).Where(counts))
        {
            sums.Add(fact);
        }

        return new CountedPage(sums, events[^1].Seq, events.Count == Page);
    }

    private async Task RebuildAsync(Tx tx, string account, long? counted)
    {
        var head = await tx.ScalarAsync<long>(HeadSql, new { account });
        var fromDay = await FromAsync(tx, account);

        // Of the days that stay, what was not counted yet.
        for (var seq = counted ?? head; seq < head;)
        {
            var page = (await ReadAsync(tx, account, seq, fact => DayOf(fact) < fromDay))!;
            await UsageStore.AddAsync(tx, account, page.Sums);
            seq = page.LastSeq;
        }

        await UsageStore.ClearAsync(tx, account, fromDay);
        var sums = new UsageSums();
        var after = "";
        while (await UsageFact.AllAsync(tx, account, after, Page) is { Count: > 0 } facts)
        {
            foreach (var fact in facts.Where(fact => DayOf(fact) >= fromDay))
            {
                sums.Add(fact);
            }

            after = facts[^1].Id;
        }

        await UsageStore.AddAsync(tx, account, sums);
        await UsageStore.MoveAsync(tx, account, head);
    }

    private static long DayOf(UsageFact fact) => fact.Hour / UsageHours.OfDay;

    // Nothing was counted: then what is left is better than nothing.
    private async Task<long> FromAsync(Tx tx, string account)
    {
        if (!await tx.ScalarAsync<bool>("select exists (select 1 from usage_hours where account_id = @account)", new { account }))
        {
            return 0;
        }

        var last = await tx.ScalarAsync<long?>(VanishedSql, new { account });
        var vanished = last is { } at ? DayAfter(DateTimeOffset.FromUnixTimeMilliseconds(at)) : 0;
        var costs = RetentionOptions.OlderThan(retention.AttemptDays, time) is { } old ? DayAfter(old) : 0;
        var kept = RetentionOptions.OlderThan(retention.UsageDays, time) is { } oldest ? DayAfter(oldest) : 0;
        return Math.Max(vanished, Math.Max(costs, kept));
    }

    private static long DayAfter(DateTimeOffset time) => UtcDay.Of(time) + 1;

    private static string TransferOf(LoggedEvent refund)
    {
        using var document = JsonDocument.Parse(refund.Payload!);
        return document.RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>A page of an account's log, added up.</summary>
    private sealed record CountedPage(UsageSums Sums, long LastSeq, bool IsFull);
}
