using System.ComponentModel.DataAnnotations;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog;

/// <summary>Settings of the catalogue.</summary>
internal sealed class CatalogOptions
{
    /// <summary>A JSON file merged over the embedded catalogue: changed prices, added or removed models. Empty is none.</summary>
    public string File { get; set; } = "";

    /// <summary>How often the file is looked at for a change.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>What a credit is worth to the operator, in millionths of a US dollar.</summary>
    [Range(1, 1_000_000_000)]
    public int CreditValueMicros { get; set; } = 12_000;

    /// <summary>Routes with a smaller margin are warned of, in percent of the price.</summary>
    [Range(0, 100)]
    public int MarginFloorPercent { get; set; } = 10;

    /// <summary>After so many days, a cost should be checked again.</summary>
    [Range(1, 10_000)]
    public int CostCheckedDays { get; set; } = 120;

    /// <summary>Where OpenRouter lists models and their ends; only <c>catalog drift</c> reads it. Empty asks nobody.</summary>
    public string OpenRouterUrl { get; set; } = "https://openrouter.ai/";

    /// <summary>The providers that a route may name, given by the host; null means those of all vendors.</summary>
    public IReadOnlyList<RouteProvider>? Providers { get; set; }
}
