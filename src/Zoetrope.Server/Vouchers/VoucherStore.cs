using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Vouchers;

/// <summary>Codes that were made together.</summary>
internal sealed class VoucherBatch
{
    public const string Prefix = "vbat_";

    public string Id { get; init; } = "";

    public long Mode { get; init; }

    /// <summary>Of each.</summary>
    public long Credits { get; init; }

    public string? Note { get; init; }

    public long CreatedAt { get; init; }

    public long? ExpiresAt { get; init; }

    public long Made { get; init; }

    public long Redeemed { get; init; }

    public long Revoked { get; init; }
}

/// <summary>A code, which is kept as its hash.</summary>
internal sealed class Voucher
{
    public const string Prefix = "vch_";

    public string Id { get; init; } = "";

    public string BatchId { get; init; } = "";

    public string Preview { get; init; } = "";

    public long Mode { get; init; }

    public long Credits { get; init; }

    public string? Note { get; init; }

    public long? ExpiresAt { get; init; }

    public long? RevokedAt { get; init; }

    public long? RedeemedAt { get; init; }

    public string? RedeemedBy { get; init; }

    public string? TransferId { get; init; }

    /// <summary>How its grant is named in the ledger: it is booked once.</summary>
    public string Reference => ReferencePrefix + Id;

    public const string ReferencePrefix = "voucher ";
}

/// <summary>The SQL of <c>voucher_batches</c> and <c>vouchers</c>.</summary>
internal static class VoucherStore
{
    private const string Columns =
        """
        v.id, v.batch_id, v.preview, b.mode, b.credits, b.note, b.expires_at, v.revoked_at, v.redeemed_at, v.redeemed_by, v.transfer_id
        from vouchers v join voucher_batches b on b.id = v.batch_id
        """;

    private const string BatchColumns =
        """
        b.id, b.mode, b.credits, b.note, b.created_at, b.expires_at,
            (select count(*) from vouchers v where v.batch_id = b.id) as made,
            (select count(*) from vouchers v where v.batch_id = b.id and v.redeemed_at is not null) as redeemed,
            (select count(*) from vouchers v where v.batch_id = b.id and v.revoked_at is not null) as revoked
        from voucher_batches b
        """;

    // One of many who try at once; the others find it used.
    private const string TakeSql =
        """
        update vouchers set redeemed_at = @now, redeemed_by = @account
        where hash = @hash and redeemed_at is null and revoked_at is null and exists (
            select 1 from voucher_batches b where b.id = vouchers.batch_id and (b.expires_at is null or b.expires_at > @now))
        """;

    public static Task<int> InsertBatchAsync(Tx tx, VoucherBatch batch) => tx.ExecuteAsync(
        """
        insert into voucher_batches (id, mode, credits, note, created_at, expires_at)
        values (@Id, @Mode, @Credits, @Note, @CreatedAt, @ExpiresAt)
        """,
        batch);

    public static Task<int> InsertAsync(Tx tx, string id, string batchId, string code) => tx.ExecuteAsync(
        "insert into vouchers (id, batch_id, hash, preview) values (@id, @batchId, @hash, @preview)",
        new { id, batchId, hash = VoucherCode.Hash(code), preview = code[..VoucherCode.PreviewLength] });

    public static Task<List<VoucherBatch>> ListAsync(Session session, int limit, string? before) => session.QueryAsync<VoucherBatch>(
        $"select {BatchColumns} where b.id < @before order by b.id desc limit @limit",
        new { limit = (long)limit, before = before ?? VoucherBatch.Prefix + "~" });

    public static Task<VoucherBatch?> FindBatchAsync(Session session, string id) =>
        session.FirstOrDefaultAsync<VoucherBatch>($"select {BatchColumns} where b.id = @id", new { id });

    public static Task<List<Voucher>> OfBatchAsync(Session session, string batchId) =>
        session.QueryAsync<Voucher>($"select {Columns} where v.batch_id = @batchId order by v.id", new { batchId });

    public static Task<Voucher?> FindAsync(Session session, byte[] hash) =>
        session.FirstOrDefaultAsync<Voucher>($"select {Columns} where v.hash = @hash", new { hash });

    /// <summary>False where it is unknown, used, revoked or too old.</summary>
    public static async Task<bool> TakeAsync(Tx tx, byte[] hash, string accountId, long now) =>
        await tx.ExecuteAsync(TakeSql, new { hash, account = accountId, now }) == 1;

    public static Task<int> BookedAsync(Tx tx, string id, string transferId) =>
        tx.ExecuteAsync("update vouchers set transfer_id = @transferId where id = @id", new { id, transferId });

    public static Task<bool> ExistsAsync(Session session, string id) => session.ScalarAsync<bool>(
        "select exists (select 1 from vouchers where id = @id) or exists (select 1 from voucher_batches where id = @id)", new { id });

    /// <summary>Ends a code, or all of a batch, that nobody has used; how many.</summary>
    public static Task<int> RevokeAsync(Tx tx, string id, long now) => tx.ExecuteAsync(
        $"""
        update vouchers set revoked_at = @now
        where {(id.StartsWith(VoucherBatch.Prefix, StringComparison.Ordinal) ? "batch_id" : "id")} = @id
            and redeemed_at is null and revoked_at is null
        """,
        new { id, now });
}
