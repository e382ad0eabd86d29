using Zoetrope.Server.Audit;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>What an operator sees of people, and does to them.</summary>
internal sealed class PeopleOperations(Database database, Sessions sessions, TimeProvider time)
{
    private const string Select =
        """
        select p.id, p.name, p.email, p.is_operator, p.created_at, case when p.totp_sealed is null then 0 else 1 end as has_authenticator,
            (select count(*) from passkeys k where k.person_id = p.id) as passkeys,
            (select count(*) from api_keys k where k.person_id = p.id
                and k.kind = 'session' and k.revoked_at is null and k.expires_at > @now) as sessions
        from people p
        """;

    private const string HasText =
        "and (p.id = @text or lower(p.name) like lower(@pattern) escape '!' or p.email like lower(@pattern) escape '!')";

    private static readonly Problem NotFound = Problems.PersonNotFound.With(
        "No person with this id exists. GET /admin/v1/people lists them.", "personId");

    private static readonly Problem LastOperator = Problems.InvalidOperation.With(
        "This is the last operator. Make another person an operator first.", "isOperator");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Oldest first.</summary>
    /// <param name="text">A part of their name or address, or their id; null for all.</param>
    /// <param name="operatorsOnly">Only who runs the server.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="after">The last id of the page before.</param>
    public ValueTask<List<PersonRow>> ListAsync(string? text, bool operatorsOnly, int limit, string? after) =>
        database.ReadAsync(async session => await session.QueryAsync<PersonRow>(
            $"""
            {Select} where p.ended_at is null and p.id > @after {(operatorsOnly ? "and p.is_operator = 1" : "")}
                {(text is null ? "" : HasText)}
            order by p.id limit @limit
            """,
            new { now = Now, after = after ?? "", text, pattern = SearchText.Pattern(text), limit = (long)limit }));

    /// <summary>A person with their memberships and signed-in browsers.</summary>
    public async Task<Outcome<PersonRecord>> FindAsync(string id) =>
        await database.ReadAsync(async session => await ReadAsync(session, id)) is not { } person
            ? NotFound
            : new PersonRecord(
                person,
                await database.ReadAsync(async session => await Memberships.OfPersonAsync(session, id)),
                await sessions.ListAsync(id));

    /// <summary>
    /// Makes a person an operator, or no longer one; never the last. Their browsers are signed out: an operator's session is a shorter one.
    /// </summary>
    public async Task<Outcome<PersonRow>> ChangeAsync(Actor by, string id, bool isOperator)
    {
        var changed = await database.InTransactionAsync<Outcome<PersonRow>>(async tx =>
        {
            var operators = await LockOperatorsAsync(tx);
            if (await ReadAsync(tx, id) is not { } person)
            {
                return NotFound;
            }

            if (person.IsOperator == 1 == isOperator)
            {
                return person;
            }

            if (!isOperator && operators.All(other => other == id))
            {
                return LastOperator;
            }

            await PersonStore.ChangeOperatorAsync(tx, id, isOperator);
            await sessions.EndAllAsync(tx, id);
            await WriteAsync(tx, by, new AuditEntry(AuditEntry.OfServer, "person.operator_changed", id)
            {
                Before = new { isOperator = !isOperator },
                After = new { isOperator },
            });
            return (await ReadAsync(tx, id))!;
        });
        await sessions.ForgetAsync();
        return changed;
    }

    /// <summary>Signs a person out of every browser; how many there were.</summary>
    public async Task<Outcome<int>> EndSessionsAsync(Actor by, string id)
    {
        var ended = await database.InTransactionAsync<Outcome<int>>(async tx =>
        {
            if (await ReadAsync(tx, id) is null)
            {
                return NotFound;
            }

            var count = await sessions.EndAllAsync(tx, id);
            await WriteAsync(tx, by, new AuditEntry(AuditEntry.OfServer, "person.signed_out", id) { After = new { sessions = count } });
            return count;
        });
        await sessions.ForgetAsync();
        return ended;
    }

    private Task<PersonRow?> ReadAsync(Session session, string id) =>
        session.FirstOrDefaultAsync<PersonRow>($"{Select} where p.id = @id and p.ended_at is null", new { now = Now, id });

    // Two who take the right from each other wait for each other; on SQLite nobody else writes.
    private static Task<List<string>> LockOperatorsAsync(Tx tx) => tx.QueryAsync<string>(
        $"""
        select id from people where is_operator = 1 and ended_at is null order by id
        {(tx.Dialect == SqlDialect.Postgres ? "for update" : "")}
        """);

    private Task WriteAsync(Tx tx, Actor by, AuditEntry entry) => AuditLog.AppendAsync(tx, by, entry, time.GetUtcNow());
}

/// <summary>A person as an operator lists them; times are milliseconds.</summary>
internal sealed class PersonRow
{
    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    public string? Email { get; init; }

    public long IsOperator { get; init; }

    public long CreatedAt { get; init; }

    public long HasAuthenticator { get; init; }

    public long Passkeys { get; init; }

    public long Sessions { get; init; }
}

/// <summary>All that there is to see of a person.</summary>
internal sealed record PersonRecord(PersonRow Person, IReadOnlyList<Membership> Memberships, IReadOnlyList<SessionRow> Sessions);
