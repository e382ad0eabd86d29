using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>GET /admin/v1/audit</c>: who changed what, of every account and of the server.</summary>
internal static class AuditEndpoint
{
    public static void MapAudit(this RouteGroupBuilder admin) =>
        admin.MapGet("/audit", static (HttpContext context, Database database) => AuditReading.ReadAsync(
                context.Request.Query, database, context.Request.Query["accountId"], forOperator: true))
            .WithSummary("List who changed what, newest first")
            .WithDescription(
                "Every change of every account and of the server: keys, grants, webhooks, plans, credits, cases, secrets and the catalogue. "
                + "`GET /admin/v1/ledger/audit` checks that the log is whole.")
            .WithQuery("accountId", "string", "Only the changes of this account.")
            .WithQuery("action", "string", AuditReading.Actions)
            .WithQuery("from", "string", "From this time, ISO 8601.")
            .WithQuery("to", "string", "Before this time, ISO 8601.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .Produces<Envelope<AuditPage>>();
}
