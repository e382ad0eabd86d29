using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People.Outside;

/// <summary>
/// What becomes of somebody whom the issuer has proved. Only the issuer's own id of them says who they are here: an e-mail address lets
/// a newcomer in where the operator said so, and never makes anybody a person who is here already.
/// </summary>
internal sealed class OutsideSignIn(
    Database database, OutsideLogins logins, ClaimedPlaces places, Invitations invitations, Newcomers newcomers)
{
    private static readonly Problem NotAllowed = Problems.Forbidden.With(
        "You have no place on this server. Ask an owner of your team for an invitation, and open its link first.");

    private static readonly Problem Meanwhile =
        Problems.InvalidOperation.With("You signed in twice at the same moment. Sign in once more.");

    private static readonly Problem EmailTaken = Problems.InvalidOperation.With(
        "Somebody signs in here with your e-mail address already. If that is you, sign in as before, and add this login at "
        + "/account/security.");

    private static readonly Problem Taken = Problems.InvalidOperation.With(
        "With this login somebody else signs in here. Remove it there first, or choose another account of the issuer.");

    private static readonly Problem Full = Problems.InvalidOperation.With(
        $"You have {OutsideLogins.MaxPerPerson} outside logins, which is the limit. Remove one first.");

    /// <summary>The person, and the account that they have just joined; null for the first of theirs.</summary>
    /// <param name="by">Who, for the audit log.</param>
    /// <param name="who">What the issuer said.</param>
    /// <param name="invitation">The token of the link that they opened; empty for none.</param>
    public async Task<Outcome<(Person Person, string? AccountId)>> ComeAsync(Actor by, OutsideIdentity who, string invitation)
    {
        var outcome = await database.InTransactionAsync<Outcome<(Person, string?)>>(async tx =>
        {
            var known = await KnownAsync(tx, who);
            if (invitation.Length > 0)
            {
                return (await invitations.EnterAsync(tx, by, invitation, async () =>
                    known is null ? await MakeAsync(tx, who) : known)).Failed(out var refusal, out var entered)
                    ? refusal
                    : (entered.Person, entered.AccountId);
            }

            if (known is not null)
            {
                return (known, null);
            }

            if (await newcomers.PlaceOfAsync(tx, who) is not { } place)
            {
                return NotAllowed;
            }

            if ((await MakeAsync(tx, who)).Failed(out var problem, out var person))
            {
                return problem;
            }

            await newcomers.AdmitAsync(tx, by, person, place);
            return (person, place.AccountId);
        });
        if (!outcome.Failed(out _, out var come) && invitation.Length == 0)
        {
            await places.ApplyAsync(by, come.Item1, who);
        }

        return outcome;
    }

    /// <summary>The signed-in person can sign in with it from now on.</summary>
    public Task<Outcome<bool>> LinkAsync(Person person, OutsideIdentity who, DateTimeOffset now) =>
        database.InTransactionAsync<Outcome<bool>>(async tx =>
        {
            if (await OutsideLogins.FindAsync(tx, who) is { } login)
            {
                return login.PersonId == person.Id ? true : Taken;
            }

            if (await OutsideLogins.CountAsync(tx, person.Id) >= OutsideLogins.MaxPerPerson)
            {
                return Full;
            }

            if (await logins.AddAsync(tx, person.Id, who) is not { } id)
            {
                return Meanwhile;
            }

            await PersonChange.WriteAsync(tx, person, "person.login_added", now, id);
            return true;
        });

    /// <summary>Whether the signed-in person is who the issuer says.</summary>
    public async Task<bool> IsAsync(string personId, OutsideIdentity who) =>
        (await database.ReadAsync(async session => await OutsideLogins.FindAsync(session, who)))?.PersonId == personId;

    private async Task<Person?> KnownAsync(Tx tx, OutsideIdentity who)
    {
        if (await OutsideLogins.FindAsync(tx, who) is not { } login)
        {
            return null;
        }

        await logins.NoteUseAsync(tx, login.Id, who);
        return await PersonStore.FindAsync(tx, login.PersonId);
    }

    private async Task<Outcome<Person>> MakeAsync(Tx tx, OutsideIdentity who)
    {
        if (await newcomers.MakeAsync(tx, who) is not { } person)
        {
            return EmailTaken;
        }

        if (await logins.AddAsync(tx, person.Id, who) is not null)
        {
            return person;
        }

        await PersonStore.ForgetAsync(tx, person.Id);
        return Meanwhile;
    }
}
