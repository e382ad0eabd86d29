using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server;
using Zoetrope.Tests.Catalog;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.VicSee;

/// <summary>VicSee as documented, or with <see cref="IsZoetrope"/> a server of our own kind: idempotency keys, cancels and more than one result.</summary>
internal sealed class FakeVicSee : FakeVendor
{
    public override string Provider => "vicsee";

    public override string Key => "sk-test-0123456789abcdef";

    public bool IsZoetrope { get; init; }

    /// <summary>Files that were put to a signed address, by their public one.</summary>
    public Dictionary<string, (string ContentType, int Bytes)> Uploads { get; } = [];

    protected override void Map(WebApplication app)
    {
        app.MapPost("/api/v1/generate", GenerateAsync);
        app.MapGet("/api/v1/tasks/{id}", (HttpContext context, string id) => Unauthorized(context) ? WriteAsync(context, Refusal(SubmitFault.Unauthorized))
            : PollAsync(context, id, Task, Error(404, "TASK_NOT_FOUND", "Task not found")));
        app.MapDelete("/api/v1/tasks/{id}", (HttpContext context, string id) => WriteAsync(context, Unauthorized(context) ? Refusal(SubmitFault.Unauthorized) : Cancel(id)));
        app.MapGet("/api/v1/credits", context => WriteAsync(context, Unauthorized(context) ? Refusal(SubmitFault.Unauthorized) : VendorReply.Json(new { success = true, data = new { credits = 4250 } })));
        app.MapPost("/api/v1/upload", context => WriteAsync(context, Unauthorized(context) ? Refusal(SubmitFault.Unauthorized) : Ticket(RequestOf(context))));
        app.MapPut("/signed/{name}", (HttpContext context, string name) => WriteAsync(context, Put(RequestOf(context), name)));
    }

