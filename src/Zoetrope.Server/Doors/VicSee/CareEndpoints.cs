using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>PATCH /api/v1/tasks/{id}</c>, <c>…/result</c> and <c>…/share</c>: what becomes of a result.</summary>
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
            .WithSummary("Give a task a star or tags, or put it into a collection")
            .WithDescription(
                "Only the given fields change. `\"collection\": null` takes it out. `tags` takes the place of all its tags, and "
                + "`\"tags\": null` gives it those of its request again; usage and budgets go on counting it by those. The key needs both scopes.")
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
        routes.MapPost("/api/v1/tasks/{id}/share", ShareAsync)
            .RequireKey(Scopes.All)
            .WithBodyLimit(MaxBody)
            .WithName("shareTask")
            .WithSummary("Show a result to whoever has its link")
            .WithDescription(
                "The link shows the files of a finished task, with the prompt if `words` is true, and nothing else of the account. It is "
                + "not guessable and no search engine lists it. Another call changes what it shows; it dies with the result. The key "
                + "needs both scopes.")
            .WithTags("Tasks")
            .WithExample("""{"words":true}""")
            .Accepts<ShareRequest>("application/json")
            .Produces<Envelope<TaskState>>();
        routes.MapDelete("/api/v1/tasks/{id}/share", UnshareAsync)
            .RequireKey(Scopes.All)
            .WithName("unshareTask")
            .WithSummary("End the link of a result")
            .WithDescription("It shows nothing from then on. Sharing the task again makes another link. The key needs both scopes.")
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
        var given = fields.Raw(Attribution.TagsField);
        Outcome<Tag[]> read = given is { } raw ? Attribution.ReadTags(raw) : Array.Empty<Tag>();
        if (fields.Problem() is { } problem || read.Failed(out problem, out var tags))
        {
            return problem;
        }

        var changed = await care.MarkAsync(context.Actor(), context.Caller(), id, task => task with
        {
            IsStarred = star ?? task.IsStarred,
            Collection = fields.Has("collection") ? collection?.Trim() : task.Collection,
            OwnTags = given is not { } value ? task.OwnTags
                : value.ValueKind is JsonValueKind.Null ? null
                : Attribution.Of(tags, null).TagsJson ?? "{}",
        });
        return changed is null ? TaskCalls.NotFound(id) : Answer.Json(tasks.Envelope(await views.OfAsync(changed)));
    });

    private static Task<Answer> ShareAsync(
        HttpContext context,
        Shares shares,
        TaskViews views,
        TaskWriter tasks,
        string id) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var words = fields.Flag("words", required: true);
        var expires = fields.Instant("expiresAt");
        return fields.Problem() is { } problem
            ? problem
            : await AnswerAsync(await shares.SetAsync(context.Actor(), context.Caller(), id, words!.Value, expires), views, tasks, id);
    });

    private static async Task<Answer> UnshareAsync(HttpContext context, Shares shares, TaskViews views, TaskWriter tasks, string id) =>
        await AnswerAsync(await shares.EndAsync(context.Actor(), context.Caller(), id), views, tasks, id);

    private static async Task<Answer> DeleteAsync(HttpContext context, TaskCare care, TaskViews views, TaskWriter tasks, string id) =>
        await AnswerAsync(await care.DeleteResultAsync(context.Actor(), context.Caller(), id), views, tasks, id);

    private static async Task<Answer> AnswerAsync(Outcome<Generation>? outcome, TaskViews views, TaskWriter tasks, string id)
    {
        if (outcome is not { } found)
        {
            return TaskCalls.NotFound(id);
        }

        return found.Failed(out var problem, out var task) ? problem : Answer.Json(tasks.Envelope(await views.OfAsync(task)));
    }
}
