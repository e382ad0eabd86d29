using System.Text.Json;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Events;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// Notifies an account once that its available credits fell below a figure, in the transaction whose hold did it. The balance's
/// row is locked there, so of many holds exactly one crosses; a top-up that reaches the figure arms it again.
/// </summary>
/// <param name="database">Holds the balances and their figures.</param>
/// <param name="byDefault">The figure of accounts that set none; 0 is never.</param>
internal sealed class CreditAlerts(Database database, long byDefault)
{
    /// <summary>The figure in force, 0 for none, and the account's balance.</summary>
    public ValueTask<(long Below, Balance Balance)> ReadAsync(string accountId, KeyMode mode) => database.ReadAsync(async session =>
    {
        var balance = await CreditLedger.BalanceAsync(session, accountId, mode);
        var own = await session.ScalarAsync<long?>(
            "select alert_below from balances where account_id = @accountId and mode = @mode", new { accountId, mode = (long)mode });
        return (own ?? byDefault, balance);
    });

    /// <summary>Sets the account's own figure; 0 turns it off.</summary>
    public Task SetAsync(Actor by, string accountId, KeyMode mode, long below, DateTimeOffset now) => database.InTransactionAsync(async tx =>
    {
        var arguments = new { accountId, mode = (long)mode, below };
        var before = await tx.ScalarAsync<long?>("select alert_below from balances where account_id = @accountId and mode = @mode", arguments);
        await tx.ExecuteAsync(
            """
            insert into balances (account_id, mode, available, held, alert_below) values (@accountId, @mode, 0, 0, @below)
            on conflict (account_id, mode) do update set alert_below = excluded.alert_below, alerted_below = null
            """,
            arguments);
        await AuditLog.AppendAsync(
            tx,
            by,
            new AuditEntry(accountId, "credits.alert_changed", mode.Word())
            {
                Before = new { below = before ?? byDefault },
                After = new { below },
            },
            now);
    });

    /// <summary>Appends the events of the accounts that a commit group took below their figures.</summary>
    public async Task AppendAsync(Tx tx, CommitBooks books, DateTimeOffset now)
    {
        foreach (var ((account, mode), funds) in books.Funds)
        {
            if (funds.Undercut(byDefault) is { } below)
            {
                await tx.ExecuteAsync(
                    "update balances set alerted_below = @below where account_id = @account and mode = @mode",
                    new { account, mode = (long)mode, below });
                var payload = JsonSerializer.Serialize(
                    new { credits = funds.Available, held = funds.Held, below, mode = mode.Word() }, WireJson.Options);
                await EventLog.AppendAsync(tx, account, mode, "", EventTypes.CreditsLow, payload, now);
            }
        }
    }
}
