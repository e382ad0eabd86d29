using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog.Costs;

/// <summary>What one route of a model costs and earns.</summary>
internal sealed record RouteMargin
{
    public required ModelSpec Model { get; init; }

    /// <summary>Its place in the model's routes.</summary>
    public required int Place { get; init; }

    public required RouteCost Cost { get; init; }

    /// <summary>The request with the smallest margin; where the cost is unknown, the default one.</summary>
    public required Margin Lowest { get; init; }

    /// <summary>The same with as many input images as the route takes; null where they cost nothing.</summary>
    public Margin? WithMostImages { get; init; }

    public RouteSpec Route => Model.Routes[Place];

    /// <param name="model">The model.</param>
    /// <param name="place">Which of its routes.</param>
    /// <param name="creditMicros">What a credit is worth to the operator, in millionths of a US dollar.</param>
    /// <returns>Null where the route can serve no request that has a price.</returns>
    public static RouteMargin? Of(ModelSpec model, int place, long creditMicros)
    {
        var cases = new CostCases(model, place);
        var cost = model.CostOf(place);
        return Lowest(cases.With(mostImages: false)) is { } lowest
            ? new RouteMargin
            {
                Model = model,
                Place = place,
                Cost = cost,
                Lowest = lowest,
                WithMostImages = cost.EachImage > 0 ? Lowest(cases.With(mostImages: true)) : null,
            }
            : null;

        Margin? Lowest(IEnumerable<CostCase> requests) => requests
            .Select(Measure)
            .OfType<Margin>()
            .Aggregate((Margin?)null, (best, next) => best is null || Share(next) < Share(best) ? next : best);

        Margin? Measure(CostCase request)
        {
            var quote = model.Price.Quote(request.Quantities);
            return quote.Problem is null
                ? new Margin(
                    quote.Value,
                    checked(quote.Value * creditMicros),
                    cost.Micros(request.Quantities),
                    request.Describe(model, cases.Keys))
                : null;
        }
    }

    // A request whose cost is unknown says nothing, so any that is known comes before it.
    private static decimal Share(Margin margin) =>
        margin is { CostMicros: { } cost, ValueMicros: > 0 } ? (margin.ValueMicros - cost) / (decimal)margin.ValueMicros : decimal.MaxValue;
}
