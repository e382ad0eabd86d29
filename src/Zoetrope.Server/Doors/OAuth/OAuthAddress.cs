using Microsoft.AspNetCore.Http.Extensions;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// The address that metadata and tokens name: the operator's <c>PublicUrl</c>, or without one the address that the client
/// used, because clients hold the metadata against what they were given.
/// </summary>
internal sealed class OAuthAddress(string publicUrl)
{
    public const string Mcp = "/mcp";

    private readonly Uri? _configured = publicUrl.Length > 0 ? new Uri(publicUrl.TrimEnd('/')) : null;

    /// <summary>Makes the request look as it did in front of the operator's proxy, which is what OpenIddict builds addresses from.</summary>
    public void Apply(HttpRequest request)
    {
        if (_configured is not null)
        {
            request.Scheme = _configured.Scheme;
            request.Host = new HostString(_configured.Authority);
            request.PathBase = new PathString(_configured.AbsolutePath.TrimEnd('/'));
        }
    }

    /// <summary>Without a slash at its end.</summary>
    public string Of(HttpRequest request) => _configured is not null
        ? _configured.AbsoluteUri.TrimEnd('/')
        : UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase).TrimEnd('/');

    /// <summary>The path of a resource of this server, "" for the whole of it; null for anything else.</summary>
    public string? PathOf(HttpRequest request, string resource)
    {
        var whole = Of(request);
        return resource.TrimEnd('/') switch
        {
            var same when string.Equals(same, whole, StringComparison.OrdinalIgnoreCase) => "",
            var mcp when string.Equals(mcp, whole + Mcp, StringComparison.OrdinalIgnoreCase) => Mcp,
            _ => null,
        };
    }

    /// <summary>Whether a token for this path is good at the request's. The MCP door is also at the root.</summary>
    public static bool Covers(string onlyAt, PathString path) =>
        path.StartsWithSegments(onlyAt) || (onlyAt == Mcp && (!path.HasValue || path.Value == "/"));
}
