using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads what a route's vendor charges. A cost is known with its source and its day, or it is unknown; there is no zero.</summary>
internal static class CostReader
{
    /// <param name="entry">As written; null is unknown.</param>
    /// <param name="parameters">The model's.</param>
    /// <param name="route">Values that it does not accept need no cost.</param>
    /// <param name="place">Where it is.</param>
    public static RouteCost Read(CostEntry? entry, ParameterList parameters, RouteSpec route, Place place)
    {
        if (entry is null)
        {
            return RouteCost.Unknown;
        }

        var isKnown = entry.Kind is CostKind.Stated or CostKind.Assumed;
        Require("rule", entry.Rule is not null);
        Require("checked", entry.Checked is not null);
        Require("source", entry.Source is not null);
        if (entry.Kind is CostKind.Unknown && (entry.Rule is not null || entry.InputImages is not null))
        {
            place.At("kind").Refuse("\"unknown\"", "stated or assumed; a cost with a rule or inputImages is not unknown");
        }

        var reader = new PriceReader(parameters, PriceUnit.Cost)
        {
            IsNeeded = (parameter, value) => route.Reach.GetValueOrDefault(parameter.Name, RouteReach.None).CanBe(value),
        };
        return new RouteCost
        {
            Kind = entry.Kind ?? CostKind.Unknown,
            Rule = reader.Read(entry.Rule?.ToPrice(), place.At("rule")),
            EachImage = entry.InputImages?.Each ?? 0,
            FreeImages = entry.InputImages?.Free ?? 0,
            Checked = entry.Checked,
            Source = entry.Source,
        };

        void Require(string field, bool isThere)
        {
            // What is there and wrong has been reported.
            var at = place.At(field);
            if (isKnown && !isThere && !place.Errors.Any(error => error.Place == at.Path))
            {
                at.Refuse("This field is required if kind is stated or assumed.");
            }
        }
    }
}
