using System.Security.Cryptography;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>A row of <c>api_keys</c> without its hash.</summary>
internal sealed record ApiKey(
    string Id,
    string AccountId,
    long Mode,
    string Name,
    string Prefix,
    long Scopes,
    long? RequestsPerMinute,
    long? InFlightLimit,
    long CreatedAt,
    long? ExpiresAt,
    long? RevokedAt,
    string Kind = ApiKey.KeyKind,
    string? ParentId = null,
    string? ClientId = null,
    string? SpendsWith = null,
    long? SpendPerDay = null,
    long? AskAbove = null,
    string? PersonId = null,
    long? SpendPerWeek = null,
    long? SpendPerMonth = null,
    long? SpendInAll = null,
    string? Models = null,
    string? Addresses = null,
    long? SpentDay = null,
    long? Spent = null,
    long? SpentWeek = null,
    long? WeekSpent = null,
    long? SpentMonth = null,
    long? MonthSpent = null,
    long? AllSpent = null)
{
    public const string KeyKind = "key";
    public const string GrantKind = "grant";

    /// <summary>A signed-in browser. What it does is its person's seat's.</summary>
    public const string SessionKind = "session";

    /// <summary>A membership, once for each mode: it counts what the person's sessions spend and gives access to programs.</summary>
    public const string SeatKind = "seat";

    public KeyLimits Limits => new((int?)RequestsPerMinute, (int?)InFlightLimit)
    {
        SpendPerDay = SpendPerDay,
        SpendPerWeek = SpendPerWeek,
        SpendPerMonth = SpendPerMonth,
        SpendInAll = SpendInAll,
        AskAbove = AskAbove,
        Models = Models is null ? null : KeyLists.Models(Models),
        Addresses = Addresses is null ? null : KeyLists.Addresses(Addresses),
    };

    /// <summary>What it has spent in the times of now.</summary>
    public (long Day, long Week, long Month, long InAll) SpentIn(in SpendPeriods now) => (
        SpentDay >= now.Day ? Spent ?? 0 : 0,
        SpentWeek >= now.Week ? WeekSpent ?? 0 : 0,
        SpentMonth >= now.Month ? MonthSpent ?? 0 : 0,
        AllSpent ?? 0);

    /// <summary>What the audit log keeps of it: all that decides, and nothing of the secret.</summary>
    public object Facts => new
    {
        name = Name,
        kind = Kind,
        mode = ((KeyMode)Mode).Word(),
        scopes = ((Scopes)Scopes).Words(),
        requestsPerMinute = RequestsPerMinute,
        inFlightLimit = InFlightLimit,
        spendPerDay = SpendPerDay,
        spendPerWeek = SpendPerWeek,
        spendPerMonth = SpendPerMonth,
        spendInAll = SpendInAll,
        models = Limits.Models,
        addresses = Addresses,
        askAbove = AskAbove,
        expiresAt = WireTime.Text(ExpiresAt),
        parentId = ParentId,
        personId = PersonId,
    };
}

/// <summary>What a new key shall be.</summary>
internal sealed record NewApiKey(string AccountId, KeyMode Mode, string Name)
{
    public Scopes Scopes { get; init; } = Scopes.All;

    public KeyLimits Limits { get; init; } = KeyLimits.None;

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whose key it is, if a person's.</summary>
    public string? PersonId { get; init; }
}

/// <summary>A key just made. <see cref="Secret"/> exists nowhere else: it is shown once and only its hash is stored.</summary>
internal sealed record CreatedKey(ApiKey Key, string Secret)
{
    // A record prints its members, and this one must not reach a log by accident.
    public override string ToString() => Key.Id;
}

/// <summary>The SQL of <c>api_keys</c>, except the lookup by hash, which is the <see cref="Authenticator"/>'s.</summary>
internal sealed class ApiKeyStore(TimeProvider time)
{
    /// <summary>Grants of one key that can work at once. They share its rate and its number of tasks in flight.</summary>
    public const int MaxGrants = 20;

    private const string Columns =
        """
        k.id, k.account_id, k.mode, k.name, k.prefix, k.scopes, k.requests_per_minute, k.in_flight_limit,
        k.created_at, k.expires_at, k.revoked_at, k.kind, k.parent_id, k.client_id, k.spends_with, k.spend_per_day, k.ask_above,
        k.person_id, k.spend_per_week, k.spend_per_month, k.spend_in_all, k.models, k.addresses,
        u.spent_day, u.spent, u.spent_week, u.week_spent, u.spent_month, u.month_spent, u.all_spent
        """;

