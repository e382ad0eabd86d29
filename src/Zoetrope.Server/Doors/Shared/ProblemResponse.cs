using System.Globalization;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.OAuth;
using Zoetrope.Server.Doors.OpenAi;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>The one place that turns a <see cref="Problem"/> into bytes: in the VicSee dialect, or in that of the door whose address was asked.</summary>
internal static class ProblemResponse
{
    public const string ContentType = "application/json; charset=utf-8";

    // Long enough to recognise what was sent, short enough that an answer never carries a whole data URI back.
    private const int MaxGivenLength = 200;

    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        // What fails before a door is reached, authentication above all, still answers in that door's words.
        if (OpenAiErrors.Owns(context))
        {
            return OpenAiErrors.WriteAsync(context, problem);
        }

        var response = context.Response;
        response.StatusCode = problem.Kind.Status == 0 ? StatusCodes.Status500InternalServerError : problem.Kind.Status;
        response.Headers["X-Request-Id"] = context.TraceIdentifier;
        if (problem.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = WholeSeconds(wait).ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Kind.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = OAuthDocuments.Challenge(context);
        }

        // An exception cleared the headers that were set when the caller was recognised.
        RateHeaders.Restore(context);
        return response.WriteAsJsonAsync(Body(problem), ProblemJson.Default.ErrorEnvelope, ContentType, context.RequestAborted);
    }

    /// <summary>The same answer as a handler's result.</summary>
    public static IResult ToResult(this Problem problem) => new ProblemResult(problem);

    public static ErrorEnvelope Body(Problem problem) => new(new ErrorBody(problem.Kind.Code, problem.Message, problem.Kind.Retryable)
    {
        Field = problem.Field,
        Given = problem.Given is { Length: > MaxGivenLength } given ? string.Concat(given.AsSpan(0, MaxGivenLength), "…") : problem.Given,
        Allowed = problem.Allowed,
    });

    /// <summary>Rounded up: a client that waits this long is never early.</summary>
    public static long WholeSeconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, problem);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorEnvelope))]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ProblemJson : JsonSerializerContext;
