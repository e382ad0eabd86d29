using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>GET /api/v1/audit</c>: who changed what of the account.</summary>
internal static class AuditEndpoint
{
    public static IEndpointRouteBuilder MapAuditEndpoint(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/audit", static (HttpContext context, Database database) =>
                AuditReading.ReadAsync(context.Request.Query, database, context.Caller().AccountId, forOperator: false))
            .RequireKey(Scopes.Audit)
            .WithName("listAudit")
            .WithSummary("List who changed what of the account, newest first")
            .WithDescription(
                "Keys, grants, webhooks, plans, credits given by the operator and alerts: every change is an entry, written with it. The "
                + "entries of an account are a chain of hashes, so none can be changed or taken out unnoticed. The key needs the scope "
                + "`audit`.")
            .WithQuery("action", "string", AuditReading.Actions)
            .WithQuery("from", "string", "From this time, ISO 8601.")
            .WithQuery("to", "string", "Before this time, ISO 8601.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .WithTags("Account")
            .Produces<Envelope<AuditPage>>();
        return routes;
    }
}
