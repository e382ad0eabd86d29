using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Body of <c>POST /api/v1/session</c> and <c>POST /api/v1/session/proof</c>.</summary>
public sealed record SignInRequest
{
    /// <summary>The e-mail address that you sign in with; a proof takes that of the session.</summary>
    public string? Email { get; init; }

    /// <summary>Your password.</summary>
    public string? Password { get; init; }

    /// <summary>What your authenticator app shows now, if you have set one up.</summary>
    public string? Code { get; init; }

    /// <summary>One of your recovery codes, instead of it.</summary>
    public string? RecoveryCode { get; init; }
}

/// <summary>Answer of <c>GET /api/v1/session</c>: who is signed in, and as what.</summary>
/// <param name="SessionId">The session's id (<c>key_…</c>).</param>
/// <param name="Person">Who.</param>
/// <param name="Membership">The account that the session acts in, and the person's role there.</param>
/// <param name="Memberships">Every account that the person belongs to.</param>
/// <param name="ProvedAt">When they last proved who they are. ISO 8601, UTC, milliseconds.</param>
/// <param name="ExpiresAt">When the session ends.</param>
public sealed record SessionState(
    string SessionId,
    PersonState Person,
    MembershipState Membership,
    IReadOnlyList<MembershipState> Memberships,
    string ProvedAt,
    string ExpiresAt);

/// <summary>A person and how they can prove who they are.</summary>
/// <param name="Id">The person's id (<c>person_…</c>).</param>
/// <param name="Name">What they are called.</param>
/// <param name="Email">What they sign in with.</param>
/// <param name="IsOperator">Whether they run the server.</param>
/// <param name="HasAuthenticator">Whether sign-in asks for a code of an app.</param>
/// <param name="RecoveryCodesLeft">How many recovery codes are unused.</param>
public sealed record PersonState(
    string Id, string Name, string? Email, bool IsOperator, bool HasAuthenticator, long RecoveryCodesLeft);

/// <summary>A person's place in an account.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="AccountName">What it is called.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c>, <c>viewer</c> or <c>billing</c>.</param>
/// <param name="Scopes">What the role allows: <c>generate</c>, <c>read</c>, <c>keys</c>, <c>members</c>, <c>budgets</c>, <c>audit</c>.</param>
/// <param name="SpendPerDay">Credits that their sessions and programs may spend in a UTC day; <see langword="null"/> is no cap.</param>
public sealed record MembershipState(
    string AccountId, string AccountName, string Role, IReadOnlyList<string> Scopes, long? SpendPerDay);

/// <summary>Body of <c>PATCH /api/v1/session</c>.</summary>
public sealed record SessionRequest
{
    /// <summary>The account that the session shall act in.</summary>
    public string? AccountId { get; init; }
}

/// <summary>Answer of <c>GET /api/v1/sessions</c>: your signed-in browsers, the last used first.</summary>
/// <param name="Sessions">Those that work.</param>
public sealed record SessionList(IReadOnlyList<SessionEntry> Sessions);

/// <summary>A signed-in browser.</summary>
/// <param name="Id">The session's id (<c>key_…</c>).</param>
/// <param name="IsCurrent">Whether it is the one that asks.</param>
/// <param name="AccountId">The account that it acts in.</param>
/// <param name="Agent">What the browser called itself when it signed in.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="UsedAt">The last use, to five minutes.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record SessionEntry(
    string Id, bool IsCurrent, string AccountId, string? Agent, string CreatedAt, string UsedAt, string ExpiresAt);

/// <summary>Answer of what ended something: its id.</summary>
/// <param name="Id">The id of what has ended.</param>
public sealed record EndedState(string Id);

/// <summary>Body of <c>PUT /api/v1/person/password</c>.</summary>
public sealed record PasswordRequest
{
    /// <summary>The new password: 12 to 200 characters of any kind.</summary>
    public string? Password { get; init; }
}

/// <summary>Answer of <c>POST /api/v1/person/authenticator</c>: what an authenticator app needs, shown once.</summary>
/// <param name="Secret">To type into the app (base 32).</param>
/// <param name="Address">The same as a link (<c>otpauth://…</c>), for a QR code.</param>
public sealed record AuthenticatorSecret(string Secret, string Address);

/// <summary>Body of <c>POST /api/v1/person/authenticator/confirm</c>.</summary>
public sealed record CodeRequest
{
    /// <summary>What the app shows now.</summary>
    public string? Code { get; init; }
}

/// <summary>New recovery codes, shown once; those of before no longer work.</summary>
/// <param name="Codes">Each signs in once instead of a code of the app.</param>
public sealed record RecoveryCodeList(IReadOnlyList<string> Codes);

/// <summary>Answer of what begins a ceremony: what the browser needs.</summary>
/// <param name="Options">For <c>PublicKeyCredential.parseCreationOptionsFromJSON</c> or <c>parseRequestOptionsFromJSON</c>.</param>
public sealed record PasskeyOptions(JsonElement Options);

/// <summary>Body of <c>POST /api/v1/session/passkey</c> and <c>POST /api/v1/person/passkeys</c>.</summary>
public sealed record PasskeyRequest
{
    /// <summary>What the browser returned, by its <c>toJSON</c>.</summary>
    public JsonElement? Credential { get; init; }

