using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Generations.Reconciling;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>/admin/v1/cases</c>: where a vendor's list of jobs and our attempts differ.</summary>
internal static class CaseEndpoints
{
    private const int MaxReason = 255;

    public static void MapCases(this RouteGroupBuilder admin)
    {
        admin.MapGet("/cases", ListAsync)
            .WithSummary("List the cases")
            .WithDescription(
                "Jobs that a provider lists and the server wrote down otherwise, or not at all, newest first. A provider's list is read "
                + "every few minutes where there is one.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .WithQuery("state", "string", "`open`, the default, or `all`.")
            .Produces<Envelope<AdminCases>>();
        admin.MapPost("/cases/{caseId}/close", CloseAsync)
            .WithSummary("Close a case")
            .WithDescription("Keeps what you found out. With `charged`, what is in suspense for its task leaves it in the same step; each case lists its "
                + "`decisions` with what they book. Without it nothing is booked.")
            .WithExample("""{"reason":"a job of our other server"}""")
            .Produces<Envelope<AdminCase>>();
    }

    public static AdminCase Wire(Case found) => new(
        found.Id, found.Kind, found.Provider, found.KeyId, found.Subject, found.Detail, WireTime.Text(found.OpenedAt))
    {
        AttemptId = found.AttemptId,
        TaskId = found.GenerationId,
        AccountId = found.AccountId,
        ClosedAt = WireTime.Text(found.ClosedAt),
        Reason = found.Reason,
        Suspended = found.Suspended,
        Decisions = found.ClosedAt is null ? [.. DecisionsOf(found)] : [],
    };

    // Written out before anybody decides.
    private static IEnumerable<AdminDecision> DecisionsOf(Case found)
    {
        if (found.Suspended == 0)
        {
            return [new AdminDecision(null, "Nothing is booked, and nothing is in suspense.")];
        }

        var leave = $"{found.Suspended} credits leave suspense";
        return
        [
            new AdminDecision(true, $"{leave} as billed by {found.Provider}. No customer's balance changes."),
            new AdminDecision(false, $"{leave} as not billed by {found.Provider}. No customer's balance changes."),
            new AdminDecision(null, $"Nothing is booked. {found.Suspended} credits stay in suspense."),
        ];
    }

    private static async Task<Answer> ListAsync(HttpContext context, Cases cases)
    {
        var query = context.Request.Query;
        if (Paging.Read(query["limit"], query["cursor"], Cases.Prefix).Failed(out var problem, out var page))
        {
            return problem;
        }

        var state = query["state"].ToString();
        if (state is not ("" or "open" or "all"))
        {
            return Problems.InvalidParameter.With("state must be open or all.", "state", state, "open, all");
        }

        var found = await cases.ListAsync(page.Limit + 1, page.After, openOnly: state is not "all");
        return AdminEndpoints.Ok(
            new AdminCases([.. found.Take(page.Limit).Select(Wire)], page.NextCursor(found, one => one.Id)));
    }

    private static Task<Answer> CloseAsync(
        HttpContext context, Cases cases, string caseId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var reason = fields.Text("reason", MaxReason, required: true);
        var charged = fields.Flag("charged");
        return fields.Problem() is { } problem
            ? problem
            : AdminEndpoints.Wire(await cases.CloseAsync(context.Actor(), caseId, reason!, charged), Wire);
    });
}
