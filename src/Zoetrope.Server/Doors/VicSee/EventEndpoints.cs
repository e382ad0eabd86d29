using System.Globalization;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>What happens to tasks, as Server-Sent Events: <c>/api/v1/tasks/{id}/events</c> and <c>/api/v1/events</c>.</summary>
internal static class EventEndpoints
{
    public static IEndpointRouteBuilder MapEventEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/tasks/{id}/events", FollowTaskAsync)
            .RequireCaller(Scopes.Read)
            .WithName("followTask")
            .WithSummary("Follow a task")
            .WithDescription(
                "Server-Sent Events from the task's beginning to its end: `task.created`, `task.processing`, `task.progress`, "
                + "then one of `task.completed`, `task.failed`, `task.cancelled`, and the stream closes. The data is the task. "
                + "Resume with `Last-Event-ID`; 204 means that no events are left.")
            .WithQuery("after", "integer", "Only events after this id. The header `Last-Event-ID` wins.")
            .WithTags("Tasks");
        routes.MapGet("/api/v1/events", FollowAllAsync)
            .RequireCaller(Scopes.Read)
            .WithName("followTasks")
            .WithSummary("Follow all tasks of the account")
            .WithDescription(
                "Server-Sent Events for every task of the key's account and mode, from now on or after `after`; 0 is the "
                + "beginning of the log.")
            .WithQuery("after", "integer", "Only events after this id. The header `Last-Event-ID` wins.")
            .WithTags("Tasks");
        return routes;
    }

    private static async Task<Answer> FollowTaskAsync(
        HttpContext context, TaskCalls tasks, GenerationReads reads, OpenStreams open, EventStreams streams, string id) =>
        Cursor(context.Request).Failed(out var problem, out var after) || (await tasks.FindAsync(context.Caller(), id)).Failed(out problem)
            ? problem
            : await FollowAsync(context, reads, open, streams, id, after);

    private static async Task<Answer> FollowAllAsync(HttpContext context, GenerationReads reads, OpenStreams open, EventStreams streams) =>
        Cursor(context.Request).Failed(out var problem, out var after)
            ? problem
            : await FollowAsync(context, reads, open, streams, id: null, after);

    private static async Task<Answer> FollowAsync(
        HttpContext context, GenerationReads reads, OpenStreams open, EventStreams streams, string? id, long? after)
    {
        var caller = context.Caller();
        if (open.Open(caller.CountsWith) is { } refusal)
        {
            return refusal;
        }

        try
        {
            if ((await reads.FollowAsync(caller.AccountId, caller.Mode, id, after)).Failed(out var problem, out var feed))
            {
                return problem;
            }

            using (feed)
            {
                await streams.RunAsync(context, feed, endsWithTask: id is not null);
            }

            return Answer.Written;
        }
        finally
        {
            open.Close(caller.CountsWith);
        }
    }

    /// <summary>A browser resumes with the header at the URL it began with, so the header is the newer of the two.</summary>
    private static Outcome<long?> Cursor(HttpRequest request)
    {
        var given = request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header : request.Query["after"].ToString();
        if (given.Length == 0)
        {
            return (long?)null;
        }

        return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor)
            ? (long?)cursor
            : Problems.InvalidCursor.With("The cursor is not an event id. Use the id of the last event you received.", "after", given);
    }
}
