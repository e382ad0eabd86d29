using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>A session as its person sees it.</summary>
internal sealed class SessionRow
{
    public string Id { get; init; } = "";

    public string AccountId { get; init; } = "";

    public string PersonId { get; init; } = "";

    public long CreatedAt { get; init; }

    public long ExpiresAt { get; init; }

    public long ProvedAt { get; init; }

    public long UsedAt { get; init; }

    /// <summary>What the browser called itself when it signed in.</summary>
    public string? Agent { get; init; }
}

/// <summary>A session just begun. <see cref="Secret"/> goes into the cookie and is kept nowhere.</summary>
internal sealed record BegunSession(string Id, string Secret, TimeSpan Lifetime)
{
    // A record prints its members, and this one must not reach a log by accident.
    public override string ToString() => Id;
}

/// <summary>
/// Signed-in browsers: rows of <c>api_keys</c> of the kind session. A session acts as its person's seat in the account, so what it
/// starts outlives it, and its caps are the seat's.
/// </summary>
internal sealed class Sessions(Database database, Authenticator authenticator, ApiKeyStore keys, TimeProvider time)
{
    /// <summary>Without use; each use moves the end.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromDays(30);

    /// <summary>Of whoever runs the server, from sign-in on: use does not move it.</summary>
    public static readonly TimeSpan Operators = TimeSpan.FromHours(12);

    public const int MaxAgent = 200;

    private const int SecretBytes = 32;

    // The last use need not be known more exactly, and a write for each request would be one too many.
    private static readonly TimeSpan Noted = TimeSpan.FromMinutes(5);

    private const string Lookup =
        """
        select k.account_id, m.id, m.mode, m.scopes, m.requests_per_minute, m.in_flight_limit, k.expires_at, a.plan,
            m.spend_per_day, m.ask_above, m.id,
            coalesce((select u.requests from account_usage u where u.account_id = k.account_id and u.day = @day), 0),
            k.person_id, m.spend_per_week, m.spend_per_month, m.spend_in_all, m.models, m.addresses, k.id, s.proved_at, p.is_operator, s.used_at
        from api_keys k
        join sessions s on s.id = k.id
        join people p on p.id = k.person_id
        join accounts a on a.id = k.account_id
        join api_keys m on m.account_id = k.account_id and m.person_id = k.person_id and m.kind = 'seat' and m.mode = @mode
        where k.hash = @hash and k.kind = 'session' and k.revoked_at is null and m.revoked_at is null
        """;

    private const string Select =
        """
        select k.id, k.account_id, k.person_id, k.created_at, k.expires_at, s.proved_at, s.used_at, s.agent
        from api_keys k join sessions s on s.id = k.id
        where k.kind = 'session' and k.revoked_at is null and k.expires_at > @now
        """;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The caller behind a cookie, in the mode that it asks for; null where the session is unknown or has ended.</summary>
    /// <param name="secret">What the cookie holds.</param>
    /// <param name="mode">Test or live.</param>
    /// <param name="needed">What the caller must be allowed.</param>
    /// <param name="needsPlan">Whether the account must have API access.</param>
    public ValueTask<Outcome<Caller>?> AuthenticateAsync(string secret, KeyMode mode, Scopes needed, bool needsPlan = true) =>
        secret.Length is 0 or > 100
            ? new((Outcome<Caller>?)null)
            : authenticator.AuthenticateOtherAsync(
                $"{mode.Word()} session {secret}", day => ReadAsync(Hash(secret), mode, day), needed, needsPlan);

    /// <summary>A new session; its cookie proves from now on who asks.</summary>
    public async Task<BegunSession> BeginAsync(Person person, string accountId, string? agent, DateTimeOffset? provedAt = null) =>
        await database.InTransactionAsync(tx => BeginAsync(tx, person, accountId, agent, provedAt));

    private async Task<BegunSession> BeginAsync(Tx tx, Person person, string accountId, string? agent, DateTimeOffset? provedAt)
    {
        var secret = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var lifetime = person.IsOperator == 1 ? Operators : Idle;
        var session = await keys.BeginSessionAsync(
            tx,
            new NewApiKey(accountId, KeyMode.Test, "Session")
            {
                PersonId = person.Id, Scopes = Scopes.None, ExpiresAt = time.GetUtcNow() + lifetime,
            },
            Hash(secret));
        await tx.ExecuteAsync(
            "insert into sessions (id, proved_at, used_at, agent) values (@Id, @proved, @now, @agent)",
            new { session.Id, agent, now = Now, proved = Math.Min(provedAt?.ToUnixTimeMilliseconds() ?? Now, Now) });
        return new BegunSession(session.Id, secret, lifetime);
    }

