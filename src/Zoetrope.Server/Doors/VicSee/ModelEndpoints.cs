using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Listing;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>GET /api/v1/models</c>: the catalogue, open to everyone.</summary>
internal static class ModelEndpoints
{
    public static IEndpointRouteBuilder MapModelEndpoints(this IEndpointRouteBuilder routes)
    {
        // Test keys run every model in the sandbox, so to them every model is available.
        var sandbox = new CatalogListing(routes.ServiceProvider.GetRequiredService<CatalogHolder>(), static _ => true);
        var (toTest, toLive) = (new ListedAnswers(), new ListedAnswers());
        routes.MapGet(
            "/api/v1/models",
            (HttpContext context, CatalogListing listing) => IsTest(context.Request)
                ? List(context.Request, sandbox, toTest)
                : List(context.Request, listing, toLive))
            .AllowAnonymousCaller("the catalogue is public, as VicSee's is")
            .WithName("listModels")
            .WithSummary("List models with their parameters, limits and prices")
            .WithTags("Models")
            .WithQuery("type", "string", "image, video or music.")
            .WithDescription(
                "`available` says whether a live key can use the model now; with a test key it is always true, because test "
                + "keys run in the sandbox.");
        return routes;
    }

    private static bool IsTest(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith("Bearer sk-test-", StringComparison.OrdinalIgnoreCase);

    private static Answer List(HttpRequest request, CatalogListing listing, ListedAnswers answers)
    {
        var type = request.Query["type"].ToString();
        return listing.Get(type).Failed(out var problem, out var models) ? problem : answers.Of(type, models);
    }
}
