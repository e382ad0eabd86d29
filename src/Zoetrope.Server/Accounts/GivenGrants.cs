using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>
/// The programs that a key gave access to, for whoever holds that key: what they may spend, and their end. A grant of another
/// key is as unknown as one that never was.
/// </summary>
internal sealed class GivenGrants(Database database, Authenticator authenticator, TimeProvider time)
{
    private static readonly Problem NotFound = Problems.GrantNotFound.With(
        "No program has access with this id through your API key. GET /api/v1/grants lists those that have.");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Those that work, newest first; one key can have only so many (<see cref="ApiKeyStore.MaxGrants"/>).</summary>
    public ValueTask<List<ApiKey>> ListAsync(Caller granter) =>
        database.ReadAsync(async session => await ApiKeyStore.ListGrantsAsync(session, granter.ApiKeyId, Now));

    public async ValueTask<Outcome<ApiKey>> FindAsync(Caller granter, string id) =>
        await database.ReadAsync(async session => await FindAsync(session, granter, id)) is { } grant ? grant : NotFound;

    public Task<Outcome<ApiKey>> ChangeAsync(Actor by, Caller granter, string id, GrantChange change) => ActAsync(async tx =>
    {
        if (await FindAsync(tx, granter, id) is not { } grant)
        {
            return NotFound;
        }

        if (change.Of(grant.Limits, granter.Limits).Failed(out var problem, out var limits))
        {
            return problem;
        }

        await ApiKeyStore.LimitAsync(tx, id, limits);
        await AuditLog.AppendAsync(tx, by, GrantChange.Entry(grant, limits), time.GetUtcNow());
        return grant with { SpendPerDay = limits.SpendPerDay, AskAbove = limits.AskAbove };
    });

    public Task<Outcome<ApiKey>> EndAsync(Actor by, Caller granter, string id) => ActAsync(async tx =>
    {
        var now = time.GetUtcNow();
        if (await FindAsync(tx, granter, id) is not { } grant)
        {
            return NotFound;
        }

        await ApiKeyStore.EndGrantAsync(tx, id, now);
        await AuditLog.AppendAsync(tx, by, new AuditEntry(grant.AccountId, "grant.ended", id) { Before = grant.Facts }, now);
        return grant with { RevokedAt = now.ToUnixTimeMilliseconds() };
    });

    private async Task<ApiKey?> FindAsync(Session session, Caller granter, string id) =>
        await ApiKeyStore.FindGrantAsync(session, id) is { RevokedAt: null } grant
        && grant.ParentId == granter.ApiKeyId
        && grant.AccountId == granter.AccountId
        && grant.ExpiresAt > Now
            ? grant
            : null;

    private async Task<Outcome<ApiKey>> ActAsync(Func<Tx, Task<Outcome<ApiKey>>> act)
    {
        var outcome = await database.InTransactionAsync(act);
        await authenticator.ForgetEverywhereAsync();
        return outcome;
    }
}
