using Zoetrope.Server.Catalog;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations;

/// <summary>Which provider serves a request: the sandbox for test keys, the model's configured routes in order for live ones.</summary>
internal sealed class Routing(ProviderRegistry providers)
{
    public RouteChoice? First(ModelSpec model, KeyMode mode) => From(model, mode, 0);

    /// <summary>The next route behind this one; null where there is none.</summary>
    public RouteChoice? After(ModelSpec? model, Generation generation) =>
        model is null || generation.Mode is KeyMode.Test ? null : From(model, generation.Mode, generation.Route + 1);

    public bool IsAvailable(ModelSpec model, KeyMode mode) => First(model, mode) is not null;

    /// <summary>The route that a generation runs on; the sandbox takes our own words.</summary>
    public static RouteSpec RouteOf(ModelSpec? model, Generation generation) =>
        generation.Provider == ProviderRegistry.Sandbox || model is null || generation.Route >= model.Routes.Length
            ? RouteSpec.InOurWords(generation.Provider, generation.Model)
            : model.Routes[generation.Route];

    private RouteChoice? From(ModelSpec model, KeyMode mode, int first)
    {
        if (mode is KeyMode.Test)
        {
            return new RouteChoice(0, ProviderRegistry.Sandbox);
        }

        for (var route = first; route < model.Routes.Length; route++)
        {
            if (providers.IsConfigured(model.Routes[route].Provider))
            {
                return new RouteChoice(route, model.Routes[route].Provider);
            }
        }

        return null;
    }
}
