using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>What the vendor of a route charges the operator. No customer sees it.</summary>
[Field("What the vendor charges for a result, in millionths of a US dollar. Customers do not see it. Without it, the cost is unknown.")]
internal sealed record CostEntry
{
    [Field("stated: a source of the vendor's says so; assumed: concluded, the source says from what; unknown.", Required = true)]
    public CostKind? Kind { get; set; }

    [Field("The day on which the source was last looked at. Required unless kind is unknown.")]
    public DateOnly? Checked { get; set; }

    [Field("Where it is stated, or why it is assumed or unknown. Required unless kind is unknown.")]
    public string? Source { get; set; }

    [Field("How the cost is found. Required unless kind is unknown.")]
    public CostRuleEntry? Rule { get; set; }

    [Field("What each input image adds.")]
    public ImageCostEntry? InputImages { get; set; }
}

[Field("A cost in millionths of a US dollar, written like a price.")]
internal sealed record CostRuleEntry
{
    [Field("How the cost is found.", Required = true)]
    public PriceType Type { get; set; }

    [Field("The seconds that the vendor charges: of the result, of the input videos, or of both.", Of = ["perSecond"], Required = true)]
    public SecondsBase? Base { get; set; }

    [Field("The parameters that the cost depends on, each with a closed list of values.", Of = ["table", "perSecond"], Required = true)]
    public IReadOnlyList<string>? Keys { get; set; }

    [Field(
        "Micro-dollars by the values of the keys, one level for each key; values that the route does not accept can be left out.",
        Of = ["table"],
        Required = true)]
    public OrderedDictionary<string, JsonElement>? Rows { get; set; }

    [Field("Micro-dollars for a second by the values of the keys, one level for each key.", Of = ["perSecond"], Required = true)]
    public OrderedDictionary<string, JsonElement>? Rates { get; set; }

    [Field("Micro-dollars of one result.", Of = ["flat"], Required = true, Min = 1, Max = RouteCost.MaxMicros)]
    public long? Micros { get; set; }

    [Field("The cost with an input video.", Of = ["ifVideoReference"], Required = true)]
    public CostRuleEntry? Then { get; set; }

    [Field("The cost without an input video.", Of = ["ifVideoReference"], Required = true)]
    public CostRuleEntry? Else { get; set; }

    [Field("Costs by size, in ascending order of upTo; that of a larger result is unknown.", Of = ["outputMegapixels"], Required = true)]
    public IReadOnlyList<CostTierEntry>? Tiers { get; set; }

    /// <summary>The same rule as the reader of prices understands it.</summary>
    public PriceEntry ToPrice() => new()
    {
        Type = Type,
        Base = Base,
        Keys = Keys,
        Rows = Rows,
        Rates = Rates,
        Credits = Micros,
        Then = Then?.ToPrice(),
        Else = Else?.ToPrice(),
        Tiers = Tiers is null ? null : [.. Tiers.Select(tier => new TierEntry { UpTo = tier.UpTo, Credits = tier.Micros })],
    };
}

[Field("The cost of results up to a size.")]
internal sealed record CostTierEntry
{
    [Field("Megapixels (10⁶) of the result.", Required = true, Min = 1, Max = 10_000)]
    public long UpTo { get; set; }

    [Field("Micro-dollars of one result.", Required = true, Min = 1, Max = RouteCost.MaxMicros)]
    public long Micros { get; set; }
}

[Field("What each input image adds to the cost.")]
internal sealed record ImageCostEntry
{
    [Field("Micro-dollars of one input image.", Required = true, Min = 1, Max = RouteCost.MaxMicros)]
    public long Each { get; set; }

    [Field("How many input images cost nothing.", Min = 0, Max = 100)]
    public int Free { get; set; }
}