    /// <summary>The person has just proved who they are.</summary>
    public async Task ProveAsync(string sessionId)
    {
        await database.InTransactionAsync(tx =>
            tx.ExecuteAsync("update sessions set proved_at = @now where id = @sessionId", new { sessionId, now = Now }));
        await authenticator.ForgetEverywhereAsync();
    }

    /// <summary>Those of a person that work, the last used first.</summary>
    public ValueTask<List<SessionRow>> ListAsync(string personId) => database.ReadAsync(async session =>
        await session.QueryAsync<SessionRow>($"{Select} and k.person_id = @personId order by s.used_at desc", new { personId, now = Now }));

    public ValueTask<SessionRow?> FindAsync(string personId, string id) => database.ReadAsync(async session =>
        await session.FirstOrDefaultAsync<SessionRow>(
            $"{Select} and k.person_id = @personId and k.id = @id", new { personId, id, now = Now }));

    /// <summary>The session acts in another account of its person from now on.</summary>
    public async Task<bool> SwitchAsync(string personId, string id, string accountId)
    {
        var isMember = await database.InTransactionAsync(async tx =>
            await Memberships.FindAsync(tx, accountId, personId) is not null
            && await tx.ExecuteAsync(
                "update api_keys set account_id = @accountId where id = @id and person_id = @personId and kind = 'session'",
                new { accountId, id, personId }) == 1);
        await authenticator.ForgetEverywhereAsync();
        return isMember;
    }

    /// <summary>False where the person has no such session.</summary>
    public async Task<bool> EndAsync(string personId, string id)
    {
        var ended = await database.InTransactionAsync(tx => EndAsync(tx, "and id = @id", personId, id));
        await authenticator.ForgetEverywhereAsync();
        return ended > 0;
    }

    /// <summary>The browser's earlier one, if it was the same person's: signing in again proves again and leaves nothing behind.</summary>
    public Task EndEarlierAsync(string personId, string secret) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        "update api_keys set revoked_at = @now where hash = @hash and person_id = @personId and kind = 'session' and revoked_at is null",
        new { personId, hash = Hash(secret), now = Now }));

    /// <summary>All but this one: what a new password does.</summary>
    public Task<int> EndOthersAsync(Tx tx, string personId, string id) => EndAsync(tx, "and id <> @id", personId, id);

    /// <summary>Every one: what an operator does.</summary>
    public Task<int> EndAllAsync(Tx tx, string personId) => EndAsync(tx, "", personId, "");

    /// <summary>After a transaction of the caller's that ended some.</summary>
    public Task ForgetAsync() => authenticator.ForgetEverywhereAsync();

    private Task<int> EndAsync(Tx tx, string which, string personId, string id) => tx.ExecuteAsync(
        $"update api_keys set revoked_at = @now where person_id = @personId and kind = 'session' and revoked_at is null {which}",
        new { personId, id, now = Now });

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private async ValueTask<KnownKey?> ReadAsync(byte[] hash, KeyMode mode, long day)
    {
        var found = (await database.ReadAsync(session => new ValueTask<List<(KnownKey Key, long UsedAt)>>(session.RowsAsync(
            Lookup,
            new { hash, mode = (long)mode, day },
            static row =>
            {
                var known = Authenticator.Map(new ReaderRow(row));
                var session = new SignedIn(row.GetString(18), row.GetInt64(19), row.GetInt64(20) == 1);
                return (known with { Caller = known.Caller with { Session = session } }, row.GetInt64(21));
            })))).FirstOrDefault();
        if (found.Key is { Caller.Session: { } session } && found.Key.ExpiresAt > Now && found.UsedAt + Noted.TotalMilliseconds < Now)
        {
            await NoteUseAsync(session);
        }

        return found.Key;
    }

    private Task NoteUseAsync(SignedIn session) => database.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync("update sessions set used_at = @now where id = @Id", new { session.Id, now = Now });
        if (!session.IsOperator)
        {
            await tx.ExecuteAsync(
                "update api_keys set expires_at = @end where id = @Id and revoked_at is null",
                new { session.Id, end = Now + (long)Idle.TotalMilliseconds });
        }
    });
}
