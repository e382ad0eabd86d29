using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// What people allow to programs. A grant is a key without a secret, so limits, usage, revocation and isolation are those of
/// keys.
/// </summary>
internal sealed class Grants(Database database, ApiKeyStore keys, OAuthOptions options, TimeProvider time)
{
    /// <summary>How long an allowed program has to fetch its first token.</summary>
    private static readonly TimeSpan Fetch = TimeSpan.FromMinutes(10);

    public Task<Outcome<ApiKey>> CreateAsync(
        Actor by, Caller granter, OAuthClient client, Scopes scopes, KeyLimits limits) => database.InTransactionAsync<Outcome<ApiKey>>(async tx =>
    {
        var now = time.GetUtcNow();
        if (await ApiKeyStore.CountGrantsAsync(tx, granter.ApiKeyId, now) >= ApiKeyStore.MaxGrants)
        {
            return Problems.InvalidOperation.With(
                $"This API key has given access to {ApiKeyStore.MaxGrants} programs, which is the limit. End one (zoetrope grants end), "
                + "or use another key.");
        }

        var wanted = new NewApiKey(
            granter.AccountId, granter.Mode, client.Name) { Scopes = scopes, Limits = limits, ExpiresAt = now + Fetch };
        await OAuthClients.UsedAsync(tx, client.Id, now);
        var grant = await keys.GrantAsync(tx, wanted, granter.ApiKeyId, client.Id);
        await AuditLog.AppendAsync(tx, by, new AuditEntry(grant.AccountId, "grant.created", grant.Id) { After = grant.Facts }, now);
        return grant;
    });

    /// <summary>The credits that a new task of this caller could use.</summary>
    public async ValueTask<long> BalanceAsync(Caller caller) => (await database.ReadAsync(
        async session => await CreditLedger.BalanceAsync(session, caller.AccountId, caller.Mode))).Available;

    public ValueTask<ApiKey?> FindAsync(string id) => database.ReadAsync(async session => await ApiKeyStore.FindGrantAsync(session, id));

    /// <summary>
    /// Lets the grant live as long as the refresh token that is issued now; false when it has ended, or the key that gave it.
    /// </summary>
    public Task<bool> KeepAsync(string id)
    {
        var now = time.GetUtcNow();
        return database.InTransactionAsync(tx => ApiKeyStore.KeepGrantAsync(tx, id, now, now + options.RefreshTokenLifetime));
    }
}
