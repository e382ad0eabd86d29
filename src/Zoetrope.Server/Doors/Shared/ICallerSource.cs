using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared.Browsers;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>One kind of credential; the first that knows the request's says who is calling.</summary>
internal interface ICallerSource
{
    bool Knows(HttpRequest request);

    ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, Scopes needed);
}

/// <summary>Who is calling, by whatever credential the request carries.</summary>
internal sealed class Callers(IEnumerable<ICallerSource> sources, SessionCookie cookie)
{
    private readonly ICallerSource[] _sources = [.. sources];

    /// <summary>Why the request is not taken, whoever it is from: a browser was made to send it.</summary>
    public Problem? CrossSite(HttpRequest request) => request.Headers.Cookie.Count == 0 ? null : cookie.CrossSite(request);

    /// <summary>Whether a session's cookie is all that the request has.</summary>
    public bool IsSession(HttpRequest request) => cookie.StandsAlone(request);

    public ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, Scopes needed)
    {
        foreach (var source in _sources)
        {
            if (source.Knows(context.Request))
            {
                return source.AuthenticateAsync(context, needed);
            }
        }

        throw new InvalidOperationException("No source knows any credential.");
    }
}

/// <summary>API keys, and the refusal of everything that is no credential at all: registered last.</summary>
internal sealed class ApiKeyCallers(Authenticator authenticator) : ICallerSource
{
    public bool Knows(HttpRequest request) => true;

    public ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, Scopes needed) =>
        authenticator.AuthenticateAsync(context.Request.Headers.Authorization, context.Connection.RemoteIpAddress, needed);
}
