using System.Text.Json.Nodes;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>What a client finds without knowing us: the metadata of the protected resources (RFC 9728).</summary>
internal static class OAuthDocuments
{
    public static readonly string[] Scopes = ["generate", "read"];

    public static IEndpointRouteBuilder MapOAuthDocuments(this IEndpointRouteBuilder routes)
    {
        const string why = "a client reads it before it has a token";
        routes.MapGet(OAuthAddress.ProtectedResource, (HttpContext context, OAuthAddress address) => Describe(context, address, ""))
            .AllowAnonymousCaller(why)
            .ExcludeFromDescription();
        routes.MapGet(
            OAuthAddress.ProtectedResource + OAuthAddress.Mcp,
            (HttpContext context, OAuthAddress address) => Describe(context, address, OAuthAddress.Mcp))
            .AllowAnonymousCaller(why)
            .ExcludeFromDescription();
        return routes;
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

        // Without PublicUrl it repeats the name that this client used; nobody else may be given it.
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(document.ToJsonString(WireJson.Options), "application/json");
    }
}
