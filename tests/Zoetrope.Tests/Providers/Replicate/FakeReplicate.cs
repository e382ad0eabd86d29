using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Replicate;

/// <summary>Replicate's predictions, files and webhook secret. Strict about the body's and the models' fields; it lists what it took with the input it was given.</summary>
internal sealed partial class FakeReplicate : FakeVendor
{
    private const int PageSize = 100;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _created = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _files = new(StringComparer.Ordinal);
    private byte[] _secret = RandomNumberGenerator.GetBytes(24);
    private int _secretReads;

    public override string Provider => "replicate";

    public override string Key => "r8_0123456789abcdefghijklmnopqrstuvwxyz";

    public override Uri BaseUrl => new(Address, "/v1/");

    /// <summary>The clock of the server under test, so that both mean the same by now.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public int SecretReads => Volatile.Read(ref _secretReads);

    /// <summary>Whether inputs of listed predictions are erased, as they are after an hour.</summary>
    public bool ErasesInputs { get; set; }

    /// <summary>The account gets another secret.</summary>
    public void ChangeSecret() => _secret = RandomNumberGenerator.GetBytes(24);

    /// <summary>A webhook of a job as Replicate sends it.</summary>
    public HttpRequestMessage Webhook(VendorJob job, DateTimeOffset at, byte[]? by = null)
    {
        var body = Prediction(job, PollAnswer.Succeeded).ToJsonString();
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(by ?? _secret, Encoding.UTF8.GetBytes($"msg_1.{timestamp}.{body}")));
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(job.Request.Json["webhook"]!.GetValue<string>()).AbsolutePath, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", "msg_1");
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", $"v1,AAAA v1,{signature}");
        return request;
    }

    // The seed that an attempt gets changes with the attempt.
    public override string Reviewable(string request) =>
        AttemptsSeed().Replace(request, match => match.Groups[1].Value is "2147483647" or "4294967295" ? match.Value : "\"seed\": <of the attempt>");

    protected override string NewId(VendorRequest request, int number) => Guid.NewGuid().ToString("n")[..26];

    protected override void Map(WebApplication app)
    {
        app.MapPost("/v1/models/{owner}/{name}/predictions", context => SubmitAsync(context, Check, job => VendorReply.Json(Prediction(job, PollAnswer.Queued).ToJsonString(), 201)));
        app.MapGet("/v1/predictions", ListAsync);
        app.MapGet("/v1/predictions/{id}", ReadAsync);
        app.MapPost("/v1/predictions/{id}/cancel", CancelAsync);
        app.MapPost("/v1/files", UploadAsync);
        app.MapGet("/v1/webhooks/default/secret", context =>
        {
            Interlocked.Increment(ref _secretReads);
            return AnswerAsync(context, () => VendorReply.Json(new { key = "whsec_" + Convert.ToBase64String(_secret) }));
        });
        app.MapGet("/v1/account", context => AnswerAsync(context, static () => VendorReply.Json(new { type = "user", username = "zoetrope" })));
    }

    protected override void Accepted(VendorJob job) => _created[job.Id] = Clock.GetUtcNow();

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Refused => Problem(422, "Input validation failed", "- input.duration: Must be less than or equal to 15\n"),
        SubmitFault.Moderated => Problem(422, "Input refused", "The input was flagged as sensitive."),
        SubmitFault.RateLimited => Problem(429, "Too Many Requests", "Request was throttled. Your rate limit resets in ~3s."),
        SubmitFault.RateLimitedWithRetryAfter => VendorReply.Json(new { detail = "Request was throttled.", status = 429 }, 429, new Dictionary<string, string> { ["Retry-After"] = "2" }),
        SubmitFault.Unauthorized => Problem(401, "Unauthenticated", "You did not pass a valid authentication token"),
        SubmitFault.OutOfCredit => Problem(402, "Insufficient credit", "You have insufficient credit to run this model."),
        _ => Problem(500, "Internal server error", "Something went wrong"),
    };

    private static VendorReply Problem(int status, string title, string detail) => VendorReply.Json(new { title, detail, status }, status);

    private bool IsAuthorized(VendorRequest request) => request.Header("Authorization") == $"Bearer {Key}";

    private SchemaCheck Check(VendorRequest request)
    {
        if (!IsAuthorized(request))
        {
            return new SchemaCheck { Unauthorized = true };
        }

        var parts = request.Path.Split('/');
        var model = $"{parts[3]}/{parts[4]}";
        var body = request.Json;
        if (!ReplicateModels.All.TryGetValue(model, out var schema) || body["input"] is not JsonObject input)
        {
            return new SchemaCheck { Wrong = $"{model} is no model, or there is no input" };
        }

        var video = model.Contains("seedance", StringComparison.Ordinal) || model.Contains("veo", StringComparison.Ordinal) || model.Contains("kling", StringComparison.Ordinal);
        return new SchemaCheck
        {
            Wrong = schema.Check(input, IsReadable)
                ?? body.Select(field => field.Key).FirstOrDefault(name => name is not ("input" or "webhook" or "webhook_events_filter"))
                ?? (request.Header("Cancel-After") == "30m" ? null : "it has no Cancel-After")
                ?? (request.Header("Prefer") is null ? null : "a waiting submit can be bought twice"),
            Model = model,
            Prompt = input["prompt"]?.GetValue<string>() ?? "",
            Shape = video ? SchemaCheck.Video : SchemaCheck.Image,
        };
    }

    private bool IsReadable(string text) =>
        _files.Values.Contains(text) || (text.StartsWith("data:", StringComparison.Ordinal) && text.Length <= 262_144 && text.Contains(";base64,", StringComparison.Ordinal));

    private JsonObject Prediction(VendorJob job, PollAnswer answer)
    {
        var prediction = new JsonObject
        {
            ["id"] = job.Id,
            ["model"] = job.Accepted.Model,
            ["version"] = "hidden",
            ["input"] = ErasesInputs ? new JsonObject() : job.Request.Json["input"]!.DeepClone(),
            ["logs"] = "",
            ["output"] = null,
            ["data_removed"] = ErasesInputs,
            ["error"] = null,
            ["source"] = "api",
            ["status"] = answer switch
            {
                PollAnswer.Queued => "starting",
                PollAnswer.Succeeded or PollAnswer.Empty => "succeeded",
                PollAnswer.Failed or PollAnswer.Moderated => "failed",
                PollAnswer.UnknownStatus => "warming",
                _ => "processing",
            },
            ["created_at"] = _created.GetValueOrDefault(job.Id, Clock.GetUtcNow()).ToString("O", CultureInfo.InvariantCulture),
            ["urls"] = new JsonObject { ["get"] = $"{BaseUrl}predictions/{job.Id}", ["cancel"] = $"{BaseUrl}predictions/{job.Id}/cancel" },
        };
        if (job.Canceled)
        {
            prediction["status"] = "canceled";
        }
        else if (answer == PollAnswer.Succeeded)
        {
            // One model answers with a text, another with a list.
            prediction["output"] = job.Number % 2 == 0 ? job.Results[0].AbsoluteUri : new JsonArray(job.Results[0].AbsoluteUri);
        }
        else if (answer is PollAnswer.Failed or PollAnswer.Moderated)
        {
            prediction["error"] = answer is PollAnswer.Failed ? "Prediction failed: director: unexpected error handling prediction (E1000)" : "The input or output was flagged as sensitive. Please try again with different inputs. (E005) (p8Qk)";
        }

        return prediction;
    }

    private Task ReadAsync(HttpContext context) => PollAsync(
        context,
        (string)context.Request.RouteValues["id"]!,
        (job, answer) => answer is PollAnswer.Expired ? NotFound : VendorReply.Json(Prediction(job, answer).ToJsonString()),
        NotFound);

    private static VendorReply NotFound => Problem(404, "Not found", "The requested resource could not be found.");

    private Task ListAsync(HttpContext context) => AnswerAsync(context, () =>
    {
        var from = context.Request.Query.TryGetValue("cursor", out var cursor) ? int.Parse(cursor.ToString(), CultureInfo.InvariantCulture) : 0;
        var all = Jobs.Reverse().ToList();
        return VendorReply.Json(new JsonObject
        {
            ["previous"] = null,
            ["next"] = from + PageSize < all.Count ? $"{BaseUrl}predictions?cursor={from + PageSize}" : null,
            ["results"] = new JsonArray([.. all.Skip(from).Take(PageSize).Select(job => Prediction(job, PollAnswer.Running))]),
        }.ToJsonString());
    });

    private Task CancelAsync(HttpContext context) => AnswerAsync(context, () =>
    {
        if (Find((string)context.Request.RouteValues["id"]!) is not { } job)
        {
            return NotFound;
        }

        job.Canceled = !job.Accepted.Plan.RefusesCancel;
        return VendorReply.Json(Prediction(job, PollAnswer.Running).ToJsonString());
    });

    private async Task UploadAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        if (form.Files.GetFile("content") is not { Length: > 0 } file || file.ContentType != form["type"] || file.FileName != form["filename"])
        {
            Violate($"the upload is not content, filename and type: {string.Join(' ', form.Keys)}");
            await WriteAsync(context, Problem(422, "Input validation failed", "- content is required"));
            return;
        }

        await AnswerAsync(context, () =>
        {
            var id = Guid.NewGuid().ToString("n");
            var url = $"{BaseUrl}files/{id}";
            _files[id] = url;
            return VendorReply.Json(new { id, content_type = file.ContentType, size = file.Length, urls = new { get = url } }, 201);
        });
    }

    private async Task AnswerAsync(HttpContext context, Func<VendorReply> answer) =>
        await WriteAsync(context, IsAuthorized((VendorRequest)context.Items[typeof(VendorRequest)]!) ? answer() : Refusal(SubmitFault.Unauthorized));

    [GeneratedRegex("\"seed\": ([0-9]{2,})")]
    private static partial Regex AttemptsSeed();
}
