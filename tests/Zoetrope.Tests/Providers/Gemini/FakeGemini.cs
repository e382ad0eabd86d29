using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;
using Zoetrope.Tests.Providers.Google;

namespace Zoetrope.Tests.Providers.Gemini;

/// <summary>The Gemini API: pictures inside the answer to <c>generateContent</c>, video as background interactions with a file to download.</summary>
internal sealed class FakeGemini : FakeVendor
{
    private readonly HashSet<string> _readFiles = [];

    public override string Provider => "gemini";

    /// <summary>Whether a file is still being made at its first reading.</summary>
    public bool FilesComeLate { get; set; }

    /// <summary>Whether a video comes inside the answer.</summary>
    public bool VideosInside { get; set; }

    /// <summary>What a finished picture looks like.</summary>
    public string PictureFormat { get; set; } = "jpeg";

    protected override void Map(WebApplication app)
    {
        app.MapGet("/v1beta/models", CheckKeyAsync);
        app.MapPost("/v1beta/models/{model}", PictureAsync);
        app.MapPost("/v1beta/interactions", context => SubmitAsync(context, CheckVideo, job => VendorReply.Json(Interaction(job, "in_progress"))));
        app.MapGet("/v1beta/interactions/{id}", InteractionAsync);
        app.MapPost("/v1beta/interactions/{id}/cancel", CancelAsync);
        app.MapGet("/v1beta/files/{id}", FileAsync);
    }