    // The count of spend is the submitting transaction's; here it is only shown.
    private const string Rows = "api_keys k left join key_usage u on u.key_id = coalesce(k.spends_with, k.id)";

    private const string Realm =
        """
        k.account_id = @AccountId and k.kind = 'key' and (@test = 0 or k.mode = 0)
            and (@PersonId is null or k.person_id = @PersonId)
        """;

    public Task<CreatedKey> CreateAsync(Tx tx, NewApiKey wanted) => InsertAsync(tx, wanted, spendsWith: null);

    /// <summary>The same, which counts in the row of another key: that of whoever makes it.</summary>
    public Task<CreatedKey> CreateAsync(Tx tx, NewApiKey wanted, KeyCounter counter) => InsertAsync(tx, wanted, counter.KeyId);

    /// <summary>The same with a secret that the operator made.</summary>
    public Task<CreatedKey> CreateAsync(Tx tx, NewApiKey wanted, string secret) => InsertAsync(tx, wanted, spendsWith: null, secret);

    // Sessions and seats are no keys to whoever manages keys.
    private const string Listed = "k.kind in ('key', 'grant')";

    public static async Task<bool> AnyAsync(Session session) =>
        await session.ScalarAsync<long>("select count(*) from (select 1 from api_keys where kind = 'key' limit 1) as first") > 0;

    public static async Task<bool> ExistsAsync(Session session, string secret) =>
        await session.ScalarAsync<long>("select count(*) from api_keys where hash = @hash", new { hash = ApiKeys.Hash(secret) }) > 0;

    public static Task<List<ApiKey>> ListAsync(Session session, string accountId) =>
        session.QueryAsync<ApiKey>(
            $"select {Columns} from {Rows} where k.account_id = @accountId and {Listed} order by k.id", new { accountId });

    public static Task<ApiKey?> FindAsync(Session session, string accountId, string keyId) =>
        session.FirstOrDefaultAsync<ApiKey>(
            $"select {Columns} from {Rows} where k.id = @keyId and k.account_id = @accountId and {Listed}", new { accountId, keyId });

    /// <summary>The key or seat that gave a grant.</summary>
    public static Task<ApiKey?> FindGranterAsync(Session session, ApiKey grant) => session.FirstOrDefaultAsync<ApiKey>(
        $"select {Columns} from {Rows} where k.id = @ParentId and k.account_id = @AccountId", new { grant.ParentId, grant.AccountId });

