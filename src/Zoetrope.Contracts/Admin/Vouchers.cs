namespace Zoetrope.Contracts.Admin;

/// <summary>Vouchers that were made together.</summary>
/// <param name="Id">The batch (<c>vbat_…</c>).</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Credits">What each of them is worth.</param>
/// <param name="Made">How many there are.</param>
/// <param name="Redeemed">How many of them became credits.</param>
/// <param name="Revoked">How many of them were revoked.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminVoucherBatch(
    string Id, string Mode, long Credits, long Made, long Redeemed, long Revoked, string CreatedAt)
{
    /// <summary>The operator's note.</summary>
    public string? Note { get; init; }

    /// <summary>Until when they can be redeemed; <see langword="null"/> means for good.</summary>
    public string? ExpiresAt { get; init; }
}

/// <summary>One page of batches, newest first.</summary>
/// <param name="Batches">The batches of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record AdminVoucherBatchPage(IReadOnlyList<AdminVoucherBatch> Batches, string? NextCursor);

/// <summary>A batch just made: the only answer with its codes.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Codes">Its codes.</param>
public sealed record AdminMadeVouchers(AdminVoucherBatch Batch, IReadOnlyList<AdminVoucherCode> Codes);

/// <summary>The code of a voucher.</summary>
/// <param name="Id">The voucher (<c>vch_…</c>).</param>
/// <param name="Code">What is redeemed.</param>
public sealed record AdminVoucherCode(string Id, string Code);

/// <summary>A batch with its vouchers.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Vouchers">All of them.</param>
public sealed record AdminVoucherBatchRecord(AdminVoucherBatch Batch, IReadOnlyList<AdminVoucher> Vouchers);

/// <summary>A voucher without its code.</summary>
/// <param name="Id">The voucher (<c>vch_…</c>).</param>
/// <param name="Preview">The first characters of the code, to recognise it by.</param>
/// <param name="State"><c>open</c>, <c>redeemed</c>, <c>revoked</c> or <c>expired</c>.</param>
public sealed record AdminVoucher(string Id, string Preview, string State)
{
    /// <summary>The account that has its credits.</summary>
    public string? RedeemedBy { get; init; }

    /// <summary>When, ISO 8601.</summary>
    public string? RedeemedAt { get; init; }

    /// <summary>The ledger line (<c>txn_…</c>).</summary>
    public string? TransferId { get; init; }
}

/// <summary>Vouchers that are good no more.</summary>
/// <param name="Id">The voucher or the batch.</param>
/// <param name="Revoked">How many it was.</param>
public sealed record AdminRevokedVouchers(string Id, long Revoked);
