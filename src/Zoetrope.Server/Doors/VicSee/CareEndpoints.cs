using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>PATCH /api/v1/tasks/{id}</c> and <c>DELETE /api/v1/tasks/{id}/result</c>: what becomes of a result.</summary>
internal static class CareEndpoints
{
    private const int MaxBody = 4 * 1024;
    private const int MaxCollection = 100;

    public static IEndpointRouteBuilder MapCareEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPatch("/api/v1/tasks/{id}", ChangeAsync)
            .RequireCaller(Scopes.All)
            .WithBodyLimit(MaxBody)
            .WithName("changeTask")
            .WithSummary("Give a task a star, or put it into a collection")
            .WithDescription("Only the given fields change. `\"collection\": null` takes it out. The key needs both scopes.")
            .WithTags("Tasks")
            .Accepts<TaskChange>("application/json")
            .Produces<Envelope<TaskState>>();
        routes.MapDelete("/api/v1/tasks/{id}/result", DeleteAsync)
            .RequireCaller(Scopes.All)
            .WithName("deleteResult")
            .WithSummary("Delete the files that a task has made")
            .WithDescription(
                "For good, previews included; their URLs answer `FILE_NOT_FOUND` from then on. The task stays with its price and its "
                + "parameters, and so do the files that you uploaded. Nothing is refunded. The key needs both scopes.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskState>>();
        return routes;
    }

    private static Task<Answer> ChangeAsync(
        HttpContext context,
        TaskCare care,
        TaskViews views,
        TaskWriter tasks,
        string id) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var star = fields.Flag("star");
        var collection = fields.Text("collection", MaxCollection);
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        var changed = await care.MarkAsync(context.Actor(), context.Caller(), id, task => task with
        {
            IsStarred = star ?? task.IsStarred,
            Collection = fields.Has("collection") ? collection?.Trim() : task.Collection,
        });
        return changed is null ? TaskCalls.NotFound(id) : Answer.Json(tasks.Envelope(await views.OfAsync(changed)));
    });

    private static async Task<Answer> DeleteAsync(HttpContext context, TaskCare care, TaskViews views, TaskWriter tasks, string id)
    {
        if (await care.DeleteResultAsync(context.Actor(), context.Caller(), id) is not { } outcome)
        {
            return TaskCalls.NotFound(id);
        }

        return outcome.Failed(out var problem, out var task) ? problem : Answer.Json(tasks.Envelope(await views.OfAsync(task)));
    }
}
