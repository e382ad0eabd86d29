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
    private static readonly string[] Ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
    private static readonly string[] WideRatios = [.. Ratios, "1:4", "4:1", "1:8", "8:1"];
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
        await SubmitAsync(context, request => CheckPicture(request, model), job => Picture(job, media));
    }

    // A synchronous answer follows the plan of the first poll.
    private static VendorReply Picture(VendorJob job, string media)
    {
        var data = job.Accepted.Plan.Result switch
        {
            ResultFault.Truncated => media[..(media.Length / 8 * 4)],
            ResultFault.Html => Convert.ToBase64String(Enumerable.Repeat((byte)' ', 40_000).ToArray()),
            _ => media,
        };
        object Candidate(string finish, params object[] parts) => new { candidates = new[] { new { index = 0, finishReason = finish, content = new { role = "model", parts } } }, responseId = job.Id };
        return VendorReply.Json(job.Accepted.NextAnswer() switch
        {
            PollAnswer.Moderated => new { promptFeedback = new { blockReason = "PROHIBITED_CONTENT" }, responseId = job.Id },
            PollAnswer.Empty => Candidate("NO_IMAGE"),
            _ => Candidate(
                "STOP",
                new { text = "A fox, then.", thought = true },
                new { inlineData = new { mimeType = "image/png", data = Convert.ToBase64String(new byte[60_000]) }, thought = true },
                new { inlineData = new { mimeType = "image/png", data }, thoughtSignature = "c2ln" }),
        });
    }

    private SchemaCheck CheckPicture(VendorRequest request, string path)
    {
        var json = request.Json;
        var model = path.Split(':')[0];
        var parts = json["contents"]?[0]?["parts"] as JsonArray ?? [];
        var pictures = parts.Where(part => part?["inlineData"] is not null).ToList();
        var generation = json["generationConfig"];
        var image = generation?["imageConfig"] ?? new JsonObject();
        return new SchemaCheck
        {
            Unauthorized = request.Header("x-goog-api-key") != Key,
            Prompt = (string?)parts.FirstOrDefault(part => part?["text"] is not null)?["text"] ?? "",
            Model = model,
            Shape = SchemaCheck.Image with { Format = PictureFormat },
            Wrong = (path.EndsWith(":generateContent", StringComparison.Ordinal) ? null : "method")
                ?? GoogleSchema.OneOf(JsonValue.Create(model), "model", "gemini-3-pro-image", "gemini-3.1-flash-image", "gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image", "gemini-2.5-flash-image")
                ?? GoogleSchema.Fields(json, "body", "contents", "generationConfig", "tools")
                ?? (json["contents"] is JsonArray { Count: 1 } ? null : "one content")
                ?? GoogleSchema.Fields(json["contents"]![0], "contents[0]", "role", "parts")
                ?? GoogleSchema.OneOf(json["contents"]![0]!["role"], "role", "user")
                ?? (parts.Count(part => part?["text"] is not null) == 1 ? null : "one text")
                ?? parts.Select(part => GoogleSchema.Fields(part, "part", "text", "inlineData")).FirstOrDefault(wrong => wrong is not null)
                ?? pictures.Select(part => GoogleSchema.Picture(part!["inlineData"], "inlineData", "data", "mimeType")).FirstOrDefault(wrong => wrong is not null)
                ?? (pictures.Count > 14 ? "more than 14 pictures" : null)
                ?? GoogleSchema.Fields(generation, "generationConfig", "responseModalities", "imageConfig", "seed")
                ?? (generation!["responseModalities"]?.ToJsonString() is "[\"IMAGE\"]" ? null : "responseModalities")
                ?? GoogleSchema.Whole(generation["seed"], "seed", 0, int.MaxValue)
                ?? GoogleSchema.Fields(image, "imageConfig", "aspectRatio", "imageSize")
                ?? GoogleSchema.OneOf(image["aspectRatio"], "aspectRatio", model is "gemini-3.1-flash-image" or "gemini-nano-banana-2.1" ? WideRatios : Ratios)
                ?? CheckSize(image["imageSize"], model)
                ?? CheckTools(json["tools"], model),
        };
    }

    private static string? CheckSize(JsonNode? size, string model) => model switch
    {
        "gemini-2.5-flash-image" => size is null ? null : "this model has no imageSize",
        "gemini-3.1-flash-lite-image" => GoogleSchema.OneOf(size, "imageSize", "1K"),
        "gemini-3.1-flash-image" => GoogleSchema.OneOf(size, "imageSize", "512", "1K", "2K", "4K"),
        _ => GoogleSchema.OneOf(size, "imageSize", "1K", "2K", "4K"),
    };

    private static string? CheckTools(JsonNode? tools, string model) =>
        tools is null ? null
        : model is "gemini-3.1-flash-lite-image" or "gemini-2.5-flash-image" ? "this model has no tools"
        : tools.ToJsonString() == "[{\"googleSearch\":{}}]" ? null : $"tools is {tools.ToJsonString()}";

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
                ?? GoogleSchema.OneOf(json["model"], "model", "gemini-omni-1.1-flash")
                ?? (json["background"]?.ToJsonString() == "true" && json["store"]?.ToJsonString() == "true" ? null : "background needs store")
                ?? input.Select(item => (string?)item?["type"] == "text" ? GoogleSchema.Fields(item, "text", "type", "text") : CheckImage(item)).FirstOrDefault(wrong => wrong is not null)
                ?? GoogleSchema.Fields(format, "response_format", "type", "aspect_ratio", "duration", "resolution", "delivery")
                ?? GoogleSchema.OneOf(format!["type"], "type", "video")
                ?? GoogleSchema.OneOf(format["delivery"], "delivery", "uri")
                ?? GoogleSchema.OneOf(format["aspect_ratio"], "aspect_ratio", "16:9", "9:16")
                ?? GoogleSchema.OneOf(format["resolution"], "resolution", "360p", "720p", "1080p", "4k")
                ?? GoogleSchema.OneOf(format["duration"], "duration", "3s", "4s", "5s", "6s", "7s", "8s", "9s", "10s")
                ?? GoogleSchema.Fields(generation, "generation_config", "seed", "video_config")
                ?? GoogleSchema.Whole(generation!["seed"], "seed", 0, int.MaxValue)
                ?? GoogleSchema.Fields(generation["video_config"], "video_config", "task")
                ?? (task, images.Count) switch
                {
                    ("text_to_video", 0) or ("image_to_video", 1 or 2) or ("reference_to_video", >= 1 and <= 10) => null,
                    _ => $"{task} with {images.Count} images",
                },
        };
    }

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
