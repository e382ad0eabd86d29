using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog;

/// <summary>Settings of the catalogue.</summary>
internal sealed class CatalogOptions
{
    /// <summary>A JSON file merged over the embedded catalogue: changed prices, added or removed models. Empty is none.</summary>
    public string File { get; set; } = "";

    /// <summary>How often the file is looked at for a change.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Where OpenRouter lists models and their ends; only <c>catalog drift</c> reads it. Empty asks nobody.</summary>
    public string OpenRouterUrl { get; set; } = "https://openrouter.ai/";

    /// <summary>The providers that a route may name, given by the host; null means those of all vendors.</summary>
    public IReadOnlyList<RouteProvider>? Providers { get; set; }
}
