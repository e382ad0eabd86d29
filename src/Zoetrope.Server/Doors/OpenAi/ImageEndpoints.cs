using System.Globalization;
using System.Text.Json;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary><c>POST /v1/images/generations</c> and <c>/v1/images/edits</c>: one request, its images, in the same answer.</summary>
internal static class ImageEndpoints
{
    private const string Example = """{"model": "gpt-image-2", "prompt": "A red fox in snow, woodcut", "size": "1024x1024"}""";

    public static IEndpointRouteBuilder MapOpenAiImages(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/images/generations", static (HttpContext context, OpenAiCall call, ImageWait images, ImageAnswer answer) =>
                RunAsync(context, call, images, answer, isEdit: false))
            .RequireProgram(Scopes.Generate)
            .WithName("openAiGenerateImage")
            .WithSummary("Make an image (OpenAI)")
            .WithDescription("Returns when the images are finished. docs/openai.md explains how each field is mapped.")
            .WithTags("OpenAI")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithAttribution()
            .WithExample(Example)
            .Accepts<OpenAiImageRequest>("application/json", "multipart/form-data")
            .Produces<OpenAiImages>();
        routes.MapPost("/v1/images/edits", static (HttpContext context, OpenAiCall call, ImageWait images, ImageAnswer answer) =>
                RunAsync(context, call, images, answer, isEdit: true))
            .RequireProgram(Scopes.Generate)
            .WithName("openAiEditImage")
            .WithSummary("Make an image from images (OpenAI)")
            .WithDescription("Send the images as file parts `image`, `image[]` or `image[0]`, or as URLs in JSON.")
            .WithTags("OpenAI")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithAttribution()
            .Accepts<OpenAiImageRequest>("application/json", "multipart/form-data")
            .Produces<OpenAiImages>();
        return routes;
    }

    private static async Task<Answer> RunAsync(
        HttpContext context, OpenAiCall call, ImageWait images, ImageAnswer answer, bool isEdit)
    {
        if ((await call.ReadAsync(context)).Failed(out var problem, out var body))
        {
            return problem;
        }

        using var waiting = images.Hold();
        var closed = images.Closed();
        bool wantsUrl, streams;
        IReadOnlyList<Generation>? tasks;

        // Let go before the wait: a body may be large, and an image takes minutes.
        using (body)
        {
            if (WantsUrl(body.Root).Failed(out problem, out wantsUrl))
            {
                return problem;
            }

            // Never by the Accept header: OpenAI's .NET client names event streams there and reads JSON.
            streams = OpenAiDraftReader.Flag(body.Root, "stream");
            var submitting = await call.SubmitAsync(context, body, MediaType.Image, "image", needsPicture: isEdit, closed);
            if (submitting.Failed(out problem, out tasks))
            {
                return problem;
            }
        }

        if (streams)
        {
            await StreamAsync(context, images, answer, tasks, isEdit ? "image_edit" : "image_generation");
            return Answer.Written;
        }

        if ((await images.FinishAsync(tasks, context.RequestAborted)).Failed(out problem, out var made))
        {
            return problem;
        }

        if (made.Count < tasks.Count)
        {
            context.Response.Headers["Zoetrope-Failed-Images"] = (tasks.Count - made.Count).ToString(CultureInfo.InvariantCulture);
        }

        return Answer.Unless(await answer.WriteAsync(context, made, wantsUrl));
    }

    /// <summary>
    /// Every image in the order of the tasks, as soon as it and those before it have ended; an error only where there is
    /// none.
    /// </summary>
    private static async Task StreamAsync(
        HttpContext context, ImageWait images, ImageAnswer answer, IReadOnlyList<Generation> tasks, string eventName)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(context.RequestAborted);
        Problem? failure = null;
        var sent = 0;
        foreach (var task in tasks)
        {
            // A stream shows that it is alive, so only the task's own deadline ends it.
            var making = await images.EndAsync(task, () => BeatAsync(response, context.RequestAborted), context.RequestAborted);
            var wrong = making.Failed(out var problem, out var image) ? problem : await answer.WriteEventAsync(context, image, eventName);
            if (wrong is not null)
            {
                failure ??= wrong;
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
        await writer.WriteAsync(
            JsonAnswer.Of(OpenAiErrors.Body(problem), OpenAiJson.Default.OpenAiError), context.RequestAborted);
        await writer.WriteAsync("\n\n"u8.ToArray(), context.RequestAborted);
    }

    private static Outcome<bool> WantsUrl(JsonElement body) => OpenAiDraftReader.Text(body, "response_format") switch
    {
        null or "" or "b64_json" => false,
        "url" => true,
        var other =>
            Problems.InvalidParameter.With(
                "Unknown response_format.", "response_format", ShortText.Of(other), "b64_json, url"),
    };
}
