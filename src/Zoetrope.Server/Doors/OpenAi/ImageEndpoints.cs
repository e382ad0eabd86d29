using System.Text.Json;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary><c>POST /v1/images/generations</c> and <c>/v1/images/edits</c>: one request, one image, in the same answer.</summary>
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
            .WithDescription("Answers when the image is finished. docs/openai.md says what each field becomes.")
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
            if (submitting.Failed(out problem, out var generation))
            {
                await OpenAiErrors.WriteAsync(context, problem);
                return;
            }

            // Never by the Accept header: OpenAI's .NET client names event streams there and reads JSON.
            if (OpenAiDraftReader.Flag(body.Root, "stream"))
            {
                await StreamAsync(context, generation, eventName);
                return;
            }

            var waiting = await FinishAsync(context, generation, beat: null);
            if (waiting.Failed(out problem, out var result))
            {
                await OpenAiErrors.WriteAsync(context, problem);
                return;
            }

            if (await ImageAnswer.WriteAsync(context, generation, result, wantsUrl) is { } gone)
            {
                await OpenAiErrors.WriteAsync(context, gone);
            }
        }
    }

    private static async Task StreamAsync(HttpContext context, Generation generation, string eventName)
    {
        var response = context.Response;
        response.Headers["X-Request-Id"] = context.TraceIdentifier;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(context.RequestAborted);
        var finishing = await FinishAsync(context, generation, () => BeatAsync(response, context.RequestAborted));
        if (finishing.Failed(out var problem, out var result))
        {
            await ErrorAsync(context, problem);
            return;
        }

        if (await ImageAnswer.WriteEventAsync(context, generation, result, eventName) is { } gone)
        {
            await ErrorAsync(context, gone);
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

    /// <summary>The finished image's file, or why there is none. The task runs on when the client leaves or the time is over.</summary>
    private static async Task<Outcome<Artifact>> FinishAsync(HttpContext context, Generation generation, Func<Task>? beat)
    {
        var services = context.RequestServices;
        var reads = services.GetRequiredService<GenerationReads>();
        var time = services.GetRequiredService<TimeProvider>();
        var limit = TimeSpan.FromSeconds(services.GetRequiredService<OpenAiOptions>().ImageWaitSeconds);
        var until = time.GetUtcNow() + limit;
        var now = generation;
        while (!now.IsTerminal)
        {
            var left = until - time.GetUtcNow();

            // A stream shows that it lives, so nothing but the task's own deadline ends it.
            if (left <= TimeSpan.Zero && beat is null)
            {
                return Problems.NoResult.With(
                    $"The image is not finished after {limit.TotalSeconds:0} s. It is still being made: read it at GET /api/v1/tasks/{generation.Id}. A new request would make, and charge, another one.",
                    given: generation.Id);
            }

            var wait = beat is null ? left : Heartbeat;
            if (await reads.WaitAsync(generation.AccountId, generation.Mode, generation.Id, wait, context.RequestAborted) is not { } read)
            {
                return Problems.TaskNotFound.With("The task of this image does not exist any more.", given: generation.Id);
            }

            now = read;
            if (beat is not null && !now.IsTerminal)
            {
                await beat();
            }
        }

        if (now.Status is not GenerationStatus.Succeeded)
        {
            return OpenAiFailure.Of(now);
        }

        return await services.GetRequiredService<ArtifactRecords>().FindAsync(now.AccountId, GenerationJson.Results(now)[0].ArtifactId) is { } artifact
            ? artifact
            : Problems.NoResult.With("The image's file is past its retention or was deleted.", given: now.Id);
    }

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
