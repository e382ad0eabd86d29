using Microsoft.AspNetCore.Http.Extensions;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// The address that metadata and tokens name: the operator's <c>PublicUrl</c>, or without one the address that the client
/// used, because clients hold the metadata against what they were given.
/// </summary>
internal sealed class OAuthAddress(string publicUrl)
{
    public const string Mcp = "/mcp";

    /// <summary>Where RFC 9728 has a client look for the server that gives tokens.</summary>
    public const string ProtectedResource = "/.well-known/oauth-protected-resource";

    private readonly Uri? _configured = publicUrl.Length > 0 ? new Uri(publicUrl.TrimEnd('/')) : null;

    /// <summary>The header of a 401: where to read which server gives tokens.</summary>
    public static string Challenge(HttpContext context)
    {
        // Tests build doors without this one.
        if (context.RequestServices.GetService<OAuthAddress>() is not { } address)
        {
            return "Bearer";
        }

        var path = context.Request.Path;
        // A client that was given the bare host must find the resource that it knows, so the root is not /mcp here.
        var suffix = path.StartsWithSegments(Mcp) ? Mcp : "";
        var error = context.Request.Headers.Authorization.Count > 0 ? ", error=\"invalid_token\"" : "";
        return $"Bearer resource_metadata=\"{address.Of(context.Request)}{ProtectedResource}{suffix}\"{error}";
    }

    /// <summary>
    /// Makes the request look as it did in front of the operator's proxy, which is what OpenIddict builds addresses from.
    /// </summary>
    public void Apply(HttpRequest request)
    {
        if (_configured is not null)
        {
            request.Scheme = _configured.Scheme;
            request.Host = new HostString(_configured.Authority);
        }
    }

    /// <summary>Whether a page of this origin is ours.</summary>
    public bool IsOwn(HttpRequest request, string origin) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || string.Equals(origin, _configured?.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the client came to the operator's https address, whatever the proxy said of it.</summary>
    public bool IsHttps(HttpRequest request) => _configured is { Scheme: "https" }
        && string.Equals(request.Host.Value, _configured.Authority, StringComparison.OrdinalIgnoreCase);

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

    /// <summary>The first that is no resource of this server; null where all are.</summary>
    public string? FindForeign(HttpRequest request, IEnumerable<string> resources) =>
        resources.FirstOrDefault(resource => PathOf(request, resource) is null);

    /// <summary>Whether a token for this path is good at the request's. The MCP door is also at the root.</summary>
    public static bool Covers(string onlyAt, PathString path) =>
        path.StartsWithSegments(onlyAt) || (onlyAt == Mcp && (!path.HasValue || path.Value == "/"));
}
