using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>
/// The door for people, and for agents that read: what this server is at <c>/</c>, the guides of the repository, a page for each
/// model, and <c>/llms.txt</c>. Static, without a script, and the same for everybody.
/// </summary>
internal static class PagesFeature
{
    private const string Public = "pages hold what the repository and the catalogue say, and nobody's data";

    private static readonly Page Icon = new(Embedded.Bytes("icon.svg"), "image/svg+xml");

    public static IServiceCollection AddPages(this IServiceCollection services) => services
        .AddSingleton<PageAddress>()
        .AddSingleton<FrontPage>()
        .AddSingleton<FirstPage>()
        .AddSingleton<ModelPages>()
        .AddSingleton<SharePages>()
        .AddSingleton<LlmsText>();

    public static IEndpointRouteBuilder MapPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").AllowAnonymousCaller(Public).ExcludeFromDescription();
        pages.MapGet("/", static (HttpContext context, FrontPage page, FirstPage first) => first.ShowAsync(context, page));
        pages.MapGet("/about", static (HttpContext context, FrontPage page) => page.Show(context));
        pages.MapGet("/guides", static () => GuidePages.Index());
        pages.MapGet("/guides/{**name}", static (string name) => GuidePages.Show(name));
        pages.MapGet("/models", static (ModelPages pages) => pages.Index());
        pages.MapGet("/models/{name}", static (HttpContext context, string name, ModelPages pages) => pages.Show(context, name));
        pages.MapGet("/models.md", static (ModelPages pages) => pages.Text());
        pages.MapGet("/llms.txt", static (HttpContext context, LlmsText text) => text.Show(context));
        pages.MapGet("/icon.svg", static () => Icon.Answer());
        SharePages.Map(routes);
        return routes;
    }
}
