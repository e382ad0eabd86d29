using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>Waits for the images of a request, which is answered with them.</summary>
internal sealed class ImageWait(
    GenerationReads reads, ArtifactRecords records, OpenAiOptions options, ServerStop stop, TimeProvider time)
{
    /// <summary>Between two signs of life on a stream; proxies usually close a silent connection after a minute.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private static readonly Problem Stopping = Problems.Unavailable.With(
        "The server is stopping and starts no image that a client waits for. Nothing was made or charged. Try again in a moment.")
        with { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>Why no new image may be asked for now: its client would wait for a server that stops.</summary>
    public Problem? Closed() => stop.HasBegun ? Stopping : null;

    /// <summary>A stop waits for the client of a request until it has its answer.</summary>
    public ServerStop.Flight Hold() => stop.Hold();

    /// <summary>
    /// The finished images, or why there is none. Those that failed are left out and were not charged; only where all did is the
    /// request answered as a failure. The tasks run on when the client leaves or the time is over.
    /// </summary>
    public async Task<Outcome<IReadOnlyList<MadeImage>>> FinishAsync(
        IReadOnlyList<Generation> generations, CancellationToken cancellationToken)
    {
        var limit = TimeSpan.FromSeconds(options.ImageWaitSeconds);
        var until = time.GetUtcNow() + limit;
        var images = new List<MadeImage>(generations.Count);
        Problem? failure = null;
        foreach (var generation in generations)
        {
            if (await EndAsync(generation, until, beat: null, cancellationToken) is not { } ended)
            {
                return Missing(generation);
            }

            if (!ended.IsTerminal)
            {
                return Unfinished(generations, IsLeft(ended) ? "because the server is stopping" : $"after {limit.TotalSeconds:0} s");
            }

            if ((await ImageOfAsync(ended)).Failed(out var problem, out var image))
            {
                failure ??= problem;
            }
            else
            {
                images.Add(image);
            }
        }

        return images.Count == 0 ? failure! : images;
    }

    /// <summary>The image when its task has ended, with a sign of life now and then until it has.</summary>
    public async Task<Outcome<MadeImage>> EndAsync(Generation task, Func<Task> beat, CancellationToken cancellationToken) =>
        await EndAsync(task, DateTimeOffset.MaxValue, beat, cancellationToken) is not { } ended ? Missing(task)
            : ended.IsTerminal ? await ImageOfAsync(ended)
            : Unfinished([ended], "because the server is stopping");

    /// <summary>
    /// The task when it has ended, or as it is when the time is up or this server will not end it; null if it no longer exists.
    /// </summary>
    private async Task<Generation?> EndAsync(
        Generation generation, DateTimeOffset until, Func<Task>? beat, CancellationToken cancellationToken)
    {
        var now = generation;
        while (!now.IsTerminal && !IsLeft(now))
        {
            var left = until - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return now;
            }

            var wait = beat is null ? left : Heartbeat;
            if (await reads.WaitAsync(generation.AccountId, generation.Mode, generation.Id, wait, cancellationToken, IsLeft) is not { } read)
            {
                return null;
            }

            now = read;
            if (beat is not null && !now.IsTerminal && !IsLeft(now))
            {
                await beat();
            }
        }

        return now;
    }

    private async Task<Outcome<MadeImage>> ImageOfAsync(Generation ended)
    {
        if (ended.Status is not GenerationStatus.Succeeded)
        {
            return TaskView.FailureOf(ended);
        }

        return await records.FindAsync(ended.AccountId, GenerationJson.Results(ended)[0].ArtifactId) is { } artifact
            ? new MadeImage(ended, artifact)
            : Problems.NoResult.With("The image's file is past its retention or was deleted.", given: ended.Id);
    }

    // Left to another node, or to the next start.
    private bool IsLeft(Generation task) =>
        stop.Closing.IsCancellationRequested || (stop.HasBegun && task.Status is GenerationStatus.Queued);

    private static Problem Unfinished(IReadOnlyList<Generation> generations, string why)
    {
        var ids = string.Join(", ", generations.Select(one => one.Id));
        var words = generations.Count == 1
            ? $"The image is not finished {why}. It is still being made: read it at "
                + $"GET /api/v1/tasks/{ids}. A new request would make and charge another one."
            : $"The images are not finished {why}. They are still being made: read them at "
                + $"GET /api/v1/tasks/{{id}} for {ids}. A new request would make and charge new ones.";
        return Problems.NoResult.With(words, given: ids);
    }

    private static Problem Missing(Generation generation) =>
        Problems.TaskNotFound.With("The task of this image no longer exists.", given: generation.Id);
}
