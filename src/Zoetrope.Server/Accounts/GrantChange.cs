using Zoetrope.Server.Audit;

namespace Zoetrope.Server.Accounts;

/// <summary>What a person wants a program's limits to be; null keeps one as it is.</summary>
/// <param name="SpendPerDay">Credits a UTC day.</param>
/// <param name="AskAbove">The price above which it asks.</param>
internal sealed record GrantChange(GrantLimit? SpendPerDay, GrantLimit? AskAbove)
{
    public static AuditEntry Entry(ApiKey grant, KeyLimits limits) => new(grant.AccountId, "grant.changed", grant.Id)
    {
        Before = new { spendPerDay = grant.SpendPerDay, askAbove = grant.AskAbove },
        After = new { spendPerDay = limits.SpendPerDay, askAbove = limits.AskAbove },
    };

    /// <summary>The limits of the grant after it, or why they cannot be: a grant never has more than the key that gave it.</summary>
    public Outcome<KeyLimits> Of(KeyLimits grant, KeyLimits granter)
    {
        // No limit of its own means that of the key.
        var perDay = SpendPerDay is { } spend ? spend.Credits ?? granter.SpendPerDay : grant.SpendPerDay;
        var askAbove = AskAbove is { } ask ? ask.Credits ?? granter.AskAbove : grant.AskAbove;
        return SpendPerDay is not null && perDay > granter.SpendPerDay
            ? Problems.InvalidParameter.With(
                $"The API key that granted this access may spend {granter.SpendPerDay} credits a day. Allow the program that much or less.",
                "spendPerDay",
                $"{perDay}",
                $"at most {granter.SpendPerDay}")
            : AskAbove is not null && askAbove > granter.AskAbove
                ? Problems.InvalidParameter.With(
                    $"The API key that granted this access asks above {granter.AskAbove} credits. Enter that number or a lower one.",
                    "askAbove",
                    $"{askAbove}",
                    $"at most {granter.AskAbove}")
                : grant with { SpendPerDay = perDay, AskAbove = askAbove };
    }
}

/// <summary>A number of credits; null is what the key has.</summary>
internal readonly record struct GrantLimit(long? Credits);
