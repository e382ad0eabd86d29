using System.Collections.Frozen;
using System.Globalization;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// A <see cref="Problem"/> in OpenAI's envelope. The code is ours in lower case, except where OpenAI's clients know a word
/// of their own for it.
/// </summary>
internal sealed class OpenAiErrors : IProblemDialect
{
    /// <summary>Clients wait no longer than this, whatever the header says.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(60);

    public static readonly IProblemDialect Dialect = new OpenAiErrors();

    // Where OpenAI's clients know a word, a status or a type of their own. How a finished task failed has no status: here it is
    // the answer to the request.
    private static readonly FrozenDictionary<ProblemKind, Wording> Words = new Dictionary<ProblemKind, Wording>
    {
        [Problems.MissingAuthHeader] = new("invalid_api_key"),
        [Problems.InvalidAuthFormat] = new("invalid_api_key"),
        [Problems.InvalidKeyFormat] = new("invalid_api_key"),
        [Problems.InvalidApiKey] = new("invalid_api_key"),
        [Problems.InvalidModel] = new("model_not_found", StatusCodes.Status404NotFound),
        [Problems.InsufficientCredits] = new("insufficient_quota", Type: "insufficient_quota"),
        [Problems.SpendCapReached] = new(Type: "insufficient_quota"),
        [Problems.BudgetReached] = new(Type: "insufficient_quota"),
        [Problems.RateLimited] = new("rate_limit_exceeded"),
        [Problems.TooManyInFlight] = new("rate_limit_exceeded"),
        [Problems.ContentRefused] = new("moderation_blocked", StatusCodes.Status400BadRequest, "image_generation_user_error"),
        [Problems.InputRefused] = new(Status: StatusCodes.Status400BadRequest),
        [Problems.Cancelled] = new(Status: StatusCodes.Status400BadRequest),
        [Problems.ProviderUnavailable] = new(Status: StatusCodes.Status503ServiceUnavailable),
        [Problems.TimedOut] = new(Status: StatusCodes.Status504GatewayTimeout),
    }.ToFrozenDictionary();

    // Whoever points OpenAI's client here tries /chat/completions or /responses first.
    private static readonly Problem Nothing = Problems.NotFound.With(
        "No endpoint exists at this path. This server makes images and videos only: use POST /v1/images/generations, "
        + "POST /v1/images/edits or POST /v1/videos. GET /v1/models lists the models.");

    private OpenAiErrors()
    {
    }

    public Task WriteAsync(HttpContext context, Problem problem)
    {
        problem = problem.Kind == Problems.NotFound ? Nothing : problem;
        var response = context.Response;
        response.StatusCode = StatusOf(problem.Kind);
        response.Headers["X-Request-Id"] = context.TraceIdentifier;
        var waits = problem.RetryAfter is not { } wait || wait <= LongestRetryAfter;
        if (problem.RetryAfter is { } seconds && waits)
        {
            response.Headers.RetryAfter = ProblemResponse.WholeSeconds(seconds).ToString(CultureInfo.InvariantCulture);
        }

        // Clients repeat 408, 409, 429 and 5xx by themselves. A failed task was already tried on every route.
        var retry = problem.Kind.Retryable && waits && problem.Kind.Status != 0;
        if (response.StatusCode is StatusCodes.Status409Conflict or StatusCodes.Status429TooManyRequests or >= 500)
        {
            response.Headers["x-should-retry"] = retry ? "true" : "false";
        }

        if (response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = OAuthAddress.Challenge(context);
            response.Headers.CacheControl = "no-store";
        }

        RateHeaders.Restore(context);
        return JsonAnswer.WriteAsync(context, Body(problem), OpenAiJson.Default.OpenAiError);
    }

    public static OpenAiError Body(Problem problem) =>
        new(new OpenAiErrorBody(Message(problem), TypeOf(problem.Kind), problem.Field, CodeOf(problem.Kind)));

    public static string CodeOf(ProblemKind kind) => Words.GetValueOrDefault(kind)?.Code ?? kind.Code.ToLowerInvariant();

    private static int StatusOf(ProblemKind kind) =>
        Words.GetValueOrDefault(kind)?.Status ?? (kind.Status == 0 ? StatusCodes.Status500InternalServerError : kind.Status);

    private static string TypeOf(ProblemKind kind) => Words.GetValueOrDefault(kind)?.Type ?? StatusOf(kind) switch
    {
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= StatusCodes.Status500InternalServerError => "server_error",
        _ => "invalid_request_error",
    };

    // The envelope has no field for what is allowed, so the text must say it.
    private static string Message(Problem problem) =>
        problem.Allowed is not { } allowed || problem.Message.Contains(allowed, StringComparison.Ordinal)
            ? problem.Message
            : $"{problem.Message.TrimEnd('.')}. Allowed: {allowed.TrimEnd('.')}.";

    private sealed record Wording(string? Code = null, int? Status = null, string? Type = null);
}
