using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.Admin;

/// <summary>An account, as the operator sees it.</summary>
/// <param name="Id">The account's id (<c>acct_…</c>).</param>
/// <param name="Name">The operator's name for it.</param>
/// <param name="Plan"><c>free</c>, <c>starter</c>, <c>pro</c> or <c>enterprise</c>.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminAccount(string Id, string Name, string Plan, string CreatedAt);

/// <summary>One page of accounts, oldest first.</summary>
/// <param name="Accounts">The accounts of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record AdminAccountPage(IReadOnlyList<AdminAccount> Accounts, string? NextCursor);

/// <summary>An API key without its secret.</summary>
/// <param name="Id">The key's id (<c>key_…</c>).</param>
/// <param name="AccountId">The account that owns it.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Prefix">The first characters of the secret, to recognise it by.</param>
/// <param name="Scopes">What it may do: <c>generate</c>, <c>read</c>.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminKey(
    string Id,
    string AccountId,
    string Name,
    string Mode,
    string Prefix,
    IReadOnlyList<string> Scopes,
    string CreatedAt)
{
    /// <summary>The secret. Present only in the answer that created the key; it is not stored.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>Paid calls a minute; <see langword="null"/> means no limit.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Unfinished tasks at once; <see langword="null"/> means no limit.</summary>
    public long? InFlightLimit { get; init; }

    /// <summary>Credits that its tasks of one UTC day may cost; <see langword="null"/> means no limit.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>Credits that its tasks of one week of UTC may cost, from Monday on; <see langword="null"/> means no limit.</summary>
    public long? SpendPerWeek { get; init; }

    /// <summary>Credits that its tasks of one month of UTC may cost; <see langword="null"/> means no limit.</summary>
    public long? SpendPerMonth { get; init; }

    /// <summary>Credits that all its tasks may cost; <see langword="null"/> means no limit.</summary>
    public long? SpendInAll { get; init; }

    /// <summary>Ids of the models that it may use; <see langword="null"/> means all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The networks (CIDR) that it may be used from; <see langword="null"/> means all.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>The person whose key it is, if it is a person's.</summary>
    public string? PersonId { get; init; }

    /// <summary>A request that costs more credits must be confirmed; <see langword="null"/> means never.</summary>
    public long? AskAbove { get; init; }

    /// <summary>
    /// Credits that its tasks of <c>spentOn</c> hold or were charged, including those of the key it was rotated from and
    /// of the grants it gave.
    /// </summary>
    public long Spent { get; init; }

    /// <summary>The UTC day of <c>spent</c>, as <c>2026-11-23</c>; <see langword="null"/> while nothing was spent.</summary>
    public string? SpentOn { get; init; }

    /// <summary><c>key</c>, or <c>grant</c>: access that the holder of a key gave to a program on the consent page.</summary>
    public string Kind { get; init; } = "key";

    /// <summary>The key that a grant was given with; <see langword="null"/> for a key.</summary>
    public string? ParentId { get; init; }

    /// <summary>The program that a grant was given to; <see langword="null"/> for a key.</summary>
    public string? ClientId { get; init; }

    /// <summary>When the key stops working; <see langword="null"/> means never.</summary>
    public string? ExpiresAt { get; init; }

    /// <summary>When the key was revoked; <see langword="null"/> if it was not.</summary>
    public string? RevokedAt { get; init; }
}

/// <summary>The keys of one account, oldest first.</summary>
/// <param name="Keys">All of them, revoked ones included.</param>
public sealed record AdminKeyList(IReadOnlyList<AdminKey> Keys);

/// <summary>Body of <c>POST /admin/v1/accounts/{id}/keys</c>.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
public sealed record AdminKeyRequest(string Name, string Mode)
{
    /// <summary>
    /// What it may do: <c>generate</c>, <c>read</c>, <c>keys</c>, <c>members</c>, <c>budgets</c>, <c>audit</c>; the first two by default.
    /// </summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Paid calls a minute; null means no limit.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Unfinished tasks at once; null means no limit.</summary>
    public long? InFlightLimit { get; init; }

    /// <summary>Credits that its tasks of one UTC day may cost; null means no limit.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>Credits that its tasks of one week of UTC may cost, from Monday on; null means no limit.</summary>
    public long? SpendPerWeek { get; init; }

    /// <summary>Credits that its tasks of one month of UTC may cost; null means no limit.</summary>
    public long? SpendPerMonth { get; init; }

    /// <summary>Credits that all its tasks may cost; null means no limit.</summary>
    public long? SpendInAll { get; init; }

    /// <summary>Ids of the models that it may use; null means all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The networks (CIDR) that it may be used from; null means all.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>A request that costs more credits must be confirmed; null means never.</summary>
    public long? AskAbove { get; init; }

    /// <summary>When it stops working, ISO 8601; null means never.</summary>
    public string? ExpiresAt { get; init; }
}
