namespace Zoetrope.Server.People;

/// <summary>Somebody who can sign in: a row of <c>people</c>. No record, which would print its members.</summary>
internal sealed class Person
{
    public const int MaxNameLength = 100;
    public const int MaxEmailLength = 254;

    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>What they sign in with; in lower case.</summary>
    public string? Email { get; init; }

    public string? PasswordHash { get; init; }

    /// <summary>The secret of their authenticator app, sealed; null where they have none.</summary>
    public byte[]? TotpSealed { get; init; }

    /// <summary>One that was shown and waits for its first code.</summary>
    public byte[]? TotpPending { get; init; }

    public long IsOperator { get; init; }

    public long CreatedAt { get; init; }

    /// <summary>Set by whoever is about to change them.</summary>
    public PersonChange? Change { get; set; }
}

/// <summary>What a person may do in an account.</summary>
internal static class Roles
{
    public const string Owner = "owner";

    public static readonly IReadOnlyList<string> All = [Owner, "admin", "member", "viewer", "billing"];

    public static Scopes ScopesOf(string role) => role switch
    {
        Owner or "admin" => Scopes.All | Scopes.Keys | Scopes.Members | Scopes.Budgets | Scopes.Audit,
        "member" => Scopes.All | Scopes.Keys,
        "viewer" => Scopes.Read,
        "billing" => Scopes.Read | Scopes.Budgets,
        _ => Scopes.None,
    };
}
