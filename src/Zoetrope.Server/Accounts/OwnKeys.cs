using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>
/// What the holder of a key with the scope <c>keys</c> does to keys of the account. None of them becomes wider than that key, and a
/// key that is wider already is not touched. A key that this caller may not see is as unknown as one that never was.
/// </summary>
internal sealed class OwnKeys(Database database, ApiKeyStore keys, Authenticator authenticator, TimeProvider time)
{
    /// <summary>Keys of an account that can work at once.</summary>
    public const int MaxKeys = 1_000;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static Problem NotFound(string id) => Problems.KeyNotFound.With(
        "No working API key with this id exists in this account. GET /api/v1/keys lists those that do.", given: id);

    public ValueTask<List<ApiKey>> ListAsync(Caller caller, bool all, int limit, string? before) =>
        database.ReadAsync(async session => await ApiKeyStore.ListKeysAsync(session, RealmOf(caller), all, Now, limit, before));

    public async ValueTask<Outcome<ApiKey>> FindAsync(Caller caller, string id) =>
        await database.ReadAsync(async session => await ApiKeyStore.FindKeyAsync(session, RealmOf(caller), id)) is { } key
            ? key
            : NotFound(id);

    public Task<Outcome<CreatedKey>> CreateAsync(Actor by, Caller caller, NewApiKey wanted) => database.InTransactionAsync<Outcome<CreatedKey>>(
        async tx =>
    {
        wanted = wanted with { Limits = KeyReach.Within(caller.Limits, wanted.Limits), PersonId = caller.PersonId };
        var ends = wanted.ExpiresAt?.ToUnixTimeMilliseconds();
        if (KeyReach.Check(caller, wanted.Mode, wanted.Scopes, wanted.Limits, ends) is { } wide)
        {
            return wide;
        }

        if (await ApiKeyStore.CountKeysAsync(tx, caller.AccountId, Now) >= MaxKeys)
        {
            return Problems.InvalidOperation.With(
                $"The account has {MaxKeys} working API keys, which is the limit. Revoke one first.", allowed: $"at most {MaxKeys}");
        }

        var created = await keys.CreateAsync(tx, wanted, CounterFor(caller));
        await WriteAsync(tx, by, new AuditEntry(caller.AccountId, "key.created", created.Key.Id) { After = created.Key.Facts });
        return created;
    });

    /// <param name="by">Who does, for the audit log.</param>
    /// <param name="caller">The key that changes it.</param>
    /// <param name="id">The key that is changed.</param>
    /// <param name="change">The row as it shall be.</param>
    public Task<Outcome<ApiKey>> ChangeAsync(Actor by, Caller caller, string id, Func<ApiKey, ApiKey> change) => ActAsync<ApiKey>(async tx =>
    {
        if ((await TakeAsync(tx, caller, id)).Failed(out var problem, out var before))
        {
            return problem;
        }

        var after = change(before);
        if (CheckReach(caller, after) is { } wide)
        {
            return wide;
        }

        await ApiKeyStore.SaveAsync(tx, after);
        await WriteAsync(tx, by, new AuditEntry(caller.AccountId, "key.changed", id) { Before = before.Facts, After = after.Facts });
        return after;
    });

    public Task<Outcome<CreatedKey>> RotateAsync(Actor by, Caller caller, string id, TimeSpan grace) => ActAsync<CreatedKey>(async tx =>
    {
        if ((await TakeAsync(tx, caller, id)).Failed(out var problem))
        {
            return problem;
        }

        if (await keys.RotateAsync(tx, caller.AccountId, id, grace) is not { } successor)
        {
            return NotFound(id);
        }

        await WriteAsync(tx, by, new AuditEntry(caller.AccountId, "key.rotated", id)
        {
            After = new { successor = successor.Key.Id, graceSeconds = (long)grace.TotalSeconds },
        });
        return successor;
    });

    public Task<Outcome<ApiKey>> EndAsync(Actor by, Caller caller, string id) => ActAsync<ApiKey>(async tx =>
    {
        if ((await TakeAsync(tx, caller, id)).Failed(out var problem, out var key))
        {
            return problem;
        }

        var revoked = (await keys.RevokeAsync(tx, caller.AccountId, id))!;
        await WriteAsync(tx, by, new AuditEntry(caller.AccountId, "key.revoked", id) { Before = key.Facts });
        return revoked;
    });

    // Who manages the account's people manages all its keys; any other person's credential only that person's.
    private static KeyRealm RealmOf(Caller caller) => new(
        caller.AccountId,
        caller.Mode is KeyMode.Test ? 1 : 0,
        caller.Scopes.HasFlag(Scopes.Members) ? null : caller.PersonId);

    // A second key would get a second rate and a second cap: those of a limited maker count together.
    private static KeyCounter CounterFor(Caller caller) => new(caller.Limits.CountsAnything ? caller.SpendsWith : null);

    private static Problem? CheckReach(Caller caller, ApiKey key) =>
        KeyReach.Check(caller, (KeyMode)key.Mode, (Scopes)key.Scopes, key.Limits, key.ExpiresAt);

    private async Task<Outcome<ApiKey>> TakeAsync(Tx tx, Caller caller, string id)
    {
        if (await ApiKeyStore.FindKeyAsync(tx, RealmOf(caller), id) is not { RevokedAt: null } key || key.ExpiresAt <= Now)
        {
            return NotFound(id);
        }

        return CheckReach(caller, key) is { } wide ? wide : key;
    }

    private Task WriteAsync(Tx tx, Actor by, AuditEntry entry) => AuditLog.AppendAsync(tx, by, entry, time.GetUtcNow());

    private async Task<Outcome<T>> ActAsync<T>(Func<Tx, Task<Outcome<T>>> act)
    {
        var outcome = await database.InTransactionAsync(act);
        if (!outcome.Failed(out _))
        {
            // Every node has forgotten what it was before the answer says so.
            await authenticator.ForgetEverywhereAsync();
        }

        return outcome;
    }
}
