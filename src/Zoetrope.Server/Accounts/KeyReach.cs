using System.Net;

namespace Zoetrope.Server.Accounts;

/// <summary>What a key may give to another: never more than it has. What is left out or null is what the maker has.</summary>
internal static class KeyReach
{
    /// <summary>The limits with those of the maker where there are none.</summary>
    public static KeyLimits Within(KeyLimits maker, KeyLimits wanted) => new(
        wanted.RequestsPerMinute ?? maker.RequestsPerMinute, wanted.InFlight ?? maker.InFlight)
    {
        SpendPerDay = wanted.SpendPerDay ?? maker.SpendPerDay,
        SpendPerWeek = wanted.SpendPerWeek ?? maker.SpendPerWeek,
        SpendPerMonth = wanted.SpendPerMonth ?? maker.SpendPerMonth,
        SpendInAll = wanted.SpendInAll ?? maker.SpendInAll,
        AskAbove = wanted.AskAbove ?? maker.AskAbove,
        Models = wanted.Models ?? maker.Models,
        Addresses = wanted.Addresses ?? maker.Addresses,
    };

    /// <summary>The first right in which the key would have more than its maker; null if it is no wider.</summary>
    public static Problem? Check(Caller maker, KeyMode mode, Scopes scopes, KeyLimits limits, long? expiresAt)
    {
        var own = maker.Limits;
        if (mode is KeyMode.Live && maker.Mode is KeyMode.Test)
        {
            return Wide("mode", mode.Word(), KeyMode.Test.Word(), "Your key is a test key and makes test keys only.");
        }

        if ((scopes & ~maker.Scopes) is var more && more != Scopes.None)
        {
            var given = string.Join(", ", more.Words());
            return Wide("scopes", given, string.Join(", ", maker.Scopes.Words()), $"Your key lacks the scope {given}.");
        }

        if (maker.KeysEndAt is { } latest && !(expiresAt <= latest))
        {
            var end = WireTime.Text(latest);
            return Wide("expiresAt", WireTime.Text(expiresAt) ?? "never", $"at most {end}", $"Your key expires at {end}.");
        }

        return Above("requestsPerMinute", limits.RequestsPerMinute, own.RequestsPerMinute)
            ?? Above("inFlightLimit", limits.InFlight, own.InFlight)
            ?? Above("spendPerDay", limits.SpendPerDay, own.SpendPerDay)
            ?? Above("spendPerWeek", limits.SpendPerWeek, own.SpendPerWeek)
            ?? Above("spendPerMonth", limits.SpendPerMonth, own.SpendPerMonth)
            ?? Above("spendInAll", limits.SpendInAll, own.SpendInAll)
            ?? Above("askAbove", limits.AskAbove, own.AskAbove)
            ?? Models(limits.Models, own.Models)
            ?? Addresses(limits.Addresses, own.Addresses);
    }

    private static Problem? Above(string field, long? wanted, long? own) => own is not { } most || wanted <= most
        ? null
        : Wide(field, wanted is { } given ? $"{given}" : "no limit", $"at most {most}", $"The limit of your key is {most}.");

    private static Problem? Models(IReadOnlyList<string>? wanted, IReadOnlyList<string>? own)
    {
        if (own is null)
        {
            return null;
        }

        var other = wanted is null ? "all" : wanted.FirstOrDefault(model => !own.Contains(model, StringComparer.Ordinal));
        return other is null
            ? null
            : Wide("models", other, ShortText.Of(string.Join(", ", own)), "Your key may not use this model.");
    }

    private static Problem? Addresses(IReadOnlyList<IPNetwork>? wanted, IReadOnlyList<IPNetwork>? own)
    {
        if (own is null)
        {
            return null;
        }

        var other = wanted is null
            ? "all"
            : wanted.Where(network => !own.Any(outer => outer.Contains(network))).Select(network => network.ToString()).FirstOrDefault();
        return other is null
            ? null
            : Wide("addresses", other, ShortText.Of(string.Join(", ", own)), "Your key may not be used from these addresses.");
    }

    private static Problem Wide(string field, string given, string allowed, string reason) => Problems.KeyTooWide.With(
        $"A key may not have more rights than the key that makes or changes it. {reason}", field, given, allowed);
}
