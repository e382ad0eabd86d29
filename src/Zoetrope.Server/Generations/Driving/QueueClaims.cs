using Zoetrope.Server.Catalog;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// Takes queued generations of one provider into its free slots: live before test, account after account in a round. The last
/// tenth of the slots, at least one, goes only to accounts that run nothing there: whoever came first with long tasks does not
/// hold the whole provider.
/// </summary>
internal sealed class QueueClaims(
    Database database, CatalogHolder catalog, GenerationWriter writer, GenerationOptions options, TimeProvider time)
{
    private const int ClaimsInOneTransaction = 64;

    private static readonly KeyMode[] LiveFirst = [KeyMode.Live, KeyMode.Test];

    /// <summary>Takes up to one transaction's worth.</summary>
    /// <param name="provider">Whose queue.</param>
    /// <param name="slots">How many may run there at once.</param>
    /// <param name="lastServed">How far the round of each mode has come; moved on once the claims are committed.</param>
    /// <returns>What runs from now on, what waited too long and has ended, and whether there may be more to take.</returns>
    public async Task<(IReadOnlyList<Generation> Claimed, IReadOnlyList<Ended> Ended, bool More)> TakeAsync(
        string provider, int slots, Dictionary<KeyMode, (string Account, string Id)> lastServed)
    {
        var running = await database.ReadAsync(session => GenerationStore.CountRunningAsync(session, provider));
        var free = slots - (int)running;
        if (free <= 0)
        {
            return ([], [], false);
        }

        // A look before the transaction: an idle provider's tick must not cost an fsync.
        var now = time.GetUtcNow();
        if (!await database.ReadAsync(async session =>
                await GenerationStore.NextQueuedAsync(session, provider, KeyMode.Live, "", "", now) is not null ||
                await GenerationStore.NextQueuedAsync(session, provider, KeyMode.Test, "", "", now) is not null))
        {
            return ([], [], false);
        }

        var wanted = Math.Min(free, ClaimsInOneTransaction);
        var unkept = free - Kept(slots);
        var rounds = new Dictionary<KeyMode, (string, string)>(lastServed);
        var (claimed, ended) = await database.InTransactionAsync(tx => TakeInAsync(tx, provider, wanted, unkept, rounds));
        foreach (var (mode, last) in rounds)
        {
            lastServed[mode] = last;
        }

        return (claimed, ended, claimed.Count + ended.Count == wanted);
    }

    /// <summary>Slots that an account with a running task there does not get.</summary>
    private static int Kept(int slots) => Math.Max(1, slots / 10);

    /// <param name="unkept">How many of the wanted may be of accounts that run something there already.</param>
    private async Task<(List<Generation> Claimed, List<Ended> Ended)> TakeInAsync(
        Tx tx, string provider, int wanted, int unkept, Dictionary<KeyMode, (string Account, string Id)> rounds)
    {
        var now = time.GetUtcNow();
        var claimed = new List<Generation>();
        var ended = new List<Ended>();
        HashSet<string>? busy = null;
        foreach (var mode in LiveFirst)
        {
            var wrapped = false;
            var account = rounds.TryGetValue(mode, out var last) ? last.Account : "";
            while (claimed.Count + ended.Count < wanted)
            {
                // Behind the last served account comes the next account's oldest; behind the last account, the first again.
                var generation = await GenerationStore.NextQueuedAsync(tx, provider, mode, account, "~", now);
                if (generation is null && wrapped)
                {
                    break;
                }

                if (generation is null)
                {
                    wrapped = true;
                    account = "";
                    continue;
                }

                account = generation.AccountId;
                if (claimed.Count >= unkept)
                {
                    busy ??= [.. await GenerationStore.RunningAccountsAsync(tx, provider)];
                    if (busy.Contains(account))
                    {
                        continue;
                    }
                }

                wrapped = false;
                rounds[mode] = (account, generation.Id);
                switch (await TakeOneAsync(tx, generation, now))
                {
                    case { Next: { IsTerminal: false } taken }:
                        claimed.Add(taken);
                        busy?.Add(account);
                        break;
                    case { } transition:
                        ended.Add(new Ended(generation, transition));
                        break;
                }
            }
        }

        return (claimed, ended);
    }

    private async Task<Transition?> TakeOneAsync(Tx tx, Generation generation, DateTimeOffset now)
    {
        var tooOld = now - generation.CreatedAt > TimeSpan.FromHours(options.MaxQueuedHours) || now >= generation.DeadlineAt;
        GenerationEvent happened = tooOld
            ? new GenerationEvent.DeadlineStopped()
            : new GenerationEvent.Claimed(GenerationDriver.Deadline(catalog.Current, generation.Model));
        var transition = GenerationTransitions.Apply(generation, happened, now);

        // A version that moved means that somebody cancelled it between the read and here; on SQLite that cannot happen.
        return await writer.SaveAsync(tx, generation, transition, now) ? transition : null;
    }
}

/// <summary>A task that waited in the queue until its deadline.</summary>
internal readonly record struct Ended(Generation Before, Transition Transition);
