namespace Zoetrope.Server.Audit;

/// <summary>What changed: the part of a row of the audit log that each change has of its own.</summary>
/// <param name="AccountId">Whose it is; empty where it is the server's and no account's.</param>
/// <param name="Action">What was done, as <c>key.created</c>.</param>
/// <param name="Target">The id of what was changed.</param>
internal sealed record AuditEntry(string AccountId, string Action, string Target)
{
    /// <summary>The chain of what belongs to no account.</summary>
    public const string OfServer = "";

    /// <summary>What it was; null for what is new. Never a secret or a prompt.</summary>
    public object? Before { get; init; }

    /// <summary>What it is now; null for what is gone.</summary>
    public object? After { get; init; }

    /// <summary>The part of a customer's URL that may be kept: its path and query may be a secret.</summary>
    public static string HostOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var read) ? $"{read.Scheme}://{read.Authority.Split('@')[^1]}" : "";
}
