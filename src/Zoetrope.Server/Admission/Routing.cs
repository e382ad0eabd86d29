using System.Text.Json;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Admission;

/// <summary>
/// Which provider serves a request: the sandbox for test keys; for live ones the first route of the model that is configured
/// and can honour everything that is asked, one that is open before one that is closed for now, and none that an operator has paused.
/// </summary>
internal sealed class Routing(ProviderRegistry providers, PublicAddress address)
{
    /// <summary>Where a new request goes, or why it can go nowhere.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="mode">Of the caller's key.</param>
    /// <param name="keepsAlpha">Whether an input turned out to have transparency that the result must keep.</param>
    public Outcome<RouteChoice> First(ResolvedRequest request, KeyMode mode, bool keepsAlpha = false)
    {
        if (mode is KeyMode.Test)
        {
            return new RouteChoice(0, ProviderRegistry.Sandbox);
        }

        var model = request.Model;
        if (!IsAvailable(model, mode))
        {
            return Unavailable(model);
        }

        using var parameters = JsonDocument.Parse(request.Parameters);
        var wanted = request.OnRoutes(parameters.RootElement, address.Url is not null) with { KeepsAlpha = keepsAlpha };
        return Choose(model, 0, wanted, openOnly: true)
            ?? Choose(model, 0, wanted, openOnly: false)
            ?? (Outcome<RouteChoice>)(Paused(model, wanted) ?? Unfit(model, wanted));
    }

    /// <summary>The next route after a place of the model's list that can honour the request; null if there is none.</summary>
    /// <param name="model">The model as the catalogue has it now.</param>
    /// <param name="place">The route that was tried last.</param>
    /// <param name="wanted">What is asked.</param>
    /// <param name="openOnly">Whether a provider that may not be asked now is no route.</param>
    public RouteChoice? Next(ModelSpec model, int place, RouteRequest wanted, bool openOnly) =>
        Choose(model, place + 1, wanted with { PublicAddress = address.Url is not null }, openOnly);

    public bool IsAvailable(ModelSpec model, KeyMode mode) =>
        mode is KeyMode.Test || model.Routes.Any(route => providers.IsConfigured(route.Provider));

    private RouteChoice? Choose(ModelSpec model, int first, RouteRequest wanted, bool openOnly)
    {
        for (var place = first; place < model.Routes.Length; place++)
        {
            var route = model.Routes[place];
            if (providers.Find(route.Provider) is { } adapter
                && (openOnly ? providers.Gate(route.Provider).IsOpen : providers.Gate(route.Provider).Pause is null)
                && RouteFit.Gap(route, adapter.Profile.Inputs, wanted) is null)
            {
                return new RouteChoice(place, route.Provider);
            }
        }

        return null;
    }

    private Problem Unavailable(ModelSpec model)
    {
        var enabling = model.Routes
            .Select(route => providers.Profile(route.Provider)?.EnabledBy ?? $"Zoetrope__Providers__{route.Provider}__ApiKey")
            .Distinct()
            .ToList();
        return Problems.ModelUnavailable.With(
            enabling.Count == 0
                ? $"No provider serves {model.Id}. Test keys run every model in the sandbox."
                : $"No provider of {model.Id} is configured on this server. "
                    + $"The operator can enable one with {string.Join(" or ", enabling)}. "
                    + "Test keys run every model in the sandbox.",
            field: "model",
            given: model.Id);
    }

    // Why an operator has paused a provider is none of a customer's business; that somebody has is.
    private Problem? Paused(ModelSpec model, RouteRequest wanted)
    {
        var paused = model.Routes
            .Where(route => providers.Find(route.Provider) is { } adapter
                && providers.Gate(route.Provider).Pause is not null && RouteFit.Gap(route, adapter.Profile.Inputs, wanted) is null)
            .Select(route => route.Provider).Distinct().ToList();
        return paused.Count == 0 ? null : Problems.ModelUnavailable.With(
            $"The operator has paused {string.Join(" and ", paused)}, and no other provider of {model.Id} is configured that can do this. "
                + "Try again later, or use another model.",
            field: "model",
            given: model.Id);
    }

    private Problem Unfit(ModelSpec model, RouteRequest wanted)
    {
        var gaps = model.Routes
            .Where(route => providers.IsConfigured(route.Provider))
            .Select(route => (route.Provider, Gap: RouteFit.Gap(route, providers.Profile(route.Provider)?.Inputs, wanted)!))
            .ToList();
        var first = gaps[0].Gap;
        var words = string.Join("; ", gaps.Select(item => $"{item.Provider}: {item.Gap.Parameter} {item.Gap.Asked}, {item.Gap.Can}"));
        return Problems.ParameterUnavailable.With(
            $"No configured provider of {model.Id} can do this: {words}. Omit {first.Parameter} or change it.",
            field: first.Parameter,
            given: first.Asked);
    }
}

/// <summary>A route by its place in the model's list.</summary>
internal sealed record RouteChoice(int Route, string Provider);
