using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People.Outside;

/// <summary>A row of <c>outside_logins</c>.</summary>
internal sealed class OutsideLogin
{
    public string Id { get; init; } = "";

    public string PersonId { get; init; } = "";

    public string Issuer { get; init; } = "";

    public string? Email { get; init; }

    public long CreatedAt { get; init; }

    public long UsedAt { get; init; }
}

/// <summary>The SQL of <c>outside_logins</c>, and which sign-ins have come back already.</summary>
internal sealed class OutsideLogins(Database database, TimeProvider time)
{
    public const int MaxPerPerson = 10;

    private const string Columns = "id, person_id, issuer, email, created_at, used_at";

    private static readonly Problem LastWay = Problems.InvalidOperation.With(
        "You could not sign in any more without it. Set a password or add a passkey first.");

    private static readonly Problem NotFound = Problems.PersonNotFound.With(
        "You have no outside login with this id. GET /api/v1/person/logins lists them.");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public ValueTask<List<OutsideLogin>> ListAsync(string personId) => database.ReadAsync(async session =>
        await session.QueryAsync<OutsideLogin>(
            $"select {Columns} from outside_logins where person_id = @personId order by created_at, id", new { personId }));

    /// <summary>Whose login it is.</summary>
    public static Task<OutsideLogin?> FindAsync(Session session, OutsideIdentity who) => session.FirstOrDefaultAsync<OutsideLogin>(
        $"select {Columns} from outside_logins where issuer = @Issuer and subject = @Subject", new { who.Issuer, who.Subject });

    public static Task<long> CountAsync(Session session, string personId) =>
        session.ScalarAsync<long>("select count(*) from outside_logins where person_id = @personId", new { personId });

    /// <summary>Its id; null where it has become somebody's in the meantime.</summary>
    public async Task<string?> AddAsync(Tx tx, string personId, OutsideIdentity who)
    {
        var id = Ids.New(Ids.OutsideLogin, time);
        var added = await tx.ExecuteAsync(
            """
            insert into outside_logins (id, person_id, issuer, subject, email, created_at, used_at)
            values (@id, @personId, @Issuer, @Subject, @VerifiedEmail, @now, @now) on conflict do nothing
            """,
            new { id, personId, who.Issuer, who.Subject, who.VerifiedEmail, now = Now });
        return added == 1 ? id : null;
    }

    public Task<int> NoteUseAsync(Tx tx, string id, OutsideIdentity who) => tx.ExecuteAsync(
        "update outside_logins set used_at = @now, email = coalesce(@VerifiedEmail, email) where id = @id",
        new { id, who.VerifiedEmail, now = Now });

    /// <summary>Of the signed-in person, unless it is all that they can sign in with.</summary>
    public Task<Outcome<bool>> RemoveAsync(Person person, string id) => database.InTransactionAsync<Outcome<bool>>(async tx =>
    {
        var mine = await tx.ScalarAsync<long>(
            "select count(*) from outside_logins where id = @id and person_id = @personId", new { id, personId = person.Id });
        if (mine == 0)
        {
            return NotFound;
        }

        if (!await WaysIn.RemainAsync(tx, person.Id, exceptLogin: id))
        {
            return LastWay;
        }

        await tx.ExecuteAsync("delete from outside_logins where id = @id and person_id = @personId", new { id, personId = person.Id });
        await PersonChange.WriteAsync(tx, person, "person.login_removed", time.GetUtcNow(), id);
        return true;
    });

    /// <summary>False where this sign-in came back before.</summary>
    public async Task<bool> ArriveAsync(string attempt, DateTimeOffset end) => await database.InTransactionAsync(tx => tx.ExecuteAsync(
        "insert into outside_arrivals (hash, expires_at) values (@hash, @end) on conflict do nothing",
        new { hash = SHA256.HashData(Encoding.UTF8.GetBytes(attempt)), end = end.ToUnixTimeMilliseconds() })) == 1;

    /// <summary>Those that are too old to come back anyway.</summary>
    public Task<int> ForgetArrivalsAsync() => database.InTransactionAsync(tx =>
        tx.ExecuteAsync("delete from outside_arrivals where expires_at < @now", new { now = Now }));
}
