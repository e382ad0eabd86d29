using System.Net;

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

    /// <summary>The person behind the credential, if it belongs to one and not to the account as a whole.</summary>
    public string? PersonId { get; init; }

    /// <summary>The signed-in browser that asks, if one does: then <see cref="ApiKeyId"/> is the person's seat in the account.</summary>
    public SignedIn? Session { get; init; }

    /// <summary>When the credential stops working by itself, in Unix milliseconds; <see cref="long.MaxValue"/> for never.</summary>
    public long EndsAt { get; init; } = long.MaxValue;

    /// <summary>The latest end of a key that this caller makes, null for none: what a person makes in a browser outlives the session.</summary>
    public long? KeysEndAt => Session is not null || EndsAt == long.MaxValue ? null : EndsAt;

    /// <summary>The path that an access token was issued for, and below which alone it works; null is everywhere.</summary>
    public string? OnlyAt { get; init; }

    /// <summary>Costing calls of the account on this UTC day before this request; always 0 on an unlimited plan.</summary>
    public long UsedToday { get; init; }
}

/// <summary>A session, which a person began by signing in.</summary>
/// <param name="Id">The row of the session.</param>
/// <param name="ProvedAt">When the person last proved who they are, in Unix milliseconds.</param>
/// <param name="IsOperator">Whether the person runs the server.</param>
internal sealed record SignedIn(string Id, long ProvedAt, bool IsOperator)
{
    /// <summary>How long after a proof something that needs one may be done.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(10);

    public bool IsFresh(DateTimeOffset now) => now - DateTimeOffset.FromUnixTimeMilliseconds(ProvedAt) <= FreshFor;
}

/// <summary>What a credential may do. A key without explicit scopes has <see cref="All"/>.</summary>
[Flags]
internal enum Scopes
{
    None = 0,

    /// <summary>Start, cancel and price generations, upload inputs.</summary>
    Generate = 1,

    /// <summary>Read tasks, results, credits and the ledger.</summary>
    Read = 2,

    /// <summary>Make, change and end keys and grants, none of them wider than the caller.</summary>
    Keys = 4,

    /// <summary>Invite people to the account, change their roles and remove them.</summary>
    Members = 8,

    /// <summary>Set and raise budgets.</summary>
    Budgets = 16,

    /// <summary>Read the account's audit log.</summary>
    Audit = 32,

    /// <summary>What an API key has unless it was made with fewer or more.</summary>
    All = Generate | Read,
}

internal static class ScopeWords
{
    private static readonly (Scopes Scope, string Word)[] Known =
    [
        (Scopes.Generate, "generate"),
        (Scopes.Read, "read"),
        (Scopes.Keys, "keys"),
        (Scopes.Members, "members"),
        (Scopes.Budgets, "budgets"),
        (Scopes.Audit, "audit"),
    ];

    /// <summary>The scopes as the wire has them.</summary>
    public static IReadOnlyList<string> Words(this Scopes scopes) =>
        [.. Known.Where(known => scopes.HasFlag(known.Scope)).Select(known => known.Word)];

    /// <summary>The scope of a word, or <see cref="Scopes.None"/> if there is none.</summary>
    public static Scopes Read(string word) => Known.FirstOrDefault(known => known.Word == word).Scope;
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

    /// <summary>Those of a week of UTC, which begins on Monday.</summary>
    public long? SpendPerWeek { get; init; }

    /// <summary>Those of a month of UTC.</summary>
    public long? SpendPerMonth { get; init; }

    /// <summary>Those that all its tasks may cost.</summary>
    public long? SpendInAll { get; init; }

    /// <summary>Ids of the models that it may use.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The networks that it may be used from.</summary>
    public IReadOnlyList<IPNetwork>? Addresses { get; init; }

    public bool CapsSpend => (SpendPerDay ?? SpendPerWeek ?? SpendPerMonth ?? SpendInAll) is not null;

    /// <summary>Whether something is counted that a second key of the same holder would get again.</summary>
    public bool CountsAnything => CapsSpend || RequestsPerMinute is not null || InFlight is not null;

    public bool AllowModel(string id) => Models is null || Models.Contains(id, StringComparer.Ordinal);

    public bool AllowAddress(IPAddress? address)
    {
        if (Addresses is null)
        {
            return true;
        }

        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is not null && Addresses.Any(network => network.Contains(plain));
    }

    /// <summary>A request that costs more must be confirmed.</summary>
    public long? AskAbove { get; init; }
}

/// <summary>The key that gave a grant, as the spend cap sees it.</summary>
/// <param name="SpendsWith">The key whose row counts the granter's spend.</param>
/// <param name="Limits">Its own caps, which all its grants share.</param>
internal sealed record Granter(string SpendsWith, KeyLimits Limits);
