using Zoetrope.Server.Accounts;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>Stands between routing and the endpoints: reads the endpoint's rule and lets in who satisfies it.</summary>
internal sealed partial class CallerMiddleware(
    RequestDelegate next, Callers callers, OperatorAuthenticator operators, TimeProvider time, ILogger<CallerMiddleware> logger)
{
    private static readonly Problem NotForGrants = Problems.Forbidden.With(
        "A program with OAuth access cannot read or change webhooks, their secrets, credit alerts, members or what programs may "
        + "spend. "
        + "Use an API key for them. "
        + "To follow tasks, the program can listen at GET /api/v1/events or send a webhookUrl with a request.");

    private static readonly Problem NotForSessions = Problems.Forbidden.With(
        "A signed-in browser cannot use this endpoint, which is for programs. Use an API key.");

    private static readonly Problem NobodySignedIn = Problems.SignedOut.With("Nobody is signed in. Sign in first, at /sign-in.");

    private static readonly Problem NotTheOperator = Problems.Forbidden.With("Only whoever runs this server may do this.");

    private static readonly Problem ProofIsOld = Problems.ProofNeeded.With(
        "Prove again that it is you: POST /api/v1/session/proof with your password, or use a passkey. It counts for ten minutes.");

    private static readonly Problem NoRule = Problems.Forbidden.With("This endpoint has no access rule, so it is closed.");

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint is null || (endpoint is not RouteEndpoint && endpoint.Metadata.Count == 0))
        {
            // No match, or routing's own answer 405 or 415: there is nothing to protect.
            return next(context);
        }

        var rule = endpoint.Metadata.GetMetadata<AccessRule>();
        if (rule is { TakesSessions: true } && callers.CrossSite(context.Request) is { } forged)
        {
            return ProblemResponse.WriteAsync(context, forged);
        }

        switch (rule)
        {
            case AccessRule.Key key:
                return AuthenticateAsync(context, key);
            case AccessRule.Session:
            case AccessRule.Operator when callers.IsSession(context.Request):
                return AuthenticateAsync(context, rule);
            case AccessRule.Operator:
                return operators.Refusal(context.Request.Headers.Authorization, context.Connection.RemoteIpAddress) is { } problem
                    ? ProblemResponse.WriteAsync(context, problem)
                    : next(context);
            case AccessRule.Anonymous:
                return next(context);
            default:
                LogNoRule(endpoint.DisplayName);
                return ProblemResponse.WriteAsync(context, NoRule);
        }
    }

    private async Task AuthenticateAsync(HttpContext context, AccessRule rule)
    {
        if ((await FindAsync(context, rule)).Failed(out var problem, out var caller))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        if (caller.Session is { } session && context.GetEndpoint()!.Metadata.GetMetadata<FreshProof>() is not null
            && !session.IsFresh(time.GetUtcNow()))
        {
            await ProblemResponse.WriteAsync(context, ProofIsOld);
            return;
        }

        context.Features.Set(caller);
        RateHeaders.Set(context, caller.Plan, caller.UsedToday, time.GetUtcNow());
        await next(context);
    }

    private ValueTask<Outcome<Caller>> FindAsync(HttpContext context, AccessRule rule) =>
        rule is not AccessRule.Key key ? FindPersonAsync(context, rule)
        : key.NotSessions && callers.IsSession(context.Request) ? new(NotForSessions)
        : FindCallerAsync(context, key);

    private async ValueTask<Outcome<Caller>> FindPersonAsync(HttpContext context, AccessRule rule)
    {
        if (!callers.IsSession(context.Request))
        {
            return NobodySignedIn;
        }

        var found = await callers.AuthenticateAsync(context, Scopes.None);
        return rule is AccessRule.Operator && !found.Failed(out _, out var caller) && caller.Session is not { IsOperator: true }
            ? NotTheOperator
            : found;
    }

    private async ValueTask<Outcome<Caller>> FindCallerAsync(HttpContext context, AccessRule.Key rule)
    {
        // Where no program may go, that is what it is told, whatever its scopes.
        var found = await callers.AuthenticateAsync(context, rule.NotGrants ? Scopes.None : rule.Scopes);
        if (!rule.NotGrants || found.Failed(out _, out var caller))
        {
            return found;
        }

        return caller.Granter is not null ? NotForGrants : Authenticator.Lacks(caller, rule.Scopes) is { } lacking ? lacking : found;
    }

    [LoggerMessage(LogLevel.Error, "Endpoint {Endpoint} has no access rule and was refused.")]
    private partial void LogNoRule(string? endpoint);
}

internal static class CallerAccess
{
    /// <summary>The authenticated caller of an endpoint that requires one.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("This endpoint does not require a caller.");
}
