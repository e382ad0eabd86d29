using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Costs;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Catalog.Costs;

/// <summary>Every route that has a golden request is sold for at least what it costs, or says that its cost is unknown and why.</summary>
public sealed class GoldenRouteMarginTests
{
    private static readonly CostReport Report = CostReport.Of(Ask.Catalog, new CatalogOptions(), new DateOnly(2026, 11, 30));

    [Fact]
    public void No_route_is_sold_below_cost()
    {
        Assert.Empty(Report.Losses);
        Assert.True(Report.Routes.Count(route => route.Lowest.CostMicros is not null) >= 150);
        Assert.Equal(Ask.Catalog.Models.Where(model => model.Lifecycle.Status is not LifecycleStatus.Retired).Sum(model => model.Routes.Length), Report.Routes.Length);
    }

    [Fact]
    public void Every_golden_route_has_a_cost_or_a_reason_why_it_has_none()
    {
        var routes = Report.Routes.Where(route => File.Exists(Path.Combine(GoldenRequests.Folder(route.Route.Provider), route.Model.Id + ".txt"))).ToList();

        Assert.NotEmpty(routes);
        Assert.All(routes, route =>
        {
            Assert.True(route.Cost.Source is { Length: > 10 }, $"{route.Model.Id} on {route.Route.Provider} has no source of its cost.");
            Assert.Equal(route.Cost.Kind is CostKind.Unknown, route.Lowest.CostMicros is null);
            Assert.True(route.Cost.Kind is not CostKind.Unknown || route.Route.Provider is "vicsee" or "replicate", $"{route.Model.Id} on {route.Route.Provider} has no cost.");
        });
    }

    /// <summary>Costs against what a person works out from the source.</summary>
    [Theory]
    [InlineData("seedance-2-0-text-to-video", "ark", 75)]
    [InlineData("gpt-image-2-text-to-image", "openai", 44)]
    [InlineData("flux-2-pro-text-to-image", "bfl", 68)]
    [InlineData("minimax-h3-text-to-video", "minimax", 70)]
    [InlineData("topaz-image-upscale", "fal", 66)]
    public void The_smallest_margin_is_that_of_the_worst_request(string model, string provider, int percent)
    {
        var routes = Report.Routes.Where(route => route.Model.Id == model && route.Route.Provider == provider);

        Assert.Equal(percent, routes.Min(route => route.Lowest.Percent));
    }
}
