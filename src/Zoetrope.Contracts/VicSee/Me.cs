using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Answer of <c>GET /api/v1/me</c>: who you are to the server, and what still fits.</summary>
/// <param name="Account">The account that pays.</param>
/// <param name="Credential">The key or grant that was used.</param>
/// <param name="Limits">Every limit that counts something, with what is used of it.</param>
public sealed record MeState(MeAccount Account, MeCredential Credential, IReadOnlyList<MeLimit> Limits)
{
    /// <summary>The person behind the credential; <see langword="null"/> for a key of the account as a whole.</summary>
    public MePerson? Person { get; init; }

    /// <summary>The credits of the key's mode; <see langword="null"/> without the scope <c>read</c>.</summary>
    public CreditBalance? Credits { get; init; }

    /// <summary>
    /// What leaves the fewest credits for the next request: the name of a limit, or <c>credits</c>; <see langword="null"/> without the
    /// scope <c>read</c>.
    /// </summary>
    public string? Binding { get; init; }
}

/// <summary>The account that pays.</summary>
/// <param name="Id">The account's id (<c>acct_…</c>).</param>
/// <param name="Name">Its name.</param>
/// <param name="Plan">Its plan.</param>
public sealed record MeAccount(string Id, string Name, string Plan);

/// <summary>The person behind a credential.</summary>
/// <param name="Id">The person's id.</param>
public sealed record MePerson(string Id)
{
    /// <summary>The person's name, if the server knows it.</summary>
    public string? Name { get; init; }

    /// <summary>The person's role in the account, if the server knows it.</summary>
    public string? Role { get; init; }
}

/// <summary>The key or grant that was used.</summary>
/// <param name="Id">Its id (<c>key_…</c>).</param>
/// <param name="Kind"><c>key</c>, <c>grant</c> for a program, or <c>session</c> for a signed-in browser.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Scopes">What it may do.</param>
public sealed record MeCredential(string Id, string Kind, string Name, string Mode, IReadOnlyList<string> Scopes)
{
    /// <summary>When it stops working; <see langword="null"/> means never.</summary>
    public string? ExpiresAt { get; init; }

    /// <summary>Paid calls a minute; <see langword="null"/> means no limit.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>A request that costs more credits must be confirmed; <see langword="null"/> means never.</summary>
    public long? AskAbove { get; init; }

    /// <summary>Ids of the models that it may use; <see langword="null"/> means all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Models { get; init; }
}

/// <summary>A limit and what is used of it.</summary>
/// <param name="Name">
/// <c>requestsPerDay</c>, <c>inFlight</c>, <c>spendPerDay</c>, <c>spendPerWeek</c>, <c>spendPerMonth</c> or <c>spendInAll</c>.
/// </param>
/// <param name="Whose"><c>account</c>, <c>key</c>, <c>grant</c>, or <c>granter</c>: the key that gave a program access.</param>
/// <param name="Limit">The limit: calls, tasks or credits.</param>
/// <param name="Used">What is used of it.</param>
/// <param name="Left">What is left of it.</param>
public sealed record MeLimit(string Name, string Whose, long Limit, long Used, long Left)
{
    /// <summary>When it begins anew; <see langword="null"/> if it does not.</summary>
    public string? ResetsAt { get; init; }
}
