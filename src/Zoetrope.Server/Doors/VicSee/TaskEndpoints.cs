using System.Globalization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>/api/v1/tasks</c>: read, wait, list, cancel, download. A foreign task is a task that does not exist.</summary>
internal static class TaskEndpoints
{
    private static readonly string[] Statuses = ["pending", "processing", "completed", "failed", "cancelled"];

    public static IEndpointRouteBuilder MapTaskEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/tasks/{id}", ReadAsync)
            .RequireCaller(Scopes.Read)
            .WithName("getTask")
            .WithSummary("Read a task")
            .WithDescription("Poll this endpoint, or let it wait with `wait`.")
            .WithQuery(
                "wait",
                "number",
                "Seconds, at most 60. The answer comes as soon as the task has ended, or shows its state when the time is up.")
            .WithQuery("view", "string", "`full` adds the `timeline`: what happened to it, in order.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskState>>();
        routes.MapGet("/api/v1/tasks", ListAsync)
            .RequireCaller(Scopes.Read)
            .WithName("listTasks")
            .WithSummary("List tasks, newest first")
            .WithDescription(
                "A page reads up to 5,000 tasks, so with filters it may have fewer tasks than `limit`, or none, and still a `nextCursor`: "
                + "go on until it is null.")
            .WithQuery(
                "status",
                "string",
                "Only pending, processing, completed, failed or cancelled tasks; failed does not include cancelled ones.")
            .WithQuery("model", "string", "Only tasks of this model id.")
            .WithQuery("family", "string", "Only tasks of the models of this family, such as seedance-2-0.")
            .WithQuery("q", "string", "Only tasks whose prompt contains all of these words, in upper or lower case.")
            .WithQuery("star", "boolean", "true: only tasks with a star; false: only those without.")
            .WithQuery("collection", "string", "Only tasks in this collection.")
            .WithQuery("from", "string", "Only tasks from this time on, ISO 8601.")
            .WithQuery("to", "string", "Only tasks before this time, ISO 8601.")
            .WithQuery("type", "string", "image or video.")
            .WithQuery("tag", "string", "Only tasks with this tag, as name:value (`team:red`).")
            .WithQuery("user", "string", "Only tasks of this `user`.")
            .WithQuery("member", "string", "Only tasks of this person's keys.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskPage>>();
        routes.MapDelete("/api/v1/tasks/{id}", CancelAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("cancelTask")
            .WithSummary("Cancel a task")
            .WithDescription(
                "A waiting task ends at once. A running one is asked to stop at its provider; if the provider confirms, its "
                + "credits are returned, otherwise it runs to its end (`cancel` is then `declined`; `requested` while the "
                + "provider has not decided). A cancelled task reads as `failed` with code `CANCELLED`. A key without the scope `read` is "
                + "told the id, the status and `cancel`.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskState>>();
        routes.MapGet("/api/v1/tasks/{id}/download", DownloadAsync)
            .RequireCaller(Scopes.Read)
            .WithName("downloadTask")
            .WithSummary("Read the result's URL, or its bytes")
            .WithQuery("mode", "string", "proxy streams the bytes instead of answering with the URL.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskDownload>>();
        return routes;
    }

    private static async Task<Answer> ReadAsync(
        HttpContext context, TaskCalls calls, TaskViews views, TaskWriter tasks, TaskTimeline timeline, string id)
    {
        if (Wait(context.Request).Failed(out var problem, out var wait)
            || IsFull(context.Request).Failed(out problem, out var full)
            || (await calls.FindAsync(context.Caller(), id, wait, context.RequestAborted)).Failed(out problem, out var task))
        {
            return problem;
        }

        var view = await views.OfAsync(task);
        return Answer.Json(tasks.Envelope(
            full ? view with { Timeline = await timeline.ReadAsync(task.AccountId, task.Id, forOperator: false) } : view));
    }

    private static Outcome<bool> IsFull(HttpRequest request) =>
        !request.QueryString.HasValue || !request.Query.TryGetValue("view", out var view) ? false
        : view == "full" ? true
        : Problems.InvalidParameter.With("view must be full, or be left out.", "view", view, "full");

    private static Outcome<TimeSpan> Wait(HttpRequest request)
    {
        if (!request.QueryString.HasValue || !request.Query.TryGetValue("wait", out var given))
        {
            return TimeSpan.Zero;
        }

        return double.TryParse(given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= 0 && seconds <= GenerationReads.LongestWait.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : Problems.InvalidParameter.With("wait must be a number of seconds from 0 to 60.", "wait", given, "0 to 60");
    }

    private static async Task<Answer> ListAsync(HttpContext context, TaskCalls calls, TaskViews views, TaskWriter tasks)
    {
        var query = context.Request.Query;
        var listing = await calls.ListAsync(context.Caller(), name => query.TryGetValue(name, out var value) ? value.ToString() : null);
        return listing.Failed(out var problem, out var found)
            ? problem
            : Answer.Json(
                JsonAnswer.Envelope(
                    (tasks, page: found.Page.Select(views.Of), found.Next),
                    static (writer, state) => state.tasks.WritePage(writer, state.page, state.Next)));
    }

    private static async Task<Answer> CancelAsync(HttpContext context, TaskCalls calls, TaskViews views, TaskWriter tasks, string id)
    {
        if ((await calls.CancelAsync(context.Caller(), id, context.RequestAborted)).Failed(out var problem, out var task))
        {
            return problem;
        }

        return Answer.Json(
            Receipt.IsEnoughFor(context.Caller())
                ? JsonAnswer.Envelope(Receipt.Of(task), Receipt.Write)
                : tasks.Envelope(await views.OfAsync(task)));
    }

    private static async Task<Answer> DownloadAsync(
        HttpContext context, TaskCalls calls, ArtifactRecords records, StoredFiles store, SignedUrls urls, string id)
    {
        if ((await calls.FindAsync(context.Caller(), id)).Failed(out var problem, out var task))
        {
            return problem;
        }

        if (task.Result is null || await records.FindAsync(task.AccountId, GenerationJson.Results(task)[0].ArtifactId) is not { } file)
        {
            return Problems.NoResult.With(
                "The task has no result: it is not finished, it failed, or its file is past its retention.", given: id);
        }

        return context.Request.Query["mode"] == "proxy"
            ? Answer.Unless(await MediaResponse.WriteAsync(context, store, file, $"{task.Id}.{file.Probe.Extension}"))
            : Answer.Json(JsonAnswer.Envelope((urls, file, task.Media), static (writer, state) =>
            {
                writer.WriteStartObject();
                writer.WriteString("url"u8, state.urls.ForResult(state.file).AbsoluteUri);
                writer.WriteString("type"u8, state.Media.Word());
                writer.WriteTime("expiresAt"u8, state.urls.ResultExpiry);
                writer.WriteEndObject();
            }));
    }
}
