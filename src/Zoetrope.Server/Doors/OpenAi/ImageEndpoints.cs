using System.Globalization;
using System.Text.Json;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary><c>POST /v1/images/generations</c> and <c>/v1/images/edits</c>: one request, its images, in the same answer.</summary>
internal static class ImageEndpoints
{
    private const string Example = """{"model": "gpt-image-2", "prompt": "A red fox in snow, woodcut", "size": "1024x1024"}""";

    /// <summary>Between two signs of life on a stream; proxies usually close a silent connection after a minute.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static IEndpointRouteBuilder MapOpenAiImages(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/images/generations", (Delegate)((HttpContext context) => RunAsync(context, [], "image_generation")))
            .RequireCaller(Scopes.Generate)
            .WithName("openAiGenerateImage")
            .WithSummary("Make an image (OpenAI)")
            .WithDescription("Answers when the images are finished. docs/openai.md says what each field becomes.")
            .WithTags("OpenAI")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithExample(Example)
            .Accepts<OpenAiImageRequest>("application/json", "multipart/form-data")
            .Produces<OpenAiImages>();
        routes.MapPost("/v1/images/edits", (Delegate)((HttpContext context) => RunAsync(context, ["image", "images"], "image_edit")))
            .RequireCaller(Scopes.Generate)
            .WithName("openAiEditImage")
            .WithSummary("Make an image from images (OpenAI)")
            .WithDescription("The images as file parts `image`, `image[]` or `image[0]`, or as URLs in JSON.")
            .WithTags("OpenAI")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .Accepts<OpenAiImageRequest>("application/json", "multipart/form-data")
            .Produces<OpenAiImages>();
        return routes;
    }

    private static async Task RunAsync(HttpContext context, string[] imageFields, string eventName)
    {
        var call = context.RequestServices.GetRequiredService<OpenAiCall>();
        var reading = await call.ReadAsync(context);
        if (reading.Failed(out var problem, out var body))
        {
            await OpenAiErrors.WriteAsync(context, problem);
            return;
        }

        using (body)
        {
            if (WantsUrl(body.Root).Failed(out problem, out var wantsUrl)
                || NoImages(body, imageFields) is { } noImages && (problem = noImages) is not null)
            {
                await OpenAiErrors.WriteAsync(context, problem);
                return;
            }

            var submitting = await call.SubmitAsync(context, body, MediaType.Image, imageFields);
            if (submitting.Failed(out problem, out var generations))
            {
                await OpenAiErrors.WriteAsync(context, problem);
                return;
            }

            // Never by the Accept header: OpenAI's .NET client names event streams there and reads JSON.
            if (OpenAiDraftReader.Flag(body.Root, "stream"))
            {
                await StreamAsync(context, generations, eventName);
                return;
            }

            if ((await FinishAsync(context, generations)).Failed(out problem, out var images)
                || (await ImageAnswer.WriteAsync(context, images, wantsUrl) is { } gone && (problem = gone) is not null))
            {
                await OpenAiErrors.WriteAsync(context, problem);
            }
        }
    }

    /// <summary>Every image in the order of the tasks, as soon as it and those before it have ended; an error only where there is none.</summary>
    private static async Task StreamAsync(HttpContext context, IReadOnlyList<Generation> generations, string eventName)
    {
        var response = context.Response;
        response.Headers["X-Request-Id"] = context.TraceIdentifier;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(context.RequestAborted);
        Problem? failure = null;
        var sent = 0;
        foreach (var generation in generations)
        {
            // A stream shows that it lives, so nothing but the task's own deadline ends it.
            var outcome = (await EndAsync(context, generation, DateTimeOffset.MaxValue, () => BeatAsync(response, context.RequestAborted))) is { } ended
                ? await ImageOfAsync(context, ended)
                : Missing(generation);
            if (outcome.Failed(out var problem, out var image)
                || (await ImageAnswer.WriteEventAsync(context, image, eventName) is { } gone && (problem = gone) is not null))
            {
                failure ??= problem;
            }
            else
            {
                sent++;
            }
        }

        if (sent == 0)
        {
            await ErrorAsync(context, failure!);
        }
    }

    private static async Task BeatAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        await response.BodyWriter.WriteAsync(": the image is being made\n\n"u8.ToArray(), cancellationToken);
    }

    private static async Task ErrorAsync(HttpContext context, Problem problem)
    {
        var writer = context.Response.BodyWriter;
        await writer.WriteAsync("event: error\ndata: "u8.ToArray(), context.RequestAborted);
        await writer.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(OpenAiErrors.Body(problem), OpenAiJson.Readable.OpenAiError), context.RequestAborted);
        await writer.WriteAsync("\n\n"u8.ToArray(), context.RequestAborted);
    }

    /// <summary>
    /// The finished images, or why there is none. Those that failed are left out and were not charged; only where all did is the
    /// request answered as a failure. The tasks run on when the client leaves or the time is over.
    /// </summary>
    private static async Task<Outcome<IReadOnlyList<MadeImage>>> FinishAsync(HttpContext context, IReadOnlyList<Generation> generations)
    {
        var services = context.RequestServices;
        var limit = TimeSpan.FromSeconds(services.GetRequiredService<OpenAiOptions>().ImageWaitSeconds);
        var until = services.GetRequiredService<TimeProvider>().GetUtcNow() + limit;
        var images = new List<MadeImage>(generations.Count);
        Problem? failure = null;
        foreach (var generation in generations)
        {
            if (await EndAsync(context, generation, until, beat: null) is not { } ended)
            {
                return Missing(generation);
            }

            if (!ended.IsTerminal)
            {
                var ids = string.Join(", ", generations.Select(one => one.Id));
                var words = generations.Count == 1
                    ? $"The image is not finished after {limit.TotalSeconds:0} s. It is still being made: read it at GET /api/v1/tasks/{ids}. A new request would make, and charge, another one."
                    : $"The images are not finished after {limit.TotalSeconds:0} s. They are still being made: read them at GET /api/v1/tasks/{{id}} for {ids}. A new request would make, and charge, others.";
                return Problems.NoResult.With(words, given: ids);
            }

            if ((await ImageOfAsync(context, ended)).Failed(out var problem, out var image))
            {
                failure ??= problem;
            }
            else
            {
                images.Add(image);
            }
        }

        if (images.Count == 0)
        {
            return failure!;
        }

        if (images.Count < generations.Count)
        {
            context.Response.Headers["Zoetrope-Failed-Images"] = (generations.Count - images.Count).ToString(CultureInfo.InvariantCulture);
        }

        return images;
    }

    /// <summary>The task when it has ended, or as it is when the time is over; null where it does not exist any more.</summary>
    private static async Task<Generation?> EndAsync(HttpContext context, Generation generation, DateTimeOffset until, Func<Task>? beat)
    {
        var services = context.RequestServices;
        var reads = services.GetRequiredService<GenerationReads>();
        var time = services.GetRequiredService<TimeProvider>();
        var now = generation;
        while (!now.IsTerminal)
        {
            var left = until - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return now;
            }

            if (await reads.WaitAsync(generation.AccountId, generation.Mode, generation.Id, beat is null ? left : Heartbeat, context.RequestAborted) is not { } read)
            {
                return null;
            }

            now = read;
            if (beat is not null && !now.IsTerminal)
            {
                await beat();
            }
        }

        return now;
    }

    private static async Task<Outcome<MadeImage>> ImageOfAsync(HttpContext context, Generation ended)
    {
        if (ended.Status is not GenerationStatus.Succeeded)
        {
            return TaskView.FailureOf(ended);
        }

        return await context.RequestServices.GetRequiredService<ArtifactRecords>().FindAsync(ended.AccountId, GenerationJson.Results(ended)[0].ArtifactId) is { } artifact
            ? new MadeImage(ended, artifact)
            : Problems.NoResult.With("The image's file is past its retention or was deleted.", given: ended.Id);
    }

    private static Problem Missing(Generation generation) => Problems.TaskNotFound.With("The task of this image does not exist any more.", given: generation.Id);

    private static Outcome<bool> WantsUrl(JsonElement body) => OpenAiDraftReader.Text(body, "response_format") switch
    {
        null or "" or "b64_json" => false,
        "url" => true,
        var other => Problems.InvalidParameter.With("There is no such response_format.", "response_format", other.Length > 80 ? other[..80] : other, "b64_json, url"),
    };

    private static Problem? NoImages(OpenAiBody body, string[] imageFields) =>
        imageFields.Length == 0
        || body.Files.Any(file => imageFields.Contains(OpenAiBody.FieldOf(file.Field), StringComparer.Ordinal))
        || imageFields.Any(field => body.Root.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null)
            ? null
            : Problems.MissingParameter.With("image is required.", "image", allowed: "file parts image or image[], or in JSON image: an https or data: URL");
}
