using Zoetrope.Server.Catalog;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Scheduling;

/// <summary>
/// Takes queued generations of one provider into its free places: live before test, and of the accounts that wait always the one
/// that runs least there. So an account alone may fill the places, and beside others gets its share. The last tenth of the places,
/// at least one, goes only to accounts that run nothing there: whoever came first with long tasks does not hold the whole provider.
/// </summary>
internal sealed class QueueClaims(
    Database database, CatalogHolder catalog, GenerationWriter writer, GenerationOptions options, TimeProvider time)
{
    private const int ClaimsInOneTransaction = 64;

    private static readonly KeyMode[] LiveFirst = [KeyMode.Live, KeyMode.Test];

    /// <summary>Takes up to one transaction's worth.</summary>
    /// <param name="provider">Whose queue.</param>
    /// <param name="places">How many may run there at once, in the whole cluster.</param>
    /// <param name="served">The account that was served last, by mode; moved on once the claims are committed.</param>
    public async Task<Claims> TakeAsync(string provider, int places, Dictionary<KeyMode, string> served)
    {
        // A look before the transaction: a round with nothing to take, or no place for it, must not cost one.
        var now = time.GetUtcNow();
        if (!await database.ReadAsync(async session =>
                await GenerationStore.HasQueuedAsync(session, provider, now)
                && await GenerationStore.CountRunningAsync(session, provider) < places))
        {
            return Claims.None;
        }

        var rounds = new Dictionary<KeyMode, string>(served);
        var claims = await database.InTransactionAsync(tx => TakeInAsync(tx, provider, places, rounds));
        foreach (var (mode, last) in rounds)
        {
            served[mode] = last;
        }

        return claims;
    }

    /// <summary>Places that an account with a running task there does not get.</summary>
    private static int Kept(int places) => Math.Max(1, places / 10);

    // The provider's row is the lock of its places: a second scheduler, which a cluster may have for a moment, waits here and
    // counts what this one took.
    private async Task<Claims> TakeInAsync(Tx tx, string provider, int places, Dictionary<KeyMode, string> served)
    {
        await GenerationStore.LockPlacesAsync(tx, provider);
        var running = await GenerationStore.RunningByAccountAsync(tx, provider);
        var free = places - running.Values.Sum();
        var wanted = (int)Math.Min(free, ClaimsInOneTransaction);
        if (wanted <= 0)
        {
            return Claims.None;
        }

        var now = time.GetUtcNow();
        var chosen = new List<Generation>(wanted);
        var late = new List<Generation>();
        foreach (var mode in LiveFirst)
        {
            var accounts = await GenerationStore.QueuedAccountsAsync(tx, provider, mode, now);
            var turns = new Turns(accounts, served.GetValueOrDefault(mode, ""), running);
            while (chosen.Count < wanted && turns.Next() is { } turn)
            {
                if (chosen.Count >= free - Kept(places) && running.GetValueOrDefault(turn.Account) > 0)
                {
                    // Whoever comes after it runs as much or more.
                    break;
                }

                if (await GenerationStore.NextQueuedAsync(tx, provider, mode, turn.Account, turn.After, now) is not { } generation)
                {
                    continue;
                }

                if (IsTooLate(generation, now))
                {
                    late.Add(generation);
                }
                else
                {
                    chosen.Add(generation);
                    running[turn.Account] = running.GetValueOrDefault(turn.Account) + 1;
                    served[mode] = turn.Account;
                }

                turns.Again(turn with { After = generation.Id });
                if (late.Count == ClaimsInOneTransaction)
                {
                    break;
                }
            }
        }

        var claimed = await writer.SaveManyAsync(tx, [.. chosen.Select(generation => Claim(generation, now))], now);
        return new Claims(claimed, late, chosen.Count == wanted || late.Count > 0);
    }

    private bool IsTooLate(Generation generation, DateTimeOffset now) =>
        now - generation.CreatedAt > TimeSpan.FromHours(options.MaxQueuedHours) || now >= generation.DeadlineAt;

    private (Generation, Transition) Claim(Generation generation, DateTimeOffset now) => (
        generation,
        GenerationTransitions.Apply(
            generation, new GenerationEvent.Claimed(GenerationDriver.Deadline(catalog.Current, generation.Model)), now));
}

/// <summary>What a round took.</summary>
/// <param name="Claimed">Runs from now on.</param>
/// <param name="Late">Waited too long, and is to end; nothing was changed of it yet.</param>
/// <param name="More">There may be more to take.</param>
internal readonly record struct Claims(IReadOnlyList<Generation> Claimed, IReadOnlyList<Generation> Late, bool More)
{
    public static readonly Claims None = new([], [], More: false);
}

/// <summary>An account's turn: its next task is the first behind this one.</summary>
internal readonly record struct Turn(string Account, string After);

/// <summary>The accounts that wait, the one that runs least first, and of those the one whose turn it is.</summary>
internal sealed class Turns
{
    private readonly IReadOnlyDictionary<string, long> _running;
    private readonly PriorityQueue<Turn, (long Running, int Place)> _waiting = new();
    private int _places;

    /// <param name="accounts">Who waits, in the order of ids.</param>
    /// <param name="last">Behind this one the round goes on; behind the last account it begins anew.</param>
    /// <param name="running">How much each runs now; it may grow while turns are taken.</param>
    public Turns(IReadOnlyList<string> accounts, string last, IReadOnlyDictionary<string, long> running)
    {
        _running = running;
        foreach (var account in accounts.Where(account => string.CompareOrdinal(account, last) > 0)
            .Concat(accounts.Where(account => string.CompareOrdinal(account, last) <= 0)))
        {
            Again(new Turn(account, ""));
        }
    }

    public Turn? Next() => _waiting.TryDequeue(out var turn, out _) ? turn : null;

    /// <summary>Behind everybody who runs as much.</summary>
    public void Again(Turn turn) => _waiting.Enqueue(turn, (_running.GetValueOrDefault(turn.Account), _places++));
}
