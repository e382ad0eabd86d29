using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People.Outside;

/// <summary>The place that waits for a newcomer.</summary>
/// <param name="Why">What gave it, for the audit log.</param>
internal sealed record NewPlace(string AccountId, string Role, string Why)
{
    public bool IsClaimed => Why == "claim";
}

/// <summary>
/// People whom nobody invited: a value of the claim or the domain of a verified address lets them in, if the operator said so.
/// </summary>
internal sealed class Newcomers(
    OutsideOptions options, ClaimedPlaces places, PersonStore people, Memberships memberships, TimeProvider time)
{
    private readonly IReadOnlyList<string> _domains = options.Domains;

    public async Task<NewPlace?> PlaceOfAsync(Session session, OutsideIdentity who)
    {
        var claimed = (await places.OfAsync(session, who)).FirstOrDefault();
        if (claimed.Key is not null)
        {
            return new NewPlace(claimed.Key, claimed.Value, "claim");
        }

        return who.VerifiedEmail is { } email && _domains.Contains(email[(email.IndexOf('@', StringComparison.Ordinal) + 1)..])
            && await places.HomeAsync(session) is { } home
                ? new NewPlace(home, options.JoinRole, "domain")
                : null;
    }

    /// <summary>Null where somebody signs in here with their address already.</summary>
    public Task<Person?> MakeAsync(Tx tx, OutsideIdentity who) => people.CreateAsync(tx, who.Called, who.VerifiedEmail, passwordHash: null);

    public async Task AdmitAsync(Tx tx, Actor by, Person person, NewPlace place)
    {
        await memberships.AddAsync(tx, place.AccountId, person.Id, place.Role, byClaim: place.IsClaimed);
        await AuditLog.AppendAsync(
            tx,
            by with { Id = person.Id, PersonId = person.Id },
            new AuditEntry(place.AccountId, "member.joined", person.Id) { After = new { role = place.Role, by = place.Why } },
            time.GetUtcNow());
    }
}
