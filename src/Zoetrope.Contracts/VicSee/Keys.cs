using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Answer of <c>GET /api/v1/keys</c>: the API keys of your account that you may manage, newest first.</summary>
/// <param name="Keys">The keys of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record KeyPage(IReadOnlyList<KeyState> Keys, string? NextCursor);

/// <summary>An API key of your account.</summary>
/// <param name="Id">The key's id (<c>key_…</c>).</param>
/// <param name="Name">What it is for.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Prefix">The beginning of the secret, to recognise it by.</param>
/// <param name="Scopes">
/// What it may do: <c>generate</c>, <c>read</c>, <c>keys</c>, <c>members</c>, <c>budgets</c>, <c>audit</c>.
/// </param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="Limits">What it may spend, and how it may be used.</param>
/// <param name="Spent">What it has spent.</param>
public sealed record KeyState(
    string Id,
    string Name,
    string Mode,
    string Prefix,
    IReadOnlyList<string> Scopes,
    string CreatedAt,
    KeyLimitState Limits,
    KeySpendState Spent)
{
    /// <summary>The secret. Present only in the answer that made it; it is not stored.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>The person whose key it is, if it is a person's.</summary>
    public string? PersonId { get; init; }

    /// <summary>When it stops working; <see langword="null"/> means never.</summary>
    public string? ExpiresAt { get; init; }

    /// <summary>When it was revoked; <see langword="null"/> if it was not.</summary>
    public string? RevokedAt { get; init; }
}

/// <summary>The limits of a key; <see langword="null"/> means no limit.</summary>
public sealed record KeyLimitState
{
    /// <summary>Paid calls a minute.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Unfinished tasks at once.</summary>
    public long? InFlightLimit { get; init; }

    /// <summary>Credits that its tasks of one UTC day may cost.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>Credits that its tasks of one week of UTC may cost, from Monday on.</summary>
    public long? SpendPerWeek { get; init; }

    /// <summary>Credits that its tasks of one month of UTC may cost.</summary>
    public long? SpendPerMonth { get; init; }

    /// <summary>Credits that all its tasks may cost.</summary>
    public long? SpendInAll { get; init; }

    /// <summary>A request that costs more credits must be confirmed.</summary>
    public long? AskAbove { get; init; }

    /// <summary>Ids of the models that it may use.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The networks (CIDR) that it may be used from.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }
}

/// <summary>Credits that the tasks of a key hold or were charged, in the times of UTC.</summary>
/// <param name="Today">Of today.</param>
/// <param name="ThisWeek">Of this week, from Monday on.</param>
/// <param name="ThisMonth">Of this month.</param>
/// <param name="InAll">Of all its tasks.</param>
public sealed record KeySpendState(long Today, long ThisWeek, long ThisMonth, long InAll);

/// <summary>
/// Body of <c>POST /api/v1/keys</c> and <c>PATCH /api/v1/keys/{id}</c>. What is left out of a new key is that of your key; what is
/// left out of a change stays; null means what your key has.
/// </summary>
public sealed record KeyRequest
{
    /// <summary>What it is for; required for a new key.</summary>
    public string? Name { get; init; }

    /// <summary><c>test</c> or <c>live</c>; of a new key only.</summary>
    public string? Mode { get; init; }

    /// <summary>What it may do, at most what your key may; <c>generate</c> and <c>read</c> by default.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>When it stops working, ISO 8601.</summary>
    public string? ExpiresAt { get; init; }

    /// <summary>Paid calls a minute.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Unfinished tasks at once.</summary>
    public long? InFlightLimit { get; init; }

    /// <summary>Credits that its tasks of one UTC day may cost.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>Credits that its tasks of one week of UTC may cost, from Monday on.</summary>
    public long? SpendPerWeek { get; init; }

    /// <summary>Credits that its tasks of one month of UTC may cost.</summary>
    public long? SpendPerMonth { get; init; }

    /// <summary>Credits that all its tasks may cost.</summary>
    public long? SpendInAll { get; init; }

    /// <summary>A request that costs more credits must be confirmed.</summary>
    public long? AskAbove { get; init; }

    /// <summary>Ids of the models that it may use.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>IP addresses and networks (CIDR) that it may be used from.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }
}

/// <summary>Body of <c>POST /api/v1/keys/{id}/rotate</c>.</summary>
public sealed record KeyRotation
{
    /// <summary>How long the old secret still works, at most 30 days; it ends at once by default.</summary>
    public long? GraceSeconds { get; init; }
}
