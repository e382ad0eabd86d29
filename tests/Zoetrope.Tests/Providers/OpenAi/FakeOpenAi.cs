using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.OpenAi;

/// <summary>OpenAI's images: JSON makes, a form edits, both answer with the picture itself or with an error that has a code.</summary>
internal sealed partial class FakeOpenAi : FakeVendor
{
    private static readonly string[] Common = ["model", "prompt", "n", "size", "quality", "output_format"];
    private static readonly string[] Since25 = [.. Common, "background", "moderation"];

    public override string Provider => "openai";

    public override string Key => "sk-test-0123456789abcdef";

    public override Uri BaseUrl => new(Address, "/v1/");

    /// <summary>What answers hold instead of the job's own picture.</summary>
    public byte[]? Picture { get; set; }

    /// <summary>Answers with a URL, as servers do that only resemble OpenAI's.</summary>
    public bool AnswersUrls { get; set; }

    protected override void Map(WebApplication app)
    {
        app.MapPost("/v1/images/generations", context => SubmitAsync(context, request => Check(request, Fields(request.Json), edit: false), Made));
        app.MapPost("/v1/images/edits", async context =>
        {
            var form = await context.Request.ReadFormAsync();
            await SubmitAsync(context, request => CheckEdit(request, form), Made);
        });
        app.MapGet("/v1/models", context => WriteAsync(context, Knows((VendorRequest)context.Items[typeof(VendorRequest)]!)
            ? VendorReply.Json("""{"object":"list","data":[{"id":"gpt-image-2","object":"model"},{"id":"gpt-image-2.6-flare","object":"model"}]}""")
            : Refusal(SubmitFault.Unauthorized)));
    }

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Refused => Error(400, "invalid_request_error", "invalid_value", "Invalid value"),
        SubmitFault.Moderated => Error(400, "image_generation_user_error", "moderation_blocked", "Your request was rejected by the safety system", "input"),
        SubmitFault.RateLimited => Error(429, "requests", "rate_limit_exceeded", "Rate limit reached"),
        SubmitFault.RateLimitedWithRetryAfter => Error(429, "requests", "rate_limit_exceeded", "Rate limit reached", retryAfter: "7"),
        SubmitFault.Unauthorized => Error(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided"),
        SubmitFault.OutOfCredit => Error(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota"),
        _ => Error(500, "server_error", null, "The server had an error"),
    };

    private bool Knows(VendorRequest request) => request.Header("Authorization") == $"Bearer {Key}";

    private VendorReply Made(VendorJob job) => job.Accepted.NextAnswer() switch
    {
        PollAnswer.Moderated => Error(400, "image_generation_user_error", "moderation_blocked", "The image was rejected by the safety system", "output"),
        PollAnswer.Empty => Answer(null),
        _ => Answer(AnswersUrls
            ? new { url = job.Results[0].ToString() }
            : new { b64_json = Convert.ToBase64String(Picture ?? InlineMediaAsync(job).GetAwaiter().GetResult()) }),
    };

    private static VendorReply Answer(object? image) => VendorReply.Json(
        new { created = 1_763_800_000, data = image is null ? Array.Empty<object>() : [image], usage = new { total_tokens = 1_076 } },
        headers: new Dictionary<string, string> { ["x-request-id"] = "req_made" });

    private static VendorReply Error(int status, string type, string? code, string message, string? stage = null, string? retryAfter = null)
    {
        var error = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code };
        if (stage is not null)
        {
            error["moderation_details"] = new JsonObject { ["moderation_stage"] = stage, ["categories"] = new JsonArray("violence") };
        }

        var headers = new Dictionary<string, string> { ["x-request-id"] = "req_refused" };
        if (retryAfter is not null)
        {
            headers["Retry-After"] = retryAfter;
        }

        return VendorReply.Json(new JsonObject { ["error"] = error }.ToJsonString(), status, headers);
    }

    private static Dictionary<string, string> Fields(JsonObject body) => body.ToDictionary(
        member => member.Key,
        member => member.Key == "n" == member.Value?.GetValueKind() is JsonValueKind.Number ? member.Value?.ToString() ?? "" : "of the wrong type");

    private SchemaCheck CheckEdit(VendorRequest request, IFormCollection form)
    {
        var files = form.Files;
        var wrong = files.Count is < 1 or > 16 ? $"{files.Count} images"
            : files.Any(file => file.Name != "image[]" && !(file.Name == "image" && files.Count == 1)) ? "a file's field"
            : files.Any(file => file.ContentType is not ("image/png" or "image/jpeg" or "image/webp") || file.FileName.Length == 0 || file.Length is 0 or > 50_000_000) ? "a file"
            : form.Any(field => field.Value.Count != 1) ? "a field given twice"
            : null;
        var check = Check(request, form.ToDictionary(field => field.Key, field => field.Value.ToString()), edit: true);
        return check with { Wrong = check.Wrong ?? wrong };
    }

    private SchemaCheck Check(VendorRequest request, Dictionary<string, string> fields, bool edit)
    {
        var model = fields.GetValueOrDefault("model", "");
        string[] known = model switch
        {
            "gpt-image-2" => Common,
            "gpt-image-2.5-flare" or "gpt-image-2.5-sunburst" => Since25,
            "gpt-image-2.6-flare" or "gpt-image-2.6-sunburst" => [.. Since25, "complexity"],
            _ => [],
        };
        string[] qualities = model == "gpt-image-2" ? ["low", "medium", "high", "auto"] : ["low", "medium", "high", "auto", "xhigh", "max"];
        var wrong = known.Length == 0 ? $"model {model}"
            : (request.Header("Content-Type") ?? "").StartsWith(edit ? "multipart/form-data" : "application/json", StringComparison.Ordinal) ? null
            : "content type";
        wrong ??= fields.Keys.Except(known).FirstOrDefault() is { } extra ? $"unknown field {extra}" : null;
        wrong ??= fields.GetValueOrDefault("prompt", "") is { Length: >= 1 and <= 32_000 } ? null : "prompt";
        wrong ??= fields.GetValueOrDefault("n") == "1" ? null : "n";
        wrong ??= IsSize(fields.GetValueOrDefault("size", "")) ? null : "size";
        wrong ??= Among("quality", qualities) ?? Among("output_format", "png", "jpeg", "webp");
        wrong ??= known.Contains("background") ? Among("background", "auto", "opaque", "transparent") ?? Among("moderation", "auto", "low") : null;
        wrong ??= known.Contains("complexity") ? Among("complexity", "low", "medium", "high") : null;
        wrong ??= fields.GetValueOrDefault("background") == "transparent" && fields["output_format"] == "jpeg" ? "a transparent jpeg" : null;
        return new SchemaCheck
        {
            Unauthorized = !Knows(request),
            Wrong = wrong,
            Model = model,
            Prompt = fields.GetValueOrDefault("prompt", ""),
            Shape = SchemaCheck.Image,
        };

        string? Among(string name, params string[] values) => values.Contains(fields.GetValueOrDefault(name)) ? null : name;
    }

    private static bool IsSize(string text)
    {
        if (Size().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var (width, height) = (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        return width % 16 == 0 && height % 16 == 0 && Math.Max(width, height) <= 3_840 && Math.Max(width, height) <= 3 * Math.Min(width, height)
            && (long)width * height is >= 655_360 and <= 8_294_400;
    }

    [GeneratedRegex("^([1-9][0-9]{1,3})x([1-9][0-9]{1,3})$")]
    private static partial Regex Size();
}
