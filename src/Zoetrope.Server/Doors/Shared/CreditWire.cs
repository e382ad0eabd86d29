using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>A balance as every door shows it.</summary>
internal static class CreditWire
{
    public static CreditBalance Of(Balance balance, KeyMode mode) => new(balance.Available, balance.Held, mode.Word());
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CreditBalance))]
internal sealed partial class CreditJson : JsonSerializerContext;
