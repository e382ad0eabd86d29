using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Reconciling;

/// <summary>The differences that were found, for whoever settles them: the operator's door and the command line.</summary>
internal sealed class Cases(Database database, TimeProvider time)
{
    public const string Prefix = CaseStore.Prefix;

    /// <summary>The newest first.</summary>
    public ValueTask<List<Case>> ListAsync(int limit, string? before = null, bool openOnly = true) =>
        database.ReadAsync(session => CaseStore.ListAsync(session, limit, before, openOnly));

    /// <summary>Closes a case: it keeps what was found out. What was booked for it stays as it is.</summary>
    public async Task<Outcome<Case>> CloseAsync(Actor by, string id, string reason)
    {
        var closed = await database.InTransactionAsync(async tx =>
        {
            var now = time.GetUtcNow();
            if (!await CaseStore.CloseAsync(tx, id, reason, now))
            {
                return false;
            }

            await AuditLog.AppendAsync(tx, by, new AuditEntry(AuditEntry.OfServer, "case.closed", id) { After = new { reason } }, now);
            return true;
        });
        if (await database.ReadAsync(async session => await CaseStore.FindAsync(session, id)) is not { } found)
        {
            return Problems.CaseNotFound.With(
                "No case with this id exists. GET /admin/v1/cases and `cases list` show the open ones.", "caseId", id);
        }

        return closed ? found : Problems.InvalidOperation.With("This case is closed.", "caseId", id);
    }
}
