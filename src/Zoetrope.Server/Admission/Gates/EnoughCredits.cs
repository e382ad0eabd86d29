using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>The account's available credits cover the price.</summary>
internal static class EnoughCredits
{
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now) => books.Funds.Available >= submit.Credits
        ? null
        : CreditLedger.Insufficient(submit.Credits, books.Funds.Available) with { Allowed = WayOn(submit.Caller, books.Funds.Available) };

    // VicSee's sentence has no room for it. A program that somebody gave access to need not know whose account it spends from.
    private static string WayOn(Caller caller, long available)
    {
        var account = caller.Granter is null ? caller.AccountId : "<account>";
        var free = caller.Mode is KeyMode.Test ? "Test credits are free: the" : "The";
        return $"at most {available} credits. {free} operator of this server grants more with "
            + $"./run credits grant --account {account} --mode {caller.Mode.Word()} --amount <credits> --reason <why>";
    }
}
