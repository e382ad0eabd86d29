namespace Zoetrope.Studio.Operate.Accounts;

/// <summary>Credits to give.</summary>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Amount">How many.</param>
/// <param name="Reason">Why, for the ledger.</param>
/// <param name="Reference">Names it, so that it is booked once.</param>
public sealed record Grant(string Mode, long Amount, string Reason, string Reference);
