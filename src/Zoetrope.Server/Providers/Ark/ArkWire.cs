using System.Globalization;
using System.Text.Json;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Ark;

/// <summary>Ark's words: paths, bodies, answers and errors.</summary>
internal static class ArkWire
{
    public const string Tasks = "contents/generations/tasks";
    public const string Images = "images/generations";
    public const string Queued = "queued";
    public const string Canceled = "cancelled";

    /// <summary>The route's particular that names the field for our attempt id.</summary>
    public const string JobTag = "jobTag";

    /// <summary>The route's id of the model at Volcengine, in mainland China.</summary>
    public const string MainlandModel = "mainlandModel";

    private const string ImageHandle = "images:";

    /// <summary>Stands in for an image's request id: its handle holds signed URLs and is nothing to show.</summary>
    private const string Untold = "not told";

    private static readonly TimeSpan PollAfter = TimeSpan.FromSeconds(5);

    /// <summary>By a part of the code, the first that fits: codes are built as Family.Detail, and families share words.</summary>
    private static readonly (string Part, ProviderErrorKind Kind)[] Kinds =
    [
        ("SensitiveContentDetected", ProviderErrorKind.ContentRefused),
        ("RiskDetection", ProviderErrorKind.ContentRefused),
        ("ContentSecurityDetectionError", ProviderErrorKind.Unavailable),
        ("AccountOverdue", ProviderErrorKind.QuotaExhausted),
        ("ServiceOverdue", ProviderErrorKind.QuotaExhausted),
        ("InvalidSubscription", ProviderErrorKind.QuotaExhausted),
        ("SetLimitExceeded", ProviderErrorKind.QuotaExhausted),
        ("RateLimitExceeded", ProviderErrorKind.RateLimited),
        ("RequestBurstTooFast", ProviderErrorKind.RateLimited),
        ("ServerOverloaded", ProviderErrorKind.RateLimited),
        ("InflightBatchsizeExceeded", ProviderErrorKind.RateLimited),
        ("FlowLimitExceeded", ProviderErrorKind.RateLimited),
        ("AuthenticationError", ProviderErrorKind.Auth),
        ("MissingAuthenticationToken", ProviderErrorKind.Auth),
        ("InvalidAccountStatus", ProviderErrorKind.Auth),
        ("AccessDenied", ProviderErrorKind.Auth),
        ("OperationDenied.PermissionDenied", ProviderErrorKind.Auth),
        ("OperationDenied.ServiceNotOpen", ProviderErrorKind.Auth),
        ("OperationDenied", ProviderErrorKind.Unavailable),
        ("InvalidEndpoint", ProviderErrorKind.Unavailable),
        ("ModelNotOpen", ProviderErrorKind.Unavailable),
        ("UnsupportedModel", ProviderErrorKind.Unavailable),
        ("MissingParameter", ProviderErrorKind.InvalidInput),
        ("InvalidParameter", ProviderErrorKind.InvalidInput),
        ("InvalidArgument", ProviderErrorKind.InvalidInput),
        ("InvalidImageURL", ProviderErrorKind.InvalidInput),
        ("OutofContext", ProviderErrorKind.InvalidInput),
        ("InternalService", ProviderErrorKind.Unavailable),
        ("ServiceUnavailable", ProviderErrorKind.Unavailable),
    ];

    public static string Task(string id) => $"{Tasks}/{Uri.EscapeDataString(id)}";

