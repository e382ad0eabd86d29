using Zoetrope.Server.Audit;

namespace Zoetrope.Server.Doors.Shared.Auditing;

/// <summary>Who stands behind a request, as the audit log names them.</summary>
internal static class Actors
{
    /// <summary>The caller that the endpoint's rule let in.</summary>
    public static Actor Actor(this HttpContext context) => context.Features.Get<Caller>() is { } caller
        ? context.Actor(caller)
        : Of(context, context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>() is AccessRule.Operator
            ? Audit.Actor.Operator("admin")
            : throw new InvalidOperationException("Nobody is behind this request."));

    /// <summary>The same where the endpoint itself found out who is calling.</summary>
    public static Actor Actor(this HttpContext context, Caller caller) => Of(context, Audit.Actor.Of(caller, DoorOf(context.Request.Path)));

    /// <summary>Somebody whom a link lets in.</summary>
    public static Actor Newcomer(this HttpContext context) => Of(context, new Actor("newcomer", null, "api"));

    private static Actor Of(HttpContext context, Actor actor) => actor with
    {
        Address = context.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null,
        RequestId = context.TraceIdentifier,
    };

    private static string DoorOf(PathString path) => path.StartsWithSegments("/oauth") ? "oauth"
        : path.StartsWithSegments("/mcp") ? "mcp"
        : path.StartsWithSegments("/v1") ? "openai"
        : path.StartsWithSegments("/admin") ? "admin"
        : "api";
}
