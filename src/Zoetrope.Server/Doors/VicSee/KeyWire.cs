using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Accounts;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>From a key's row to the wire.</summary>
internal static class KeyWire
{
    public static KeyState Of(ApiKey key, TimeProvider time)
    {
        var spent = key.SpentIn(SpendPeriods.Of(time.GetUtcNow()));
        return new KeyState(
            key.Id,
            key.Name,
            ((KeyMode)key.Mode).Word(),
            key.Prefix,
            ((Scopes)key.Scopes).Words(),
            WireTime.Text(key.CreatedAt),
            Of(key.Limits),
            new KeySpendState(spent.Day, spent.Week, spent.Month, spent.InAll))
        {
            PersonId = key.PersonId,
            ExpiresAt = WireTime.Text(key.ExpiresAt),
            RevokedAt = WireTime.Text(key.RevokedAt),
        };
    }

    private static KeyLimitState Of(KeyLimits limits) => new()
    {
        RequestsPerMinute = limits.RequestsPerMinute,
        InFlightLimit = limits.InFlight,
        SpendPerDay = limits.SpendPerDay,
        SpendPerWeek = limits.SpendPerWeek,
        SpendPerMonth = limits.SpendPerMonth,
        SpendInAll = limits.SpendInAll,
        AskAbove = limits.AskAbove,
        Models = limits.Models,
        Addresses = limits.Addresses is null ? null : [.. limits.Addresses.Select(network => network.ToString())],
    };
}
