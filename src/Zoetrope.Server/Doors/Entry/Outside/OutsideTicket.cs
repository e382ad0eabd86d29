using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Zoetrope.Server.People;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry.Outside;

/// <summary>What travels, sealed, with a browser to the issuer and back, and what the issuer says of the person then.</summary>
internal static class OutsideTicket
{
    public const string Come = "come";
    public const string Link = "link";
    public const string Prove = "prove";

    private const string Purpose = "purpose";
    private const string Next = "next";
    private const string Invitation = "invitation";
    private const string Session = "session";
    private const string Attempt = "attempt";

    public static AuthenticationProperties Pack(string purpose, string next, string invitation, string session, DateTimeOffset now) => new()
    {
        // Not its own RedirectUri, which the framework takes away on the way back.
        ExpiresUtc = now + OutsideScheme.Patience,
        Items =
        {
            [Purpose] = purpose,
            [Next] = next,
            [Invitation] = invitation,
            [Session] = session,
            [Attempt] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
        },
    };

    public static bool IsProof(AuthenticationProperties properties) => PurposeOf(properties) == Prove;

    public static string PurposeOf(AuthenticationProperties properties) => Of(properties, Purpose);

    public static string NextOf(AuthenticationProperties properties) => Of(properties, Next);

    public static string InvitationOf(AuthenticationProperties properties) => Of(properties, Invitation);

    public static string SessionOf(AuthenticationProperties properties) => Of(properties, Session);

    public static string AttemptOf(AuthenticationProperties properties) => Of(properties, Attempt);

    /// <summary>Null where the issuer gave no usable id.</summary>
    public static OutsideIdentity? Identity(ClaimsPrincipal principal, OutsideOptions options)
    {
        var subject = principal.FindFirstValue("sub");
        var email = principal.FindFirstValue("email");
        var isVerified = string.Equals(principal.FindFirstValue("email_verified"), "true", StringComparison.OrdinalIgnoreCase);
        return subject is not { Length: > 0 and <= OutsideIdentity.MaxSubject }
            ? null
            : new OutsideIdentity
            {
                Issuer = options.Issuer.TrimEnd('/'),
                Subject = subject,
                Name = principal.FindFirstValue("name"),
                VerifiedEmail = isVerified && email is not null && SignIn.IsAddress(email) ? SignIn.Plain(email) : null,
                RoleValues = options.RoleClaim.Length == 0
                    ? []
                    : [.. principal.FindAll(options.RoleClaim).Select(static claim => claim.Value).Distinct()],
                ProvedAt = long.TryParse(principal.FindFirstValue("auth_time"), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                    && at < 100_000_000_000
                    ? DateTimeOffset.FromUnixTimeSeconds(at)
                    : null,
            };
    }

    private static string Of(AuthenticationProperties properties, string name) =>
        properties.Items.TryGetValue(name, out var value) ? value ?? "" : "";
}
