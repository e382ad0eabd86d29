using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>fal's words: addresses, bodies, answers and errors.</summary>
internal static partial class FalWire
{
    /// <summary>The route's queue, where it is not the first two segments of the model id.</summary>
    public const string QueuePathExtra = "queuePath";

    private const string Completed = "COMPLETED";

    /// <summary>The whole model id is the path of a submit; everything later is asked of its first two segments.</summary>
    public static Uri SubmitUrl(Uri baseUrl, string model, Uri? callback) =>
        new(baseUrl, callback is null ? model : $"{model}?fal_webhook={Uri.EscapeDataString(callback.AbsoluteUri)}");

    /// <summary>Where fal describes a model.</summary>
    public static Uri SchemaUrl(Uri site, string model) =>
        new(site, $"api/openapi/queue/openapi.json?endpoint_id={Uri.EscapeDataString(model)}");

    /// <summary>
    /// The address of a job. A handle is the address that fal gave, or the bare id where a callback brought it; an address of
    /// another origin is never called, but its id is asked for at ours.
    /// </summary>
    public static Uri? JobUrl(Uri baseUrl, RouteSpec route, string handle)
    {
        var given = JsonReading.AsUrl(handle);
        if (given is not null && JsonReading.SameOrigin(given, baseUrl))
        {
            return given;
        }

        var id = given is null ? handle : given.Segments[^1].Trim('/');
        return RequestId().IsMatch(id) ? new Uri(baseUrl, $"{QueuePath(route)}/requests/{id}") : null;
    }

