using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Ark;

/// <summary>Ark at BytePlus, as its documents tell: tasks, their list and their deletion, and images in one call.</summary>
internal sealed partial class FakeArk : FakeVendor
{
    private static readonly string[] Ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16", "adaptive"];
    private static readonly string[] ImageTypes = ["data:image/jpeg", "data:image/png", "data:image/webp", "data:image/bmp", "data:image/tiff", "data:image/gif"];

    private static readonly Dictionary<string, (string[] Resolutions, int Seconds)> Videos = new()
    {
        ["dreamina-seedance-2-0-260128"] = (["480p", "720p", "1080p", "4k"], 15),
        ["dreamina-seedance-2-0-fast-260128"] = (["480p", "720p"], 15),
        ["dreamina-seedance-2-0-mini-260615"] = (["480p", "720p"], 15),
        ["dreamina-seedance-2-5-260628"] = (["480p", "720p", "1080p"], 30),
    };

    private static readonly Dictionary<string, (long Min, long Max, int Files, bool Format, bool Sequential)> Pictures = new()
    {
        ["seedream-4-5-251128"] = (3_686_400, 16_777_216, 14, false, true),
        ["seedream-5-0-260128"] = (3_686_400, 16_777_216, 14, true, true),
        ["dola-seedream-5-0-pro-260628"] = (921_600, 4_624_220, 10, true, false),
    };

    private readonly ConcurrentDictionary<string, bool> _tagged = new();

    public override string Provider => "ark";

    public override Uri BaseUrl => new(Address, "api/v3/");

    /// <summary>Whether lists echo safety_identifier.</summary>
    public bool EchoesTags { get; set; } = true;

    /// <summary>A task of somebody else's that looks like ours in everything but the tag.</summary>
    public List<object> OtherTasks { get; } = [];

    /// <summary>What DELETE removed although it had ended.</summary>
    public List<string> Destroyed { get; } = [];

    protected override void Map(WebApplication app)
    {
        app.MapPost("/api/v3/contents/generations/tasks", context => SubmitAsync(context, CheckVideo, job => VendorReply.Json(new { id = job.Id }, headers: new Dictionary<string, string> { ["X-Request-Id"] = "0217" }), Tag));
        app.MapGet("/api/v3/contents/generations/tasks", ListAsync);
        app.MapGet("/api/v3/contents/generations/tasks/{id}", (HttpContext context, string id) => IsKnown(context)
            ? PollAsync(context, id, Task, Error(404, "NotFound.Task", "The task does not exist."))
            : WriteAsync(context, Refusal(SubmitFault.Unauthorized)));
        app.MapDelete("/api/v3/contents/generations/tasks/{id}", DeleteAsync);
        app.MapPost("/api/v3/images/generations", context => SubmitAsync(context, CheckImage, Images));
    }

