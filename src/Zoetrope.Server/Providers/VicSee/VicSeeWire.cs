using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.VicSee;

/// <summary>The words of VicSee's API, which are also ours: paths, answers and what its error codes mean.</summary>
internal static partial class VicSeeWire
{
    private static readonly FrozenDictionary<string, ProviderErrorKind> Kinds = new Dictionary<string, ProviderErrorKind>
    {
        ["MISSING_AUTH_HEADER"] = ProviderErrorKind.Auth,
        ["INVALID_AUTH_FORMAT"] = ProviderErrorKind.Auth,
        ["INVALID_KEY_FORMAT"] = ProviderErrorKind.Auth,
        ["INVALID_API_KEY"] = ProviderErrorKind.Auth,
        ["FORBIDDEN"] = ProviderErrorKind.Auth,
        ["INSUFFICIENT_CREDITS"] = ProviderErrorKind.QuotaExhausted,
        ["RATE_LIMITED"] = ProviderErrorKind.RateLimited,
        ["TOO_MANY_IN_FLIGHT"] = ProviderErrorKind.RateLimited,
        ["INVALID_MODEL"] = ProviderErrorKind.Unavailable,
        ["MODEL_UNAVAILABLE"] = ProviderErrorKind.Unavailable,
        ["PROVIDER_UNAVAILABLE"] = ProviderErrorKind.Unavailable,
        ["GENERATION_FAILED"] = ProviderErrorKind.Unavailable,
        ["OUTCOME_UNKNOWN"] = ProviderErrorKind.Unavailable,
        ["CONTENT_REFUSED"] = ProviderErrorKind.ContentRefused,
        ["INPUT_REFUSED"] = ProviderErrorKind.InvalidInput,
        ["TIMED_OUT"] = ProviderErrorKind.Expired,
        ["BAD_OUTPUT"] = ProviderErrorKind.BadOutput,
        ["CANCELLED"] = ProviderErrorKind.Canceled,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What every path starts from, whether the operator wrote <c>https://host</c> or <c>https://host/api/v1</c>.</summary>
    public static Uri Root(Uri baseUrl) => baseUrl.AbsolutePath == "/" ? new Uri(baseUrl, "api/v1/") : baseUrl;

    /// <summary>Whether this is VicSee itself and not a server that speaks its language.</summary>
    public static bool IsVicSee(Uri baseUrl) =>
        baseUrl.IdnHost == "vicsee.com" || baseUrl.IdnHost.EndsWith(".vicsee.com", StringComparison.Ordinal);

    public static string? TaskId(VendorAnswer answer) => answer.Json.TextAt("data", "id");

    /// <summary>Why a request made no task; null where the answer is not in VicSee's words or proves nothing.</summary>
    public static ProviderError? Refusal(VendorAnswer answer)
    {
        if (answer.Status is >= 500 && Code(answer) is not "MODEL_UNAVAILABLE")
        {
            return null;
        }

        return Code(answer) is { } code
            ? new ProviderError(
                KindOf(code) ?? VendorClient.ByStatus(answer)?.Kind ?? ProviderErrorKind.InvalidInput,
                code,
                Message(answer.Json),
                RetryAfter(answer))
            : null;
    }

    /// <summary>What an answer to <c>GET /tasks/{id}</c> says; null where it says nothing about the task.</summary>
    public static PollResult? Task(VendorAnswer answer, TimeSpan pollAfter)
    {
        if (answer.Status == 404 && Code(answer) == "TASK_NOT_FOUND")
        {
            return new PollResult.Failed(new ProviderError(ProviderErrorKind.Expired, "TASK_NOT_FOUND", "The task is no longer known."));
        }

        if (!answer.IsSuccess || answer.Json.At("data") is not { } task || task.TextAt("status") is not { } status)
        {
            return null;
        }

        return status switch
        {
            "completed" or "success" => Completed(task),
            "failed" => new PollResult.Failed(Failure(task)),
            _ => new PollResult.Running((int?)task.NumberAt("progress"), (int?)task.NumberAt("queuePosition"), pollAfter),
        };
    }

    /// <summary>What an answer to <c>DELETE /tasks/{id}</c> says; VicSee itself has no such call.</summary>
    public static CancelResult? Canceled(VendorAnswer answer) => answer switch
    {
        { Status: 404 or 405 or 409 or 501 } => CancelResult.Refused,
        { IsSuccess: true } when answer.Json.TextAt("data", "error", "code") == "CANCELLED" => CancelResult.Confirmed,
        { IsSuccess: true } when answer.Json.TextAt("data", "status") is "completed" or "failed"
            || answer.Json.TextAt("data", "cancel") == "declined" => CancelResult.Refused,
        _ => null,
    };

    public static string? Code(VendorAnswer answer) => answer.Json.TextAt("error", "code");

    /// <summary>When to come back: the header of HTTP, else VicSee's own.</summary>
    private static TimeSpan? RetryAfter(VendorAnswer answer) => answer.RetryAfter
        ?? (answer.Status == 429 && answer.Header("X-RateLimit-Remaining") == "0"
            && DateTimeOffset.TryParse(
                answer.Header("X-RateLimit-Reset"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var reset)
            && DateTimeOffset.TryParse(answer.Header("Date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var now)
            && reset > now
                ? reset - now
                : null);

    private static PollResult Completed(JsonElement task)
    {
        var urls = task.ItemsAt("results").Select(result => result.UrlAt("url")).OfType<Uri>().ToList();
        if (urls.Count == 0 && task.UrlAt("result", "url") is { } single)
        {
            urls.Add(single);
        }

        return urls.Count > 0
            ? new PollResult.Succeeded([.. urls.Select(url => new ProviderOutput(url, null))])
            : new PollResult.Failed(new ProviderError(ProviderErrorKind.BadOutput, "NO_RESULT", "The task completed without a result."));
    }

    // A failed task is refunded: nothing of this list is charged.
    private static ProviderError Failure(JsonElement task)
    {
        var code = task.TextAt("error", "code") ?? "GENERATION_FAILED";
        return new ProviderError(KindOf(code) ?? ProviderErrorKind.Unavailable, code, Message(task));
    }

    // VicSee publishes no complete list; what it has not published is recognised by its words.
    private static ProviderErrorKind? KindOf(string code) =>
        Kinds.TryGetValue(code, out var kind) ? kind
        : Moderation().IsMatch(code) ? ProviderErrorKind.ContentRefused
        : Input().IsMatch(code) ? ProviderErrorKind.InvalidInput
        : null;

    private static string Message(JsonElement body) => body.TextAt("error", "message") ?? body.TextAt("error", "key") ?? "no message";

    [GeneratedRegex("MODERAT|CONTENT|NSFW|SAFETY|SENSITIVE|POLICY|PROHIBITED")]
    private static partial Regex Moderation();

    [GeneratedRegex("^(INVALID|MISSING|UNKNOWN|IMAGE|INPUT|VIDEO|AUDIO|PROMPT|UNSUPPORTED|URL|BODY)_")]
    private static partial Regex Input();
}
