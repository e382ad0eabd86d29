using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary><c>/v1/videos</c>: read, list, delete and download, in the words of OpenAI's Videos API.</summary>
internal static class VideoReadEndpoints
{

    // 404 and not 409: OpenAI's clients repeat a 409 by themselves.
    private static readonly ProblemKind NotReady = new(
        "VIDEO_NOT_READY", StatusCodes.Status404NotFound, false, "The video is not finished.");

    public static IEndpointRouteBuilder MapOpenAiVideoReads(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/videos", ListAsync)
            .RequireProgram(Scopes.Read)
            .WithName("openAiListVideos")
            .WithSummary("List videos (OpenAI)")
            .WithQuery("after", "string", "`last_id` of the previous page.")
            .WithQuery("limit", "integer", "0–100, 20 by default.")
            .WithQuery("order", "string", "desc (newest first, the default) or asc.")
            .WithTags("OpenAI")
            .Produces<OpenAiVideoList>();
        routes.MapGet("/v1/videos/{id}", ReadAsync)
            .RequireProgram(Scopes.Read)
            .WithName("openAiGetVideo")
            .WithSummary("Read a video (OpenAI)")
            .WithTags("OpenAI")
            .Produces<OpenAiVideo>();
        routes.MapDelete("/v1/videos/{id}", DeleteAsync)
            .RequireProgram(Scopes.Generate)
            .WithName("openAiDeleteVideo")
            .WithSummary("Cancel or delete a video (OpenAI)")
            .WithDescription("An unfinished video is cancelled. The files of a finished one are deleted for good.")
            .WithTags("OpenAI")
            .Produces<OpenAiVideoDeleted>();
        routes.MapGet("/v1/videos/{id}/content", ContentAsync)
            .RequireProgram(Scopes.Read)
            .WithName("openAiVideoContent")
            .WithSummary("Download a video (OpenAI)")
            .WithQuery("variant", "string", "video (default) or thumbnail.")
            .WithTags("OpenAI");
        return routes;
    }

    private static async Task<Answer> ReadAsync(HttpContext context, OpenAiVideos videos, string id) =>
        (await videos.FindKeptAsync(context.Caller(), id)).Failed(out var problem, out var generation) ? problem : videos.Show(generation);

    private static async Task<Answer> ListAsync(HttpContext context, OpenAiVideos videos)
    {
        var query = context.Request.Query;
        var order = query["order"].ToString();
        var limit = query["limit"].ToString();
        var after = query["after"] is { Count: > 0 } given ? given.ToString() : null;
        if (Paging.Read(limit is "" or "0" ? null : limit, after, Ids.Generation).Failed(out var problem, out var paging))
        {
            return problem.Field == "cursor" ? problem with { Field = "after" } : problem;
        }

        if (order is not ("" or "asc" or "desc"))
        {
            return Problems.InvalidParameter.With("order must be asc or desc.", "order", ShortText.Of(order), "asc, desc");
        }

        var (page, more) = await videos.ListAsync(
            context.Caller(), limit == "0" ? 0 : paging.Limit, paging.After, oldestFirst: order == "asc");
        return OpenAiJson.Answer(
            new OpenAiVideoList(
                "list",
                page,
                page.Count > 0 ? page[0].Id : null,
                page.Count > 0 ? page[^1].Id : null,
                more), OpenAiJson.Default.OpenAiVideoList);
    }

    private static async Task<Answer> DeleteAsync(HttpContext context, OpenAiVideos videos, TaskCare care, CancelGeneration cancel, string id)
    {
        var caller = context.Caller();
        if ((await videos.FindKeptAsync(caller, id)).Failed(out var problem, out var generation))
        {
            return problem;
        }

        var ended = generation.IsTerminal
            ? generation
            : await cancel.CancelAsync(caller.AccountId, caller.Mode, id, context.RequestAborted);
        if (ended is not { IsTerminal: true })
        {
            return Problems.InvalidOperation.With(
                ended?.Cancel is CancelState.Declined
                    ? "The provider cannot stop this video. It runs to its end and is then charged. Delete it after it has ended."
                    : "The video's cancellation is recorded, but its provider has not answered yet. Delete it again in a moment.",
                given: id);
        }

        await care.DeleteResultAsync(context.Actor(), caller, id);
        return OpenAiJson.Answer(new OpenAiVideoDeleted(ended.Id, "video.deleted", true), OpenAiJson.Default.OpenAiVideoDeleted);
    }

    private static async Task<Answer> ContentAsync(
        HttpContext context, OpenAiVideos videos, ArtifactRecords records, Posters posters, StoredFiles store, string id)
    {
        var variant = context.Request.Query["variant"].ToString();
        if (variant is not ("" or "video" or "thumbnail"))
        {
            return Problems.InvalidParameter.With("Unknown variant.", "variant", ShortText.Of(variant), "video, thumbnail");
        }

        if (await videos.FindAsync(context.Caller(), id) is not { } generation)
        {
            return OpenAiVideos.NotFound(id);
        }

        var result = generation.Result is null ? null : GenerationJson.Results(generation)[0];
        var file = variant == "thumbnail" ? result?.PosterId : result?.ArtifactId;
        if (file is null
            || await posters.DrawnAsync(await records.FindAsync(generation.AccountId, file), context.RequestAborted) is not { } artifact)
        {
            return (generation.IsTerminal ? Problems.NoResult : NotReady).With(Missing(generation, result), given: generation.Id);
        }

        return Answer.Unless(await MediaResponse.WriteAsync(context, store, artifact, $"{generation.Id}.{artifact.Probe.Extension}"));
    }

    private static string Missing(Generation generation, GenerationResult? result) => generation switch
    {
        { IsTerminal: false } => "The video is not ready. Read GET /v1/videos/{id} until its status is completed.",
        { Result: null } => "The video failed and has no file. Its error says why.",
        _ => result?.PosterId is null
            ? "The video has no thumbnail, or the file was deleted."
            : "The video's file is past its retention or was deleted.",
    };
}
