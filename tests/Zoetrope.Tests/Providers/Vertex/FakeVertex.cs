using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;
using Zoetrope.Tests.Providers.Google;

namespace Zoetrope.Tests.Providers.Vertex;

/// <summary>Vertex AI's Veo and pictures, with the token endpoint and Cloud Storage on the same port. Results come inside the answers.</summary>
internal class FakeVertex : FakeVendor
{
    public const string Project = "film-project";
    private const string Email = "zoetrope@film-project.iam.gserviceaccount.com";
    private readonly TemporaryDirectory _directory = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private int _tokens;

    public override string Provider => "vertex";

    public override string Key => WriteKey("key.json", Email, new Uri(Address, "/token").ToString());

    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?> { ["Vertex:StorageUrl"] = Address.ToString() };

    /// <summary>Tokens given out; only the last one is good.</summary>
    public int Tokens => Volatile.Read(ref _tokens);

    /// <summary>The folder that a start must name; null for none.</summary>
    protected virtual string? Folder => null;

    public string WriteKey(string name, string email, string tokenUrl)
    {
        var path = _directory.File(name);
        if (File.Exists(path))
        {
            return path;
        }

        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            type = "service_account",
            project_id = Project,
            private_key_id = "k1",
            private_key = _rsa.ExportPkcs8PrivateKeyPem(),
            client_email = email,
            token_uri = tokenUrl,
        }));
        return path;
    }

    /// <summary>The tokens so far are good no more.</summary>
    public void ExpireTokens() => Interlocked.Add(ref _tokens, 1_000);

    protected override void Map(WebApplication app)
    {
        app.MapPost("/token", TokenAsync);
        app.MapPost("/v1/projects/{project}/locations/{location}/publishers/google/models/{model}", ModelAsync);
        app.MapGet("/storage/v1/b/{bucket}/o", ListAsync);
        app.MapGet("/storage/v1/b/{bucket}/o/{name}", ObjectAsync);
    }

    protected override string NewId(VendorRequest request, int number) =>
        $"{request.Path["/v1/".Length..request.Path.LastIndexOf(':')]}/operations/{Guid.NewGuid():d}";

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Unauthorized => new(401, GoogleSchema.Error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", new { reason = "ACCESS_TOKEN_EXPIRED" })),
        SubmitFault.OutOfCredit => new(403, GoogleSchema.Error(403, "PERMISSION_DENIED", "This API method requires billing to be enabled.", new { reason = "BILLING_DISABLED" })),
        SubmitFault.RateLimited => new(429, GoogleSchema.Error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: veo.")),
        SubmitFault.RateLimitedWithRetryAfter => new(429, GoogleSchema.Error(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", new { retryDelay = "1.5s" })),
        SubmitFault.Moderated => new(400, GoogleSchema.Error(400, "INVALID_ARGUMENT", "The prompt could not be submitted. It contains sensitive words that violate Google's Responsible AI practices. Support codes: 62263041")),
        SubmitFault.Refused => new(400, GoogleSchema.Error(400, "INVALID_ARGUMENT", "Unsupported value for durationSeconds.")),
        _ => new(500, GoogleSchema.Error(500, "INTERNAL", "Internal error encountered.")),
    };

    private async Task TokenAsync(HttpContext context)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        var form = request.Text.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        var jwt = form.GetValueOrDefault("assertion", "..").Split('.');
        var claims = JsonNode.Parse(Base64Url(jwt[1]))!;
        var signed = _rsa.VerifyData(Encoding.ASCII.GetBytes($"{jwt[0]}.{jwt[1]}"), Base64Url(jwt[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (!signed || form.GetValueOrDefault("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || (string?)claims["scope"] != "https://www.googleapis.com/auth/cloud-platform")
        {
            Violate($"the grant is wrong: {claims.ToJsonString()}");
        }

        await WriteAsync(context, (string?)claims["iss"] == Email
            ? VendorReply.Json(new { access_token = Token(Interlocked.Increment(ref _tokens)), expires_in = 3_599, token_type = "Bearer" })
            : VendorReply.Json(new { error = "invalid_grant", error_description = "Invalid grant: account not found" }, 400));
    }

    private async Task ModelAsync(HttpContext context, string model)
    {
        var colon = model.IndexOf(':', StringComparison.Ordinal);
        if (model[colon..] == ":predictLongRunning")
        {
            await SubmitAsync(context, Check, job => VendorReply.Json(new { name = job.Id }), request => (string?)request.Json["parameters"]!["storageUri"]);
            return;
        }

        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        if (model[colon..] == ":generateContent")
        {
            var picture = Convert.ToBase64String(await FakeMedia.MakeAsync(SchemaCheck.Image with { Format = "jpeg" }));
            await SubmitAsync(context, _ => CheckPicture(request, model), job => GooglePictures.Answer(job, picture));
            return;
        }

        if (model[colon..] != ":fetchPredictOperation" || GoogleSchema.Fields(request.Json, "body", "operationName") is not null)
        {
            Violate($"{request.Path} with {request.Text}");
        }

        if (!IsAuthorized(request))
        {
            await WriteAsync(context, Refusal(SubmitFault.Unauthorized));
            return;
        }

        var id = (string?)request.Json["operationName"] ?? "";
        if (!id.StartsWith(request.Path["/v1/".Length..request.Path.LastIndexOf(':')] + "/operations/", StringComparison.Ordinal))
        {
            Violate($"{id} is not read at its model");
        }

        var media = Find(id) is { } known && Folder is null ? Convert.ToBase64String(await InlineMediaAsync(known)) : "";
        await PollAsync(context, id, (job, answer) => Answer(job, answer, media), new VendorReply(404, GoogleSchema.Error(404, "NOT_FOUND", "The operation is unknown.")));
    }

    private VendorReply Answer(VendorJob job, PollAnswer answer, string media)
    {
        object Done(object response) => new { name = job.Id, done = true, response };
        return answer switch
        {
            PollAnswer.Queued => VendorReply.Json(new { name = job.Id }),
            PollAnswer.UnknownStatus => VendorReply.Json(new { name = job.Id, done = "soon", metadata = new { mood = "pensive" } }),
            PollAnswer.Running => VendorReply.Json(new { name = job.Id, done = false }),
            PollAnswer.Failed => VendorReply.Json(new { name = job.Id, done = true, error = new { code = 13, message = "Internal error." } }),
            PollAnswer.Expired => new VendorReply(404, GoogleSchema.Error(404, "NOT_FOUND", "The operation is unknown.")),
            PollAnswer.Moderated => VendorReply.Json(Done(new { raiMediaFilteredCount = 1, raiMediaFilteredReasons = new[] { "We could not make the video. Support codes: 42237218" } })),
            PollAnswer.Empty => VendorReply.Json(Done(new { raiMediaFilteredCount = 0 })),
            _ => VendorReply.Json(Done(new { raiMediaFilteredCount = 0, videos = new[] { Folder is null ? (object)new { bytesBase64Encoded = media, mimeType = "video/mp4" } : new { gcsUri = job.Accepted.ClientId + "sample_0.mp4", mimeType = "video/mp4" } } })),
        };
    }

    private SchemaCheck CheckPicture(VendorRequest request, string model)
    {
        var check = GooglePictures.Check(request, model, "jpeg");
        return check with
        {
            Unauthorized = !IsAuthorized(request),
            Wrong = request.Path.StartsWith($"/v1/projects/{Project}/locations/global/", StringComparison.Ordinal) ? check.Wrong : "project or location",
        };
    }

    private SchemaCheck Check(VendorRequest request)
    {
        var json = request.Json;
        var instance = json["instances"]?[0];
        var parameters = json["parameters"];
        var model = request.Path[(request.Path.LastIndexOf('/') + 1)..request.Path.LastIndexOf(':')];
        return new SchemaCheck
        {
            Unauthorized = !IsAuthorized(request),
            Prompt = (string?)instance?["prompt"] ?? "",
            Model = model,
            Shape = SchemaCheck.Video,
            Wrong = (request.Path.StartsWith($"/v1/projects/{Project}/locations/us-central1/", StringComparison.Ordinal) ? null : "project or location")
                ?? GoogleSchema.OneOf(JsonValue.Create(model), "model", "veo-3.1-generate-001", "veo-3.1-fast-generate-001", "veo-3.1-lite-generate-001")
                ?? GoogleSchema.Fields(json, "body", "instances", "parameters")
                ?? (json["instances"] is JsonArray { Count: 1 } ? null : "exactly one instance")
                ?? CheckInstance(instance!)
                ?? CheckParameters(parameters, instance!["referenceImages"] is not null, model.Contains("lite", StringComparison.Ordinal)),
        };
    }

    private static string? CheckInstance(JsonNode instance)
    {
        var pictures = new[] { "image", "lastFrame" }.Where(name => instance[name] is not null).Select(name => GoogleSchema.Picture(instance[name], name, "bytesBase64Encoded", "mimeType"));
        var references = (instance["referenceImages"] as JsonArray ?? []).SelectMany(reference => new[]
        {
            GoogleSchema.Fields(reference, "referenceImages[]", "image", "referenceType"),
            GoogleSchema.OneOf(reference!["referenceType"], "referenceType", "asset", "style") ?? GoogleSchema.Required(reference["referenceType"], "referenceType"),
            GoogleSchema.Picture(reference["image"], "referenceImages[].image", "bytesBase64Encoded", "mimeType"),
        }).ToList();
        return GoogleSchema.Fields(instance, "instance", "prompt", "image", "lastFrame", "referenceImages")
            ?? GoogleSchema.Required(instance["prompt"], "prompt")
            ?? (instance["image"] is not null && references.Count > 0 ? "image and referenceImages exclude each other" : null)
            ?? (instance["lastFrame"] is not null && instance["image"] is null ? "lastFrame without image" : null)
            ?? (references.Count > 9 ? "more than three references" : null)
            ?? pictures.Concat(references).FirstOrDefault(wrong => wrong is not null);
    }

    private string? CheckParameters(JsonNode? parameters, bool references, bool lite)
    {
        var large = (string?)parameters?["resolution"] is "1080p" or "4k";
        return GoogleSchema.Fields(parameters, "parameters", "sampleCount", "durationSeconds", "aspectRatio", "resolution", "generateAudio", "negativePrompt", "personGeneration", "seed", "storageUri")
            ?? GoogleSchema.Whole(parameters!["sampleCount"], "sampleCount", 1, 4)
            ?? (parameters["durationSeconds"]?.ToJsonString() is "4" or "6" or "8" ? null : "durationSeconds")
            ?? (references || large ? (parameters["durationSeconds"]!.ToJsonString() == "8" ? null : "8 seconds only") : null)
            ?? GoogleSchema.OneOf(parameters["aspectRatio"], "aspectRatio", "16:9", "9:16")
            ?? GoogleSchema.OneOf(parameters["resolution"], "resolution", lite ? ["720p", "1080p"] : ["720p", "1080p", "4k"])
            ?? (parameters["generateAudio"]?.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : "generateAudio is required")
            ?? GoogleSchema.OneOf(parameters["personGeneration"], "personGeneration", "dont_allow", "allow_adult")
            ?? GoogleSchema.Whole(parameters["seed"], "seed", 0, uint.MaxValue)
            ?? ((string?)parameters["storageUri"] is var folder && (folder is null ? Folder is null : Folder is not null && folder.StartsWith(Folder, StringComparison.Ordinal) && folder.EndsWith('/')) ? null : "storageUri");
    }

    private bool IsAuthorized(VendorRequest request) => request.Header("Authorization") == $"Bearer {Token(Tokens)}";

    private static string Token(int number) => number.ToString("x32", CultureInfo.InvariantCulture);

    private async Task ListAsync(HttpContext context, string bucket)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        var prefix = $"gs://{bucket}/{context.Request.Query["prefix"]}";
        await WriteAsync(context, IsAuthorized(request)
            ? VendorReply.Json(new { kind = "storage#objects", items = Jobs.Where(job => job.Accepted.ClientId == prefix).Select(job => new { name = ObjectOf(job), size = "1" }) })
            : Refusal(SubmitFault.Unauthorized));
    }

    private async Task ObjectAsync(HttpContext context, string bucket, string name)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        if (!IsAuthorized(request) || context.Request.Query["alt"] != "media")
        {
            Violate($"{request.Path}{request.Query}: without token or alt=media");
        }

        if (Jobs.FirstOrDefault(job => job.Accepted.ClientId.StartsWith($"gs://{bucket}/", StringComparison.Ordinal) && ObjectOf(job) == Uri.UnescapeDataString(name)) is not { } found)
        {
            await WriteAsync(context, new VendorReply(404, GoogleSchema.Error(404, "notFound", "No such object.")));
            return;
        }

        await ResultAsync(context, found.Id, 0);
    }

    private static string ObjectOf(VendorJob job) => job.Accepted.ClientId[(job.Accepted.ClientId.IndexOf('/', "gs://".Length) + 1)..] + "sample_0.mp4";

    private static byte[] Base64Url(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
}

/// <summary>The same with results in a folder of Cloud Storage.</summary>
internal sealed class FakeVertexStorage : FakeVertex
{
    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(base.Settings) { ["Vertex:StorageUri"] = "gs://film-bucket/out" };

    protected override string Folder => "gs://film-bucket/out/att_";
}
