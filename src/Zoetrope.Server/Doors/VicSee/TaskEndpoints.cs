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
        routes.MapGet("/api/v1/tasks/{id}", (Delegate)ReadAsync)
            .RequireCaller(Scopes.Read)
            .WithName("getTask")
            .WithSummary("Read a task")
            .WithDescription("Poll this, or ask with `wait`.")
            .WithQuery("wait", "number", "Seconds, at most 60: answers as soon as the task has ended, or with its state when the time is over.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskState>>();
        routes.MapGet("/api/v1/tasks", (Delegate)ListAsync)
            .RequireCaller(Scopes.Read)
            .WithName("listTasks")
            .WithSummary("List tasks, newest first")
            .WithQuery("status", "string", "Only pending, processing, completed, failed or cancelled tasks; failed does not include cancelled ones.")
            .WithQuery("model", "string", "Only tasks of this model id.")
            .WithQuery("type", "string", "image or video.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the page before.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskPage>>();
        routes.MapDelete("/api/v1/tasks/{id}", (Delegate)CancelAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("cancelTask")
            .WithSummary("Cancel a task")
            .WithDescription("A waiting task ends at once. A running one is asked to stop at its provider; if the provider confirms, its credits are returned, otherwise it runs to its end (`cancel` is then `declined`; `requested` while the provider has not said). A cancelled task reads as `failed` with code `CANCELLED`.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskState>>();
        routes.MapGet("/api/v1/tasks/{id}/download", (Delegate)DownloadAsync)
            .RequireCaller(Scopes.Read)
            .WithName("downloadTask")
            .WithSummary("The result's URL, or its bytes")
            .WithQuery("mode", "string", "proxy streams the bytes instead of answering with the URL.")
            .WithTags("Tasks")
            .Produces<Envelope<TaskDownload>>();
        return routes;
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    public static Problem NotFound(string id) => Problems.TaskNotFound.With("Task not found", given: id);

    private static async Task ReadAsync(HttpContext context)
    {
        var caller = context.Caller();
        var services = context.RequestServices;
        var reads = services.GetRequiredService<GenerationReads>();
        var id = Id(context);
        var wait = TimeSpan.Zero;
        if (context.Request.QueryString.HasValue && Wait(context.Request).Failed(out var problem, out wait))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var generation = await reads.FindAsync(caller.AccountId, caller.Mode, id);
        if (generation is { IsTerminal: false } && wait > TimeSpan.Zero)
        {
            generation = await reads.WaitAsync(caller.AccountId, caller.Mode, id, wait, context.RequestAborted);
        }

        if (generation is null)
        {
            await ProblemResponse.WriteAsync(context, NotFound(id));
            return;
        }

        await JsonAnswer.WriteAsync(context, await services.GetRequiredService<TaskWriter>().StateAsync(generation));
    }

    private static Outcome<TimeSpan> Wait(HttpRequest request)
    {
        if (!request.Query.TryGetValue("wait", out var given))
        {
            return TimeSpan.Zero;
        }

        return double.TryParse(given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= GenerationReads.LongestWait.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : Problems.InvalidParameter.With("wait must be a number of seconds from 0 to 60.", "wait", given, "0 to 60");
    }

    private static async Task ListAsync(HttpContext context)
    {
        var filtering = Filter(context.Request.Query);
        if (filtering.Failed(out var problem))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var caller = context.Caller();
        var services = context.RequestServices;
        var (page, next) = await services.GetRequiredService<GenerationReads>().ListAsync(caller.AccountId, caller.Mode, filtering.Value);
        await JsonAnswer.WriteAsync(context, services.GetRequiredService<TaskWriter>().Page(page, next));
    }

    /// <summary>The filter of a listing, from the names and words of its query.</summary>
    public static Outcome<GenerationFilter> Filter(IQueryCollection query)
    {
        string? Text(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
        var paging = Paging.Read(Text("limit"), Text("cursor"), Ids.Generation);
        if (paging.Failed(out var problem))
        {
            return problem;
        }

        var status = Text("status");
        if (status is not null && !Statuses.Contains(status, StringComparer.Ordinal))
        {
            return Problems.InvalidParameter.With("There is no such status.", "status", status, string.Join(", ", Statuses));
        }

        var type = Text("type");
        if (type is not (null or "image" or "video"))
        {
            return Problems.InvalidParameter.With("There is no such type.", "type", type, "image, video");
        }

        return new GenerationFilter(
            paging.Value.Limit,
            paging.Value.After,
            status switch { "pending" => "queued", "processing" => "running", "completed" => "succeeded", "cancelled" => "canceled", _ => status },
            Text("model"),
            type);
    }

    private static async Task CancelAsync(HttpContext context)
    {
        var caller = context.Caller();
        var services = context.RequestServices;
        var id = Id(context);
        var cancelling = await RequestCancelAsync(services, caller, id, context.RequestAborted);
        if (cancelling.Failed(out var problem, out var generation))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        await JsonAnswer.WriteAsync(context, await services.GetRequiredService<TaskWriter>().StateAsync(generation));
    }

    /// <summary>Asks for the end of a task and waits a little for the outcome.</summary>
    public static async Task<Outcome<Generation>> RequestCancelAsync(IServiceProvider services, Caller caller, string id, CancellationToken cancellationToken)
    {
        var generation = Ids.IsValid(Ids.Generation, id)
            ? await services.GetRequiredService<CancelGeneration>().CancelAsync(caller.AccountId, caller.Mode, id, cancellationToken)
            : null;
        return generation switch
        {
            null => NotFound(id),
            { Status: GenerationStatus.Succeeded or GenerationStatus.Failed, Cancel: CancelState.None } =>
                Problems.InvalidOperation.With("The task has already ended and cannot be cancelled.", given: id),
            _ => generation,
        };
    }

    private static async Task DownloadAsync(HttpContext context)
    {
        var caller = context.Caller();
        var services = context.RequestServices;
        var id = Id(context);
        var generation = await services.GetRequiredService<GenerationReads>().FindAsync(caller.AccountId, caller.Mode, id);
        if (generation is null)
        {
            await ProblemResponse.WriteAsync(context, NotFound(id));
            return;
        }

        var artifact = generation.Result is null
            ? null
            : await services.GetRequiredService<ArtifactRecords>().FindAsync(caller.AccountId, GenerationJson.Results(generation)[0].ArtifactId);
        if (artifact is null)
        {
            await ProblemResponse.WriteAsync(context, Problems.NoResult.With("The task has no result: it is not finished, it failed, or its file is past its retention.", given: id));
            return;
        }

        if (context.Request.Query["mode"] == "proxy")
        {
            var name = $"{generation.Id}.{artifact.Probe.Extension}";
            if (await MediaResponse.WriteAsync(context, services.GetRequiredService<IArtifactStore>(), artifact, name) is { } gone)
            {
                await ProblemResponse.WriteAsync(context, gone);
            }

            return;
        }

        var url = services.GetRequiredService<SignedUrls>().ForResult(artifact).AbsoluteUri;
        var expires = services.GetRequiredService<TimeProvider>().GetUtcNow() + services.GetRequiredService<ArtifactOptions>().ResultUrlLifetime;
        await JsonAnswer.WriteAsync(context, JsonAnswer.Envelope((url, type: TaskWriter.MediaTypeOf(generation), expires), static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteString("url"u8, state.url);
            writer.WriteString("type"u8, state.type);
            writer.WriteTime("expiresAt"u8, state.expires);
            writer.WriteEndObject();
        }));
    }
}
