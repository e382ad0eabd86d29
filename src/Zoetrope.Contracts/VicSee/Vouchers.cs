namespace Zoetrope.Contracts.VicSee;

/// <summary>Body of <c>POST /api/v1/vouchers/redeem</c>.</summary>
/// <param name="Code">The code. Spaces, hyphens and the case do not matter.</param>
public sealed record RedeemRequest(string Code);

/// <summary>A voucher that became credits of your account.</summary>
/// <param name="Id">The voucher (<c>vch_…</c>).</param>
/// <param name="Credits">Its credits.</param>
/// <param name="Mode">Whose credits they are: <c>test</c> or <c>live</c>.</param>
/// <param name="TransferId">The ledger line (<c>txn_…</c>).</param>
/// <param name="Replayed">Whether your account had redeemed it before, so that nothing was added now.</param>
/// <param name="CreditsAvailable">The available credits of that mode afterwards.</param>
public sealed record Redeemed(string Id, long Credits, string Mode, string TransferId, bool Replayed, long CreditsAvailable);
