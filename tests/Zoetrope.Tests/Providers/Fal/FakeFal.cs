using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Fal;

/// <summary>
/// fal's queue, file storage and webhook keys. Strict: a submit has the model's fields only, its files must have been put into
/// the storage, and a job is asked for at its app's path and never at the model's.
/// </summary>
internal class FakeFal : FakeVendor
{
    private const string LargestDetail = "{\"expiration_duration_seconds\":86400}";
    private readonly ConcurrentDictionary<string, PollAnswer> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);
    private Ed25519PrivateKeyParameters _signer = new(new SecureRandom());
    private WebApplication? _app;
    private int _keyReads;

    public override string Provider => "fal";

    public override string Key => "0f1e2d3c-key:5b6a79880123456789abcdef";

    /// <summary>The queue's and the storage's address, and another one that files are put to.</summary>
    protected override string[] Urls => ["http://127.0.0.1:0", "http://127.0.0.1:0"];

    public int KeyReads => Volatile.Read(ref _keyReads);

    /// <summary>Whether the keys' address answers.</summary>
    public bool KeysAreDown { get; set; }

    public IReadOnlyCollection<Upload> Uploads => [.. _uploads.Values];

    /// <summary>What an input file must answer to be put there; a test makes it fail.</summary>
    public int PutStatus { get; set; } = 200;

    /// <summary>fal signs with a new key from now on.</summary>
    public void ChangeKey() => _signer = new Ed25519PrivateKeyParameters(new SecureRandom());

    /// <summary>A webhook of a job as fal sends it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="at">When it is signed.</param>
    /// <param name="by">Another signer than fal.</param>
    public HttpRequestMessage Webhook(VendorJob job, DateTimeOffset at, Ed25519PrivateKeyParameters? by = null)
    {
        var body = JsonSerializer.Serialize(new { request_id = job.Id, gateway_request_id = job.Id, status = "OK", payload = new { images = new[] { new { url = job.Results[0] } } } });
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var message = Encoding.UTF8.GetBytes($"{job.Id}\nuser-1\n{timestamp}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}");
        var signature = new byte[64];
        (by ?? _signer).Sign(Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.Algorithm.Ed25519, null, message, 0, message.Length, signature, 0);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(CallbackOf(job)!, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Fal-Webhook-Request-Id", job.Id);
        request.Headers.Add("X-Fal-Webhook-User-Id", "user-1");
        request.Headers.Add("X-Fal-Webhook-Timestamp", timestamp);
        request.Headers.Add("X-Fal-Webhook-Signature", Convert.ToHexStringLower(signature));
        return request;
    }

    /// <summary>The path of the address that the submit named; null where it named none.</summary>
    public static string? CallbackOf(VendorJob job) =>
        QueryHelpers.ParseQuery(job.Request.Query).TryGetValue("fal_webhook", out var url) ? new Uri(url.ToString()).AbsolutePath : null;

    protected override string NewId(VendorRequest request, int number) => Guid.NewGuid().ToString();

    protected override void Map(WebApplication app)
    {
        _app = app;
        app.MapPost("/storage/upload/initiate", context => InitiateAsync(context, parts: false));
        app.MapPost("/storage/upload/initiate-multipart", context => InitiateAsync(context, parts: true));
        app.MapPut("/upload/{id}", PutAsync);
        app.MapPut("/upload/{id}/{part:int}", PutPartAsync);
        app.MapPost("/upload/{id}/complete", CompleteAsync);
        app.MapGet("/.well-known/jwks.json", KeysAsync);
        app.MapGet("/{owner}/{name}/requests/{id}/status", StatusAsync);
        app.MapGet("/{owner}/{name}/requests/{id}", ResultAsync);
        app.MapPut("/{owner}/{name}/requests/{id}/cancel", CancelAsync);
        app.MapPost("/{**model}", context => SubmitAsync(context, Check, Accept));
    }

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Refused => Detail(422, "duration", "Input should be '4' or '5'", "literal_error"),
        SubmitFault.Moderated => Detail(422, "prompt", "The content was flagged.", "content_policy_violation"),
        SubmitFault.RateLimited => VendorReply.Json(new { detail = "Too many requests" }, 429),
        SubmitFault.RateLimitedWithRetryAfter => VendorReply.Json(new { detail = "Too many requests" }, 429, new Dictionary<string, string> { ["Retry-After"] = "2" }),
        SubmitFault.Unauthorized => VendorReply.Json(new { detail = "No user found for Key ID and Secret" }, 401),
        SubmitFault.OutOfCredit => VendorReply.Json(new { detail = "User is locked. Reason: Exhausted balance. Top up your balance." }, 403),
        _ => VendorReply.Json(new { detail = "Internal Server Error" }, 500),
    };

    private static VendorReply Detail(int status, string field, string message, string type) =>
        VendorReply.Json(new { detail = new[] { new { loc = new[] { "body", field }, msg = message, type, url = $"https://docs.fal.ai/errors#{type}" } } }, status);

    private bool IsAuthorized(VendorRequest request) => request.Header("Authorization") == $"Key {Key}";

    private SchemaCheck Check(VendorRequest request)
    {
        if (!IsAuthorized(request))
        {
            return new SchemaCheck { Unauthorized = true };
        }

        var model = request.Path.TrimStart('/');
        if (!FalModels.All.TryGetValue(model, out var schema))
        {
            return new SchemaCheck { Wrong = $"{model} is no model" };
        }

        var video = model.Contains("video", StringComparison.Ordinal) || model.Contains("veo", StringComparison.Ordinal);
        var input = request.Json;
        return new SchemaCheck
        {
            Wrong = schema.Check(input, IsReadable)
                ?? (model.Contains("kling-video/v3", StringComparison.Ordinal) && input.ContainsKey("prompt") == input.ContainsKey("multi_prompt") ? "prompt and multi_prompt exclude each other" : null)
                ?? (model.Contains("seedance-2.0", StringComparison.Ordinal) && Files(input) > 12 ? "more than 12 files" : null)
                ?? (request.Header("X-Fal-Object-Lifecycle-Preference") == LargestDetail ? null : "the result would be kept for ever")
                ?? (QueryHelpers.ParseQuery(request.Query).Keys.Any(key => key != "fal_webhook") ? $"{request.Query} is no query" : null),
            Model = model,
            Prompt = input["prompt"]?.GetValue<string>() ?? input["multi_prompt"]?[0]?["prompt"]?.GetValue<string>() ?? "",
            Shape = video ? SchemaCheck.Video : SchemaCheck.Image,
        };
    }

    private static int Files(JsonObject input) => input.Where(field => field.Key.EndsWith("_urls", StringComparison.Ordinal)).Sum(field => field.Value!.AsArray().Count);

    private bool IsReadable(string url) => _uploads.Values.Any(upload => upload.Complete && upload.FileUrl == url);

    private VendorReply Accept(VendorJob job)
    {
        var url = JobUrl(job);
        return VendorReply.Json(new { status = "IN_QUEUE", request_id = job.Id, response_url = url, status_url = $"{url}/status", cancel_url = $"{url}/cancel", queue_position = 2 });
    }

    private string JobUrl(VendorJob job) => $"{Address}{AppOf(job)}/requests/{job.Id}";

    private static string AppOf(VendorJob job) => string.Join('/', job.Accepted.Model.Split('/').Take(2));

    private async Task StatusAsync(HttpContext context)
    {
        if (!await IsAskedRightAsync(context))
        {
            return;
        }

        await PollAsync(
            context,
            (string)context.Request.RouteValues["id"]!,
            (job, answer) =>
            {
                _seen[job.Id] = answer;
                return answer switch
                {
                    PollAnswer.Expired => NotFound,
                    PollAnswer.Queued => VendorReply.Json(new { status = "IN_QUEUE", request_id = job.Id, queue_position = 1, response_url = JobUrl(job) }, 202),
                    PollAnswer.Running => VendorReply.Json(new { status = "IN_PROGRESS", request_id = job.Id, logs = (object?)null, response_url = JobUrl(job) }, 202),
                    PollAnswer.UnknownStatus => VendorReply.Json(new { status = "DISPATCHED", request_id = job.Id }, 202),
                    _ => VendorReply.Json(new { status = "COMPLETED", request_id = job.Id, metrics = new { inference_time = 1.5 }, response_url = JobUrl(job) }),
                };
            },
            NotFound);
    }

    private static VendorReply NotFound => VendorReply.Json(new { detail = "Request not found" }, 404);

    private async Task ResultAsync(HttpContext context)
    {
        if (!await IsAskedRightAsync(context))
        {
            return;
        }

        var job = Find((string)context.Request.RouteValues["id"]!);
        await WriteAsync(context, job is null ? NotFound : _seen.GetValueOrDefault(job.Id) switch
        {
            PollAnswer.Failed => Detail(500, "prompt", "Internal server error", "internal_server_error"),
            PollAnswer.Moderated => Detail(422, "prompt", "The content was flagged.", "content_policy_violation"),
            PollAnswer.Empty => VendorReply.Json(new { images = Array.Empty<object>(), seed = 1 }),
            PollAnswer.Succeeded => VendorReply.Json(job.Accepted.Shape.Format == "mp4"
                ? new { video = new { url = job.Results[0], content_type = "video/mp4", file_name = "out.mp4" } }
                : new { images = job.Results.Select(url => new { url, content_type = "image/png" }) }),
            _ => VendorReply.Json(new { detail = "Request is still in progress" }, 400),
        });
    }

    private async Task CancelAsync(HttpContext context)
    {
        if (!await IsAskedRightAsync(context))
        {
            return;
        }

        var job = Find((string)context.Request.RouteValues["id"]!);
        var seen = job is null ? PollAnswer.Expired : _seen.GetValueOrDefault(job.Id, PollAnswer.Queued);
        if (job is not null && seen is PollAnswer.Queued)
        {
            job.Canceled = true;
        }

        await WriteAsync(context, seen switch
        {
            PollAnswer.Expired => VendorReply.Json(new { status = "NOT_FOUND" }, 404),
            PollAnswer.Queued => VendorReply.Json(new { status = "OK" }),
            PollAnswer.Running or PollAnswer.UnknownStatus => VendorReply.Json(new { status = "CANCELLATION_REQUESTED" }, 202),
            _ => VendorReply.Json(new { status = "ALREADY_COMPLETED" }, 400),
        });
    }

    private async Task<bool> IsAskedRightAsync(HttpContext context)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        var job = Find((string)context.Request.RouteValues["id"]!);
        if (job is not null && AppOf(job) != $"{context.Request.RouteValues["owner"]}/{context.Request.RouteValues["name"]}")
        {
            Violate($"{request.Path} is not the app of {job.Accepted.Model}");
        }

        if (IsAuthorized(request))
        {
            return true;
        }

        Violate($"{request.Path} was asked without the key");
        await WriteAsync(context, Refusal(SubmitFault.Unauthorized));
        return false;
    }

    private async Task InitiateAsync(HttpContext context, bool parts)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        if (!IsAuthorized(request))
        {
            await WriteAsync(context, Refusal(SubmitFault.Unauthorized));
            return;
        }

        var wrong = new VendorSchema("content_type! text; file_name! text").Check(request.Json, static _ => false)
            ?? (request.Query == "?storage_type=fal-cdn-v3" ? null : "the storage is not named")
            ?? (request.Header("X-Fal-Object-Lifecycle") == LargestDetail ? null : "the upload would be kept for ever");
        if (wrong is not null)
        {
            Violate($"{request.Path}: {wrong}: {request.Text}");
        }

        var id = Guid.NewGuid().ToString();
        var upload = new Upload($"https://v3b.fal.example/files/{id}/{request.Json["file_name"]}", request.Json["content_type"]!.GetValue<string>(), parts);
        _uploads[id] = upload;
        await WriteAsync(context, VendorReply.Json(new { upload_url = new Uri(new Uri(_app!.Urls.Last()), $"/upload/{id}?signature=s1"), file_url = upload.FileUrl }));
    }

    private async Task PutAsync(HttpContext context)
    {
        if (Received(context, parts: false) is { } upload && upload.ContentType != context.Request.ContentType)
        {
            Violate($"the file came as {context.Request.ContentType} and not as {upload.ContentType}");
        }

        context.Response.StatusCode = PutStatus;
        await context.Response.CompleteAsync();
    }

    private async Task PutPartAsync(HttpContext context)
    {
        var part = context.Request.RouteValues["part"]!.ToString()!;
        Received(context, parts: true);
        await WriteAsync(context, VendorReply.Json(new { partNumber = int.Parse(part, CultureInfo.InvariantCulture), etag = $"etag-{part}" }));
    }

    private async Task CompleteAsync(HttpContext context)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        var upload = _uploads[(string)context.Request.RouteValues["id"]!];
        var named = request.Json["parts"]!.AsArray().Select(part => $"{part!["partNumber"]}={part["etag"]}").ToList();
        var wanted = Enumerable.Range(1, upload.Received).Select(number => $"{number}=etag-{number}").ToList();
        if (request.Query != "?signature=s1" || !named.SequenceEqual(wanted))
        {
            Violate($"the parts are {string.Join(' ', named)} and not {string.Join(' ', wanted)}");
        }

        upload.Complete = true;
        await WriteAsync(context, VendorReply.Json(new { }));
    }

    private Upload? Received(HttpContext context, bool parts)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        if (request.Header("Authorization") is not null)
        {
            Violate("the key was sent to the address that files are put to");
        }

        if (request.Query != "?signature=s1" || !_uploads.TryGetValue((string)context.Request.RouteValues["id"]!, out var upload) || upload.InParts != parts)
        {
            Violate($"{request.Path}{request.Query} was not initiated");
            return null;
        }

        upload.Add(request.Body);
        upload.Complete = !parts && PutStatus == 200;
        return upload;
    }

    private async Task KeysAsync(HttpContext context)
    {
        Interlocked.Increment(ref _keyReads);
        var x = WebEncoders.Base64UrlEncode(_signer.GeneratePublicKey().GetEncoded());
        await WriteAsync(context, KeysAreDown
            ? VendorReply.Json(new { detail = "down" }, 503)
            : VendorReply.Json(new { keys = new object[] { new { kty = "RSA", n = "AQAB", e = "AQAB" }, new { kty = "OKP", crv = "Ed25519", x } } }));
    }

    /// <summary>A file on its way into the storage.</summary>
    internal sealed class Upload(string fileUrl, string contentType, bool inParts)
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public string FileUrl => fileUrl;

        public string ContentType => contentType;

        public bool InParts => inParts;

        public bool Complete { get; set; }

        public int Received { get; private set; }

        public long Bytes { get; private set; }

        public string Sha256 => Convert.ToHexStringLower(_hash.GetCurrentHash());

        public void Add(byte[] bytes)
        {
            _hash.AppendData(bytes);
            Received++;
            Bytes += bytes.Length;
        }
    }
}
