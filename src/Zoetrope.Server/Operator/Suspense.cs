using Zoetrope.Server.Audit;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>
/// Tasks whose vendor may have billed for what nobody received. The customer got the credits back when the task failed; what is
/// open is whether the operator was billed. Only the vendor's console or invoice says so.
/// </summary>
internal sealed class Suspense(Database database, TimeProvider time)
{
    // The second condition is that of the index, word for word, or SQLite would read the whole ledger.
    public const string OpenSql =
        """
        from ledger_transfers s
        where s.kind = 'suspend' and s.kind in ('refund', 'suspend', 'unsuspend') and not exists (
            select 1 from ledger_transfers u
            where u.generation_id = s.generation_id and u.kind = 'unsuspend' and u.kind in ('refund', 'suspend', 'unsuspend'))
        """;

    private const string ListSql =
        $"""
        select s.generation_id as task_id, s.account_id, s.mode, s.amount as credits, s.created_at as since, s.reason as why,
            g.model, g.provider, g.request_id, a.id as attempt_id, a.provider_task_id, a.request_id as provider_request_id
        from (select * {OpenSql} and s.generation_id < @before) s
        left join generations g on g.account_id = s.account_id and g.id = s.generation_id
        left join attempts a on a.account_id = s.account_id and a.generation_id = s.generation_id and a.number = g.attempts
        order by s.generation_id desc limit @limit
        """;

    private readonly CreditLedger _ledger = new(time);

    /// <summary>The newest first.</summary>
    public ValueTask<List<SuspendedTask>> ListAsync(int limit, string? before = null) => database.ReadAsync(async session =>
        await session.QueryAsync<SuspendedTask>(ListSql, new { limit = (long)limit, before = before ?? Ids.Generation + "~" }));

    /// <summary>Takes a task out of suspense: the booking keeps what was found out and why, for good.</summary>
    /// <param name="by">Who does.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="charged">Whether the vendor billed for it.</param>
    /// <param name="reason">How the operator knows.</param>
    public async Task<Outcome<ResolvedSuspense>> ResolveAsync(Actor by, string taskId, bool charged, string reason)
    {
        var found = await database.ReadAsync(async session => await session.FirstOrDefaultAsync<(string Account, long Mode)>(
            """
            select account_id, mode from ledger_transfers
            where generation_id = @taskId and kind = 'suspend' and kind in ('refund', 'suspend', 'unsuspend')
            """,
            new { taskId }));
        if (found.Account is null)
        {
            return Problems.TaskNotFound.With(
                "No task with this id is or was in suspense. GET /admin/v1/suspense and `suspense list` show those that are.",
                "taskId",
                taskId);
        }

        var mode = (KeyMode)found.Mode;
        var credits = await database.InTransactionAsync(async tx =>
        {
            var words = $"{(charged ? "charged" : "not charged")}: {reason}";
            var resolved = await _ledger.ResolveSuspenseAsync(tx, found.Account, mode, taskId, words);
            if (resolved > 0)
            {
                // What a vendor may have billed is the operator's business and in no account's log.
                var entry = new AuditEntry(AuditEntry.OfServer, "suspense.resolved", taskId) { After = new { credits = resolved, charged, reason } };
                await AuditLog.AppendAsync(tx, by, entry, time.GetUtcNow());
            }

            return resolved;
        });
        return credits == 0
            ? Problems.InvalidOperation.With("This task is no longer in suspense: it was resolved before.", "taskId", taskId)
            : new ResolvedSuspense(taskId, found.Account, mode, credits, charged, reason);
    }
}

/// <summary>A task in suspense; times are milliseconds.</summary>
internal sealed class SuspendedTask
{
    public string TaskId { get; init; } = "";

    public string AccountId { get; init; } = "";

    public long Mode { get; init; }

    public long Credits { get; init; }

    public long Since { get; init; }

    public string? Why { get; init; }

    /// <summary>Null where retention has deleted the task.</summary>
    public string? Model { get; init; }

    public string? Provider { get; init; }

    public string? RequestId { get; init; }

    public string? AttemptId { get; init; }

    public string? ProviderTaskId { get; init; }

    public string? ProviderRequestId { get; init; }
}

/// <summary>What was taken out of suspense.</summary>
internal sealed record ResolvedSuspense(string TaskId, string AccountId, KeyMode Mode, long Credits, bool Charged, string Reason);
