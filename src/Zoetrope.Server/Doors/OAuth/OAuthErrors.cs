using System.Text.Json.Nodes;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>A refusal in OAuth's words (RFC 6749 and 7591): its own few codes, and a description for people.</summary>
internal sealed class OAuthErrors : IProblemDialect
{
    public static readonly OAuthErrors OfToken = new("invalid_request");
    public static readonly OAuthErrors OfRegistration = new("invalid_client_metadata");

    private readonly string _code;

    private OAuthErrors(string code) => _code = code;

    public Task WriteAsync(HttpContext context, Problem problem)
    {
        var status = problem.Kind.Status;
        return WriteAsync(context, status, status >= 500 ? "server_error" : _code, problem.Message);
    }

    public static Task WriteAsync(HttpContext context, int status, string code, string description)
    {
        context.Response.Headers.CacheControl = "no-store";
        return WriteAsync(context, status, new JsonObject { ["error"] = code, ["error_description"] = description });
    }

    public static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(WireJson.Options), context.RequestAborted);
    }
}
