using Microsoft.Extensions.Primitives;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Doors.Shared.Browsers;

/// <summary>From a session's cookie to a <see cref="Caller"/>, where there is no Authorization header.</summary>
internal sealed class SessionCallers(SessionCookie cookie, Sessions sessions) : ICallerSource
{
    private static readonly Problem Ended = Problems.SignedOut.With("The session has ended. Sign in again.");

    public bool Knows(HttpRequest request) => cookie.StandsAlone(request);

    public async ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, Scopes needed)
    {
        if (ModeOf(context.Request.Headers[SessionCookie.ModeHeader]).Failed(out var problem, out var mode))
        {
            return problem;
        }

        // What a person does about themselves does not depend on what their account pays for.
        var needsPlan = context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>() is AccessRule.Key;
        return await sessions.AuthenticateAsync(cookie.Read(context.Request)!, mode, needed, needsPlan) ?? Ended;
    }

    private static Outcome<KeyMode> ModeOf(StringValues header) => header.ToString() switch
    {
        "" or "test" => KeyMode.Test,
        "live" => KeyMode.Live,
        _ => Problems.InvalidParameter.With(
            $"{SessionCookie.ModeHeader} must be test or live.", SessionCookie.ModeHeader, header.ToString(), "test, live"),
    };
}
