using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>Whether a provider may be asked, and where a generation goes that it did not take.</summary>
internal sealed class Failover(Routing routing, CatalogHolder catalog, ProviderRegistry providers, GateBooks gates)
{
    /// <summary>Who may submit now, and what was learned from it.</summary>
    public GateBooks Gates => gates;

    /// <summary>The next route after this one that can honour the request; null if there is none.</summary>
    public RouteChoice? Next(Generation generation, bool openOnly = false) =>
        routing.After(catalog.Current.Find(generation.Model), generation, openOnly);

    /// <summary>
    /// Where a refused request may go: to the provider's next key when only the key was at fault, otherwise to the next
    /// route.
    /// </summary>
    public RouteChoice? After(Generation generation, ProviderError error)
    {
        if (error.Kind is ProviderErrorKind.ContentRefused)
        {
            return null;
        }

        var gate = providers.Gate(generation.Provider);
        var keyAtFault = error.Kind is ProviderErrorKind.Auth or ProviderErrorKind.QuotaExhausted or ProviderErrorKind.RateLimited;
        return keyAtFault && gate.Keys.Count > 1 && gate.IsOpen ? new RouteChoice(generation.Route, generation.Provider) : Next(generation);
    }

    /// <summary>
    /// The provider may not be asked now: another route that is open, or the wait; a provider that refuses all our keys is
    /// not waited for.
    /// </summary>
    public GenerationEvent Instead(Generation generation, ProviderClosure closed)
    {
        var next = Next(generation, openOnly: true);
        if (next is null && !closed.NeedsOperator)
        {
            return new GenerationEvent.Held(closed.Wait);
        }

        var kind = closed.NeedsOperator ? ProviderErrorKind.Auth : ProviderErrorKind.Unavailable;
        return new GenerationEvent.Refused(new ProviderError(kind, "not_asked", closed.Reason), next);
    }
}
