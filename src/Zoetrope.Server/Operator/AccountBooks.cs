using Zoetrope.Server.Accounts;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>What an account did, for the operator: its ledger as it stands, and what it ordered day by day.</summary>
internal sealed class AccountBooks(Database database, TimeProvider time)
{
    public const int MaxDays = 366;

    /// <summary>Newest first.</summary>
    public ValueTask<Outcome<List<LedgerRow>>> LedgerAsync(string account, KeyMode? mode, string? kind, int limit, string? before) =>
        ReadAsync(account, session => LedgerRow.OfAccountAsync(session, account, mode, kind, limit, before));

    /// <summary>Today and the days before it, newest first; only days with tasks.</summary>
    public ValueTask<Outcome<List<UsageRow>>> UsageAsync(string account, int days)
    {
        var from = UtcDay.Start(UtcDay.Of(time.GetUtcNow()) - days + 1);
        return ReadAsync(account, session => UsageRow.OfAccountAsync(session, account, from));
    }

    private ValueTask<Outcome<T>> ReadAsync<T>(string account, Func<Session, Task<T>> read) =>
        database.ReadAsync(async session => await AccountStore.FindAsync(session, account) is null
            ? AccountOperations.NoAccount(account)
            : (Outcome<T>)await read(session));
}
