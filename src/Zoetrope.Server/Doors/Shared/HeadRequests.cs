namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// HEAD answers wherever GET does, with the same status and headers: every HEAD is handled as a GET, and Kestrel, which knows
/// what was asked, sends nothing of its body.
/// </summary>
internal static class HeadRequests
{
    /// <summary>Before routing. Handlers that would do much for a body ask <see cref="IsHead"/>.</summary>
    public static IApplicationBuilder UseHeadRequests(this IApplicationBuilder app) => app.Use(static (context, next) =>
        HttpMethods.IsHead(context.Request.Method) ? AsGetAsync(context, next) : next(context));

    public static bool IsHead(HttpContext context) =>
        HttpMethods.IsHead(context.Request.Method) || context.Features.Get<AskedAsHead>() is not null;

    private static async Task AsGetAsync(HttpContext context, RequestDelegate next)
    {
        context.Request.Method = HttpMethods.Get;
        context.Features.Set(new AskedAsHead());

        // The headers of an event stream are all there is to say; what follows them would never end.
        var aborted = context.RequestAborted;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        context.RequestAborted = ending.Token;
        context.Response.OnStarting(
            () => context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.Ordinal) is true
                ? ending.CancelAsync()
                : Task.CompletedTask);
        try
        {
            await next(context);
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }

    private sealed class AskedAsHead;
}
