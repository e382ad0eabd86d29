using Zoetrope.Server.Accounts;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>Makes the documented curl work at once: an empty database gets an account with a test key and test credits.</summary>
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
            if (tx.Dialect == SqlDialect.Postgres)
            {
                // SQLite has one writer; here a second node that starts now waits and then sees the account.
                await tx.ExecuteAsync("lock table accounts in share row exclusive mode");
            }

            if (await AccountStore.AnyAsync(tx))
            {
                return null;
            }

            var account = await new AccountStore(time).CreateAsync(tx, "First account", Plans.Enterprise);
            await new CreditLedger(time).GrantAsync(tx, account.Id, KeyMode.Test, TestCredits, "First start");
            var key = await new ApiKeyStore(time).CreateAsync(tx, new NewApiKey(account.Id, KeyMode.Test, "First key"));
            beforeCommit?.Invoke(key);
            return key;
        });
}
