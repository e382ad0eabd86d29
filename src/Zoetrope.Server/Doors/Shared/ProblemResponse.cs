using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// The one place that turns a <see cref="Problem"/> into bytes: in the VicSee envelope, or in the dialect of the door whose
/// address was asked.
/// </summary>
internal static class ProblemResponse
{
    public const string ContentType = "application/json; charset=utf-8";

    // Long enough to recognise what was sent, short enough that an answer never carries a whole data URI back.
    private const int MaxGivenLength = 200;

    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        // What fails before a handler is reached, authentication above all, still answers in the door's words.
        if (DialectOf(context) is { } dialect)
        {
            return dialect.WriteAsync(context, problem);
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
            response.Headers.WWWAuthenticate = OAuthAddress.Challenge(context);
            response.Headers.CacheControl = "no-store";
        }

        // An exception cleared the headers that were set when the caller was recognised.
        RateHeaders.Restore(context);
        return JsonAnswer.WriteAsync(context, Body(problem), ProblemJson.Default.ErrorEnvelope);
    }

    public static ErrorEnvelope Body(Problem problem) => new(new ErrorBody(problem.Kind.Code, problem.Message, problem.Kind.Retryable)
    {
        Field = problem.Field,
        Given = ShortText.Of(problem.Given, MaxGivenLength),
        Allowed = problem.Allowed,
        Budget = problem.Budget is var (id, name, limit, used, held, resetsAt)
            ? new ReachedBudget(id, name, limit, used, held, resetsAt)
            : null,
    });

    /// <summary>Rounded up: a client that waits this long is never early.</summary>
    public static long WholeSeconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));

    // After an exception the framework has taken the endpoint off the request and keeps it aside.
    private static IProblemDialect? DialectOf(HttpContext context)
    {
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        return endpoint?.Metadata.GetMetadata<IProblemDialect>()
            ?? context.RequestServices.GetServices<DialectRoot>()
                .FirstOrDefault(root => context.Request.Path.StartsWithSegments(root.Path, StringComparison.Ordinal))?.Dialect;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorEnvelope))]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ProblemJson : JsonSerializerContext;
