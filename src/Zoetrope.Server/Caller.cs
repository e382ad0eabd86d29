
namespace Zoetrope.Server;

/// <summary>The authenticated principal of one request, as every door sees it.</summary>
/// <param name="AccountId">Who pays and who owns.</param>
/// <param name="ApiKeyId">The credential used.</param>
/// <param name="Mode">Test or live; decides the provider and the kind of credits.</param>
/// <param name="Plan">The plan's limits as they stood when the request arrived.</param>
/// <param name="Scopes">What the credential may do.</param>
/// <param name="Limits">The key's own limits.</param>
internal sealed record Caller(
    string AccountId,
    string ApiKeyId,
    KeyMode Mode,
    Plan Plan,
    Scopes Scopes,
    KeyLimits Limits)
{
    /// <summary>
    /// The key whose row counts this key's spend: itself, or the key it was rotated from, so that rotating does not begin a new day.
    /// </summary>
    public required string SpendsWith { get; init; }

    /// <summary>The key that granted this access, if it is a grant: spending counts there too.</summary>
    public Granter? Granter { get; init; }

    /// <summary>
    /// The key whose row counts calls, unfinished tasks and streams: a key and all its grants have one rate and one number of
    /// places, or a key's holder would get more by making grants.
    /// </summary>
    public string CountsWith => Granter?.SpendsWith ?? SpendsWith;

    /// <summary>When the credential stops working by itself, in Unix milliseconds; <see cref="long.MaxValue"/> for never.</summary>
    public long EndsAt { get; init; } = long.MaxValue;

    /// <summary>The path that an access token was issued for, and below which alone it works; null is everywhere.</summary>
    public string? OnlyAt { get; init; }

    /// <summary>Costing calls of the account on this UTC day before this request; always 0 on an unlimited plan.</summary>
    public long UsedToday { get; init; }
}

/// <summary>What a key may do. A key without explicit scopes has <see cref="All"/>.</summary>
[Flags]
internal enum Scopes
{
    None = 0,

    /// <summary>Start, cancel and price generations, upload inputs.</summary>
    Generate = 1,

    /// <summary>Read tasks, results, credits and the ledger.</summary>
    Read = 2,

    All = Generate | Read,
}

internal static class ScopeWords
{
    private static readonly string[] Both = ["generate", "read"];

    /// <summary>The scopes as the wire has them.</summary>
    public static IReadOnlyList<string> Words(this Scopes scopes) => (scopes & Scopes.All) switch
    {
        Scopes.All => Both,
        Scopes.Generate => Both[..1],
        Scopes.Read => Both[1..],
        _ => [],
    };
}

/// <summary>A plan of the plan table: the daily number of costing calls, or none for unlimited.</summary>
/// <param name="Name">free, starter, pro or enterprise.</param>
/// <param name="RequestsPerDay">Costing calls a UTC day over all keys of the account; null is unlimited, 0 has no API access.</param>
internal sealed record Plan(string Name, long? RequestsPerDay)
{
    public bool HasApiAccess => RequestsPerDay is not 0;
}

/// <summary>Limits of one key; null is no limit.</summary>
/// <param name="RequestsPerMinute">Costing calls a minute, smoothed.</param>
/// <param name="InFlight">Generations of this key that may be queued or running at once.</param>
internal sealed record KeyLimits(int? RequestsPerMinute, int? InFlight)
{
    public static readonly KeyLimits None = new(null, null);

    /// <summary>Credits that the key's tasks of one UTC day may cost.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>A request that costs more must be confirmed.</summary>
    public long? AskAbove { get; init; }
}

/// <summary>The key that gave a grant, as the spend cap sees it.</summary>
/// <param name="SpendsWith">The key whose row counts the granter's spend.</param>
/// <param name="SpendPerDay">Its own cap, which all its grants share.</param>
internal sealed record Granter(string SpendsWith, long? SpendPerDay);
