using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Google;

/// <summary>Reads the error form that all of Google's APIs share: <c>{"error": {"code", "message", "status", "details"}}</c>.</summary>
internal static partial class GoogleErrors
{
    private const int LongestWaitSeconds = 3_600;

    private static readonly string[] KeyReasons =
        [
            "CREDENTIALS_MISSING",
            "ACCESS_TOKEN_EXPIRED",
            "ACCESS_TOKEN_TYPE_UNSUPPORTED",
            "ACCOUNT_STATE_INVALID",
            "SERVICE_DISABLED",
            "CONSUMER_INVALID",
            "CONSUMER_SUSPENDED",
        ];

    /// <summary>Why a call was refused; null where the answer proves no refusal.</summary>
    public static ProviderError? Read(VendorAnswer answer)
    {
        if (ErrorOf(answer) is not { } body || Kind(answer.Status, body) is not { } kind)
        {
            return null;
        }

        var message = MessageOf(body);
        return new ProviderError(
            kind,
            SupportCode(message) ?? Detail(body, "reason") ?? body.TextAt("status") ?? $"http_{answer.Status}",
            message,
            kind is ProviderErrorKind.QuotaExhausted ? null : RetryDelay(body) ?? answer.RetryAfter);
    }

    /// <summary>
    /// The same for a submit, where Google's word for "not now" counts too: the status UNAVAILABLE, in its own error object.
    /// INTERNAL and DEADLINE_EXCEEDED say nothing about what was begun.
    /// </summary>
    public static ProviderError? Refusal(VendorAnswer answer)
    {
        if (Read(answer) is { } known)
        {
            return known;
        }

        return answer.Status == 503 && ErrorOf(answer) is { } error && error.TextAt("status") == "UNAVAILABLE"
            ? VendorClient.NotNow(answer, Detail(error, "reason") ?? "UNAVAILABLE", MessageOf(error)) with
            {
                RetryAfter = RetryDelay(error) ?? answer.RetryAfter,
            }
            : null;
    }

    /// <summary>The end of a long-running operation that failed: a gRPC status.</summary>
    public static ProviderError OfOperation(JsonElement error)
    {
        var message = MessageOf(error);
        var code = (int)(error.NumberAt("code") ?? 0);
        var kind = Refuses(message) ? ProviderErrorKind.ContentRefused : code switch
        {
            1 => ProviderErrorKind.Canceled,
            3 or 9 or 11 => ProviderErrorKind.InvalidInput,
            7 or 16 => ProviderErrorKind.Auth,
            8 => ProviderErrorKind.RateLimited,
            _ => ProviderErrorKind.Unavailable,
        };
        return new ProviderError(kind, SupportCode(message) ?? $"grpc_{code.ToString(CultureInfo.InvariantCulture)}", message);
    }

    /// <summary>
    /// A refusal by Google's safety systems, in whatever form it comes; the number that its support asks for is the code.
    /// </summary>
    public static ProviderError Moderated(string code, string message) =>
        new(ProviderErrorKind.ContentRefused, SupportCode(message) ?? code, message);

    // Some front ends wrap the error in an array.
    private static JsonElement? ErrorOf(VendorAnswer answer) => (answer.Json.At("error")
        ?? (answer.Json.ValueKind is JsonValueKind.Array ? answer.Json.EnumerateArray().FirstOrDefault().At("error") : null))
        is { ValueKind: JsonValueKind.Object } error
            ? error
            : null;

    private static ProviderErrorKind? Kind(int status, JsonElement error)
    {
        var reason = Detail(error, "reason") ?? "";
        var message = MessageOf(error);
        if (status is >= 400 and < 500 and not 429 && Refuses(message))
        {
            return ProviderErrorKind.ContentRefused;
        }

        if (reason.StartsWith("API_KEY_", StringComparison.Ordinal) || KeyReasons.Contains(reason))
        {
            return ProviderErrorKind.Auth;
        }

        var unpaid = reason == "BILLING_DISABLED" || message.Contains("billing", StringComparison.OrdinalIgnoreCase);
        return status switch
        {
            402 => ProviderErrorKind.QuotaExhausted,
            429 => IsSpent(error, message) ? ProviderErrorKind.QuotaExhausted : ProviderErrorKind.RateLimited,
            403 => unpaid ? ProviderErrorKind.QuotaExhausted : ProviderErrorKind.Auth,
            401 => ProviderErrorKind.Auth,

            // The account's country or its missing billing, not the request.
            400 when error.TextAt("status") == "FAILED_PRECONDITION" => unpaid ? ProviderErrorKind.QuotaExhausted : ProviderErrorKind.Auth,
            404 or 405 => ProviderErrorKind.Unavailable,
            408 or 409 or 425 or 499 => null,
            >= 400 and < 500 => ProviderErrorKind.InvalidInput,
            _ => null,
        };
    }

    // The message of every 429 speaks of billing; what tells them apart is which quota it was.
    private static bool IsSpent(JsonElement error, string message) =>
        Spent().IsMatch(message)
        || error.ItemsAt("details").SelectMany(detail => detail.ItemsAt("violations"))
            .Any(violation => violation.TextAt("quotaId")?.Contains("PerDay", StringComparison.OrdinalIgnoreCase) == true);

    private static bool Refuses(string message) => Refusal().IsMatch(message);

    private static string? SupportCode(string message) =>
        SupportCodes().Match(message) is { Success: true } match ? $"support_code_{match.Groups[1].Value}" : null;

    private static string MessageOf(JsonElement error) => error.TextAt("message") ?? "no message";

    private static string? Detail(JsonElement error, string name) =>
        error.ItemsAt("details").Select(detail => detail.TextAt(name)).FirstOrDefault(text => text is not null);

    private static TimeSpan? RetryDelay(JsonElement error) =>
        Detail(error, "retryDelay") is { } text
            && double.TryParse(text.TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestWaitSeconds))
            : null;

    [GeneratedRegex(
        "responsible ai|support codes?:|usage guidelines|content policy|prohibited use|safety filter|sensitive words",
        RegexOptions.IgnoreCase)]
    private static partial Regex Refusal();

    [GeneratedRegex("credits are depleted|limit: 0\\b|spending cap|spend limit", RegexOptions.IgnoreCase)]
    private static partial Regex Spent();

    [GeneratedRegex("support codes?:\\s*([0-9]+)", RegexOptions.IgnoreCase)]
    private static partial Regex SupportCodes();
}
