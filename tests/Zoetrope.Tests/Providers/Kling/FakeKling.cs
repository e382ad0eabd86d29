using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Kling;

/// <summary>Kling's own API with an access key pair, as public clients know it. The account has older tasks.</summary>
internal sealed partial class FakeKling : FakeVendor
{
    private const string Access = "access-0123456789";
    private const string Secret = "secret-0123456789abcdef";
    private static readonly string[] Paths = ["text2video", "image2video", "omni-video"];
    private readonly HashSet<string> _externalIds = [];

    public override string Provider => "kling";

    public override string Key => $"{Access}:{Secret}";

    /// <summary>Whether the account has an older task that shows external ids.</summary>
    public bool HasHistory { get; set; } = true;

    /// <summary>Whether a task can be asked for by the client's id.</summary>
    public bool KnowsExternalIds { get; set; } = true;

    protected override void Map(WebApplication app)
    {
        foreach (var path in Paths)
        {
            app.MapPost($"/v1/videos/{path}", context => SubmitAsync(context, request => Check(request, path), job => Ok(Task(job, "submitted")), request => request.Json["external_task_id"]?.GetValue<string>()));
            app.MapGet($"/v1/videos/{path}", context => ListAsync(context, path));
            app.MapGet($"/v1/videos/{path}/{{id}}", (HttpContext context, string id) => IsKnown(context)
                ? PollAsync(context, Id(id), Read, Error(404, 1203, "task not found"))
                : WriteAsync(context, Refusal(SubmitFault.Unauthorized)));
        }
    }

