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
    long? RevokedAt);

/// <summary>What a new key shall be.</summary>
internal sealed record NewApiKey(string AccountId, KeyMode Mode, string Name)
{
    public Scopes Scopes { get; init; } = Scopes.All;

    public KeyLimits Limits { get; init; } = KeyLimits.None;

    public DateTimeOffset? ExpiresAt { get; init; }
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
    private const string Columns =
        "id, account_id, mode, name, prefix, scopes, requests_per_minute, in_flight_limit, created_at, expires_at, revoked_at";

    public Task<CreatedKey> CreateAsync(Tx tx, NewApiKey wanted) =>
        InsertAsync(tx, wanted.AccountId, (long)wanted.Mode, wanted.Name, (long)wanted.Scopes,
            wanted.Limits.RequestsPerMinute, wanted.Limits.InFlight, wanted.ExpiresAt?.ToUnixTimeMilliseconds());

    public static Task<List<ApiKey>> ListAsync(Session session, string accountId) =>
        session.QueryAsync<ApiKey>($"select {Columns} from api_keys where account_id = @accountId order by id", new { accountId });

    public static Task<ApiKey?> FindAsync(Session session, string accountId, string keyId) =>
        session.FirstOrDefaultAsync<ApiKey>(
            $"select {Columns} from api_keys where id = @keyId and account_id = @accountId", new { accountId, keyId });

    /// <summary>Revokes for good and returns the key; null when the account has no such key. A second time keeps the first time.</summary>
    public async Task<ApiKey?> RevokeAsync(Tx tx, string accountId, string keyId)
    {
        await tx.ExecuteAsync(
            "update api_keys set revoked_at = @now where id = @keyId and account_id = @accountId and revoked_at is null",
            new { accountId, keyId, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
        return await FindAsync(tx, accountId, keyId);
    }

    /// <summary>
    /// A new secret with the same rights and limits. The old one works until <paramref name="grace"/> has passed,
    /// so that a running client can be changed over. Null when there is no such key, or it no longer works.
    /// </summary>
    public async Task<CreatedKey?> RotateAsync(Tx tx, string accountId, string keyId, TimeSpan grace)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var old = await FindAsync(tx, accountId, keyId);
        if (old is null || old.RevokedAt is not null || old.ExpiresAt <= now)
        {
            return null;
        }

        var end = now + (long)grace.TotalMilliseconds;
        await tx.ExecuteAsync(
            "update api_keys set expires_at = @end where id = @keyId and (expires_at is null or expires_at > @end)",
            new { keyId, end });
        return await InsertAsync(tx, old.AccountId, old.Mode, old.Name, old.Scopes, old.RequestsPerMinute, old.InFlightLimit, old.ExpiresAt);
    }

    private async Task<CreatedKey> InsertAsync(
        Tx tx, string accountId, long mode, string name, long scopes, long? perMinute, long? inFlight, long? expiresAt)
    {
        var secret = ApiKeys.New((KeyMode)mode);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var key = new ApiKey(
            Ids.New(Ids.ApiKey, now), accountId, mode, name, ApiKeys.Shown(secret), scopes, perMinute, inFlight, now, expiresAt, RevokedAt: null);
        await tx.ExecuteAsync(
            """
            insert into api_keys (id, account_id, mode, name, hash, prefix, scopes, requests_per_minute, in_flight_limit, created_at, expires_at)
            values (@Id, @AccountId, @Mode, @Name, @hash, @Prefix, @Scopes, @RequestsPerMinute, @InFlightLimit, @CreatedAt, @ExpiresAt)
            """,
            new
            {
                key.Id,
                key.AccountId,
                key.Mode,
                key.Name,
                hash = ApiKeys.Hash(secret),
                key.Prefix,
                key.Scopes,
                key.RequestsPerMinute,
                key.InFlightLimit,
                key.CreatedAt,
                key.ExpiresAt,
            });
        return new CreatedKey(key, secret);
    }
}
