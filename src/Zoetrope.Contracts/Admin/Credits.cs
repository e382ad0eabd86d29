namespace Zoetrope.Contracts.Admin;

/// <summary>The credits of an account in one mode.</summary>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Available">Credits that a new task may use.</param>
/// <param name="Held">Credits reserved by unfinished tasks.</param>
/// <param name="Posted">Both together: what the account owns until its tasks are settled.</param>
public sealed record AdminBalance(string Mode, long Available, long Held, long Posted);

/// <summary>The balances of one account.</summary>
/// <param name="Balances">One per mode.</param>
public sealed record AdminBalanceList(IReadOnlyList<AdminBalance> Balances);

/// <summary>What a grant, an adjustment or a refund booked.</summary>
/// <param name="TransferId">The ledger line (<c>txn_…</c>).</param>
/// <param name="Amount">Credits booked; negative for an adjustment downwards.</param>
/// <param name="Replayed">Whether this reference was booked before, so that nothing was booked now.</param>
/// <param name="Balance">The balance afterwards.</param>
public sealed record AdminBooking(string TransferId, long Amount, bool Replayed, AdminBalance Balance);

/// <summary>The result of checking every law of the ledger on one consistent snapshot.</summary>
/// <param name="Ok">Whether every law holds.</param>
/// <param name="CheckedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="ElapsedMs">How long it took.</param>
/// <param name="Laws">Each law with what breaks it.</param>
public sealed record AdminAudit(bool Ok, string CheckedAt, long ElapsedMs, IReadOnlyList<AdminAuditLaw> Laws);

/// <summary>One law of the ledger.</summary>
/// <param name="Law">Its number, as in the documentation.</param>
/// <param name="Meaning">What it says.</param>
/// <param name="Violations">What breaks it; empty when it holds. At most 1,000 lines are reported over all laws.</param>
public sealed record AdminAuditLaw(string Law, string Meaning, IReadOnlyList<AdminAuditViolation> Violations);

/// <summary>One thing that breaks a law.</summary>
/// <param name="AccountId">The account concerned, or empty.</param>
/// <param name="Subject">The transfer, task or key concerned, or empty.</param>
/// <param name="Detail">The figures.</param>
public sealed record AdminAuditViolation(string AccountId, string Subject, string Detail);