    protected override string NewId(VendorRequest request, int number) => string.Create(CultureInfo.InvariantCulture, $"task_{number:00000000}");

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Refused => Error(400, "INVALID_PARAMETER", "aspect_ratio must be one of 16:9, 9:16"),
        SubmitFault.RateLimited => Error(429, "RATE_LIMITED", "Rate limit exceeded."),
        SubmitFault.RateLimitedWithRetryAfter => Error(429, "RATE_LIMITED", "Rate limit exceeded.", EndOfDay(TimeProvider.System.GetUtcNow())),
        SubmitFault.Unauthorized => Error(401, "INVALID_API_KEY", "Invalid or inactive API key"),
        SubmitFault.OutOfCredit => Error(402, "INSUFFICIENT_CREDITS", "Insufficient credits. Required: 60, Available: 45"),
        _ => Error(500, "INTERNAL_ERROR", "Internal server error"),
    };

    // Both times are of one moment: the server's own date is as old as its last look at the clock.
    private static Dictionary<string, string> EndOfDay(DateTimeOffset now) => new()
    {
        ["Date"] = now.ToString("r"),
        ["X-RateLimit-Limit"] = "500",
        ["X-RateLimit-Remaining"] = "0",
        ["X-RateLimit-Reset"] = now.AddSeconds(5).ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture),
    };

    private static VendorRequest RequestOf(HttpContext context) => (VendorRequest)context.Items[typeof(VendorRequest)]!;

    private static VendorReply Error(int status, string code, string message, IReadOnlyDictionary<string, string>? headers = null) =>
        VendorReply.Json(new { success = false, error = new { code, message } }, status, headers);

    private static VendorReply Created(VendorJob job) => VendorReply.Json(new
    {
        success = true,
        data = new { id = job.Id, model = job.Accepted.Model, status = "pending", creditsUsed = 20, creditsRemaining = 480, createdAt = "2026-11-22T12:00:00Z" },
    });

    private bool Unauthorized(HttpContext context) => RequestOf(context).Header("Authorization") != $"Bearer {Key}";

    private async Task GenerateAsync(HttpContext context)
    {
        var request = RequestOf(context);
        var key = request.Header("Idempotency-Key");
        if (IsZoetrope && !Unauthorized(context) && key is not null)
        {
            if (key.Length is 0 or > 255)
            {
                await WriteAsync(context, Error(400, "INVALID_IDEMPOTENCY_KEY", "The Idempotency-Key header must be given once, with 1 to 255 characters."));
                return;
            }

            if (Jobs.FirstOrDefault(job => job.Accepted.ClientId == key) is { } known)
            {
                await WriteAsync(context, JsonNode.DeepEquals(known.Request.Json, request.Json) ? Created(known) : Error(422, "IDEMPOTENCY_MISMATCH", "The key was used with a different request."));
                return;
            }
        }

        if (!Unauthorized(context) && request.Json.Count == 0)
        {
            await WriteAsync(context, Error(400, "MISSING_MODEL", "model is required"));
            return;
        }

        await SubmitAsync(context, Check, Created, asked => asked.Header("Idempotency-Key"));
    }

    private SchemaCheck Check(VendorRequest request)
    {
        if (request.Header("Authorization") != $"Bearer {Key}")
        {
            return new SchemaCheck { Unauthorized = true };
        }

        var body = request.Json;
        var prompt = body["input"]?["prompt"]?.GetValue<string>() ?? "";
        if (body.Select(member => member.Key).FirstOrDefault(name => name is not ("model" or "input")) is { } unknown)
        {
            return new SchemaCheck { Wrong = $"{unknown} is no field of /generate" };
        }

        var resolving = Ask.Resolve(body.ToJsonString());
        if (resolving.Failed(out var problem, out var resolved))
        {
            return new SchemaCheck { Wrong = $"{problem.Kind.Code} {problem.Message}" };
        }

        return new SchemaCheck
        {
            Wrong = resolved.Inputs.Select(Wrong).FirstOrDefault(wrong => wrong is not null) ?? (prompt == resolved.Prompt ? null : "a prompt outside input"),
            Prompt = prompt,
            Model = resolved.Model.Id,
            Shape = resolved.Model.MediaType is MediaType.Image ? SchemaCheck.Image : SchemaCheck.Video,
            Outputs = IsZoetrope && resolved.Model.MediaType is MediaType.Image ? 2 : 1,
        };
    }

    private string? Wrong(InputReference input) => input.Kind is InputKind.Image && input.Reference.StartsWith("data:image/", StringComparison.Ordinal)
        || Uri.TryCreate(input.Reference, UriKind.Absolute, out var url) && (url.Scheme == "https" || Uploads.ContainsKey(input.Reference))
        ? null
        : $"{input.Field} is neither a public URL nor an image inside the request";

    private VendorReply Task(VendorJob job, PollAnswer answer)
    {
        var status = answer switch
        {
            PollAnswer.Queued => "pending",
            PollAnswer.Running => "processing",
            PollAnswer.Succeeded or PollAnswer.Empty => "completed",
            PollAnswer.UnknownStatus => "pondering",
            _ => "failed",
        };
        if (answer is PollAnswer.Expired)
        {
            return Error(404, "TASK_NOT_FOUND", "Task not found");
        }

        var files = job.Results.Select(url => new { url = url.ToString(), type = job.Accepted.Shape.Format == "mp4" ? "video" : "image" }).ToList();
        var data = new Dictionary<string, object?>
        {
            ["id"] = job.Id,
            ["model"] = job.Accepted.Model,
            ["status"] = status,
            ["mediaType"] = files[0].type,
            ["prompt"] = job.Accepted.Prompt,
            ["createdAt"] = "2026-11-22T12:00:00Z",
            ["result"] = answer is PollAnswer.Succeeded ? files[0] : null,
            ["error"] = job.Canceled ? new { code = "CANCELLED", key = "cancelled", message = "Cancelled" }
                : answer is PollAnswer.Moderated ? new { code = "CONTENT_REFUSED", key = "content_refused", message = "Refused by moderation" }
                : status == "failed" ? new { code = "GENERATION_FAILED", key = "generic", message = "Something went wrong" }
                : null,
        };
        if (IsZoetrope)
        {
            data["progress"] = answer is PollAnswer.Running ? 40 : 0;
            if (answer is PollAnswer.Succeeded && files.Count > 1)
            {
                data["results"] = files;
            }
        }

        return VendorReply.Json(new { success = true, data });
    }

    private VendorReply Cancel(string id)
    {
        if (!IsZoetrope)
        {
            return new VendorReply(405, "");
        }

        if (Find(id) is not { } job)
        {
            return Error(404, "TASK_NOT_FOUND", "Task not found");
        }

        job.Canceled = true;
        return Task(job, PollAnswer.Failed);
    }

    private VendorReply Ticket(VendorRequest request)
    {
        var type = request.Json["contentType"]?.GetValue<string>();
        if (type is not ("image/jpeg" or "image/png" or "image/webp" or "video/mp4" or "video/quicktime" or "video/webm" or "audio/mpeg" or "audio/wav"))
        {
            Violate($"an upload of {type}");
            return Error(400, "INVALID_PARAMETER", "contentType");
        }

        var name = $"{Guid.NewGuid():n}.{type.Split('/')[1]}";
        Uploads[new Uri(Address, $"/public/{name}").ToString()] = (type, -1);
        return VendorReply.Json(new { success = true, data = new { uploadUrl = new Uri(Address, $"/signed/{name}?sig=1"), publicUrl = new Uri(Address, $"/public/{name}"), key = name } });
    }

    private VendorReply Put(VendorRequest request, string name)
    {
        var address = new Uri(Address, $"/public/{name}").ToString();
        if (!Uploads.TryGetValue(address, out var ticket) || request.Header("Content-Type") != ticket.ContentType || request.Header("Authorization") is not null)
        {
            Violate($"a PUT that its address was not signed for: {request.Header("Content-Type")}");
            return new VendorReply(403, "");
        }

        Uploads[address] = (ticket.ContentType, request.Body.Length);
        return new VendorReply(200, "");
    }
}
