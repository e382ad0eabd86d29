using Zoetrope.Server.Accounts;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>A person in an account.</summary>
internal sealed class Membership
{
    public string AccountId { get; init; } = "";

    public string AccountName { get; init; } = "";

    public string PersonId { get; init; } = "";

    public string PersonName { get; init; } = "";

    public string? Email { get; init; }

    public string Role { get; init; } = "";

    /// <summary>Credits that this person's sessions and programs may spend in a UTC day.</summary>
    public long? SpendPerDay { get; init; }

    /// <summary>Those of a month of UTC.</summary>
    public long? SpendPerMonth { get; init; }

    /// <summary>Ids of the models that they may use, with spaces between; null is all.</summary>
    public string? Models { get; init; }

    public long CreatedAt { get; init; }

    /// <summary>1 where a claim of the issuer gave it, and may take it.</summary>
    public long ByClaim { get; init; }
}

/// <summary>
/// The SQL of <c>memberships</c>, and of the two rows of <c>api_keys</c> that each has (test and live): its seats. Whoever leaves
/// takes their seats, sessions, keys and programs with them, in the same transaction.
/// </summary>
internal sealed class Memberships(ApiKeyStore keys, TimeProvider time)
{
    private const string Select =
        """
        select m.account_id, a.name as account_name, m.person_id, p.name as person_name, p.email, m.role, m.spend_per_day, m.spend_per_month,
            m.models, m.created_at, m.by_claim
        from memberships m join people p on p.id = m.person_id join accounts a on a.id = m.account_id
        """;

    // Keys of the person, and programs that they or their keys gave access to.
    private const string Made =
        """
        account_id = @accountId and (person_id = @personId and kind = 'key' or kind = 'grant' and parent_id in (
            select k.id from api_keys k where k.account_id = @accountId and k.person_id = @personId))
        """;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public static Task<List<Membership>> OfPersonAsync(Session session, string personId) =>
        session.QueryAsync<Membership>($"{Select} where m.person_id = @personId order by m.created_at, m.account_id", new { personId });

    public static Task<List<Membership>> OfAccountAsync(Session session, string accountId) => session.QueryAsync<Membership>(
        $"{Select} where m.account_id = @accountId order by m.created_at, m.person_id", new { accountId });

    public static Task<Membership?> FindAsync(Session session, string accountId, string personId) =>
        session.FirstOrDefaultAsync<Membership>(
            $"{Select} where m.account_id = @accountId and m.person_id = @personId", new { accountId, personId });

    /// <summary>False where the person is a member already.</summary>
    public async Task<bool> AddAsync(Tx tx, string accountId, string personId, string role, long? spendPerDay = null, bool byClaim = false)
    {
        var added = await tx.ExecuteAsync(
            """
            insert into memberships (account_id, person_id, role, spend_per_day, created_at, by_claim)
            values (@accountId, @personId, @role, @spendPerDay, @now, @byClaim) on conflict do nothing
            """,
            new { accountId, personId, role, spendPerDay, now = Now, byClaim = byClaim ? 1L : 0L });
        if (added == 0)
        {
            return false;
        }

        foreach (var mode in new[] { KeyMode.Test, KeyMode.Live })
        {
            await keys.SeatAsync(tx, new NewApiKey(accountId, mode, "Seat")
            {
                PersonId = personId,
                Scopes = Roles.ScopesOf(role),
                Limits = KeyLimits.None with { SpendPerDay = spendPerDay },
            });
        }

        return true;
    }

    /// <summary>
    /// Keeps others from changing the account's members until this transaction ends, and counts its owners; on SQLite nobody else writes.
    /// </summary>
    public static async Task<long> LockOwnersAsync(Tx tx, string accountId)
    {
        if (tx.Dialect == SqlDialect.Postgres)
        {
            await tx.ExecuteAsync("select 1 from accounts where id = @accountId for update", new { accountId });
        }

        return await tx.ScalarAsync<long>(
            "select count(*) from memberships where account_id = @accountId and role = 'owner'", new { accountId });
    }

    /// <summary>A change may take away: nothing that the person has made may do more than they.</summary>
    public static async Task ChangeAsync(Tx tx, string accountId, string personId, Place place, bool byClaim = false)
    {
        var arguments = new
        {
            accountId,
            personId,
            place.Role,
            place.SpendPerDay,
            place.SpendPerMonth,
            place.Models,
            scopes = (long)Roles.ScopesOf(place.Role),
            byClaim = byClaim ? 1L : 0L,
        };
        await tx.ExecuteAsync(
            """
            update memberships set role = @Role, spend_per_day = @SpendPerDay, spend_per_month = @SpendPerMonth, models = @Models,
                by_claim = @byClaim
            where account_id = @accountId and person_id = @personId
            """,
            arguments);
        await tx.ExecuteAsync(
            """
            update api_keys set scopes = @scopes, spend_per_day = @SpendPerDay, spend_per_month = @SpendPerMonth, models = @Models
            where account_id = @accountId and person_id = @personId and kind = 'seat' and revoked_at is null
            """,
            arguments);
        await tx.ExecuteAsync($"update api_keys set scopes = scopes & @scopes where {Made}", arguments);
        if (place.Models is { } models)
        {
            await NarrowAsync(tx, accountId, personId, KeyLists.Models(models));
        }
    }

    // Keys and programs keep of their models what the member may use.
    private static async Task NarrowAsync(Tx tx, string accountId, string personId, IReadOnlyList<string> allowed)
    {
        var made = await tx.QueryAsync<(string Id, string? Models)>(
            $"select id, models from api_keys where revoked_at is null and {Made} order by id", new { accountId, personId });
        foreach (var (id, models) in made)
        {
            var kept = KeyLists.Column([.. allowed.Where(model => models is null || KeyLists.Models(models).Contains(model))]);
            if (kept != models)
            {
                await tx.ExecuteAsync("update api_keys set models = @kept where id = @id", new { id, kept });
            }
        }
    }

    /// <summary>The end of a membership and of everything that stood on it.</summary>
    public async Task RemoveAsync(Tx tx, string accountId, string personId)
    {
        var arguments = new { accountId, personId, now = Now };
        await tx.ExecuteAsync("delete from memberships where account_id = @accountId and person_id = @personId", arguments);

        // A grant has no person of its own: it ends with the seat or key that gave it.
        await tx.ExecuteAsync(
            """
            update api_keys set revoked_at = @now
            where account_id = @accountId and revoked_at is null and (person_id = @personId or parent_id in (
                select k.id from api_keys k where k.account_id = @accountId and k.person_id = @personId))
            """,
            arguments);
    }
}
