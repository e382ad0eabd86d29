using System.Globalization;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary><c>/v1/videos</c>: make, read, list, delete and download, in the words of OpenAI's Videos API.</summary>
internal static class VideoEndpoints
{
    private const string Example = """{"model": "seedance-2-0", "prompt": "A red fox runs through snow at sunset", "seconds": "8", "size": "1280x720"}""";

    public static IEndpointRouteBuilder MapOpenAiVideos(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/videos", CreateAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("openAiCreateVideo")
            .WithSummary("Start a video (OpenAI)")
            .WithDescription("`input_reference` is a first frame, as a file part or `{image_url}`.")
            .WithTags("OpenAI")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithExample(Example)
            .Accepts<OpenAiVideoRequest>("application/json", "multipart/form-data")
            .Produces<OpenAiVideo>();
        routes.MapGet("/v1/videos", (Delegate)ListAsync)
            .RequireCaller(Scopes.Read)
            .WithName("openAiListVideos")
            .WithSummary("List videos (OpenAI)")
            .WithQuery("after", "string", "`last_id` of the page before.")
            .WithQuery("limit", "integer", "0–100, 20 by default.")
            .WithQuery("order", "string", "desc (newest first, the default) or asc.")
            .WithTags("OpenAI")
            .Produces<OpenAiVideoList>();
        routes.MapGet("/v1/videos/{id}", (Delegate)ReadAsync)
            .RequireCaller(Scopes.Read)
            .WithName("openAiGetVideo")
            .WithSummary("Read a video (OpenAI)")
            .WithTags("OpenAI")
            .Produces<OpenAiVideo>();
        routes.MapDelete("/v1/videos/{id}", (Delegate)DeleteAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("openAiDeleteVideo")
            .WithSummary("Cancel or delete a video (OpenAI)")
            .WithDescription("An unfinished video is cancelled. The files of a finished one are deleted for good.")
            .WithTags("OpenAI")
            .Produces<OpenAiVideoDeleted>();
        routes.MapGet("/v1/videos/{id}/content", (Delegate)ContentAsync)
            .RequireCaller(Scopes.Read)
            .WithName("openAiVideoContent")
            .WithSummary("Download a video (OpenAI)")
            .WithQuery("variant", "string", "video (default) or thumbnail.")
            .WithTags("OpenAI");
        return routes;
    }

    private static async Task CreateAsync(HttpContext context, OpenAiCall call)
    {
        var reading = await call.ReadAsync(context);
        if (reading.Failed(out var problem, out var body))
        {
            await OpenAiErrors.WriteAsync(context, problem);
            return;
        }

        using (body)
        {
            var submitting = await call.SubmitAsync(context, body, MediaType.Video, ["input_reference"]);
            if (submitting.Failed(out problem, out var made))
            {
                await OpenAiErrors.WriteAsync(context, problem);
                return;
            }

            await WriteAsync(context, made[0]);
        }
    }

    private static async Task ReadAsync(HttpContext context)
    {
        var generation = await FindAsync(context);
        if (generation is null || await IsDeletedAsync(context, generation))
        {
            await OpenAiErrors.WriteAsync(context, NotFound(context));
            return;
        }

        await WriteAsync(context, generation);
    }

    private static async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var order = query["order"].ToString();
        var limit = query["limit"].ToString();
        var paging = Paging.Read(limit is "" or "0" ? null : limit, query["after"] is { Count: > 0 } after ? after.ToString() : null, Ids.Generation);
        if (paging.Failed(out var problem))
        {
            await OpenAiErrors.WriteAsync(context, problem.Field == "cursor" ? problem with { Field = "after" } : problem);
            return;
        }

        if (order is not ("" or "asc" or "desc"))
        {
            await OpenAiErrors.WriteAsync(context, Problems.InvalidParameter.With("order must be asc or desc.", "order", order.Length > 80 ? order[..80] : order, "asc, desc"));
            return;
        }

        var caller = context.Caller();
        var services = context.RequestServices;
        var reads = services.GetRequiredService<GenerationReads>();
        var wanted = limit == "0" ? 0 : paging.Value.Limit;
        var found = new List<OpenAiVideo>();
        var cursor = paging.Value.After;
        var more = wanted > 0;

        // Deleted videos are passed over, so a page may take more than one read to fill. Clients stop at an empty page.
        while (more && found.Count < wanted)
        {
            var filter = new GenerationFilter(wanted - found.Count, cursor, null, null, "video") { OldestFirst = order == "asc" };
            var (page, next) = await reads.ListAsync(caller.AccountId, caller.Mode, filter);
            foreach (var generation in page)
            {
                if (!await IsDeletedAsync(context, generation))
                {
                    found.Add(Describe(context, generation));
                }
            }

            (cursor, more) = (next, next is not null);
        }

        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        var list = new OpenAiVideoList("list", found, found.Count > 0 ? found[0].Id : null, found.Count > 0 ? found[^1].Id : null, more);
        await OpenAiJson.WriteAsync(context, list, OpenAiJson.Readable.OpenAiVideoList);
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        var caller = context.Caller();
        var services = context.RequestServices;
        var generation = await FindAsync(context);
        if (generation is null || await IsDeletedAsync(context, generation))
        {
            await OpenAiErrors.WriteAsync(context, NotFound(context));
            return;
        }

        if (!generation.IsTerminal)
        {
            generation = await services.GetRequiredService<CancelGeneration>().CancelAsync(caller.AccountId, caller.Mode, generation.Id, context.RequestAborted);
        }

        if (generation is not { IsTerminal: true })
        {
            await OpenAiErrors.WriteAsync(context, Problems.InvalidOperation.With(
                generation?.Cancel is CancelState.Declined
                    ? "The provider does not stop this video; it runs to its end, and is charged then. Delete it when it has ended."
                    : "The video's cancellation is recorded, but its provider has not answered yet. Delete it again in a moment.",
                given: Id(context)));
            return;
        }

        var records = services.GetRequiredService<ArtifactRecords>();
        foreach (var result in GenerationJson.Results(generation))
        {
            await records.DeleteAsync(caller.AccountId, result.ArtifactId);
            if (result.PosterId is { } poster)
            {
                await records.DeleteAsync(caller.AccountId, poster);
            }
        }

        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        await OpenAiJson.WriteAsync(context, new OpenAiVideoDeleted(generation.Id, "video.deleted", true), OpenAiJson.Readable.OpenAiVideoDeleted);
    }

