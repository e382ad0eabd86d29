using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Answer of <c>GET /api/v1/grants</c>: the programs that your key gave access to, newest first.</summary>
/// <param name="Grants">Those that have it now.</param>
public sealed record GrantList(IReadOnlyList<GrantState> Grants);

/// <summary>Access that the holder of an API key gave to a program on the consent page.</summary>
/// <param name="Id">The grant's id (<c>key_…</c>).</param>
/// <param name="Name">What the program calls itself.</param>
/// <param name="ClientId">The id under which it registered.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>: that of your key.</param>
/// <param name="Scopes">What it may do: <c>generate</c>, <c>read</c>.</param>
/// <param name="SpendPerDay">Credits that its tasks of one UTC day may cost; <see langword="null"/> means the limit of your key.</param>
/// <param name="AskAbove">A request that costs more credits must be agreed to by its user; <see langword="null"/> means never.</param>
/// <param name="Spent">Credits that its tasks of <c>spentOn</c> hold or were charged.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record GrantState(
    string Id,
    string Name,
    string ClientId,
    string Mode,
    IReadOnlyList<string> Scopes,
    long? SpendPerDay,
    long? AskAbove,
    long Spent,
    string CreatedAt)
{
    /// <summary>The UTC day of <c>spent</c>, as <c>2026-11-23</c>; <see langword="null"/> while nothing was spent.</summary>
    public string? SpentOn { get; init; }

    /// <summary>When the access ends unless the program uses it before.</summary>
    public string? ExpiresAt { get; init; }

    /// <summary>When it was ended; only in the answer that ended it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndedAt { get; init; }
}

/// <summary>Body of <c>PATCH /api/v1/grants/{id}</c>: what changes.</summary>
public sealed record GrantRequest
{
    /// <summary>Credits that its tasks of one UTC day may cost, at most what your key may spend.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>The price above which its user must agree, at most that of your key.</summary>
    public long? AskAbove { get; init; }
}
