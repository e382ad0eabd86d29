using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;
using Zoetrope.Server.Artifacts;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>What no handler answered: exceptions, and paths or methods that do not exist.</summary>
internal sealed partial class UnhandledErrors(ILogger<UnhandledErrors> logger) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;

    private static readonly Problem Internal = Problems.InternalError.With("Internal server error");
    private static readonly Problem Database = Problems.Unavailable.With(
        "The database is not responding. Try again in a moment.") with { RetryAfter = TimeSpan.FromSeconds(1) };
    private static readonly Problem DiskFull = Problems.Unavailable.With(
        "The server's disk is full, so nothing can be stored. Nothing was started. Try again later.") with
    { RetryAfter = TimeSpan.FromSeconds(30) };

    private static readonly Problem FilesAway = Problems.Unavailable.With(
        "The store of files is not responding. Try again in a few seconds.") with { RetryAfter = TimeSpan.FromSeconds(5) };

    private static readonly Problem NotFound = Problems.NotFound.With("No endpoint exists at this path. GET /docs shows every endpoint.");
    private static readonly Problem MethodNotAllowed = Problems.MethodNotAllowed.With("This endpoint does not support this method.");

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = ClientClosedRequest;
            return true;
        }

        if (exception is BadHttpRequestException bad)
        {
            await ProblemResponse.WriteAsync(httpContext, Of(httpContext, bad));
            return true;
        }

        LogFailed(
            exception,
            httpContext.Request.Method,
            (httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText,
            httpContext.TraceIdentifier);
        await ProblemResponse.WriteAsync(httpContext, Of(exception));
        return true;
    }

    /// <summary>What an exception means to a client: infrastructure that may come back, or a fault of ours.</summary>
    public static Problem Of(Exception exception) =>
        IsDiskFull(exception) ? DiskFull : exception switch
        {
            NpgsqlException { IsTransient: true } => Database,
            StoreAwayException => FilesAway,
            _ => Internal,
        };

    /// <summary>Gives a body to the bare status codes of routing.</summary>
    public static Task WriteStatusAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ProblemResponse.WriteAsync(context, NotFound),
        StatusCodes.Status405MethodNotAllowed => ProblemResponse.WriteAsync(context, MethodNotAllowed),
        StatusCodes.Status413PayloadTooLarge => ProblemResponse.WriteAsync(context, BodyLimit.Exceeded(context)),
        StatusCodes.Status415UnsupportedMediaType => ProblemResponse.WriteAsync(context, WrongType(context.Request)),
        _ => Task.CompletedTask,
    };

    // SQLite's and PostgreSQL's own words, and those of the kernel: ENOSPC, EDQUOT, and Windows' ERROR_DISK_FULL.
    private static bool IsDiskFull(Exception? exception) => exception is not null && (exception switch
    {
        SqliteException { SqliteErrorCode: 13 } or PostgresException { SqlState: PostgresErrorCodes.DiskFull } => true,
        IOException { HResult: 28 or 122 or unchecked((int)0x80070070) } => true,
        _ => false,
    } || IsDiskFull(exception.InnerException));

    private static Problem Of(HttpContext context, BadHttpRequestException exception) => exception switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => BodyLimit.Exceeded(context),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => WrongType(context.Request),
        { InnerException: JsonException } => Problems.InvalidJson.With("Invalid JSON body"),
        _ => Problems.BadRequest.With("The request is not well-formed HTTP."),
    };

    // Routing has put an endpoint of its own in the place of the one that was asked.
    private static Problem WrongType(HttpRequest request)
    {
        var allowed = request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
            ? "application/json, multipart/form-data"
            : "application/json";
        return Problems.UnsupportedMediaType.With(
            $"This endpoint does not accept this Content-Type. Send the body as {allowed.Replace(",", " or", StringComparison.Ordinal)}.",
            given: request.ContentType,
            allowed: allowed);
    }

    // The route, not the path: a path may hold an id or a signature.
    [LoggerMessage(LogLevel.Error, "{Method} {Route} failed (request {RequestId}).")]
    private partial void LogFailed(Exception exception, string method, string? route, string requestId);
}
