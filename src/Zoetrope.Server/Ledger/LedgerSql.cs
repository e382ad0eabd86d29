namespace Zoetrope.Server.Ledger;

/// <summary>The statements that move credits.</summary>
internal static class LedgerSql
{
    /// <summary>Takes the row lock, refuses to go below zero (no row returned), and returns what is left.</summary>
    public const string TakeAvailable = """
        update balances set available = available - @amount, held = held + @amount
        where account_id = @account_id and mode = @mode and available >= @amount
        returning available
        """;

    public const string Resolve = """
        update balances set held = held - @held, available = available + @back
        where account_id = @account_id and mode = @mode
        """;

    public const string Insert = """
        insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, reason, created_at)
        values (@AccountId, @Id, @Mode, @Kind, @Debit, @Credit, @Amount, @GenerationId, @Reason, @CreatedAt)
        """;

    /// <summary>
    /// The one resolution of a hold. It inserts nothing when the hold is not there with exactly this amount,
    /// or when it was resolved before.
    /// </summary>
    public const string InsertResolution = """
        insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, resolves, reason, created_at)
        select @AccountId, @Id, @Mode, @Kind, 'held', @Credit, @Amount, @GenerationId, @GenerationId, @Reason, @CreatedAt
        where exists (
            select 1 from ledger_transfers h
            where h.account_id = @AccountId and h.id = @HoldId and h.mode = @Mode and h.kind = 'hold' and h.amount = @held)
        on conflict (resolves) where resolves is not null do nothing
        """;

    /// <summary>A booking under the caller's reference: a second one inserts nothing.</summary>
    public const string InsertReferenced = """
        insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, reason, reference, created_at)
        values (@AccountId, @Id, @Mode, @Kind, @Debit, @Credit, @Amount, @GenerationId, @Reason, @Reference, @CreatedAt)
        on conflict (account_id, reference) where reference is not null do nothing
        """;
}
