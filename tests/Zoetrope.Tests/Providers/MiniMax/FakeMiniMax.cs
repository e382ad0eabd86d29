using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.MiniMax;

/// <summary>MiniMax's second video API as its documents tell.</summary>
internal sealed partial class FakeMiniMax : FakeVendor
{
    private static readonly string[] ImageTypes = ["data:image/jpeg", "data:image/png", "data:image/webp"];

    public override string Provider => "minimax";

    /// <summary>What DELETE removed although it had ended.</summary>
    public List<string> Destroyed { get; } = [];

    protected override void Map(WebApplication app)
    {
        app.MapPost("/v2/video_generation", context => SubmitAsync(context, Check, job => VendorReply.Json(new { task_id = job.Id })));
        app.MapGet("/v2/query/video_generation", context => WriteAsync(context, IsKnown(context)
            ? VendorReply.Json(new { items = Jobs.Select(job => new { id = job.Id, model = job.Accepted.Model }), total = Jobs.Count })
            : Refusal(SubmitFault.Unauthorized)));
        app.MapGet("/v2/query/video_generation/{id}", (HttpContext context, string id) => IsKnown(context)
            ? PollAsync(context, id, Read, Error(404, "bad_request_error", "task not found (2013)"))
            : WriteAsync(context, Refusal(SubmitFault.Unauthorized)));
        app.MapDelete("/v2/video_generation/{id}", DeleteAsync);
    }

    protected override string NewId(VendorRequest request, int number) => string.Create(CultureInfo.InvariantCulture, $"424{number:000000000000}");

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Moderated => Error(422, "unprocessable_entity_error", "input new_sensitive (1026)"),
        SubmitFault.RateLimited => Error(429, "rate_limit_error", "rate limit (1002)"),
        SubmitFault.RateLimitedWithRetryAfter => Error(429, "rate_limit_error", "rate limit (1002)", new Dictionary<string, string> { ["Retry-After"] = "2" }),
        SubmitFault.Unauthorized => Error(401, "authorized_error", "login fail (1004)"),
        SubmitFault.OutOfCredit => Error(402, "insufficient_balance_error", "insufficient balance (1008)"),
        SubmitFault.ErrorBeforeAcceptance => Error(500, "server_error", "unknown error (1000)"),
        _ => Error(400, "bad_request_error", "invalid params (2013)"),
    };

    private static VendorReply Error(int status, string type, string message, IReadOnlyDictionary<string, string>? headers = null) => VendorReply.Json(
        new { type = "error", error = new { type, message, http_code = status.ToString(CultureInfo.InvariantCulture) }, request_id = "r-1" }, status, headers);

    private bool IsKnown(HttpContext context) => context.Request.Headers.Authorization == $"Bearer {Key}";

    private SchemaCheck Check(VendorRequest request)
    {
        if (request.Header("Authorization") != $"Bearer {Key}")
        {
            return new SchemaCheck { Unauthorized = true };
        }

        var body = new StrictBody(request.Json);
        var model = body.Text("model", required: true, "MiniMax-H3") ?? "";
        body.Text("resolution", required: true, "768P", "2K");
        body.Integer("duration", required: true, 4, 15);
        body.Flag("aigc_watermark", required: true);
        body.Text("callback_url");
        var prompt = "";
        var texts = 0;
        var roles = new List<string>();
        foreach (var item in body.Objects("content", required: true))
        {
            var type = item.Text("type", required: true, "text", "image_url", "video_url", "audio_url");
            if (type == "text")
            {
                prompt = item.Text("text", required: true) ?? "";
                texts++;
            }
            else if (type is not null)
            {
                roles.Add(item.Text("role", required: true, type switch { "image_url" => ["first_frame", "last_frame", "reference_image"], "video_url" => ["reference_video"], _ => ["reference_audio"] }) ?? "");
                var file = item.Object(type, required: true);
                file?.FileUrl("url", type switch { "image_url" => ImageTypes, "audio_url" => ["data:audio/wav", "data:audio/mpeg"], _ => ["data:video/mp4"] });
                item.Check(file);
            }

            body.Check(item);
        }

        string[] ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"];
        body.Text("ratio", required: roles.Count == 0, roles.Count == 0 ? ratios : [.. ratios, "adaptive"]);
        if (texts != 1 || prompt.Length is 0 or > 7_000 || OurMark().IsMatch(prompt))
        {
            body.Fail($"{texts} texts, the last one '{prompt}'");
        }

        if (roles.Contains("last_frame") && !roles.Contains("first_frame"))
        {
            body.Fail("a last frame without a first one");
        }

        if (roles.Any(role => role.StartsWith("reference_", StringComparison.Ordinal)) && roles.Any(role => role.EndsWith("_frame", StringComparison.Ordinal)))
        {
            body.Fail("frames and references exclude each other");
        }

        return new SchemaCheck { Wrong = body.Wrong, Prompt = prompt, Model = model };
    }

    private static VendorReply Read(VendorJob job, PollAnswer next)
    {
        var (state, code) = job.Canceled ? ("cancelled", null) : next switch
        {
            PollAnswer.Queued => ("queued", null),
            PollAnswer.Running => ("running", null),
            PollAnswer.Succeeded or PollAnswer.Empty => ("succeeded", null),
            PollAnswer.Failed => ("failed", "1000"),
            PollAnswer.Moderated => ("failed", "1027"),
            PollAnswer.Expired => ("expired", null),
            _ => ("polishing", (string?)null),
        };
        return VendorReply.Json(new
        {
            task = new
            {
                id = job.Id,
                model = job.Accepted.Model,
                status = state,
                content = next is PollAnswer.Succeeded && !job.Canceled ? new { url = job.Results[0].ToString() } : null,
                error = code is null ? null : new { code, message = $"why ({code})" },
            },
        });
    }

    private Task DeleteAsync(HttpContext context, string id)
    {
        if (Find(id) is not { } job)
        {
            return WriteAsync(context, Error(404, "bad_request_error", "task not found (2013)"));
        }

        switch (job.Accepted.Plan.Polls[0])
        {
            case PollAnswer.Queued when !job.Canceled:
                job.Canceled = true;
                return WriteAsync(context, VendorReply.Json("{}"));
            case PollAnswer.Succeeded or PollAnswer.Failed or PollAnswer.Expired:
                Destroyed.Add(id);
                return WriteAsync(context, VendorReply.Json("{}"));
            default:
                return WriteAsync(context, Error(400, "bad_request_error", "task is running (2013)"));
        }
    }

    [GeneratedRegex("@(Image|Video|Audio)[0-9]")]
    private static partial Regex OurMark();
}
