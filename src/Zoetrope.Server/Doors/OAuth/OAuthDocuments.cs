using System.Text.Json.Nodes;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>What a client finds without knowing us: the metadata of the protected resources (RFC 9728) and the challenge that points to it.</summary>
internal static class OAuthDocuments
{
    public const string ProtectedResource = "/.well-known/oauth-protected-resource";

    public static readonly string[] Scopes = ["generate", "read"];

    public static IEndpointRouteBuilder MapOAuthDocuments(this IEndpointRouteBuilder routes)
    {
        const string why = "a client reads it before it has a token";
        routes.MapGet(ProtectedResource, (HttpContext context, OAuthAddress address) => Describe(context, address, "")).AllowAnonymousCaller(why).ExcludeFromDescription();
        routes.MapGet(ProtectedResource + OAuthAddress.Mcp, (HttpContext context, OAuthAddress address) => Describe(context, address, OAuthAddress.Mcp)).AllowAnonymousCaller(why).ExcludeFromDescription();
        return routes;
    }

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
        var suffix = path.StartsWithSegments(OAuthAddress.Mcp) ? OAuthAddress.Mcp : "";
        var error = context.Request.Headers.Authorization.Count > 0 ? ", error=\"invalid_token\"" : "";
        return $"Bearer resource_metadata=\"{address.Of(context.Request)}{ProtectedResource}{suffix}\"{error}";
    }

    private static IResult Describe(HttpContext context, OAuthAddress address, string path)
    {
        var issuer = address.Of(context.Request);
        var document = new JsonObject
        {
            ["resource"] = issuer + path,
            ["authorization_servers"] = new JsonArray(issuer + "/"),
            ["scopes_supported"] = new JsonArray([.. Scopes.Select(scope => (JsonNode)scope)]),
            ["bearer_methods_supported"] = new JsonArray("header"),
            ["resource_name"] = "Zoetrope",
            ["resource_documentation"] = issuer + "/docs",
        };
        return TypedResults.Text(document.ToJsonString(), "application/json");
    }
}
