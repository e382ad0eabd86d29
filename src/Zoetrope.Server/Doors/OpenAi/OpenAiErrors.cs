using System.Globalization;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// A <see cref="Problem"/> in OpenAI's envelope. The code is ours in lower case, except where OpenAI's clients know a word
/// of their own for it.
/// </summary>
internal static class OpenAiErrors
{
    /// <summary>Clients wait no longer than this, whatever they are told.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(60);

    /// <summary>Whether the address belongs to this door, also when there is nothing at it.</summary>
    public static bool Owns(HttpContext context) => context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    /// <param name="context">The request.</param>
    /// <param name="problem">What was wrong.</param>
    /// <param name="code">A word that OpenAI's clients know for this case alone; null for that of the problem's kind.</param>
    public static Task WriteAsync(HttpContext context, Problem problem, string? code = null)
    {
        var response = context.Response;
        response.StatusCode = StatusOf(problem.Kind);
        response.Headers["X-Request-Id"] = context.TraceIdentifier;
        var waits = problem.RetryAfter is not { } wait || wait <= LongestRetryAfter;
        if (problem.RetryAfter is { } seconds && waits)
        {
            response.Headers.RetryAfter = ProblemResponse.WholeSeconds(seconds).ToString(CultureInfo.InvariantCulture);
        }

        // Clients repeat 408, 409, 429 and 5xx by themselves. A failed task was already tried on every route, and a
        // model without a provider gets none within seconds.
        var retry = problem.Kind.Retryable && waits && problem.Kind.Status != 0 && problem.Kind != Problems.ModelUnavailable;
        if (response.StatusCode is StatusCodes.Status409Conflict or StatusCodes.Status429TooManyRequests or >= 500)
        {
            response.Headers["x-should-retry"] = retry ? "true" : "false";
        }

        if (response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        RateHeaders.Restore(context);
        return OpenAiJson.WriteAsync(context, Body(problem, code), OpenAiJson.Readable.OpenAiError);
    }

    public static OpenAiError Body(Problem problem, string? code = null) =>
        new(new OpenAiErrorBody(Message(problem), TypeOf(problem.Kind), problem.Field, code ?? CodeOf(problem.Kind)));

    public static string CodeOf(ProblemKind kind) => kind.Code switch
    {
        "MISSING_AUTH_HEADER" or "INVALID_AUTH_FORMAT" or "INVALID_KEY_FORMAT" or "INVALID_API_KEY" => "invalid_api_key",
        "INVALID_MODEL" => "model_not_found",
        "INSUFFICIENT_CREDITS" => "insufficient_quota",
        "RATE_LIMITED" or "TOO_MANY_IN_FLIGHT" => "rate_limit_exceeded",
        "CONTENT_REFUSED" => "moderation_blocked",
        _ => kind.Code.ToLowerInvariant(),
    };

    // How a finished task failed has no status of its own: here it is the answer to the request.
    private static int StatusOf(ProblemKind kind) => kind.Code switch
    {
        "INVALID_MODEL" => StatusCodes.Status404NotFound,
        "CONTENT_REFUSED" or "INPUT_REFUSED" or "CANCELLED" => StatusCodes.Status400BadRequest,
        "PROVIDER_UNAVAILABLE" => StatusCodes.Status503ServiceUnavailable,
        "TIMED_OUT" => StatusCodes.Status504GatewayTimeout,
        _ => kind.Status == 0 ? StatusCodes.Status500InternalServerError : kind.Status,
    };

    private static string TypeOf(ProblemKind kind) => (kind.Code, StatusOf(kind)) switch
    {
        ("CONTENT_REFUSED", _) => "image_generation_user_error",
        ("INSUFFICIENT_CREDITS" or "SPEND_CAP_REACHED", _) => "insufficient_quota",
        (_, 403) => "permission_error",
        (_, 429) => "rate_limit_error",
        (_, >= 500) => "server_error",
        _ => "invalid_request_error",
    };

    // The envelope has no field for what is allowed, so the text must say it.
    private static string Message(Problem problem)
    {
        // The vocabulary of the other door's address means nothing to an OpenAI client.
        var message = problem.Message.Replace("/api/v1/models", "/v1/models", StringComparison.Ordinal);
        return problem.Allowed is not { } allowed || message.Contains(allowed, StringComparison.Ordinal)
            ? message
            : $"{message} Allowed: {allowed.Replace("/api/v1/models", "/v1/models", StringComparison.Ordinal)}.";
    }
}
