using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>
/// Makes the documented curl work at once: an empty database gets an account with test credits and, where it can be kept, a key.
/// </summary>
internal static class FirstStart
{
    public const long TestCredits = 2000;

    /// <summary>
    /// The new key when this call made the first account, else null. <paramref name="beforeCommit"/> gets the key while the
    /// transaction is still open, to write it to a file: were it written after the commit, a crash between the two would
    /// leave an account whose key nobody knows. It may be called again if the database has to retry the transaction.
    /// </summary>
    public static Task<CreatedKey?> EnsureAsync(Database database, TimeProvider time, Action<CreatedKey>? beforeCommit = null) =>
        database.InTransactionAsync(async tx =>
        {
            await LockAsync(tx);
            if (await AccountStore.AnyAsync(tx))
            {
                return null;
            }

            var key = await new ApiKeyStore(time).CreateAsync(
                tx, new NewApiKey(await CreateAccountAsync(tx, time), KeyMode.Test, "First key"));
            await WriteKeyAsync(tx, key, time);
            beforeCommit?.Invoke(key);
            return key;
        });

    /// <summary>The same with a key that the operator made; it becomes one only where there is none yet.</summary>
    public static Task EnsureKeyAsync(Database database, TimeProvider time, string secret) => database.InTransactionAsync(async tx =>
    {
        await LockAsync(tx);
        if (!await ApiKeyStore.AnyAsync(tx))
        {
            var account = await FirstAccountAsync(tx) ?? await CreateAccountAsync(tx, time);
            var mode = secret.StartsWith(ApiKeys.LivePrefix, StringComparison.Ordinal) ? KeyMode.Live : KeyMode.Test;
            await WriteKeyAsync(tx, await new ApiKeyStore(time).CreateAsync(tx, new NewApiKey(account, mode, "First key"), secret), time);
        }
    });

    /// <summary>An account without a key: nodes have no disk in common on which a secret could wait for its owner.</summary>
    /// <returns>The account, as long as the database has no key.</returns>
    public static Task<string?> EnsureAccountAsync(Database database, TimeProvider time) => database.InTransactionAsync(async tx =>
    {
        await LockAsync(tx);
        if (await FirstAccountAsync(tx) is not { } account)
        {
            return await CreateAccountAsync(tx, time);
        }

        return await ApiKeyStore.AnyAsync(tx) ? null : account;
    });

    // SQLite has one writer; here a second node that starts now waits and then sees the account.
    private static Task LockAsync(Tx tx) => tx.Dialect == SqlDialect.Postgres
        ? tx.ExecuteAsync("lock table accounts in share row exclusive mode")
        : Task.CompletedTask;

    private static Task<string?> FirstAccountAsync(Tx tx) => tx.ScalarAsync<string>("select id from accounts order by id limit 1");

    private static async Task<string> CreateAccountAsync(Tx tx, TimeProvider time)
    {
        var account = await new AccountStore(time).CreateAsync(tx, "First account", Plans.Enterprise);
        await new CreditLedger(time).GrantAsync(tx, account.Id, KeyMode.Test, TestCredits, "First start");
        var entry = new AuditEntry(account.Id, "account.created", account.Id)
        {
            After = new { name = account.Name, plan = account.Plan, testCredits = TestCredits },
        };
        await AuditLog.AppendAsync(tx, Actor.Server, entry, time.GetUtcNow());
        return account.Id;
    }

    private static Task WriteKeyAsync(Tx tx, CreatedKey key, TimeProvider time) => AuditLog.AppendAsync(
        tx, Actor.Server, new AuditEntry(key.Key.AccountId, "key.created", key.Key.Id) { After = key.Key.Facts }, time.GetUtcNow());
}
