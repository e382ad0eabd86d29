using Zoetrope.Server.Budgets;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>What a group decides on and changes: the rows as read, then as they will be written.</summary>
internal sealed class CommitBooks
{
    public Dictionary<(string Account, KeyMode Mode), Funds> Funds { get; } = [];

    public Dictionary<string, Day> Days { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, KeyFlight> Keys { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string Account, KeyMode Mode, string Key), StoredAnswer> Answers { get; } = [];

    /// <summary>Only of accounts that have some.</summary>
    public Dictionary<(string Account, KeyMode Mode), List<BudgetLine>> Budgets { get; } = [];

    private readonly List<(BudgetLine Line, long Threshold)> _reached = [];

    /// <summary>The rows of <c>key_usage</c> that a submit of this caller decides on: nearly always one.</summary>
    public static IEnumerable<string> KeysOf(Caller caller)
    {
        yield return caller.SpendsWith;
        if (caller.Granter is { } granter)
        {
            yield return granter.SpendsWith;
        }
    }

    /// <summary>Those of one caller.</summary>
    public CallerBooks Of(Caller caller)
    {
        var spender = Keys[caller.SpendsWith];
        var granter = caller.Granter is { } gave ? Keys[gave.SpendsWith] : null;
        return new CallerBooks(
            Funds[(caller.AccountId, caller.Mode)],
            caller.Plan.RequestsPerDay is null ? null : Days[caller.AccountId],
            granter ?? spender,
            spender,
            granter)
        {
            Budgets = Budgets.Count == 0 ? null : Budgets.GetValueOrDefault((caller.AccountId, caller.Mode)),
        };
    }

    /// <summary>The budgets of the accounts that have any, once their balances are locked.</summary>
    public async Task LoadBudgetsAsync(Tx tx, DateTimeOffset now)
    {
        foreach (var ((account, mode), funds) in Funds)
        {
            if (funds.HasBudgets)
            {
                Budgets[(account, mode)] = await BudgetStore.LinesAsync(tx, account, mode, now);
            }
        }
    }

    /// <summary>What was held, before anything of the group is written that must be locked later.</summary>
    public async Task SaveBudgetsAsync(Tx tx, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        foreach (var line in ChangedBudgets)
        {
            foreach (var threshold in line.Reached(at))
            {
                _reached.Add((line, threshold));
            }

            await BudgetStore.SaveAsync(tx, line);
        }
    }

    /// <summary>The events of what was reached, in the order in which logs are locked.</summary>
    public async Task AppendBudgetEventsAsync(Tx tx, DateTimeOffset now)
    {
        foreach (var (line, threshold) in _reached)
        {
            await BudgetEvents.AppendAsync(tx, line, threshold, now);
        }
    }

    private IEnumerable<BudgetLine> ChangedBudgets => Budgets
        .OrderBy(pair => pair.Key.Account, StringComparer.Ordinal).ThenBy(pair => pair.Key.Mode)
        .SelectMany(pair => pair.Value).Where(line => line.IsChanged);
}

/// <summary>What one submit is held against.</summary>
/// <param name="Funds">The account's credits.</param>
/// <param name="Day">The account's paid calls of today; null on an unlimited plan.</param>
/// <param name="Key">Rate and flight of the key and of all grants that it gave (<see cref="Caller.CountsWith"/>).</param>
/// <param name="Spender">Where the key's spend is counted.</param>
/// <param name="Granter">Where the spend of the key that granted this access is counted.</param>
internal readonly record struct CallerBooks(Funds Funds, Day? Day, KeyFlight Key, KeyFlight Spender, KeyFlight? Granter)
{
    /// <summary>The budgets of the account; null where there are none.</summary>
    public List<BudgetLine>? Budgets { get; init; }
}

/// <summary>An account's credits in one mode, as the group changes them.</summary>
internal sealed class Funds(long available, long held, long? alertBelow = null, long? alertedBelow = null)
{
    public bool HasBudgets { get; init; }

    private readonly long _before = available;

    public long Available { get; set; } = available;

    public long Held { get; set; } = held;

    /// <summary>The threshold that the group's holds took the credits below, if it was armed.</summary>
    public long? Undercut(long byDefault)
    {
        var below = alertBelow ?? byDefault;
        return alertedBelow is null && _before >= below && Available < below ? below : null;
    }
}

/// <summary>An account's paid calls of today.</summary>
internal sealed class Day(long requests)
{
    public long Requests { get; set; } = requests;
}
