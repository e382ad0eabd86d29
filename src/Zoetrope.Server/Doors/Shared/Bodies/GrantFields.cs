using Zoetrope.Server.Accounts;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>The limits of a grant in a body, for its owner and for the operator.</summary>
internal static class GrantFields
{
    private const string SpendPerDay = "spendPerDay";
    private const string AskAbove = "askAbove";

    public static Outcome<GrantChange> Read(RequestFields fields)
    {
        var spendPerDay = fields.Integer(SpendPerDay, 1, CreditLedger.MaxAmount);
        var askAbove = fields.Integer(AskAbove, 0, CreditLedger.MaxAmount);
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        return fields.Has(SpendPerDay) || fields.Has(AskAbove)
            ? new GrantChange(
                fields.Has(SpendPerDay) ? new GrantLimit(spendPerDay) : null,
                fields.Has(AskAbove) ? new GrantLimit(askAbove) : null)
            : Problems.MissingParameter.With(
                $"Send {SpendPerDay}, {AskAbove} or both: a number of credits, or null for the limit of the key that gave the access.",
                SpendPerDay);
    }
}
