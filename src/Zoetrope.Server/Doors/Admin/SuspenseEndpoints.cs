using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>/admin/v1/suspense</c>: what a vendor may have billed although nobody received it.</summary>
internal static class SuspenseEndpoints
{
    private const int MaxReason = 255;

    public static void MapSuspense(this RouteGroupBuilder admin)
    {
        admin.MapGet("/suspense", ListAsync)
            .WithSummary("List the tasks in suspense")
            .WithDescription(
                "Tasks whose provider never said what became of them, newest first. Their customers have the credits back; whether the "
                + "provider billed you is open. Look for the provider's ids in its console or invoice, and resolve the task.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .Produces<Envelope<AdminSuspense>>();
        admin.MapPost("/suspense/{taskId}/resolve", ResolveAsync)
            .WithSummary("Take a task out of suspense")
            .WithDescription(
                "Books that the provider billed for the task (`charged`) or did not, with your reason. No customer's balance changes.")
            .WithExample("""{"charged":false,"reason":"not in the invoice of November"}""")
            .Produces<Envelope<AdminResolvedSuspense>>();
    }

    private static async Task<Answer> ListAsync(HttpContext context, Suspense suspense)
    {
        var query = context.Request.Query;
        if (Paging.Read(query["limit"], query["cursor"], Ids.Generation).Failed(out var problem, out var page))
        {
            return problem;
        }

        var tasks = await suspense.ListAsync(page.Limit + 1, page.After);
        return AdminEndpoints.Ok(
            new AdminSuspense([.. tasks.Take(page.Limit).Select(SearchWire.Wire)], page.NextCursor(tasks, task => task.TaskId)));
    }

    private static Task<Answer> ResolveAsync(
        HttpContext context, Suspense suspense, string taskId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var charged = fields.Flag("charged", required: true);
        var reason = fields.Text("reason", MaxReason, required: true);
        return fields.Problem() is { } problem
            ? problem
            : AdminEndpoints.Wire(await suspense.ResolveAsync(context.Actor(), taskId, charged!.Value, reason!), SearchWire.Wire);
    });
}