    /// <summary>The model's parameters as fal's input; some models refuse data URIs, so every file is named by its URL at fal.</summary>
    public static PreparedSubmit Prepare(ProviderRequest request)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => body.File(input));
        if (prepared.Has("multi_prompt"))
        {
            // One or the other, says Kling; the shots are the more exact wish.
            prepared.Remove("prompt");
        }

        return prepared;
    }

    public static SubmitResult? Accepted(VendorAnswer answer, Uri baseUrl, TimeSpan pollAfter)
    {
        if (answer.Json.TextAt("request_id") is not { } id || !RequestId().IsMatch(id))
        {
            return null;
        }

        var handle = answer.Json.UrlAt("response_url") is { } url && JsonReading.SameOrigin(url, baseUrl) ? url.AbsoluteUri : id;
        return new SubmitResult.Accepted(handle, pollAfter, id);
    }

    /// <summary>
    /// Why a submit was not taken. Behind a 5xx it may have been taken all the same, unless it came from the gateway before the
    /// queue: fal's own client knows that one by nginx's page and the missing id of a request.
    /// </summary>
    public static ProviderError? Refusal(VendorAnswer answer) => answer.Status switch
    {
        503 when !answer.IsJson && answer.Header("x-fal-request-id") is null && Mentions(answer.Text, "nginx") =>
            VendorClient.NotNow(answer, "http_503", answer.Text),
        >= 500 => null,
        _ => Error(answer),
    };

    public static bool IsCompleted(VendorAnswer answer) => answer.IsSuccess && answer.Json.TextAt("status") == Completed;

    /// <summary>An answer about a job; <c>COMPLETED</c> says only that there is something to fetch, be it an error.</summary>
    public static PollResult? Status(VendorAnswer answer, TimeSpan pollAfter) => answer switch
    {
        { IsSuccess: true } when answer.Json.TextAt("status") is not null =>
            new PollResult.Running(
                null, answer.Json.NumberAt("queue_position") is { } place and >= 0 and < int.MaxValue ? (int)place : null, pollAfter),
        { Status: 404 or 410 } => Forgotten(answer),
        _ => null,
    };

    /// <summary>What a job left behind.</summary>
    public static PollResult? Result(VendorAnswer answer, TimeSpan pollAfter)
    {
        if (answer.IsSuccess)
        {
            var outputs = Outputs(answer.Json).ToList();
            return outputs.Count > 0 ? new PollResult.Succeeded(outputs)
                : answer.IsJson ? new PollResult.Failed(
                    new ProviderError(ProviderErrorKind.BadOutput, "no_output", $"fal answered without a file: {answer.Text}"))
                : null;
        }

        return answer.Status switch
        {
            404 or 410 => Forgotten(answer),
            400 when Mentions(answer.Text, "in progress") => new PollResult.Running(null, null, pollAfter),

            // These are about this read and not about the job.
            401 or 403 or 408 or 429 => null,
            _ => Error(answer) is { } error ? new PollResult.Failed(error) : null,
        };
    }

    public static CancelResult? Canceled(VendorAnswer answer) => answer.Json.TextAt("status") switch
    {
        "OK" => CancelResult.Confirmed,

        // A running model gets a signal but may ignore it; the polls will show.
        "CANCELLATION_REQUESTED" or "ALREADY_COMPLETED" or "NOT_FOUND" => CancelResult.Refused,
        _ => null,
    };

    /// <summary>Null for what proves nothing: a 5xx without fal's own word for the failure.</summary>
    public static ProviderError? Error(VendorAnswer answer)
    {
        var first = answer.Json.ItemsAt("detail").FirstOrDefault();
        var type = first.TextAt("type") ?? answer.Json.TextAt("error_type") ?? answer.Header("x-fal-error-type");
        var where = string.Join('.', first.ItemsAt("loc").Select(part => part.ToString()));
        var what = first.TextAt("msg") ?? answer.Json.TextAt("detail") ?? answer.Text;
        return Kind(answer.Status, type, what) is { } kind
            ? new ProviderError(kind, type ?? $"http_{answer.Status}", where.Length > 0 ? $"{where}: {what}" : what, answer.RetryAfter)
            : null;
    }

    private static ProviderErrorKind? Kind(int status, string? type, string text) => type switch
    {
        "content_policy_violation" => ProviderErrorKind.ContentRefused,
        "no_media_generated" => ProviderErrorKind.BadOutput,
        "client_cancelled" or "client_disconnected" => ProviderErrorKind.Canceled,
        "internal_server_error" or "internal_error" or "generation_timeout" or "downstream_service_error"
            or "downstream_service_unavailable"
            or "request_timeout" or "startup_timeout" => ProviderErrorKind.Unavailable,
        not null when type.StartsWith("runner_", StringComparison.Ordinal) => ProviderErrorKind.Unavailable,
        _ => status switch
        {
            401 => ProviderErrorKind.Auth,
            402 => ProviderErrorKind.QuotaExhausted,
            403 => Mentions(text, "lock", "balance", "exhaust", "credit") ? ProviderErrorKind.QuotaExhausted : ProviderErrorKind.Auth,
            404 or 405 => ProviderErrorKind.Unavailable,
            408 or 425 => null,
            429 => ProviderErrorKind.RateLimited,
            499 => ProviderErrorKind.Canceled,

            // Google's models refuse in plain words.
            >= 400 and < 500 =>
                Mentions(text, "safety", "content polic", "moderation") ? ProviderErrorKind.ContentRefused : ProviderErrorKind.InvalidInput,
            _ => null,
        },
    };

    private static PollResult.Failed Forgotten(VendorAnswer answer) =>
        new(new ProviderError(ProviderErrorKind.Expired, $"http_{answer.Status}", $"fal no longer knows the request: {answer.Text}"));

    private static IEnumerable<ProviderOutput> Outputs(JsonElement result) =>
        from file in new[] { result.At("video"), result.At("image") }.OfType<JsonElement>()
            .Concat(result.ItemsAt("images"))
            .Concat(result.ItemsAt("videos"))
        let url = file.UrlAt("url")
        where url is not null
        select new ProviderOutput(url, null);

    private static string QueuePath(RouteSpec route) => route.ExtraText(QueuePathExtra) ?? string.Join('/', route.Model.Split('/').Take(2));

    private static bool Mentions(string text, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (text.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,128}$")]
    private static partial Regex RequestId();
}
