using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Bfl;

/// <summary>
/// Black Forest Labs: a global address that takes jobs, and a regional one, below another path, that alone knows them. Fails jobs with
/// HTTP 503, writes statuses with spaces, refuses fields that a model does not have.
/// </summary>
internal sealed class FakeBfl : FakeVendor
{
    public FakeBfl() => PollingUrl = job => new Uri(Region, $"v1/get_result?id={job.Id}").ToString();

    public override string Provider => "bfl";

    /// <summary>Where jobs are read.</summary>
    public Uri Region => new(Address, "/region/");

    /// <summary>The polling URL of an answer to a submit; null leaves it out, as the answer to a submit with a webhook does.</summary>
    public Func<VendorJob, string?> PollingUrl { get; set; }

    /// <summary>Whether the global host finds jobs too, which it does by luck.</summary>
    public bool GlobalHostReads { get; set; }

    protected override void Map(WebApplication app)
    {
        app.MapPost("/v1/{model}", (HttpContext context, string model) => SubmitAsync(context, request => Check(request, model), Taken));
        app.MapGet("/v1/get_result", ReadAsync);
        app.MapGet("/region/v1/get_result", ReadAsync);
        app.MapGet("/elsewhere/get_result", context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = new Uri(Region, $"v1/get_result{context.Request.QueryString}").ToString();
            return Task.CompletedTask;
        });
        app.MapGet("/v1/credits", context => WriteAsync(context, Knows((VendorRequest)context.Items[typeof(VendorRequest)]!) ? VendorReply.Json(new { credits = 1234.5 }) : Refusal(SubmitFault.Unauthorized)));
    }

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Refused => VendorReply.Json("""{"detail":[{"loc":["body","prompt"],"msg":"Field required","type":"missing"}]}""", 422),
        SubmitFault.RateLimited => VendorReply.Json("""{"detail":"Too many active tasks"}""", 429),
        SubmitFault.RateLimitedWithRetryAfter => VendorReply.Json("""{"detail":"Too many active tasks"}""", 429, new Dictionary<string, string> { ["Retry-After"] = "7" }),
        SubmitFault.Unauthorized => VendorReply.Json("""{"detail":"Invalid API key format"}""", 422),
        SubmitFault.OutOfCredit => VendorReply.Json("""{"detail":"Insufficient credits"}""", 402),
        _ => VendorReply.Json("""{"detail":"No capacity"}""", 503),
    };

    private bool Knows(VendorRequest request) => request.Header("x-key") == Key;

    private VendorReply Taken(VendorJob job)
    {
        var answer = new JsonObject { ["id"] = job.Id, ["cost"] = 4.5, ["input_mp"] = null, ["output_mp"] = 0.79 };
        if (PollingUrl(job) is { } url)
        {
            answer["polling_url"] = url;
        }

        return VendorReply.Json(answer.ToJsonString());
    }

    private Task ReadAsync(HttpContext context)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        if (!Knows(request))
        {
            Violate($"{request.Path} without the key");
        }

        var id = context.Request.Query["id"].ToString();
        var unknown = VendorReply.Json(new { id, status = "Task not found", result = (object?)null, details = (object?)null }, 404);

        // The cluster behind the global host never heard of it.
        return GlobalHostReads || context.Request.Path.StartsWithSegments("/region")
            ? PollAsync(context, id, Answer, unknown)
            : WriteAsync(context, unknown);
    }

    private static VendorReply Answer(VendorJob job, PollAnswer answer) => answer switch
    {
        // Once a job is forgotten it stays so, however young it looks.
        _ when job.Accepted.Plan.Polls[0] is PollAnswer.Expired => Status(job, "Task not found", status: 404),
        PollAnswer.Queued => Status(job, "Pending"),
        PollAnswer.Running => Status(job, "Generating", progress: 0.42),
        PollAnswer.Succeeded => Status(job, "Ready", result: new { sample = job.Results[0], prompt = job.Accepted.Prompt, seed = 7 }),
        PollAnswer.Empty => Status(job, "Ready", result: new { prompt = job.Accepted.Prompt }),
        PollAnswer.Failed => Status(job, "Error", details: "The model crashed", status: 503),
        PollAnswer.Moderated => Status(job, "Content Moderated", details: new Dictionary<string, string[]> { ["Moderation Reasons"] = ["Violence"] }),
        _ => Status(job, "Contemplating"),
    };

    private static VendorReply Status(VendorJob job, string word, object? result = null, object? details = null, double? progress = null, int status = 200) =>
        VendorReply.Json(new { id = job.Id, status = word, result, progress, details, preview = (object?)null, cost = (double?)null }, status);

    private SchemaCheck Check(VendorRequest request, string model)
    {
        var body = request.Json;
        var wrong = model switch
        {
            "flux-2-pro" or "flux-2-max" or "flux-2-flex" => Flux2(body, 8),
            "flux-2-klein-4b" or "flux-2-klein-9b" => Flux2(body, 4),
            "flux-3-image" => Flux3Image(body),
            "flux-3-image-klein" => Flux3Image(body, grounding: false),
            "flux-3-video" => Flux3Video(body),
            _ => $"there is no model {model}",
        };
        return new SchemaCheck
        {
            Unauthorized = !Knows(request),
            Wrong = wrong ?? (Text(body, "prompt", 1, 32_000) ? null : "prompt"),
            Model = model,
            Prompt = body["prompt"]?.ToString() ?? "",
            Shape = model == "flux-3-video" ? SchemaCheck.Video : SchemaCheck.Image,
        };
    }

    private static string? Flux2(JsonObject body, int images)
    {
        var inputs = Enumerable.Range(1, images).Select(number => number == 1 ? "input_image" : $"input_image_{number}").ToList();
        var used = inputs.TakeWhile(body.ContainsKey).Count();
        return Unknown(body, ["prompt", "width", "height", "seed", "safety_tolerance", "output_format", .. inputs.Take(used)])
            ?? (inputs.Take(used).All(name => IsImage(body[name])) ? null : "an input image")
            ?? (Side(body, "width") && Side(body, "height") && (long)body["width"]! * (long)body["height"]! <= 4_194_304 ? null : "width and height")
            ?? (body["seed"] is null || Whole(body, "seed", 0, int.MaxValue) ? null : "seed")
            ?? (Whole(body, "safety_tolerance", 0, 5) ? null : "safety_tolerance")
            ?? (OneOf(body, "output_format", "jpeg", "png", "webp") ? null : "output_format");
    }

    private static string? Flux3Image(JsonObject body, bool grounding = true) =>
        Unknown(body, ["prompt", "images", "aspect_ratio", "resolution", "safety_tolerance", "grounding", "version"])
        ?? (body["images"] is null || (body["images"] is JsonArray { Count: >= 1 and <= 10 } images && images.All(IsImage)) ? null : "images")
        ?? (OneOf(body, "aspect_ratio", "auto", "21:9", "2:1", "16:9", "3:2", "7:5", "4:3", "5:4", "1:1", "4:5", "3:4", "5:7", "2:3", "9:16", "1:2", "9:21") ? null : "aspect_ratio")
        ?? (OneOf(body, "resolution", "768sq", "1k", "1.5k", "2k", "4k") ? null : "resolution")
        ?? (Whole(body, "safety_tolerance", 0, 4) ? null : "safety_tolerance")
        ?? (grounding == Flag(body, "grounding") ? null : "grounding")
        ?? (OneOf(body, "version", "latest") ? null : "version");

    private static string? Flux3Video(JsonObject body) =>
        Unknown(body, ["mode", "prompt", "keyframes", "duration", "aspect_ratio", "resolution", "generate_audio", "draft", "safety_tolerance", "version"])
        ?? (OneOf(body, "mode", "t2v", "i2v") && body.ContainsKey("keyframes") == ((string)body["mode"]! == "i2v") ? null : "mode")
        ?? (body["keyframes"] is null || (body["keyframes"] is JsonArray { Count: >= 1 and <= 10 } frames && frames.All(IsImage)) ? null : "keyframes")
        ?? (Whole(body, "duration", 5, 20) ? null : "duration")
        ?? (OneOf(body, "aspect_ratio", "auto", "21:9", "2:1", "16:9", "4:3", "1:1", "3:4", "9:16") ? null : "aspect_ratio")
        ?? (OneOf(body, "resolution", "hd", "fhd", "qhd", "uhd") ? null : "resolution")
        ?? (Flag(body, "generate_audio") && Flag(body, "draft") ? null : "generate_audio or draft")
        ?? (Whole(body, "safety_tolerance", 0, 4) ? null : "safety_tolerance")
        ?? (OneOf(body, "version", "latest") ? null : "version");

    private static string? Unknown(JsonObject body, IReadOnlyCollection<string> known) =>
        body.Select(member => member.Key).Except(known).FirstOrDefault() is { } extra ? $"extra field {extra}" : null;

    private static bool Text(JsonObject body, string name, int min, int max) =>
        body[name]?.GetValueKind() is JsonValueKind.String && body[name]!.GetValue<string>().Length is var length && length >= min && length <= max;

    private static bool OneOf(JsonObject body, string name, params string[] values) => Text(body, name, 1, 100) && values.Contains((string)body[name]!);

    private static bool Flag(JsonObject body, string name) => body[name]?.GetValueKind() is JsonValueKind.True or JsonValueKind.False;

    private static bool Whole(JsonObject body, string name, long min, long max) =>
        body[name]?.GetValueKind() is JsonValueKind.Number && body[name]!.AsValue().TryGetValue<long>(out var value) && value >= min && value <= max;

    private static bool Side(JsonObject body, string name) => Whole(body, name, 64, 4_096) && (long)body[name]! % 16 == 0;

    // Raw base64 of a picture; a data URI is not the documented form.
    private static bool IsImage(JsonNode? node)
    {
        if (node?.GetValueKind() is not JsonValueKind.String)
        {
            return false;
        }

        var text = node.GetValue<string>();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length is > 8 and <= 20_000_000
            && (bytes.AsSpan(1, 3).SequenceEqual("PNG"u8) || (bytes[0] == 0xFF && bytes[1] == 0xD8) || bytes.AsSpan(8).StartsWith("WEBP"u8));
    }
}
