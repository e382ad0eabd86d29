using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>The account's available credits cover the price.</summary>
internal static class EnoughCredits
{
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now) =>
        books.Funds.Available < submit.Credits ? CreditLedger.Insufficient(submit.Credits, books.Funds.Available) : null;
}
