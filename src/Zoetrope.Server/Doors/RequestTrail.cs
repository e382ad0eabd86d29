using System.Diagnostics;
using Microsoft.Extensions.Primitives;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors;

/// <summary>
/// Outermost: gives every request its id, which every answer and every line of the log carries, and writes one line when the
/// request is done. A log that is switched off costs nothing here.
/// </summary>
internal sealed partial class RequestTrail(RequestDelegate next, TimeProvider time, ILoggerFactory loggers)
{
    private const int LongestPath = 100;

    private readonly ILogger _logger = loggers.CreateLogger("Zoetrope.Requests");

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var level = LevelOf(context.Request.Path);
        var client = Trail.ParentOf(Single(headers.TraceParent));
        var span = level is LogLevel.Information ? Spans.StartRequest(context.Request.Method, client) : null;
        var trail = Trail.Of(Single(headers[Trail.Header]), span?.Context ?? client, time);
        context.TraceIdentifier = trail.RequestId!;
        context.Response.Headers[Trail.Header] = trail.RequestId;
        Trail.Current = trail;
        return _logger.IsEnabled(level) || span is not null ? LogAsync(context, trail, level, span) : next(context);
    }

    private async Task LogAsync(HttpContext context, Trail trail, LogLevel level, Activity? span)
    {
        using var ending = span;
        var began = time.GetTimestamp();
        var path = context.Request.Path;
        await next(context);
        var took = (long)time.GetElapsedTime(began).TotalMilliseconds;
        trail.TaskId ??= TaskOf(context);
        var method = HeadRequests.IsHead(context) ? HttpMethods.Head : context.Request.Method;
        var route = RouteOf(context, path);
        var status = context.Response.StatusCode;
        if (span is not null)
        {
            Describe(span, method, context.GetEndpoint() is null ? null : route, status, trail.TaskId);
        }

        if (context.Features.Get<Caller>() is { } caller)
        {
            LogCaller(level, method, route, status, took, caller.AccountId, caller.ApiKeyId);
        }
        else
        {
            LogDone(level, method, route, status, took);
        }
    }

    private static void Describe(Activity span, string method, string? route, int status, string? task)
    {
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method).SetTag("http.route", route).SetTag("http.response.status_code", status)
            .SetTag("zoetrope.task", task);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    // Sent twice, it is not one id.
    private static string? Single(StringValues values) => values.Count == 1 ? values[0] : null;

    // Asked every few seconds for ever, and never by a customer.
    private static LogLevel LevelOf(PathString path) =>
        path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase)
            ? LogLevel.Debug
            : LogLevel.Information;

    // The route and not the path, which may hold a signature; where there is no route, nothing is there to protect.
    private static string RouteOf(HttpContext context, PathString path)
    {
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } pattern })
        {
            return pattern.StartsWith('/') ? pattern : $"/{pattern}";
        }

        return ShortText.Of(path.ToUriComponent(), LongestPath);
    }

    private static string? TaskOf(HttpContext context) =>
        context.Request.RouteValues.GetValueOrDefault("id") is string id
        && (Ids.IsValid(Ids.Generation, id) || Ids.IsValid(Ids.Batch, id))
            ? id
            : null;

    [LoggerMessage("{Method} {Route} {Status} in {Milliseconds} ms")]
    private partial void LogDone(LogLevel level, string method, string route, int status, long milliseconds);

    [LoggerMessage("{Method} {Route} {Status} in {Milliseconds} ms, {AccountId} {KeyId}")]
    private partial void LogCaller(
        LogLevel level, string method, string route, int status, long milliseconds, string accountId, string keyId);
}
