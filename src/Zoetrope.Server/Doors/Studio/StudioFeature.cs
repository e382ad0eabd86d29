using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Studio;

/// <summary>
/// The door of the studio (<c>src/Zoetrope.Studio</c>), which runs in the browser and calls the API as any client does: here are only
/// its page and its files. What is at <c>/</c> lies with the other pages.
/// </summary>
internal static class StudioFeature
{
    private const string Public = "the studio's files hold nobody's data; what they show they ask the API for";

    /// <summary>The addresses that the studio's router knows; another path stays a 404.</summary>
    private static readonly string[] Places =
    [
        "/gallery", "/activity", "/parts", "/keys", "/webhooks", "/usage", "/ledger", "/apps", "/connect", "/members", "/billing", "/budgets",
        "/notices", "/security", "/settings", "/operate",
    ];

    public static IServiceCollection AddStudio(this IServiceCollection services, StudioOptions options) =>
        services.AddSingleton(options).AddSingleton<StudioFiles>();

    public static IEndpointRouteBuilder MapStudio(this IEndpointRouteBuilder routes)
    {
        if (!routes.ServiceProvider.GetRequiredService<StudioFiles>().AreHere)
        {
            return routes;
        }

        var studio = routes.MapGroup("").AllowAnonymousCaller(Public).ExcludeFromDescription();
        studio.MapGet("/_framework/{**name}", static (string name, StudioFiles files) => File(files, "_framework/" + name));
        studio.MapGet("/studio/{**name}", static (string name, StudioFiles files) => File(files, "studio/" + name));
        foreach (var place in Places)
        {
            studio.MapGet(place + "/{**rest}", Show);
        }

        studio.MapGet("/r/{task}", Show);
        studio.MapGet("/compare/{batch}", Show);
        return routes;
    }

    private static Answer Show(HttpContext context, StudioFiles files, SessionCookie cookie) =>
        cookie.Read(context.Request) is null ? SessionCookie.SignIn(context.Request) : files.Page();

    private static Answer File(StudioFiles files, string path) =>
        files.Find(path) is { } found ? found : Problems.NotFound.With("The studio has no such file.");
}
