namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// HEAD answers wherever GET does, with the same status and headers: every HEAD is handled as a GET, and Kestrel, which knows
/// what was asked, sends nothing of its body.
/// </summary>
internal static class HeadRequests
{
    /// <summary>Before routing. What would do much for a body, or never end one, asks <see cref="IsHead"/>: files and streams.</summary>
    public static IApplicationBuilder UseHeadRequests(this IApplicationBuilder app) => app.Use(static (context, next) =>
        HttpMethods.IsHead(context.Request.Method) ? AsGetAsync(context, next) : next(context));

    public static bool IsHead(HttpContext context) =>
        HttpMethods.IsHead(context.Request.Method) || context.Features.Get<AskedAsHead>() is not null;

    private static Task AsGetAsync(HttpContext context, RequestDelegate next)
    {
        context.Request.Method = HttpMethods.Get;
        context.Features.Set(new AskedAsHead());
        return next(context);
    }

    private sealed class AskedAsHead;
}
