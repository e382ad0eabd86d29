using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.People.Outside;

/// <summary>Section <c>Zoetrope:Oidc</c>: an issuer (OpenID Connect) with which people may sign in.</summary>
internal sealed class OutsideOptions : IValidatableObject
{
    /// <summary>Its address, where its discovery document lies; empty: people sign in here alone.</summary>
    public string Issuer { get; init; } = "";

    public string ClientId { get; init; } = "";

    public string ClientSecret { get; init; } = "";

    /// <summary>What the button calls it; empty for its host.</summary>
    public string Name { get; init; } = "";

    /// <summary>What is asked of it, separated by spaces.</summary>
    public string Scopes { get; init; } = "openid email profile";

    /// <summary>Domains whose verified e-mail addresses let newcomers in, comma-separated; empty: nobody without an invitation.</summary>
    public string JoinDomains { get; init; } = "";

    /// <summary>What they become.</summary>
    public string JoinRole { get; init; } = "member";

    /// <summary>Where; empty for the first account.</summary>
    public string JoinAccount { get; init; } = "";

    /// <summary>The claim whose values give roles; empty: none does.</summary>
    public string RoleClaim { get; init; } = "";

    /// <summary><c>value = role</c> or <c>value = role @ account</c>, comma-separated.</summary>
    public string Roles { get; init; } = "";

    public bool IsOn => Issuer.Length > 0;

    public string Title => Name.Length > 0 ? Name : Uri.TryCreate(Issuer, UriKind.Absolute, out var url) ? url.Host : Issuer;

    public IReadOnlyList<string> Domains => [.. List(JoinDomains).Select(static domain => domain.TrimStart('@').ToLowerInvariant())];

    /// <summary>What the values of the claim give, in the order in which they are looked for.</summary>
    public IReadOnlyList<ClaimedRole> Claimed => [.. List(Roles).Select(ClaimedRole.Read).OfType<ClaimedRole>()];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsOn && (!Uri.TryCreate(Issuer, UriKind.Absolute, out var url) || !IsSafe(url)))
        {
            yield return new ValidationResult(
                "It must be the issuer's address, such as https://login.example.com, without a query. Plain http is for this machine alone",
                [nameof(Issuer)]);
        }

        if (IsOn && ClientId.Length == 0)
        {
            yield return new ValidationResult("An issuer needs the id that this server has there", [nameof(ClientId)]);
        }

        if (!People.Roles.All.Contains(JoinRole))
        {
            yield return new ValidationResult($"It must be one of {string.Join(", ", People.Roles.All)}", [nameof(JoinRole)]);
        }

        if (List(Roles).Any(static part => ClaimedRole.Read(part) is null))
        {
            yield return new ValidationResult(
                $"Write value = role, or value = role @ account, with commas between. Roles are {string.Join(", ", People.Roles.All)}",
                [nameof(Roles)]);
        }

        if (Claimed.Count > 0 != RoleClaim.Length > 0)
        {
            yield return new ValidationResult("RoleClaim and Roles belong together: set both or neither", [nameof(RoleClaim)]);
        }
    }

    private static bool IsSafe(Uri url) =>
        (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0;

    private static string[] List(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>What one value of the issuer's claim gives.</summary>
/// <param name="Value">Of the claim, exactly.</param>
/// <param name="Role">In the account.</param>
/// <param name="AccountId">Null for the one that newcomers join.</param>
internal sealed record ClaimedRole(string Value, string Role, string? AccountId)
{
    // A value may have any character but a comma; what stands behind its last equals sign is ours.
    public static ClaimedRole? Read(string text)
    {
        var equals = text.LastIndexOf('=');
        var given = equals < 0 ? [] : text[(equals + 1)..].Split('@', 2, StringSplitOptions.TrimEntries);
        var value = equals < 0 ? "" : text[..equals].Trim();
        return value.Length > 0 && Roles.All.Contains(given[0]) && (given.Length == 1 || given[1].Length > 0)
            ? new ClaimedRole(value, given[0], given.Length == 1 ? null : given[1])
            : null;
    }
}