    protected override string NewId(VendorRequest request, int number) => string.Create(CultureInfo.InvariantCulture, $"cgt-20261122101500-{number:00000}");

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Moderated => Error(400, "InputTextSensitiveContentDetected", "The request failed because the input text may contain sensitive information."),
        SubmitFault.RateLimited => Error(429, "ModelAccountRpmRateLimitExceeded", "Too many requests."),
        SubmitFault.RateLimitedWithRetryAfter => Error(429, "ServerOverloaded", "Busy.", new Dictionary<string, string> { ["Retry-After"] = "2" }),
        SubmitFault.Unauthorized => Error(401, "AuthenticationError", "The API key format is incorrect."),
        SubmitFault.OutOfCredit => Error(403, "AccountOverdueError", "The account has an overdue balance."),
        SubmitFault.ErrorBeforeAcceptance => Error(500, "InternalServiceError", "The service encountered an unexpected internal error."),
        _ => Error(400, "InvalidParameter.ratio", "The parameter ratio is not valid."),
    };

    private static VendorReply Error(int status, string code, string message, IReadOnlyDictionary<string, string>? headers = null) =>
        VendorReply.Json(new { error = new { code, message = $"{message} Request id: 0217", param = "", type = "" } }, status, headers);

    private static string? Tag(VendorRequest request) => request.Json["safety_identifier"]?.GetValue<string>();

    private bool IsKnown(HttpContext context) => context.Request.Headers.Authorization == $"Bearer {Key}";

    private SchemaCheck CheckVideo(VendorRequest request)
    {
        if (request.Header("Authorization") != $"Bearer {Key}")
        {
            return new SchemaCheck { Unauthorized = true };
        }

        var body = new StrictBody(request.Json);
        var model = body.Text("model", required: true) ?? "";
        var limits = Videos.GetValueOrDefault(model);
        if (limits.Resolutions is null)
        {
            return new SchemaCheck { Wrong = $"the model {model} does not exist" };
        }

        body.Text("resolution", required: true, limits.Resolutions);
        var ratio = body.Text("ratio", required: true, Ratios);
        body.Integer("duration", required: true, 4, limits.Seconds);
        body.Integer("seed", required: false, -1, int.MaxValue);
        body.Flag("generate_audio", required: true);
        body.Flag("watermark", required: true);
        body.Flag("return_last_frame");
        body.Integer("execution_expires_after", required: false, 3_600, 259_200);
        body.Text("callback_url");
        var tag = body.Text("safety_identifier");
        if (tag is { Length: > 64 } || (tag is not null && !_tagged.TryAdd(tag, true)))
        {
            body.Fail($"safety_identifier {tag} is too long or was sent before");
        }

        var (prompt, roles) = Content(body);
        var frames = roles.Any(role => role.EndsWith("_frame", StringComparison.Ordinal));
        if (frames && model.Contains("2-5", StringComparison.Ordinal) && ratio != "adaptive")
        {
            body.Fail("ratio must be adaptive with frames");
        }

        var tools = body.Objects("tools");
        foreach (var tool in tools)
        {
            tool.Text("type", required: true, "web_search");
            body.Check(tool);
        }

        if (tools.Count > 0 && roles.Count > 0)
        {
            body.Fail("tools need a text-only input");
        }

        return new SchemaCheck { Wrong = body.Wrong, Prompt = prompt, Model = model };
    }

    /// <summary>Roles and kinds of the content, frames and references apart.</summary>
    private static (string Prompt, List<string> Roles) Content(StrictBody body)
    {
        var prompt = "";
        var roles = new List<string>();
        foreach (var item in body.Objects("content", required: true))
        {
            var type = item.Text("type", required: true, "text", "image_url", "video_url", "audio_url");
            if (type == "text")
            {
                prompt = item.Text("text", required: true) ?? "";
            }
            else if (type is not null)
            {
                var role = item.Text("role", required: true, type switch { "image_url" => ["first_frame", "last_frame", "reference_image"], "video_url" => ["reference_video"], _ => ["reference_audio"] });
                roles.Add(role ?? "");
                var file = item.Object(type, required: true);
                file?.FileUrl("url", type switch { "image_url" => ImageTypes, "audio_url" => ["data:audio/wav", "data:audio/mpeg"], _ => [] });
                item.Check(file);
            }

            body.Check(item);
        }

        if (prompt.Length == 0 || OurMark().IsMatch(prompt))
        {
            body.Fail($"the text '{prompt}' is empty or names files in another vendor's way");
        }

        if (roles.Contains("last_frame") && !roles.Contains("first_frame"))
        {
            body.Fail("a last frame without a first one");
        }

        if (roles.Any(role => role.StartsWith("reference_", StringComparison.Ordinal)) && roles.Any(role => role.EndsWith("_frame", StringComparison.Ordinal)))
        {
            body.Fail("frames and references exclude each other");
        }

        if (roles.Count(role => role == "reference_image") > 30 || roles.Count(role => role == "reference_video") > 10 || roles.Count(role => role == "first_frame") > 1)
        {
            body.Fail("too many files");
        }

        return (prompt, roles);
    }

    private SchemaCheck CheckImage(VendorRequest request)
    {
        if (request.Header("Authorization") != $"Bearer {Key}")
        {
            return new SchemaCheck { Unauthorized = true };
        }

        var body = new StrictBody(request.Json);
        var model = body.Text("model", required: true) ?? "";
        if (!Pictures.TryGetValue(model, out var limits))
        {
            return new SchemaCheck { Wrong = $"the model {model} does not exist" };
        }

        var prompt = body.Text("prompt", required: true) ?? "";
        body.Text("response_format", required: true, "url", "b64_json");
        body.Flag("watermark", required: true);
        if (limits.Sequential)
        {
            body.Text("sequential_image_generation", required: false, "auto", "disabled");
        }

        if (limits.Format)
        {
            body.Text("output_format", required: false, "png", "jpeg");
        }

        var size = (body.Text("size", required: true) ?? "").Split('x');
        if (size.Length != 2 || !long.TryParse(size[0], CultureInfo.InvariantCulture, out var width) || !long.TryParse(size[1], CultureInfo.InvariantCulture, out var height)
            || width * height < limits.Min || width * height > limits.Max)
        {
            body.Fail($"size {string.Join('x', size)} is outside {limits.Min} to {limits.Max} pixels");
        }

        var image = body.Any("image");
        var files = image switch { JsonArray many => many.Count > 1 ? [.. many] : [null], null => [], var one => new List<JsonNode?> { one } };
        if (files.Count > limits.Files)
        {
            body.Fail($"{files.Count} images");
        }

        foreach (var file in files)
        {
            var one = new StrictBody(new JsonObject { ["image"] = file?.DeepClone() });
            one.FileUrl("image", ImageTypes);
            body.Check(one);
        }

        return new SchemaCheck { Wrong = body.Wrong, Prompt = prompt, Model = model, Shape = new ResultShape("jpeg", 64, 64, 0, 0, false) };
    }

    private static VendorReply Task(VendorJob job, PollAnswer next)
    {
        var (state, error) = job.Canceled ? ("cancelled", null) : next switch
        {
            PollAnswer.Queued => ("queued", null),
            PollAnswer.Running => ("running", null),
            PollAnswer.Succeeded or PollAnswer.Empty => ("succeeded", null),
            PollAnswer.Failed => ("failed", "InternalServiceError"),
            PollAnswer.Moderated => ("failed", "OutputVideoSensitiveContentDetected.PolicyViolation"),
            PollAnswer.Expired => ("expired", null),
            _ => ("post_processing", (string?)null),
        };
        return VendorReply.Json(new
        {
            id = job.Id,
            model = job.Accepted.Model,
            status = state,
            error = error is null ? null : new { code = error, message = "Request id: 0217" },
            content = next is PollAnswer.Succeeded && !job.Canceled ? new { video_url = job.Results[0].ToString() } : null,
            created_at = 1_795_342_500,
        });
    }

    private static VendorReply Images(VendorJob job) => job.Accepted.Plan.Polls[0] switch
    {
        PollAnswer.Moderated => VendorReply.Json(new { model = job.Accepted.Model, data = new[] { new { error = new { code = "OutputImageSensitiveContentDetected", message = "Blocked." } } } }),
        PollAnswer.Empty => VendorReply.Json(new { model = job.Accepted.Model, data = Array.Empty<object>() }),
        _ => VendorReply.Json(new { model = job.Accepted.Model, data = job.Results.Select(url => new { url, size = "2048x2048" }), usage = new { generated_images = 1 } }),
    };

    private Task ListAsync(HttpContext context)
    {
        if (!IsKnown(context))
        {
            return WriteAsync(context, Refusal(SubmitFault.Unauthorized));
        }

        if (!int.TryParse(context.Request.Query["page_num"], CultureInfo.InvariantCulture, out var page) || !int.TryParse(context.Request.Query["page_size"], CultureInfo.InvariantCulture, out var size)
            || page is < 1 or > 500 || size is < 1 or > 500)
        {
            Violate($"a list of page {context.Request.QueryString}");
            return WriteAsync(context, Refusal(SubmitFault.Refused));
        }

        var tasks = OtherTasks.Concat(Jobs.Select(job => (object)new
        {
            id = job.Id,
            model = job.Accepted.Model,
            status = "running",
            failure_reason = (object?)null,
            safety_identifier = EchoesTags ? job.Accepted.ClientId : null,
        })).ToList();
        return WriteAsync(context, VendorReply.Json(new { items = tasks.Skip((page - 1) * size).Take(size), total = tasks.Count }));
    }

    private Task DeleteAsync(HttpContext context, string id)
    {
        if (Find(id) is not { } job)
        {
            return WriteAsync(context, Error(404, "NotFound.Task", "The task does not exist."));
        }

        switch (job.Accepted.Plan.Polls[0])
        {
            case PollAnswer.Queued when !job.Accepted.Plan.RefusesCancel && !job.Canceled:
                job.Canceled = true;
                return WriteAsync(context, VendorReply.Json("{}"));
            case PollAnswer.Succeeded or PollAnswer.Failed or PollAnswer.Expired:
                Destroyed.Add(id);
                return WriteAsync(context, VendorReply.Json("{}"));
            default:
                return WriteAsync(context, Error(400, "OperationDenied.InvalidState", "The task is running."));
        }
    }

    [GeneratedRegex("@(Image|Video|Audio)[0-9]")]
    private static partial Regex OurMark();
}
