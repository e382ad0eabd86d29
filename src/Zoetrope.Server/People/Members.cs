using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>
/// Who belongs to an account, for its owners and admins. Only an owner makes or changes owners, and the last one stays.
/// </summary>
internal sealed class Members(Database database, Authenticator authenticator, Memberships memberships, TimeProvider time)
{
    private static readonly Problem NotFound = Problems.PersonNotFound.With(
        "This account has no member with this id. GET /api/v1/account/members lists them.");

    private static readonly Problem LastOwner = Problems.InvalidOperation.With(
        "This is the last owner of the account. Make another member an owner first.");

    private static readonly Problem OnlyOwners = Problems.Forbidden.With("Only an owner makes, changes or removes owners.");

    public ValueTask<List<Membership>> ListAsync(string accountId) =>
        database.ReadAsync(async session => await Memberships.OfAccountAsync(session, accountId));

    /// <param name="by">Who, for the audit log.</param>
    /// <param name="caller">An owner or admin, or a key with their scope.</param>
    /// <param name="personId">Whom.</param>
    /// <param name="change">What changes.</param>
    public Task<Outcome<Membership>> ChangeAsync(Actor by, Caller caller, string personId, MemberChange change) =>
        ActAsync(caller, personId, change.Role, async (tx, member) =>
        {
            await Memberships.ChangeAsync(tx, caller.AccountId, personId, change.On(member));
            var changed = await Memberships.FindAsync(tx, caller.AccountId, personId) ?? member;
            await AuditLog.AppendAsync(
                tx,
                by,
                new AuditEntry(caller.AccountId, "member.changed", personId) { Before = Facts(member), After = Facts(changed) },
                time.GetUtcNow());
            return changed;
        });

    public Task<Outcome<Membership>> RemoveAsync(Actor by, Caller caller, string personId) => ActAsync(caller, personId, "", async (tx, member) =>
    {
        await memberships.RemoveAsync(tx, caller.AccountId, personId);
        await AuditLog.AppendAsync(
            tx, by, new AuditEntry(caller.AccountId, "member.removed", personId) { Before = Facts(member) }, time.GetUtcNow());
        return member;
    });

    private async Task<Outcome<Membership>> ActAsync(
        Caller caller, string personId, string? role, Func<Tx, Membership, Task<Membership>> act)
    {
        var outcome = await database.InTransactionAsync<Outcome<Membership>>(async tx =>
        {
            var owners = await Memberships.LockOwnersAsync(tx, caller.AccountId);
            if (await Memberships.FindAsync(tx, caller.AccountId, personId) is not { } member)
            {
                return NotFound;
            }

            var touchesOwners = role is not null && (member.Role == Roles.Owner) != (role == Roles.Owner);
            if ((touchesOwners || member.Role == Roles.Owner) && !await IsOwnerAsync(tx, caller))
            {
                return OnlyOwners;
            }

            return touchesOwners && member.Role == Roles.Owner && owners <= 1 ? LastOwner : await act(tx, member);
        });
        await authenticator.ForgetEverywhereAsync();
        return outcome;
    }

    private static object Facts(Membership member) => new
    {
        role = member.Role,
        spendPerDay = member.SpendPerDay,
        spendPerMonth = member.SpendPerMonth,
        models = member.Models is { } models ? KeyLists.Models(models) : null,
    };

    /// <summary>A key of the account as a whole is the account's; any other caller is what their person is.</summary>
    public static async Task<bool> IsOwnerAsync(Tx tx, Caller caller) => caller.PersonId is not { } personId
        || (await Memberships.FindAsync(tx, caller.AccountId, personId))?.Role == Roles.Owner;
}