    protected override string NewId(VendorRequest request, int number) => $"v1_{Guid.NewGuid():n}";

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Unauthorized => new(400, GoogleSchema.Error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", new { reason = "API_KEY_INVALID", domain = "googleapis.com" })),
        SubmitFault.OutOfCredit => new(429, GoogleSchema.Error(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.")),
        SubmitFault.RateLimited => new(429, GoogleSchema.Error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.")),
        SubmitFault.RateLimitedWithRetryAfter => new(429, GoogleSchema.Error(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", new { retryDelay = "1.5s" })),
        SubmitFault.Moderated => new(400, GoogleSchema.Error(400, "INVALID_ARGUMENT", "The prompt violates our usage guidelines.")),
        SubmitFault.Refused => new(400, GoogleSchema.Error(400, "INVALID_ARGUMENT", "Invalid value at 'generation_config'.")),
        _ => new(500, GoogleSchema.Error(500, "INTERNAL", "An internal error has occurred.")),
    };

    private async Task PictureAsync(HttpContext context, string model)
    {
        var media = Convert.ToBase64String(await FakeMedia.MakeAsync(SchemaCheck.Image with { Format = PictureFormat }));
        await SubmitAsync(context, request => GooglePictures.Check(request, model, PictureFormat) with { Unauthorized = request.Header("x-goog-api-key") != Key }, job => GooglePictures.Answer(job, media));
    }

    private SchemaCheck CheckVideo(VendorRequest request)
    {
        var json = request.Json;
        var input = json["input"] as JsonArray ?? [];
        var format = json["response_format"];
        var generation = json["generation_config"];
        var images = input.Where(item => (string?)item?["type"] == "image").ToList();
        var task = (string?)generation?["video_config"]?["task"];
        return new SchemaCheck
        {
            Unauthorized = request.Header("x-goog-api-key") != Key,
            Prompt = (string?)input.FirstOrDefault(item => (string?)item?["type"] == "text")?["text"] ?? "",
            Model = (string?)json["model"] ?? "",
            Shape = SchemaCheck.Video,
            Wrong = (request.Header("Api-Revision") == "2026-05-20" ? null : "Api-Revision")
                ?? GoogleSchema.Fields(json, "body", "model", "input", "background", "store", "response_format", "generation_config")
                ?? GoogleSchema.OneOf(json["model"], "model", "gemini-omni-1.1-flash", "gemini-omni-1.2-flash")
                ?? (json["background"]?.ToJsonString() == "true" && json["store"]?.ToJsonString() == "true" ? null : "background needs store")
                ?? input.Select(item => (string?)item?["type"] == "text" ? GoogleSchema.Fields(item, "text", "type", "text") : CheckImage(item)).FirstOrDefault(wrong => wrong is not null)
                ?? GoogleSchema.Fields(format, "response_format", "type", "aspect_ratio", "duration", "resolution", "delivery")
                ?? GoogleSchema.OneOf(format!["type"], "type", "video")
                ?? GoogleSchema.OneOf(format["delivery"], "delivery", "uri")
                ?? GoogleSchema.OneOf(format["aspect_ratio"], "aspect_ratio", "16:9", "9:16")
                ?? GoogleSchema.OneOf(format["resolution"], "resolution", "360p", "720p", "1080p", "4k")
                ?? GoogleSchema.OneOf(format["duration"], "duration", [.. Enumerable.Range(3, Longest((string?)json["model"], images.Count) - 2).Select(seconds => $"{seconds}s")])
                ?? GoogleSchema.Fields(generation, "generation_config", "seed", "video_config")
                ?? GoogleSchema.Whole(generation!["seed"], "seed", 0, int.MaxValue)
                ?? GoogleSchema.Fields(generation["video_config"], "video_config", "task")
                ?? (task, images.Count) switch
                {
                    ("text_to_video", 0) or ("image_to_video", 1 or 2) or ("reference_to_video", >= 1 and <= 6) => null,
                    ("reference_to_video", <= 10) when (string?)json["model"] == "gemini-omni-1.1-flash" => null,
                    _ => $"{task} with {images.Count} images",
                },
        };
    }

    private static int Longest(string? model, int images) => model == "gemini-omni-1.2-flash" && images != 2 ? 15 : 10;

    private static string? CheckImage(JsonNode? item)
    {
        if ((string?)item?["type"] != "image")
        {
            return $"input {item?["type"]}";
        }

        var picture = item.DeepClone().AsObject();
        picture.Remove("type");
        return GoogleSchema.Picture(picture, "image", "data", "mime_type");
    }

    private async Task InteractionAsync(HttpContext context, string id)
    {
        if (!await IsGoodAsync(context, revision: true))
        {
            return;
        }

        var media = VideosInside && Find(id) is { } job ? Convert.ToBase64String(await InlineMediaAsync(job)) : null;
        await PollAsync(context, id, (known, answer) => Answer(known, answer, media), new VendorReply(404, GoogleSchema.Error(404, "NOT_FOUND", "Interaction not found.")));
    }

    private VendorReply Answer(VendorJob job, PollAnswer answer, string? media) => answer switch
    {
        PollAnswer.Queued => VendorReply.Json(Interaction(job, "queued")),
        PollAnswer.UnknownStatus => VendorReply.Json(Interaction(job, "pondering")),
        PollAnswer.Running => VendorReply.Json(Interaction(job, "in_progress")),
        PollAnswer.Failed when job.Canceled => VendorReply.Json(Interaction(job, "cancelled")),
        PollAnswer.Failed => VendorReply.Json(new { id = job.Id, status = "failed", errors = new[] { new { code = "type.googleapis.com/google.rpc.INTERNAL", message = "Internal error." } } }),
        PollAnswer.Expired => new VendorReply(404, GoogleSchema.Error(404, "NOT_FOUND", "Interaction not found.")),
        PollAnswer.Moderated => VendorReply.Json(Interaction(job, "completed", new { type = "text", text = "I cannot make this video." })),
        PollAnswer.Empty => VendorReply.Json(Interaction(job, "completed")),
        _ => VendorReply.Json(Interaction(job, "completed", media is null
            ? new { type = "video", mime_type = "video/mp4", uri = new Uri(Address, $"/v1beta/files/{job.Id}").ToString() }
            : new { type = "video", mime_type = "video/mp4", data = media })),
    };

    private static object Interaction(VendorJob job, string status, params object[] content) => new
    {
        id = job.Id,
        @object = "interaction",
        status,
        model = job.Accepted.Model,
        steps = new object[]
        {
            new { type = "user_input", content = new[] { new { type = "text", text = job.Accepted.Prompt } } },
            new { type = "thought", signature = "c2ln" },
            new { type = "model_output", content },
        },
    };

    private async Task CancelAsync(HttpContext context, string id)
    {
        if (!await IsGoodAsync(context, revision: true))
        {
            return;
        }

        if (Find(id) is not { } job)
        {
            await WriteAsync(context, new VendorReply(404, GoogleSchema.Error(404, "NOT_FOUND", "Interaction not found.")));
            return;
        }

        job.Canceled = !job.Accepted.Plan.RefusesCancel;
        await WriteAsync(context, VendorReply.Json(Interaction(job, job.Canceled ? "cancelled" : "completed")));
    }

    private async Task FileAsync(HttpContext context, string id)
    {
        if (!await IsGoodAsync(context, revision: false))
        {
            return;
        }

        if (id.EndsWith(":download", StringComparison.Ordinal))
        {
            if (context.Request.Query["alt"] != "media")
            {
                Violate("a download without alt=media");
            }

            await ResultAsync(context, id[..^":download".Length], 0);
            return;
        }

        var late = FilesComeLate && _readFiles.Add(id);
        await WriteAsync(context, VendorReply.Json(new { name = $"files/{id}", mimeType = "video/mp4", state = late ? "PROCESSING" : "ACTIVE", source = "GENERATED" }));
    }

    private async Task CheckKeyAsync(HttpContext context)
    {
        if (await IsGoodAsync(context, revision: false, expected: false))
        {
            await WriteAsync(context, VendorReply.Json(new { models = new[] { new { name = "models/gemini-3-pro-image" } } }));
        }
    }

    private async Task<bool> IsGoodAsync(HttpContext context, bool revision, bool expected = true)
    {
        if (revision && context.Request.Headers["Api-Revision"] != "2026-05-20")
        {
            Violate($"{context.Request.Path} without Api-Revision");
        }

        if (context.Request.Headers["x-goog-api-key"] == Key)
        {
            return true;
        }

        if (expected)
        {
            Violate($"{context.Request.Path} without the key");
        }

        await WriteAsync(context, Refusal(SubmitFault.Unauthorized));
        return false;
    }
}