    private static async Task ContentAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var variant = context.Request.Query["variant"].ToString();
        if (variant is not ("" or "video" or "thumbnail"))
        {
            await OpenAiErrors.WriteAsync(context, Problems.InvalidParameter.With("There is no such variant.", "variant", variant.Length > 80 ? variant[..80] : variant, "video, thumbnail"));
            return;
        }

        if (await FindAsync(context) is not { } generation)
        {
            await OpenAiErrors.WriteAsync(context, NotFound(context));
            return;
        }

        // 404 and not 409: OpenAI's clients repeat a 409 by themselves.
        var result = generation.Result is null ? null : GenerationJson.Results(generation)[0];
        var id = variant == "thumbnail" ? result?.PosterId : result?.ArtifactId;
        var artifact = id is null ? null : await services.GetRequiredService<ArtifactRecords>().FindAsync(generation.AccountId, id);
        if (artifact is null)
        {
            await OpenAiErrors.WriteAsync(context, Problems.NoResult.With(Missing(generation, result), given: generation.Id), generation.IsTerminal ? null : "video_not_ready");
            return;
        }

        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        if (await MediaResponse.WriteAsync(context, services.GetRequiredService<IArtifactStore>(), artifact, $"{generation.Id}.{artifact.Probe.Extension}") is { } gone)
        {
            await OpenAiErrors.WriteAsync(context, gone);
        }
    }

    private static string Missing(Generation generation, GenerationResult? result) => generation switch
    {
        { IsTerminal: false } => "The video is not ready. Read GET /v1/videos/{id} until its status is completed.",
        { Result: null } => "The video failed and has no file; its error says why.",
        _ => result?.PosterId is null ? "The video has no thumbnail, or its file is gone." : "The video's file is past its retention or was deleted.",
    };

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static Problem NotFound(HttpContext context) => Problems.TaskNotFound.With("Video not found", "id", Id(context));

    private static async Task<Generation?> FindAsync(HttpContext context)
    {
        var caller = context.Caller();
        var generation = await context.RequestServices.GetRequiredService<GenerationReads>().FindAsync(caller.AccountId, caller.Mode, Id(context));
        return generation?.Media is MediaType.Video ? generation : null;
    }

    // The record stays for the books. A file that is gone before its time was deleted by its owner.
    private static async ValueTask<bool> IsDeletedAsync(HttpContext context, Generation generation)
    {
        if (generation.Result is null || (ExpiresAt(context, generation) is { } expiry && expiry <= context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()))
        {
            return false;
        }

        return await context.RequestServices.GetRequiredService<ArtifactRecords>().FindAsync(generation.AccountId, GenerationJson.Results(generation)[0].ArtifactId) is null;
    }

    private static DateTimeOffset? ExpiresAt(HttpContext context, Generation generation) =>
        generation is { Status: GenerationStatus.Succeeded, FinishedAt: { } finished } && context.RequestServices.GetRequiredService<ArtifactOptions>().RetentionDays is { } days
            ? finished.AddDays(days)
            : null;

    private static Task WriteAsync(HttpContext context, Generation generation)
    {
        var headers = context.Response.Headers;
        headers["X-Request-Id"] = context.TraceIdentifier;
        if (!generation.IsTerminal)
        {
            // Polling helpers of the official clients honour it.
            headers["openai-poll-after-ms"] = "2000";
        }

        return OpenAiJson.WriteAsync(context, Describe(context, generation), OpenAiJson.Readable.OpenAiVideo);
    }

    private static OpenAiVideo Describe(HttpContext context, Generation generation)
    {
        var output = GenerationJson.Output(generation);
        var made = generation.Result is null ? null : GenerationJson.Results(generation)[0].Probe;
        var failure = generation.Status is GenerationStatus.Failed or GenerationStatus.Canceled ? OpenAiFailure.Of(generation) : null;
        return new OpenAiVideo
        {
            Id = generation.Id,
            Model = generation.Model,
            Status = generation.Status switch
            {
                GenerationStatus.Queued => "queued",
                GenerationStatus.Running => "in_progress",
                GenerationStatus.Succeeded => "completed",
                _ => "failed",
            },
            Progress = context.RequestServices.GetRequiredService<ProgressMeter>().Of(generation).Percent,
            CreatedAt = generation.CreatedAt.ToUnixTimeSeconds(),
            CompletedAt = generation.Status is GenerationStatus.Succeeded ? generation.FinishedAt?.ToUnixTimeSeconds() : null,
            ExpiresAt = ExpiresAt(context, generation)?.ToUnixTimeSeconds(),
            Prompt = generation.Prompt,
            Size = string.Create(CultureInfo.InvariantCulture, $"{made?.Width ?? output.Width}x{made?.Height ?? output.Height}"),
            Seconds = string.Create(CultureInfo.InvariantCulture, $"{output.DurationSeconds:0.##}"),
            Error = failure is null ? null : new OpenAiVideoError(OpenAiErrors.CodeOf(failure.Kind), failure.Message),
        };
    }
}