    /// <summary>Revokes for good and returns the key; null when the account has no such key. A second time keeps the first time.</summary>
    public async Task<ApiKey?> RevokeAsync(Tx tx, string accountId, string keyId)
    {
        await tx.ExecuteAsync(
            """
            update api_keys set revoked_at = @now
            where id = @keyId and account_id = @accountId and revoked_at is null and kind in ('key', 'grant')
            """,
            new { accountId, keyId, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
        return await FindAsync(tx, accountId, keyId);
    }

    /// <summary>
    /// A new secret with the same rights and limits, which continues the day's spend. The old one works until
    /// <paramref name="grace"/> has passed, so that a running client can be changed over. Null when the key does not exist or no
    /// longer works.
    /// </summary>
    public async Task<CreatedKey?> RotateAsync(Tx tx, string accountId, string keyId, TimeSpan grace)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var old = await FindAsync(tx, accountId, keyId);
        if (old is not { Kind: ApiKey.KeyKind, RevokedAt: null } || old.ExpiresAt <= now)
        {
            return null;
        }

        var end = now + (long)grace.TotalMilliseconds;
        await tx.ExecuteAsync(
            "update api_keys set expires_at = @end where id = @keyId and (expires_at is null or expires_at > @end)",
            new { keyId, end });
        var wanted = new NewApiKey(old.AccountId, (KeyMode)old.Mode, old.Name)
        {
            Scopes = (Scopes)old.Scopes,
            Limits = old.Limits,
            ExpiresAt = old.ExpiresAt is { } expires ? DateTimeOffset.FromUnixTimeMilliseconds(expires) : null,
            PersonId = old.PersonId,
        };
        return await InsertAsync(tx, wanted, old.SpendsWith ?? old.Id);
    }

    /// <summary>
    /// Access that the holder of a key gives to a program: a key of the same account and mode whose hash matches no secret, so
    /// it works only through the tokens that stand for it, and only as long as its granter does.
    /// </summary>
    public async Task<ApiKey> GrantAsync(Tx tx, NewApiKey wanted, string granterId, string clientId)
    {
        var grant = Row(wanted, ApiKey.GrantKind, prefix: "") with { ParentId = granterId, ClientId = clientId };
        await InsertAsync(tx, grant, RandomNumberGenerator.GetBytes(ApiKeys.HashLength));
        return grant;
    }

    /// <summary>A membership's own row. Its hash matches no secret.</summary>
    public Task SeatAsync(Tx tx, NewApiKey wanted) => InsertAsync(
        tx, Row(wanted, ApiKey.SeatKind, prefix: ""), RandomNumberGenerator.GetBytes(ApiKeys.HashLength));

    /// <summary>A session's row, known by the hash of what its cookie holds.</summary>
    public async Task<ApiKey> BeginSessionAsync(Tx tx, NewApiKey wanted, byte[] hash)
    {
        var session = Row(wanted, ApiKey.SessionKind, prefix: "");
        await InsertAsync(tx, session, hash);
        return session;
    }

    public static Task<ApiKey?> FindGrantAsync(Session session, string id) =>
        session.FirstOrDefaultAsync<ApiKey>($"select {Columns} from {Rows} where k.id = @id and k.kind = 'grant'", new { id });

    /// <summary>The grants of a key that work, newest first.</summary>
    public static Task<List<ApiKey>> ListGrantsAsync(Session session, string granterId, long now) => session.QueryAsync<ApiKey>(
        $"""
        select {Columns} from {Rows}
        where k.parent_id = @granterId and k.kind = 'grant' and k.revoked_at is null and k.expires_at > @now order by k.id desc
        """,
        new { granterId, now });

    /// <summary>Keys of an account in the modes that a caller manages, newest first; those that work, unless all are wanted.</summary>
    public static Task<List<ApiKey>> ListKeysAsync(Session session, KeyRealm realm, bool all, long now, int limit, string? before) =>
        session.QueryAsync<ApiKey>(
            $"""
            select {Columns} from {Rows} where {Realm} and k.id < @before
                {(all ? "" : "and k.revoked_at is null and (k.expires_at is null or k.expires_at > @now)")}
            order by k.id desc limit @limit
            """,
            new { realm.AccountId, test = realm.TestOnly, realm.PersonId, before = before ?? Ids.ApiKey + "~", now, limit = (long)limit });

    public static Task<ApiKey?> FindKeyAsync(Session session, KeyRealm realm, string id) => session.FirstOrDefaultAsync<ApiKey>(
        $"select {Columns} from {Rows} where {Realm} and k.id = @id",
        new { realm.AccountId, test = realm.TestOnly, realm.PersonId, id });

    public static Task<long> CountKeysAsync(Session session, string accountId, long now) => session.ScalarAsync<long>(
        """
        select count(*) from api_keys
        where account_id = @accountId and kind = 'key' and revoked_at is null and (expires_at is null or expires_at > @now)
        """,
        new { accountId, now });

    /// <summary>Writes what of a key can change.</summary>
    public static Task<int> SaveAsync(Tx tx, ApiKey key) => tx.ExecuteAsync(
        """
        update api_keys set name = @Name, scopes = @Scopes, requests_per_minute = @RequestsPerMinute, in_flight_limit = @InFlightLimit,
            expires_at = @ExpiresAt, spend_per_day = @SpendPerDay, spend_per_week = @SpendPerWeek, spend_per_month = @SpendPerMonth,
            spend_in_all = @SpendInAll, ask_above = @AskAbove, models = @Models, addresses = @Addresses
        where id = @Id
        """,
        key);

    public static Task<int> LimitAsync(Tx tx, string id, KeyLimits limits) => tx.ExecuteAsync(
        "update api_keys set spend_per_day = @SpendPerDay, ask_above = @AskAbove where id = @id",
        new { id, limits.SpendPerDay, limits.AskAbove });

    public static Task<long> CountGrantsAsync(Session session, string granterId, DateTimeOffset now) => session.ScalarAsync<long>(
        "select count(*) from api_keys where parent_id = @granterId and revoked_at is null and expires_at > @now",
        new { granterId, now = now.ToUnixTimeMilliseconds() });

    /// <summary>Moves the end of a grant that still works; false when it does not, or its granter does not.</summary>
    public static async Task<bool> KeepGrantAsync(Tx tx, string id, DateTimeOffset now, DateTimeOffset until) => await tx.ExecuteAsync(
        """
        update api_keys set expires_at = @until
        where id = @id and kind = 'grant' and revoked_at is null and expires_at > @now
          and exists (select 1 from api_keys p
            where p.id = api_keys.parent_id and p.revoked_at is null and (p.expires_at is null or p.expires_at > @now))
        """,
        new { id, now = now.ToUnixTimeMilliseconds(), until = until.ToUnixTimeMilliseconds() }) == 1;

    public static Task<int> EndGrantAsync(Tx tx, string id, DateTimeOffset now) => tx.ExecuteAsync(
        "update api_keys set revoked_at = @now where id = @id and kind = 'grant' and revoked_at is null",
        new { id, now = now.ToUnixTimeMilliseconds() });

    private async Task<CreatedKey> InsertAsync(Tx tx, NewApiKey wanted, string? spendsWith, string? given = null)
    {
        var secret = given ?? ApiKeys.New(wanted.Mode);
        var key = Row(wanted, ApiKey.KeyKind, ApiKeys.Shown(secret)) with { SpendsWith = spendsWith };
        await InsertAsync(tx, key, ApiKeys.Hash(secret));
        return new CreatedKey(key, secret);
    }

    private ApiKey Row(NewApiKey wanted, string kind, string prefix)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new ApiKey(
            Ids.New(Ids.ApiKey, now),
            wanted.AccountId,
            (long)wanted.Mode,
            wanted.Name,
            prefix,
            (long)wanted.Scopes,
            wanted.Limits.RequestsPerMinute,
            wanted.Limits.InFlight,
            now,
            wanted.ExpiresAt?.ToUnixTimeMilliseconds(),
            RevokedAt: null,
            kind,
            SpendPerDay: wanted.Limits.SpendPerDay,
            AskAbove: wanted.Limits.AskAbove,
            PersonId: wanted.PersonId,
            SpendPerWeek: wanted.Limits.SpendPerWeek,
            SpendPerMonth: wanted.Limits.SpendPerMonth,
            SpendInAll: wanted.Limits.SpendInAll,
            Models: KeyLists.Column(wanted.Limits.Models),
            Addresses: KeyLists.Column(wanted.Limits.Addresses));
    }

