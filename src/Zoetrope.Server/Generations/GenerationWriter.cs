using Zoetrope.Server.Events;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Saves a transition with its effects in one transaction: the row (compare-and-swap on the version), the hold's
/// resolution, the key's count of unfinished tasks and the event. Whoever loses the swap changes nothing.
/// </summary>
internal static class GenerationWriter
{
    private const string LandSql = "update key_usage set in_flight = in_flight - 1 where key_id = @key";

    public static async Task<bool> SaveAsync(Tx tx, Generation before, Transition transition, DateTimeOffset now)
    {
        var next = transition.Next;
        if (!await GenerationStore.SaveAsync(tx, next, before.Version))
        {
            return false;
        }

        switch (transition.Ledger)
        {
            case LedgerEffect.Settle:
                await CreditLedger.SettleAsync(tx, next.AccountId, next.Mode, next.Id, next.Quoted, next.Charged ?? 0, now);
                break;
            case LedgerEffect.Release:
                await CreditLedger.ReleaseAsync(tx, next.AccountId, next.Mode, next.Id, next.Quoted, now);
                break;
            case LedgerEffect.ReleaseAndSuspend:
                await CreditLedger.ReleaseAsync(tx, next.AccountId, next.Mode, next.Id, next.Quoted, now);
                await CreditLedger.SuspendAsync(tx, next.AccountId, next.Mode, next.Id, next.Quoted, next.ProviderError ?? "outcome unknown", now);
                break;
            case LedgerEffect.None:
            default:
                break;
        }

        if (next.IsTerminal)
        {
            await tx.ExecuteAsync(LandSql, new { key = next.KeyId });
        }

        if (transition.Announce is { } type)
        {
            await EventLog.AppendAsync(tx, next.AccountId, next.Id, type, now);
        }

        return true;
    }
}
