using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>A transfer of the ledger as it stands, the operator's own bookings included.</summary>
internal sealed class LedgerRow
{
    private const string Columns = "id, mode, kind, debit, credit, amount, generation_id, reason, reference, created_at";

    /// <summary>What a settlement gives back is booked in the moment of the settlement, by the time in their ids.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromSeconds(1);

    private const string ResolutionSql =
        "select id from ledger_transfers where resolves = @task and resolves is not null and account_id = @account";

    private static readonly string OfTaskSql =
        $"""
        select {Columns} from ledger_transfers where account_id = @account and id = @hold
        union select {Columns} from ledger_transfers where resolves = @task and resolves is not null and account_id = @account
        union select {Columns} from ledger_transfers
            where generation_id = @task and kind in ('refund', 'suspend', 'unsuspend') and account_id = @account
        union select {Columns} from ledger_transfers
            where account_id = @account and id >= @first and id < @last and generation_id = @task
        order by created_at, id
        """;

    public string Id { get; init; } = "";

    public long Mode { get; init; }

    public string Kind { get; init; } = "";

    public string Debit { get; init; } = "";

    public string Credit { get; init; } = "";

    public long Amount { get; init; }

    public string? GenerationId { get; init; }

    public string? Reason { get; init; }

    public string? Reference { get; init; }

    public long CreatedAt { get; init; }

    /// <summary>All transfers of a task, oldest first, without reading the rest of the account's.</summary>
    public static async Task<List<LedgerRow>> OfTaskAsync(Session session, string account, string task)
    {
        var resolution = await session.ScalarAsync<string>(ResolutionSql, new { account, task });
        DateTimeOffset? end = resolution is null ? null : Ids.TimeOf(Ids.Transfer, resolution);
        return await session.QueryAsync<LedgerRow>(OfTaskSql, new
        {
            account,
            task,
            hold = CreditLedger.HoldId(task),
            first = end is null ? "" : Ids.First(Ids.Transfer, end.Value - Around),
            last = end is null ? "" : Ids.First(Ids.Transfer, end.Value + Around),
        });
    }

    /// <summary>An account's, newest first.</summary>
    public static Task<List<LedgerRow>> OfAccountAsync(
        Session session, string account, KeyMode? mode, string? kind, int limit, string? before) =>
        session.QueryAsync<LedgerRow>(
            $"""
            select {Columns} from ledger_transfers
            where account_id = @account {(before is null ? "" : "and id < @before")}
                {(mode is null ? "" : "and mode = @mode")} {(kind is null ? "" : "and kind = @kind")}
            order by id desc limit @limit
            """,
            new { account, mode = (long?)mode, kind, limit = (long)limit, before });
}
