using Zoetrope.Server.Budgets;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations.Batches;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Saves a transition with its effects in one transaction: the row (compare-and-swap on the version), the hold's
/// resolution, the key's count of unfinished tasks, what its day gets back, the batch's count and the events. Whoever loses
/// the swap changes nothing.
/// </summary>
internal sealed class GenerationWriter(CreditLedger ledger, GenerationOwner owner)
{
    // Which row counted the task (Caller.CountsWith): that of the key, of the key it was rotated from, or of the granter of a grant.
    private const string Counter =
        """
        coalesce((
            select coalesce(p.spends_with, k.parent_id, k.spends_with, k.id)
            from api_keys k left join api_keys p on p.id = k.parent_id where k.id = @key), @key)
        """;

    private const string LandSql = $"update key_usage set in_flight = in_flight - 1 where key_id = {Counter}";

    // A grant's spend is counted in its own row too. Only the day, week and month of the submit get it back. All these keys are of one
    // account, whose balance is locked by now, so the order of the rows cannot deadlock.
    private const string LandAndGiveBackSql =
        $"""
        update key_usage set
            in_flight = in_flight - case when key_id = {Counter} then 1 else 0 end,
            spent = case when spent_day <> @Day then spent when spent > @back then spent - @back else 0 end,
            week_spent = case when spent_week <> @Week then week_spent when week_spent > @back then week_spent - @back else 0 end,
            month_spent = case when spent_month <> @Month then month_spent when month_spent > @back then month_spent - @back else 0 end,
            all_spent = case when all_spent > @back then all_spent - @back else 0 end
        where key_id = {Counter} or key_id = coalesce((select k.spends_with from api_keys k where k.id = @key), @key)
        """;

    public async Task<bool> SaveAsync(Tx tx, Generation before, Transition transition, DateTimeOffset now)
    {
        var next = transition.Next;
        if (!await GenerationStore.SaveAsync(tx, next, before.Version, owner.Name))
        {
            return false;
        }

        await ResolveHoldAsync(tx, transition);
        var endsBatch = false;
        if (next.IsTerminal)
        {
            var back = next.Quoted - (next.Charged ?? 0);
            var periods = SpendPeriods.Of(next.CreatedAt);
            await (back == 0
                ? tx.ExecuteAsync(LandSql, new { key = next.KeyId })
                : tx.ExecuteAsync(LandAndGiveBackSql, new { key = next.KeyId, periods.Day, periods.Week, periods.Month, back }));
            if (next.Budgets is { } budgets)
            {
                await BudgetStore.EndAsync(tx, next.AccountId, budgets, next.Quoted, next.Charged ?? 0);
            }

            endsBatch = next.BatchId is { } batch && await BatchStore.LandAsync(tx, next.AccountId, batch, now);
        }

        if (transition.Announce is { } type)
        {
            await EventLog.AppendAsync(tx, next.AccountId, next.Id, type, now);
        }

        if (endsBatch)
        {
            // Every other item's end is committed, or this transaction would still be waiting for the batch's row.
            var batch = await BatchStore.FindAsync(tx, next.AccountId, next.Mode, next.BatchId!);
            await EventLog.AppendAsync(
                tx, next.AccountId, next.Mode, next.BatchId!, EventTypes.BatchCompleted, BatchJson.Event(batch!), now);
        }

        return true;
    }

    /// <summary>
    /// Saves transitions of many rows that move no money: the rows in the order of the lock law (AGENTS.md), then their events.
    /// Returns those that nobody else had moved.
    /// </summary>
    public async Task<List<Generation>> SaveManyAsync(
        Tx tx, IReadOnlyList<(Generation Before, Transition Transition)> moves, DateTimeOffset now)
    {
        var saved = new List<Generation>(moves.Count);
        var events = new List<NewEvent>();
        foreach (var (before, transition) in moves
            .OrderBy(move => move.Before.AccountId, StringComparer.Ordinal).ThenBy(move => move.Before.Id, StringComparer.Ordinal))
        {
            var next = transition.Next;
            if (transition.Ledger is not LedgerEffect.None || next.IsTerminal)
            {
                throw new InvalidOperationException($"The transition of {next.Id} moves money or ends it; it is saved alone.");
            }

            if (await GenerationStore.SaveAsync(tx, next, before.Version, owner.Name))
            {
                saved.Add(next);
                if (transition.Announce is { } type)
                {
                    events.Add(new NewEvent(next.AccountId, next.Id, type, now));
                }
            }
        }

        await EventLog.AppendManyAsync(tx, events);
        return saved;
    }

    private async Task ResolveHoldAsync(Tx tx, Transition transition)
    {
        var next = transition.Next;
        if (transition.Ledger is LedgerEffect.None)
        {
            return;
        }

        var resolution = transition.Ledger is LedgerEffect.Settle
            ? await ledger.SettleAsync(tx, next.AccountId, next.Mode, next.Id, next.Quoted, next.Charged ?? 0)
            : await ledger.ReleaseAsync(tx, next.AccountId, next.Mode, next.Id, next.Quoted);
        if (resolution is not Resolution.Done)
        {
            // The swap above let exactly one writer through, so the books are wrong if its hold is already resolved: change nothing.
            throw new InvalidOperationException($"The hold of {next.Id} could not be resolved: {resolution}.");
        }

        if (transition.Ledger is LedgerEffect.ReleaseAndSuspend)
        {
            await ledger.SuspendAsync(
                tx, next.AccountId, next.Mode, next.Id, next.Quoted, GenerationJson.Failure(next)?.Message ?? "outcome unknown");
        }
    }
}
