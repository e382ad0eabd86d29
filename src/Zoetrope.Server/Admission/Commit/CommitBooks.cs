
namespace Zoetrope.Server.Admission.Commit;

/// <summary>What a group decides on and changes: the rows as read, then as they will be written.</summary>
internal sealed class CommitBooks
{
    public Dictionary<(string Account, KeyMode Mode), Funds> Funds { get; } = [];

    public Dictionary<string, Day> Days { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, KeyFlight> Keys { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string Account, KeyMode Mode, string Key), StoredAnswer> Answers { get; } = [];

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
            granter);
    }
}

/// <summary>What one submit is held against.</summary>
/// <param name="Funds">The account's credits.</param>
/// <param name="Day">The account's paid calls of today; null on an unlimited plan.</param>
/// <param name="Key">Rate and flight of the key and of all grants that it gave (<see cref="Caller.CountsWith"/>).</param>
/// <param name="Spender">Where the key's spend is counted.</param>
/// <param name="Granter">Where the spend of the key that granted this access is counted.</param>
internal readonly record struct CallerBooks(Funds Funds, Day? Day, KeyFlight Key, KeyFlight Spender, KeyFlight? Granter);

/// <summary>An account's credits in one mode, as the group changes them.</summary>
internal sealed class Funds(long available, long held, long? alertBelow = null, long? alertedBelow = null)
{
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
