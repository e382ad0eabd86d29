namespace Zoetrope.Contracts.Admin;

/// <summary>A person who can sign in, as the operator sees them.</summary>
/// <param name="Id">The person's id (<c>person_…</c>).</param>
/// <param name="Name">What they are called.</param>
/// <param name="Email">What they sign in with.</param>
/// <param name="IsOperator">Whether they run the server.</param>
/// <param name="HasAuthenticator">Whether sign-in asks for a code of an app.</param>
/// <param name="Passkeys">How many passkeys they have.</param>
/// <param name="Sessions">Browsers that they are signed in with.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminPerson(
    string Id, string Name, string? Email, bool IsOperator, bool HasAuthenticator, long Passkeys, long Sessions, string CreatedAt);

/// <summary>One page of people, oldest first.</summary>
/// <param name="People">The people of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record AdminPersonPage(IReadOnlyList<AdminPerson> People, string? NextCursor);

/// <summary>All that there is to see of a person.</summary>
/// <param name="Person">The person.</param>
/// <param name="Memberships">Their accounts.</param>
/// <param name="Sessions">The browsers that they are signed in with, the last used first.</param>
public sealed record AdminPersonRecord(
    AdminPerson Person, IReadOnlyList<AdminMember> Memberships, IReadOnlyList<AdminSession> Sessions);

/// <summary>A person in an account.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="AccountName">What it is called.</param>
/// <param name="PersonId">The person.</param>
/// <param name="PersonName">What they are called.</param>
/// <param name="Email">What they sign in with.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c>, <c>viewer</c> or <c>billing</c>.</param>
/// <param name="SpendPerDay">Credits that they may spend in a UTC day; <see langword="null"/> is no cap.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminMember(
    string AccountId,
    string AccountName,
    string PersonId,
    string PersonName,
    string? Email,
    string Role,
    long? SpendPerDay,
    string CreatedAt);

/// <summary>A signed-in browser.</summary>
/// <param name="Id">The session's id (<c>key_…</c>).</param>
/// <param name="AccountId">The account that it acts in.</param>
/// <param name="Agent">What the browser called itself when it signed in.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="UsedAt">The last use, to five minutes.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record AdminSession(string Id, string AccountId, string? Agent, string CreatedAt, string UsedAt, string ExpiresAt);

/// <summary>A person was signed out of every browser.</summary>
/// <param name="PersonId">The person.</param>
/// <param name="Ended">How many browsers there were.</param>
public sealed record AdminSignedOut(string PersonId, long Ended);

/// <summary>An account on one page.</summary>
/// <param name="Account">The account.</param>
/// <param name="Balances">Its credits, one per mode.</param>
/// <param name="Tasks">What is not finished, and what was spent, one per mode.</param>
/// <param name="Members">Its people.</param>
/// <param name="Keys">The keys and grants that work, by their first characters.</param>
/// <param name="OpenCases">Cases about its tasks that nobody has closed.</param>
public sealed record AdminAccountOverview(
    AdminAccount Account,
    IReadOnlyList<AdminBalance> Balances,
    IReadOnlyList<AdminAccountTasks> Tasks,
    IReadOnlyList<AdminMember> Members,
    IReadOnlyList<AdminKey> Keys,
    long OpenCases);

/// <summary>The tasks of an account in one mode.</summary>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Unfinished">Tasks that wait or run.</param>
/// <param name="SpentThisMonth">Credits charged less those given back, since the month of UTC began.</param>
public sealed record AdminAccountTasks(string Mode, long Unfinished, long SpentThisMonth);