    protected override string NewId(VendorRequest request, int number) => string.Create(CultureInfo.InvariantCulture, $"867{number:000000000000000}");

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Moderated => Error(400, 1301, "content safety"),
        SubmitFault.RateLimited => Error(429, 1302, "too fast"),
        SubmitFault.RateLimitedWithRetryAfter => Error(429, 1303, "parallel task over resource pack limit", new Dictionary<string, string> { ["Retry-After"] = "2" }),
        SubmitFault.Unauthorized => Error(401, 1002, "Authorization is invalid"),
        SubmitFault.OutOfCredit => Error(429, 1102, "Account balance not enough"),
        SubmitFault.ErrorBeforeAcceptance => Error(500, 5000, "internal"),
        _ => Error(400, 1201, "invalid parameter"),
    };

    private static VendorReply Error(int status, int code, string message, IReadOnlyDictionary<string, string>? headers = null) =>
        VendorReply.Json(new { code, message, request_id = "r-1" }, status, headers);

    private static VendorReply Ok(object data) => VendorReply.Json(new { code = 0, message = "SUCCEED", request_id = "r-1", data });

    private static object Task(VendorJob job, string status, string message = "", object? result = null) => new
    {
        task_id = job.Id,
        task_status = status,
        task_status_msg = message,
        task_info = new { external_task_id = job.Accepted.ClientId },
        task_result = result,
        created_at = 1_795_342_500_120,
    };

    private static VendorReply Read(VendorJob job, PollAnswer next) => next switch
    {
        PollAnswer.Queued => Ok(Task(job, "submitted")),
        PollAnswer.Running => Ok(Task(job, "processing")),
        PollAnswer.Succeeded => Ok(Task(job, "succeed", result: new { videos = job.Results.Select(url => new { id = "v1", url, watermark_url = "https://files.example.test/wm.mp4", duration = "5.04" }) })),
        PollAnswer.Empty => Ok(Task(job, "succeed", result: new { videos = Array.Empty<object>() })),
        PollAnswer.Failed => Ok(Task(job, "failed", "the model broke")),
        PollAnswer.Moderated => Ok(Task(job, "failed", "Failure to pass the risk control system")),
        PollAnswer.Expired => Error(404, 1203, "task not found"),
        _ => Ok(Task(job, "rendering")),
    };

    private string Id(string id) => KnowsExternalIds && Jobs.FirstOrDefault(job => job.Accepted.ClientId == id) is { } job ? job.Id : id;

    private Task ListAsync(HttpContext context, string path)
    {
        if (!IsKnown(context))
        {
            return WriteAsync(context, Refusal(SubmitFault.Unauthorized));
        }

        if (context.Request.Query["pageNum"] != "1" || !int.TryParse(context.Request.Query["pageSize"], CultureInfo.InvariantCulture, out var size) || size is < 1 or > 500)
        {
            Violate($"a list of page {context.Request.QueryString}");
        }

        IEnumerable<object> history = HasHistory ? [new { task_id = "866", task_status = "succeed", task_info = new { external_task_id = "older" } }] : [];
        var jobs = Jobs.Where(job => job.Request.Path.EndsWith(path, StringComparison.Ordinal)).Select(job => Task(job, "processing"));
        return WriteAsync(context, Ok(history.Concat(jobs).Take(500)));
    }

    private static bool IsKnown(HttpContext context) => IsSigned(context.Request.Headers.Authorization.ToString());

    // The server's clock is moved: how long a token lives is checked, not when.
    private static bool IsSigned(string header)
    {
        var parts = header.Replace("Bearer ", "", StringComparison.Ordinal).Split('.');
        if (parts.Length != 3 || JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.ToJsonString() != """{"alg":"HS256","typ":"JWT"}""")
        {
            return false;
        }

        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"));
        return claims["iss"]!.GetValue<string>() == Access
            && claims["exp"]!.GetValue<long>() - claims["nbf"]!.GetValue<long>() == 1_805
            && Base64Url.EncodeToString(signature) == parts[2];
    }

    private SchemaCheck Check(VendorRequest request, string path)
    {
        if (!IsSigned(request.Header("Authorization") ?? ""))
        {
            return new SchemaCheck { Unauthorized = true };
        }

        var body = new StrictBody(request.Json);
        var model = body.Text("model_name", required: true, path == "omni-video" ? ["kling-v3-omni"] : ["kling-v3", "kling-v2-6"]) ?? "";
        var prompt = body.Text("prompt", required: true) ?? "";
        var duration = body.Text("duration", required: true, model == "kling-v2-6" ? ["5", "10"] : [.. Enumerable.Range(3, 13).Select(second => second.ToString(CultureInfo.InvariantCulture))]);
        body.Text("mode", required: true, "std", "pro");
        body.Text("sound", required: true, "on", "off");
        if (path != "image2video")
        {
            body.Text("aspect_ratio", required: true, "16:9", "9:16", "1:1");
        }

        body.Text("callback_url");
        var external = body.Text("external_task_id", required: true);
        if (external is not null && !_externalIds.Add(external))
        {
            body.Fail($"external_task_id {external} is not unique");
        }

        var watermark = body.Object("watermark_info");
        watermark?.Flag("enabled", required: true);
        body.Check(watermark);
        if (model != "kling-v2-6")
        {
            Shots(body, duration);
        }

        if (prompt.Length > 2_500 || OurMark().IsMatch(prompt))
        {
            body.Fail($"the prompt '{prompt}' is too long or names files in another vendor's way");
        }

        Files(body, path);
        return new SchemaCheck { Wrong = body.Wrong, Prompt = prompt, Model = model };
    }

    private static void Shots(StrictBody body, string? duration)
    {
        var several = body.Flag("multi_shot") ?? false;
        body.Text("shot_type", required: several, "customize", "intelligence");
        var sum = 0;
        var shots = body.Objects("multi_prompt", required: several);
        foreach (var (shot, number) in shots.Select((shot, index) => (shot, index + 1)))
        {
            shot.Integer("index", required: true, number, number);
            shot.Text("prompt", required: true);
            var seconds = shot.Text("duration", required: true);
            sum += int.Parse(seconds ?? "0", CultureInfo.InvariantCulture);
            body.Check(shot);
        }

        if (several && (shots.Count is 0 or > 6 || sum.ToString(CultureInfo.InvariantCulture) != duration))
        {
            body.Fail($"{shots.Count} shots of {sum} seconds in {duration}");
        }
    }

    private static void Files(StrictBody body, string path)
    {
        if (path == "image2video")
        {
            Picture(body.Text("image", required: true));
            if (body.Has("image_tail"))
            {
                Picture(body.Text("image_tail"));
            }
        }
        else if (path == "omni-video")
        {
            var images = body.Objects("image_list");
            foreach (var image in images)
            {
                Picture(image.Text("image_url", required: true));
                body.Check(image);
            }

            if (images.Count > 7)
            {
                body.Fail($"{images.Count} images");
            }
        }

        void Picture(string? text)
        {
            if (text is not null && !StrictBody.IsBase64(text))
            {
                body.Fail("an image is no plain base64");
            }
        }
    }

    [GeneratedRegex("@(Image|Video|Audio)[0-9]")]
    private static partial Regex OurMark();
}
