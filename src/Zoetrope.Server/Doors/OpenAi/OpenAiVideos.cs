using System.Globalization;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// Generations of videos as OpenAI's Videos API has them. One whose file its owner deleted is a video that does not exist.
/// </summary>
internal sealed class OpenAiVideos(
    GenerationReads reads, ArtifactRecords records, ArtifactOptions artifacts, ProgressMeter meter, TimeProvider time)
{
    public async Task<Generation?> FindAsync(Caller caller, string id)
    {
        var generation = await reads.FindAsync(caller.AccountId, caller.Mode, id);
        return generation?.Media is MediaType.Video ? generation : null;
    }

    public async Task<Outcome<Generation>> FindKeptAsync(Caller caller, string id) =>
        await FindAsync(caller, id) is { } generation && !await IsDeletedAsync(generation) ? generation : NotFound(id);

    public static Problem NotFound(string id) => Problems.TaskNotFound.With("Video not found", "id", id);

    /// <summary>A page, and whether there is more. Deleted videos are passed over, so it may take more than one read to fill.</summary>
    public async Task<(List<OpenAiVideo> Page, bool HasMore)> ListAsync(Caller caller, int limit, string? after, bool oldestFirst)
    {
        var found = new List<OpenAiVideo>();
        var more = limit > 0;

        // Clients stop at an empty page.
        while (more && found.Count < limit)
        {
            var filter = new GenerationFilter(limit - found.Count, after, null, MediaType.Video.Word()) { OldestFirst = oldestFirst };
            var (page, next) = await reads.ListAsync(caller.AccountId, caller.Mode, filter);
            foreach (var generation in page)
            {
                if (!await IsDeletedAsync(generation))
                {
                    found.Add(Describe(generation));
                }
            }

            (after, more) = (next, next is not null);
        }

        return (found, more);
    }

    public Answer Show(Generation generation) => new(context =>
    {
        if (!generation.IsTerminal)
        {
            // Polling helpers of the official clients honour it.
            context.Response.Headers["openai-poll-after-ms"] = "2000";
        }

        return OpenAiJson.Answer(Describe(generation), OpenAiJson.Default.OpenAiVideo).ExecuteAsync(context);
    });

    // The record stays for the books. A file that is gone before its time was deleted by its owner.
    private async ValueTask<bool> IsDeletedAsync(Generation generation)
    {
        if (generation.Result is null || (ExpiresAt(generation) is { } expiry && expiry <= time.GetUtcNow()))
        {
            return false;
        }

        return await records.FindAsync(generation.AccountId, GenerationJson.Results(generation)[0].ArtifactId) is null;
    }

    private DateTimeOffset? ExpiresAt(Generation generation) =>
        generation is { Status: GenerationStatus.Succeeded, FinishedAt: { } finished } && artifacts.RetentionDays is { } days
            ? finished.AddDays(days)
            : null;

    private OpenAiVideo Describe(Generation generation)
    {
        var output = GenerationJson.Output(generation);
        var made = generation.Result is null ? null : GenerationJson.Results(generation)[0].Probe;
        var failure = generation.Status is GenerationStatus.Failed or GenerationStatus.Canceled ? TaskView.FailureOf(generation) : null;
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
            Progress = meter.Of(generation).Percent,
            CreatedAt = generation.CreatedAt.ToUnixTimeSeconds(),
            CompletedAt = generation.Status is GenerationStatus.Succeeded ? generation.FinishedAt?.ToUnixTimeSeconds() : null,
            ExpiresAt = ExpiresAt(generation)?.ToUnixTimeSeconds(),
            Prompt = generation.Prompt,
            Size = string.Create(CultureInfo.InvariantCulture, $"{made?.Width ?? output.Width}x{made?.Height ?? output.Height}"),
            Seconds = string.Create(CultureInfo.InvariantCulture, $"{output.DurationSeconds:0.##}"),
            Error = failure is null ? null : new OpenAiVideoError(OpenAiErrors.CodeOf(failure.Kind), failure.Message),
        };
    }
}