    private static Task<int> InsertAsync(Tx tx, ApiKey key, byte[] hash) => tx.ExecuteAsync(
        """
        insert into api_keys (id, account_id, mode, name, hash, prefix, scopes, requests_per_minute, in_flight_limit,
            created_at, expires_at, kind, parent_id, client_id, spends_with, spend_per_day, ask_above, person_id,
            spend_per_week, spend_per_month, spend_in_all, models, addresses)
        values (@Id, @AccountId, @Mode, @Name, @hash, @Prefix, @Scopes, @RequestsPerMinute, @InFlightLimit, @CreatedAt, @ExpiresAt,
            @Kind, @ParentId, @ClientId, @SpendsWith, @SpendPerDay, @AskAbove, @PersonId,
            @SpendPerWeek, @SpendPerMonth, @SpendInAll, @Models, @Addresses)
        """,
        new
        {
            key.Id,
            key.AccountId,
            key.Mode,
            key.Name,
            hash,
            key.Prefix,
            key.Scopes,
            key.RequestsPerMinute,
            key.InFlightLimit,
            key.CreatedAt,
            key.ExpiresAt,
            key.Kind,
            key.ParentId,
            key.ClientId,
            key.SpendsWith,
            key.SpendPerDay,
            key.AskAbove,
            key.PersonId,
            key.SpendPerWeek,
            key.SpendPerMonth,
            key.SpendInAll,
            key.Models,
            key.Addresses,
        });
}

/// <summary>The key whose row counts a new one's rate, tasks and spend; null is its own.</summary>
internal readonly record struct KeyCounter(string? KeyId);

/// <summary>The keys that a caller sees.</summary>
/// <param name="AccountId">Of its account.</param>
/// <param name="TestOnly">1 where it has no business with live keys.</param>
/// <param name="PersonId">Only those of one person; null for all.</param>
internal sealed record KeyRealm(string AccountId, long TestOnly, string? PersonId);