    /// <summary>Your name for a new passkey, such as that of the device.</summary>
    public string? Name { get; init; }
}

/// <summary>Your passkeys.</summary>
/// <param name="Passkeys">Oldest first.</param>
public sealed record PasskeyList(IReadOnlyList<PasskeyState> Passkeys);

/// <summary>A passkey.</summary>
/// <param name="Id">The passkey's id (<c>pass_…</c>).</param>
/// <param name="Name">Your name for it.</param>
/// <param name="IsBackedUp">Whether it lies in an account of its maker's too and not only on one device.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="UsedAt">When it signed you in last.</param>
public sealed record PasskeyState(string Id, string? Name, bool IsBackedUp, string CreatedAt, string? UsedAt);

/// <summary>Your logins at the issuer with which the operator lets people sign in.</summary>
/// <param name="Logins">Oldest first.</param>
public sealed record OutsideLoginList(IReadOnlyList<OutsideLoginState> Logins);

/// <summary>A login at an issuer.</summary>
/// <param name="Id">The login's id (<c>login_…</c>).</param>
/// <param name="Issuer">The issuer's address.</param>
/// <param name="Email">The verified e-mail address that you have there; it is only shown.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="UsedAt">When it signed you in last.</param>
public sealed record OutsideLoginState(string Id, string Issuer, string? Email, string CreatedAt, string UsedAt);

/// <summary>Answer of <c>GET /api/v1/account/members</c>.</summary>
/// <param name="Members">Everybody who belongs to the account, oldest first.</param>
public sealed record MemberList(IReadOnlyList<MemberState> Members);

/// <summary>A person in the account.</summary>
/// <param name="PersonId">The person's id (<c>person_…</c>).</param>
/// <param name="Name">What they are called.</param>
/// <param name="Email">What they sign in with.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c>, <c>viewer</c> or <c>billing</c>.</param>
/// <param name="SpendPerDay">Credits that their sessions and programs may spend in a UTC day; <see langword="null"/> is no cap.</param>
/// <param name="JoinedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record MemberState(string PersonId, string Name, string? Email, string Role, long? SpendPerDay, string JoinedAt)
{
    /// <summary>Those of a month of UTC; <see langword="null"/> is no cap.</summary>
    public long? SpendPerMonth { get; init; }

    /// <summary>Ids of the models that they may use; <see langword="null"/> is all.</summary>
    public IReadOnlyList<string>? Models { get; init; }
}

/// <summary>Body of <c>PATCH /api/v1/account/members/{id}</c>: what changes.</summary>
public sealed record MemberRequest
{
    /// <summary><c>owner</c>, <c>admin</c>, <c>member</c>, <c>viewer</c> or <c>billing</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Credits that their sessions and programs may spend in a UTC day; <c>null</c> takes the cap away.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>Those of a month of UTC; <c>null</c> takes the cap away.</summary>
    public long? SpendPerMonth { get; init; }

    /// <summary>Names of the models that they may use; <c>null</c> is all.</summary>
    public IReadOnlyList<string>? Models { get; init; }
}

/// <summary>Body of <c>POST /api/v1/account/invitations</c>.</summary>
public sealed record InvitationRequest
{
    /// <summary>What the person shall be: <c>owner</c>, <c>admin</c>, <c>member</c>, <c>viewer</c> or <c>billing</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Credits that their sessions and programs may spend in a UTC day.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>
    /// An address that the server sends the link to. Refused where the operator has no mail server (<c>INVALID_OPERATION</c>), and after
    /// too many (<c>RATE_LIMITED</c>).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }
}

/// <summary>Answer of <c>GET /api/v1/account/invitations</c>.</summary>
/// <param name="Invitations">Those that are open, newest first.</param>
public sealed record InvitationList(IReadOnlyList<InvitationState> Invitations);

/// <summary>A link that lets one person into the account.</summary>
/// <param name="Id">The invitation's id (<c>inv_…</c>).</param>
/// <param name="Role">What the person will be.</param>
/// <param name="SpendPerDay">Their cap.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="ExpiresAt">Seven days later.</param>
public sealed record InvitationState(string Id, string Role, long? SpendPerDay, string CreatedAt, string ExpiresAt)
{
    /// <summary>The link to send; only in the answer that made it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    /// <summary>
    /// Whether the mail server took the link, in the answer to an invitation with an <c>email</c>; otherwise send <c>url</c> yourself.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Mailed { get; init; }
}

/// <summary>Body of <c>POST /api/v1/invitations/accept</c> and <c>POST /api/v1/welcome</c>.</summary>
public sealed record NewcomerRequest
{
    /// <summary>What stands behind the <c>#</c> of the link.</summary>
    public string? Token { get; init; }

    /// <summary>What you are called.</summary>
    public string? Name { get; init; }

    /// <summary>The e-mail address that you will sign in with. No mail is sent to it.</summary>
    public string? Email { get; init; }

    /// <summary>The password of your choice, 12 to 200 characters; the one you have, if you sign in here already.</summary>
    public string? Password { get; init; }

    /// <summary>Where you sign in here already with an authenticator app: what it shows now.</summary>
    public string? Code { get; init; }

    /// <summary>For the operator's link: what the first account shall be called.</summary>
    public string? AccountName { get; init; }
}
