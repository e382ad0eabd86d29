using OpenIddict.Abstractions;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// A code or token that was issued: a row of <c>oauth_tokens</c>. What a client holds is not in it, only its hash; the payload
/// is sealed with a key outside the database.
/// </summary>
internal sealed class OAuthToken
{
    public required string Id { get; init; }

    public long Version { get; set; }

    public string? Type { get; set; }

    public string? Status { get; set; }

    public string? ClientId { get; set; }

    public string? GrantId { get; set; }

    public string? Subject { get; set; }

    public string? ReferenceId { get; set; }

    public string? Payload { get; set; }

    public string? Properties { get; set; }

    public long? CreatedAt { get; set; }

    public long? ExpiresAt { get; set; }

    public long? RedeemedAt { get; set; }
}

/// <summary>The SQL of <c>oauth_tokens</c>.</summary>
internal sealed class OAuthTokens(Database database, Authenticator authenticator, TimeProvider time)
{
    private const string Columns =
        "id, version, type, status, client_id, grant_id, subject, reference_id, payload, properties, created_at, expires_at, redeemed_at";

    public Task AddAsync(OAuthToken token) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        $"""
        insert into oauth_tokens ({Columns})
        values (@Id, @Version, @Type, @Status, @ClientId, @GrantId, @Subject, @ReferenceId, @Payload, @Properties,
            @CreatedAt, @ExpiresAt, @RedeemedAt)
        """,
        token));

    public ValueTask<OAuthToken?> FindAsync(string id) =>
        database.ReadAsync(
            async session =>
                await session.FirstOrDefaultAsync<OAuthToken>($"select {Columns} from oauth_tokens where id = @id", new { id }));

    /// <summary>By what the client holds; OpenIddict gives its hash.</summary>
    public ValueTask<OAuthToken?> FindByReferenceAsync(string reference) =>
        database.ReadAsync(
            async session =>
                await session.FirstOrDefaultAsync<OAuthToken>(
                    $"select {Columns} from oauth_tokens where reference_id = @reference", new { reference }));

    /// <summary>
    /// Saves unless another request did since it was read: of two that redeem one code at once, one gets tokens. Then two hold
    /// that code, so its grant ends, as it does when a code comes back later. A token that its holder revokes takes its whole
    /// grant along, because the program is done with it.
    /// </summary>
    public async Task SaveAsync(OAuthToken token)
    {
        var revoked = token.Status == Statuses.Revoked;
        var redeemed = token.Status == Statuses.Redeemed
            && token.Type?.EndsWith(GrantTypes.AuthorizationCode, StringComparison.Ordinal) is true;
        var saved = await database.InTransactionAsync(async tx =>
        {
            var rows = await tx.ExecuteAsync(
                """
                update oauth_tokens set version = @Version + 1, type = @Type, status = @Status,
                    client_id = @ClientId, grant_id = @GrantId, subject = @Subject,
                    reference_id = @ReferenceId, payload = @Payload, properties = @Properties,
                    created_at = @CreatedAt, expires_at = @ExpiresAt, redeemed_at = @RedeemedAt
                where id = @Id and version = @Version
                """,
                token);
            if ((rows == 1 ? revoked : redeemed) && token.GrantId is { } grant)
            {
                await EndAsync(tx, grant, rows == 1 ? new Actor("grant", grant, "oauth") : Actor.Server);
            }

            return rows == 1;
        });
        if (!saved)
        {
            if (redeemed)
            {
                authenticator.Forget();
            }

            throw new OpenIddictExceptions.ConcurrencyException("The token was changed by another request.");
        }

        token.Version++;
        if (revoked)
        {
            await authenticator.ForgetEverywhereAsync();
        }
    }

    /// <summary>
    /// Ends a grant with all its tokens: OpenIddict calls it when a code or refresh token is used a second time, which means
    /// that it was stolen.
    /// </summary>
    public async Task<long> EndGrantAsync(string grantId)
    {
        var ended = await database.InTransactionAsync(tx => EndAsync(tx, grantId, Actor.Server));
        await authenticator.ForgetEverywhereAsync();
        return ended;
    }

    /// <summary>Forgets what has expired; until then a used code stays, so that its second use is noticed.</summary>
    public Task<int> PruneAsync() => database.InTransactionAsync(tx =>
        tx.ExecuteAsync("delete from oauth_tokens where expires_at < @now", new { now = time.GetUtcNow().ToUnixTimeMilliseconds() }));

    private async Task<long> EndAsync(Tx tx, string grantId, Actor by)
    {
        var now = time.GetUtcNow();
        var grant = await ApiKeyStore.FindGrantAsync(tx, grantId);
        var ended = await ApiKeyStore.EndGrantAsync(tx, grantId, now);
        var revoked = await tx.ExecuteAsync(
            "update oauth_tokens set status = @revoked, version = version + 1 where grant_id = @grantId and status <> @revoked",
            new { grantId, revoked = Statuses.Revoked });
        if (ended == 1 && grant is not null)
        {
            var entry = new AuditEntry(grant.AccountId, "grant.ended", grantId) { Before = grant.Facts };
            await AuditLog.AppendAsync(tx, by with { RequestId = Trail.Current?.RequestId }, entry, now);
        }

        return revoked;
    }
}
