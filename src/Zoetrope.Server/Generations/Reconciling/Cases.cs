using Zoetrope.Server.Audit;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Reconciling;

/// <summary>The differences that were found, for whoever settles them: the operator's door and the command line.</summary>
internal sealed class Cases(Database database, TimeProvider time)
{
    public const string Prefix = CaseStore.Prefix;

    /// <summary>The newest first.</summary>
    public ValueTask<List<Case>> ListAsync(int limit, string? before = null, bool openOnly = true) =>
        database.ReadAsync(session => CaseStore.ListAsync(session, limit, before, openOnly));

    private readonly CreditLedger _ledger = new(time);

    /// <summary>Closes a case: it keeps what was found out.</summary>
    /// <param name="by">Who does.</param>
    /// <param name="id">The case.</param>
    /// <param name="reason">What was found out.</param>
    /// <param name="charged">Whether the vendor billed for its task: takes that out of suspense. Null books nothing.</param>
    public async Task<Outcome<Case>> CloseAsync(Actor by, string id, string reason, bool? charged = null)
    {
        if (charged is not null && await FindAsync(id) is { Suspended: 0, ClosedAt: null })
        {
            return Problems.InvalidOperation.With(
                "Nothing is in suspense for this case, so there is nothing to decide. Close it without charged.", "charged");
        }

        var closed = await database.InTransactionAsync(async tx =>
        {
            var now = time.GetUtcNow();
            if (!await CaseStore.CloseAsync(tx, id, reason, now))
            {
                return false;
            }

            long? booked = charged is null ? null : await ResolveAsync(tx, id, $"{(charged.Value ? "charged" : "not charged")}: {reason}");
            var entry = new AuditEntry(AuditEntry.OfServer, "case.closed", id) { After = new { reason, charged, credits = booked } };
            await AuditLog.AppendAsync(tx, by, entry, now);
            return true;
        });
        if (await FindAsync(id) is not { } found)
        {
            return Problems.CaseNotFound.With(
                "No case with this id exists. GET /admin/v1/cases and `cases list` show the open ones.", "caseId", id);
        }

        return closed ? found : Problems.InvalidOperation.With("This case is closed.", "caseId", id);
    }

    private ValueTask<Case?> FindAsync(string id) => database.ReadAsync(async session => await CaseStore.FindAsync(session, id));

    private async Task<long> ResolveAsync(Tx tx, string id, string words) =>
        await CaseStore.FindAsync(tx, id) is { AccountId: { } account, GenerationId: { } task }
        && await tx.ScalarAsync<long?>(
            """
            select mode from ledger_transfers
            where generation_id = @task and kind = 'suspend' and kind in ('refund', 'suspend', 'unsuspend') and account_id = @account
            """,
            new { account, task }) is { } mode
            ? await _ledger.ResolveSuspenseAsync(tx, account, (KeyMode)mode, task, words)
            : 0;
}
