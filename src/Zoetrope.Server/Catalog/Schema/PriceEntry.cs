using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>A price as the catalogue writes it; <c>GET /models</c> shows it in the same form and order.</summary>
[Field("A price in whole credits.")]
internal sealed record PriceEntry
{
    [Field("How the price is found.", Required = true)]
    public PriceType Type { get; set; }

    [Field("The seconds that are charged: of the result, of the input videos, or of both.", Of = ["perSecond"], Required = true)]
    public SecondsBase? Base { get; set; }

    [Field("The parameters that the price depends on, each with a closed list of values.", Of = ["table", "perSecond"], Required = true)]
    public IReadOnlyList<string>? Keys { get; set; }

    [Field("Credits by the values of the keys, one level for each key.", Of = ["table"], Required = true)]
    public OrderedDictionary<string, JsonElement>? Rows { get; set; }

    [Field("Credits for a second by the values of the keys, one level for each key.", Of = ["perSecond"], Required = true)]
    public OrderedDictionary<string, JsonElement>? Rates { get; set; }

    [Field("Credits of one result.", Of = ["flat"], Required = true, Min = 1, Max = PriceRule.MaxCredits)]
    public long? Credits { get; set; }

    [Field("The price with an input video.", Of = ["ifVideoReference"], Required = true)]
    public PriceEntry? Then { get; set; }

    [Field("The price without an input video.", Of = ["ifVideoReference"], Required = true)]
    public PriceEntry? Else { get; set; }

    [Field("Prices by size, in ascending order of upTo; larger results are refused.", Of = ["outputMegapixels"], Required = true)]
    public IReadOnlyList<TierEntry>? Tiers { get; set; }

    [Field("What input images add to the price. Only for a price as a whole, not inside then, else or each.")]
    public ImagePriceEntry? InputImages { get; set; }
}

[Field("What input images add to the price.")]
internal sealed record ImagePriceEntry
{
    [Field("Credits for one input image, written like a price; an image costs nothing for values that its rows leave out.", Required = true)]
    public PriceEntry? Each { get; set; }

    [Field("How many input images the price of the result includes: at least those that every request has.", Min = 0, Max = 100)]
    public int Free { get; set; }
}

[Field("The price of results up to a size.")]
internal sealed record TierEntry
{
    [Field("Megapixels (10⁶) of the result.", Required = true, Min = 1, Max = 10_000)]
    public long UpTo { get; set; }

    [Field("Credits of one result.", Required = true, Min = 1, Max = PriceRule.MaxCredits)]
    public long Credits { get; set; }
}

internal enum PriceType
{
    Flat,
    Table,
    PerSecond,
    IfVideoReference,
    OutputMegapixels,
}
