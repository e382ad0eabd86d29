using System.Collections.Immutable;
using System.Globalization;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Costs;

/// <summary>Costs and margins of a whole catalogue, and what an operator should know about them.</summary>
/// <param name="Routes">Every route of every model that is not retired.</param>
/// <param name="Losses">Prices below cost.</param>
/// <param name="Warnings">One sentence or two for each.</param>
internal sealed record CostReport(
    ImmutableArray<RouteMargin> Routes, IReadOnlyList<CatalogError> Losses, IReadOnlyList<string> Warnings)
{
    /// <param name="catalog">The catalogue.</param>
    /// <param name="options">What a credit is worth, and what is worth a warning.</param>
    /// <param name="today">The day on which it is asked.</param>
    public static CostReport Of(ModelCatalog catalog, CatalogOptions options, DateOnly today)
    {
        var offered = catalog.Models.Where(model => model.Lifecycle.Status is not LifecycleStatus.Retired).ToList();
        var routes = offered
            .SelectMany(model => model.Routes.Select((_, place) => RouteMargin.Of(model, place, options.CreditValueMicros)))
            .OfType<RouteMargin>()
            .ToImmutableArray();
        return new CostReport(
            routes,
            [.. routes.Where(route => route.Lowest.IsLoss).Select(route => Loss(route, options.CreditValueMicros))],
            [
                .. offered.Where(model => model.Lifecycle.Shutdown < today && model.Routes.Length > 0).Select(Gone),
                .. routes.Select(route => Thin(route, options.MarginFloorPercent)).OfType<string>(),
                .. routes.Where(route => route.WithMostImages is { IsLoss: true }).Select(Crowded),
                .. Old(routes, options.CostCheckedDays, today),
            ]);
    }

    /// <summary>Millionths of a US dollar as an operator reads them: <c>0.0405</c>.</summary>
    public static string Usd(long micros) => (micros / 1_000_000m).ToString("0.00##", CultureInfo.InvariantCulture);

    private static CatalogError Loss(RouteMargin route, long creditMicros)
    {
        var (lowest, cost) = (route.Lowest, route.Lowest.CostMicros!.Value);
        var needed = (cost + creditMicros - 1) / creditMicros;
        var message = $"{route.Model.Id} is sold below cost through {route.Route.Provider}: {lowest.Request} costs {Usd(cost)} USD, "
            + $"and its price of {lowest.Credits} credits is worth {Usd(lowest.ValueMicros)} USD. "
            + $"Charge at least {needed} credits, send a cheaper request, or correct the cost.";
        return new CatalogError($"{At(route)}.cost", message) { Word = $"{lowest.Credits}", Suggestion = $"{needed}" };
    }

    private static string? Thin(RouteMargin route, int floor) =>
        route.Lowest is { IsLoss: false, Percent: { } percent } && percent < floor
        ? $"{At(route)}: The margin of {route.Lowest.Request} is {percent} % through {route.Route.Provider}. "
            + $"Your floor is {floor} % (Catalog:MarginFloorPercent)."
        : null;

    private static string Crowded(RouteMargin route) =>
        $"{At(route)}: With {route.WithMostImages!.Request}, the cost of {Usd(route.WithMostImages.CostMicros!.Value)} USD "
        + $"is above the price of {Usd(route.WithMostImages.ValueMicros)} USD. Limit the images in accepts, or charge more.";

    private static string Gone(ModelSpec model) =>
        $"models[{model.Id}].lifecycle.shutdown: {model.Lifecycle.Shutdown:yyyy-MM-dd} has passed, but the model still has routes. "
        + "Retire it, or correct the date.";

    private static IEnumerable<string> Old(IEnumerable<RouteMargin> routes, int days, DateOnly today) => routes
        .Where(route => route.Cost.Checked is { } day && day.AddDays(days) < today)
        .GroupBy(route => (route.Cost.Checked, route.Route.Provider))
        .Select(group =>
            $"{At(group.First())}.cost.checked: The costs of {group.Count()} route(s) of {group.Key.Provider} were last checked "
            + $"on {group.Key.Checked:yyyy-MM-dd}, more than {days} days ago (Catalog:CostCheckedDays). "
            + "Look at their sources again, and write the new day.");

    private static string At(RouteMargin route) => $"models[{route.Model.Id}].routes[{route.Place}]";
}
