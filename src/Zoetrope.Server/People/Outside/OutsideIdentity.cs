namespace Zoetrope.Server.People.Outside;

/// <summary>Who somebody is to the issuer, as it has just said and signed. No record, which would print its members.</summary>
internal sealed class OutsideIdentity
{
    public const int MaxSubject = 255;

    public required string Issuer { get; init; }

    /// <summary>Its own id of them, which never becomes somebody else's; an address may.</summary>
    public required string Subject { get; init; }

    public string? Name { get; init; }

    /// <summary>In lower case; null unless the issuer has verified it.</summary>
    public string? VerifiedEmail { get; init; }

    /// <summary>Values of the claim that gives roles.</summary>
    public IReadOnlyList<string> RoleValues { get; init; } = [];

    /// <summary>When they last showed the issuer who they are, if it says so.</summary>
    public DateTimeOffset? ProvedAt { get; init; }

    /// <summary>What they will be called here.</summary>
    public string Called
    {
        get
        {
            var name = new string([.. (Name ?? "").Where(static c => !char.IsControl(c))]).Trim();
            return ShortText.Of(
                name.Length > 0 ? name : VerifiedEmail is { } email ? email[..email.IndexOf('@', StringComparison.Ordinal)] : "Newcomer",
                Person.MaxNameLength);
        }
    }
}
