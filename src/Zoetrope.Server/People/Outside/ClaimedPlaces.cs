using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People.Outside;

/// <summary>
/// Places in accounts that the issuer's claim gives. It decides at each sign-in: it adds, changes and takes away what it gave. What an
/// owner gave or changed by hand stays.
/// </summary>
internal sealed class ClaimedPlaces(
    Database database, OutsideOptions options, Memberships memberships, Authenticator authenticator, TimeProvider time)
{
    private readonly IReadOnlyList<ClaimedRole> _roles = options.Claimed;

    /// <summary>The account that newcomers join; null where there is none.</summary>
    public async Task<string?> HomeAsync(Session session) => options.JoinAccount.Length > 0
        ? (await AccountStore.FindAsync(session, options.JoinAccount))?.Id
        : (await AccountStore.ListAsync(session, 1, null)).FirstOrDefault()?.Id;

    /// <summary>Roles by account; of two values for one account, the setting's first decides.</summary>
    public async Task<SortedDictionary<string, string>> OfAsync(Session session, OutsideIdentity who)
    {
        var places = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var claimed in _roles.Where(role => who.RoleValues.Contains(role.Value, StringComparer.Ordinal)))
        {
            var account = claimed.AccountId is { } id ? (await AccountStore.FindAsync(session, id))?.Id : await HomeAsync(session);
            if (account is not null)
            {
                places.TryAdd(account, claimed.Role);
            }
        }

        return places;
    }

    public async Task ApplyAsync(Actor by, Person person, OutsideIdentity who)
    {
        if (_roles.Count == 0)
        {
            return;
        }

        var (places, given) = await database.ReadAsync(async session => (
            await OfAsync(session, who),
            (await Memberships.OfPersonAsync(session, person.Id))
                .Where(static place => place.ByClaim == 1).Select(static place => place.AccountId)));
        var changed = false;
        foreach (var account in places.Keys.Union(given).Order(StringComparer.Ordinal))
        {
            // Each account by itself: its members are locked, and its audit log is the last that is written.
            changed |= await database.InTransactionAsync(tx => ApplyAsync(tx, by, person, account, places.GetValueOrDefault(account)));
        }

        if (changed)
        {
            await authenticator.ForgetEverywhereAsync();
        }
    }

    private async Task<bool> ApplyAsync(Tx tx, Actor by, Person person, string account, string? role)
    {
        var owners = await Memberships.LockOwnersAsync(tx, account);
        var place = await Memberships.FindAsync(tx, account, person.Id);
        var isLastOwner = place?.Role == Roles.Owner && owners <= 1;
        if (place is null ? role is null : place.ByClaim == 0 || place.Role == role || isLastOwner)
        {
            return false;
        }

        var action = place is null ? "member.joined" : role is null ? "member.removed" : "member.changed";
        if (place is null)
        {
            await memberships.AddAsync(tx, account, person.Id, role!, byClaim: true);
        }
        else if (role is null)
        {
            await memberships.RemoveAsync(tx, account, person.Id);
        }
        else
        {
            await Memberships.ChangeAsync(tx, account, person.Id, new MemberChange { Role = role }.On(place), byClaim: true);
        }

        await AuditLog.AppendAsync(
            tx,
            by with { Id = person.Id, PersonId = person.Id },
            new AuditEntry(account, action, person.Id)
            {
                Before = place is null ? null : new { role = place.Role },
                After = role is null ? null : new { role, claim = options.RoleClaim },
            },
            time.GetUtcNow());
        return true;
    }
}
