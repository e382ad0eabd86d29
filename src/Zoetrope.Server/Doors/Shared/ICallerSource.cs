using Microsoft.Extensions.Primitives;
using Zoetrope.Server.Accounts;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>One kind of credential; the first that knows the header's shape says who is calling.</summary>
internal interface ICallerSource
{
    bool Knows(StringValues authorization);

    ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, Scopes needed);
}

/// <summary>Who is calling, by whatever credential the request carries.</summary>
internal sealed class Callers(IEnumerable<ICallerSource> sources)
{
    private readonly ICallerSource[] _sources = [.. sources];

    public ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, Scopes needed) =>
        Array.Find(_sources, source => source.Knows(context.Request.Headers.Authorization))!.AuthenticateAsync(context, needed);
}

/// <summary>API keys, and the refusal of everything that is no credential at all: registered last.</summary>
internal sealed class ApiKeyCallers(Authenticator authenticator) : ICallerSource
{
    public bool Knows(StringValues authorization) => true;

    public ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, Scopes needed) =>
        authenticator.AuthenticateAsync(context.Request.Headers.Authorization, context.Connection.RemoteIpAddress, needed);
}