    public static string List(int page, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{Tasks}?page_num={page}&page_size={size}");

    /// <summary>Volcengine, where the same models have other ids.</summary>
    public static bool IsMainland(Uri baseUrl) =>
        baseUrl.Host.EndsWith(".volces.com", StringComparison.OrdinalIgnoreCase)
            || baseUrl.Host.EndsWith(".volcengine.com", StringComparison.OrdinalIgnoreCase);

    public static PreparedSubmit Prepare(ProviderRequest request, bool mainland)
    {
        var prepared = PreparedSubmit.Of(
            request,
            static (body, input) => body.DataUri(input),
            modelField: "model",
            model: mainland ? request.Route.ExtraText(MainlandModel) : null);
        if (request.Route.ExtraText(JobTag) is { } tag)
        {
            prepared.Body.Json[tag] = request.AttemptId;
        }

        if (request.Output.Media is MediaType.Video && request.CallbackUrl is { } callback)
        {
            prepared.Body.Json["callback_url"] = callback.AbsoluteUri;
        }

        return prepared;
    }

    public static SubmitResult? ReadCreated(VendorAnswer answer) =>
        answer.Json.TextAt("id") is { Length: > 0 } id ? new SubmitResult.Accepted(id, PollAfter, RequestId(answer)) : null;

    /// <summary>An image that moderation removes from a success has an error in its place.</summary>
    public static SubmitResult? ReadImages(VendorAnswer answer)
    {
        var items = answer.Json.ItemsAt("data").ToList();
        var urls = items.Select(item => item.UrlAt("url")).OfType<Uri>().ToList();
        if (urls.Count == 0 && (ErrorIn(answer.Json) ?? items.Select(ErrorIn).FirstOrDefault(error => error is not null)) is { } refused)
        {
            return new SubmitResult.Refused(refused);
        }

        return answer.Json.At("data") is { ValueKind: JsonValueKind.Array }
            ? new SubmitResult.Completed(
                ImageHandle + JsonSerializer.Serialize(urls.Select(url => url.AbsoluteUri)), Outputs(urls), RequestId(answer) ?? Untold)
            : null;
    }

    /// <summary>What became of an image submit, from its handle; null where the handle is a task's.</summary>
    public static PollResult? ImagesOf(string handle)
    {
        if (!handle.StartsWith(ImageHandle, StringComparison.Ordinal))
        {
            return null;
        }

        var urls = (JsonSerializer.Deserialize<List<string>>(handle[ImageHandle.Length..]) ?? [])
            .Select(JsonReading.AsUrl)
            .OfType<Uri>()
            .ToList();
        return urls.Count > 0 ? new PollResult.Succeeded(Outputs(urls)) : Empty();
    }

    /// <summary>The state of a task; null where the answer says nothing about it.</summary>
    public static PollResult? ReadTask(VendorAnswer answer)
    {
        if (!answer.IsSuccess)
        {
            return answer.Status == 404 && answer.Json.TextAt("error", "code") is { } code && IsForgotten(code)
                ? new PollResult.Failed(
                    new ProviderError(
                        ProviderErrorKind.Expired, code, answer.Json.TextAt("error", "message") ?? "Ark does not know this task."))
                : null;
        }

        return answer.Json.TextAt("status") switch
        {
            null => null,
            "succeeded" => answer.Json.UrlAt("content", "video_url") is { } url ? new PollResult.Succeeded(Outputs([url])) : Empty(),
            "failed" =>
                new PollResult.Failed(
                    ErrorIn(answer.Json) ?? new ProviderError(ProviderErrorKind.Unavailable, "failed", "Ark gave no reason.")),
            "expired" => new PollResult.Failed(ErrorIn(answer.Json) is { } error
                ? error with { Kind = ProviderErrorKind.Expired }
                : new ProviderError(ProviderErrorKind.Expired, "expired", "Ark did not finish the task in time.")),
            Canceled => new PollResult.Failed(new ProviderError(ProviderErrorKind.Canceled, Canceled, "The task was cancelled at Ark.")),
            _ => new PollResult.Running(PollAfter: PollAfter),
        };
    }

    public static readonly TimeSpan ListedFor = TimeSpan.FromDays(7);

    /// <summary>A task of a list; null where it cannot be read.</summary>
    public static ListedJob? Listed(JsonElement task) =>
        JsonReading.AsId(task.TextAt("id")) is { } id && task.NumberAt("created_at") is { } seconds
            ? new ListedJob(id, DateTimeOffset.FromUnixTimeSeconds((long)seconds), task.TextAt("status") ?? "")
            {
                AttemptId = task.TextAt("safety_identifier"),
                IsFree = task.TextAt("status") is "failed" or "cancelled" or "expired",
            }
            : null;

    /// <summary>The one task that carries our attempt id.</summary>
    public static LookupResult? FindTagged(VendorAnswer answer, string tag, string attemptId, out int listed)
    {
        listed = 0;
        if (!answer.IsSuccess || answer.Json.At("items") is not { ValueKind: JsonValueKind.Array })
        {
            return null;
        }

        var items = answer.Json.ItemsAt("items").ToList();
        listed = items.Count;
        var ours = items.Where(item => item.TextAt(tag) == attemptId).Select(item => item.TextAt("id")).OfType<string>().ToList();
        return ours.Count switch
        {
            1 => new LookupResult.Found(ours[0]),
            0 => new LookupResult.Undecided($"none of {listed} listed tasks carries the id of this attempt"),
            _ => new LookupResult.Undecided($"{ours.Count} listed tasks carry the id of this attempt"),
        };
    }

    public static CheckResult? ReadCheck(VendorAnswer answer) => answer.IsSuccess
        ? new CheckResult.Proven(
            answer.Json.NumberAt("total") is { } total
                ? string.Create(CultureInfo.InvariantCulture, $"the key may list its tasks: {total:0} within seven days")
                : "the key may list its tasks")
        : Refusal(answer) is { } error ? new CheckResult.Rejected(error) : null;

    public static string? TaskOfCallback(ReadOnlyMemory<byte> body) => JsonReading.AsId(JsonReading.Parse(body).TextAt("id"));

    /// <summary>Why a submit was not accepted; null if the task may exist nevertheless.</summary>
    public static ProviderError? Refusal(VendorAnswer answer)
    {
        if (VendorClient.ByStatus(answer) is not { } byStatus)
        {
            return null;
        }

        var code = answer.Json.TextAt("error", "code");
        var message = answer.Json.TextAt("error", "message") ?? byStatus.VendorMessage;
        return byStatus with
        {
            Kind = KindOf(code, message) ?? byStatus.Kind,
            VendorCode = code ?? byStatus.VendorCode,
            VendorMessage = message,
        };
    }

    /// <summary>Its word for "not now": the error object with a code that says so. <c>InternalServiceError</c> does not.</summary>
    public static ProviderError? NotNow(VendorAnswer answer) =>
        answer.Json.TextAt("error", "code") is { } code
        && (code.StartsWith("ServiceUnavailable", StringComparison.Ordinal)
            || code.StartsWith("ServerOverloaded", StringComparison.Ordinal))
            ? VendorClient.NotNow(answer, code, answer.Json.TextAt("error", "message") ?? "The service is unavailable.")
            : null;

    /// <summary>The vendor's code in our words; null for one that is not in its documents.</summary>
    public static ProviderErrorKind? KindOf(string? code, string message)
    {
        if (code is null)
        {
            return null;
        }

        // One code for a spent package and for too many waiting tasks; only the text differs.
        if (code.StartsWith("QuotaExceeded", StringComparison.Ordinal))
        {
            return message.Contains("queue", StringComparison.OrdinalIgnoreCase)
                ? ProviderErrorKind.RateLimited
                : ProviderErrorKind.QuotaExhausted;
        }

        foreach (var (part, kind) in Kinds)
        {
            if (code.Contains(part, StringComparison.Ordinal))
            {
                return kind;
            }
        }

        return null;
    }

    private static ProviderError? ErrorIn(JsonElement json)
    {
        // A list says failure_reason where a task says error.
        var error = json.At("error") is { ValueKind: JsonValueKind.Object } known ? known : json.At("failure_reason");
        if (error is not { ValueKind: JsonValueKind.Object } said)
        {
            return null;
        }

        var code = said.TextAt("code") ?? "failed";
        var message = said.TextAt("message") ?? "";
        return new ProviderError(KindOf(code, message) ?? ProviderErrorKind.Unavailable, code, message);
    }

    private static bool IsForgotten(string code) =>
        code.Contains("NotFound", StringComparison.Ordinal) && !code.StartsWith("InvalidEndpoint", StringComparison.Ordinal);

    private static PollResult Empty() =>
        new PollResult.Failed(new ProviderError(ProviderErrorKind.BadOutput, "no_file", "Ark reported success without a file."));

    private static IReadOnlyList<ProviderOutput> Outputs(IEnumerable<Uri> urls) => [.. urls.Select(url => new ProviderOutput(url, null))];

    private static string? RequestId(VendorAnswer answer) => answer.Header("X-Request-Id");
}
