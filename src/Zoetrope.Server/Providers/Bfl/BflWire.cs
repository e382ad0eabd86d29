using System.Globalization;
using System.Text.Json;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Bfl;

/// <summary>Black Forest Labs' words: which hosts are its own, what its answers mean, and the handle of a job.</summary>
internal static class BflWire
{
    private const string Domain = "bfl.ai";

    /// <summary>For so long "Task not found" may only mean that the job has not got around yet. Our own choice; no page says so.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Where the key may be sent: the origin that the operator configured, and the vendor's own domain over https. Another port
    /// of the configured host is another program. Results are stored elsewhere and fetched without the key.
    /// </summary>
    public static bool MayCarryKey(Uri baseUrl, Uri url) => JsonReading.SameOrigin(url, baseUrl)
        || (url.Scheme == Uri.UriSchemeHttps && url.IsDefaultPort
            && (url.IdnHost.Equals(Domain, StringComparison.OrdinalIgnoreCase)
                || url.IdnHost.EndsWith($".{Domain}", StringComparison.OrdinalIgnoreCase)));

    /// <summary>The polling URL, and after the hash, which is never sent, when the job was taken.</summary>
    public static string Handle(Uri pollingUrl, DateTimeOffset acceptedAt) =>
        string.Create(CultureInfo.InvariantCulture, $"{pollingUrl.GetLeftPart(UriPartial.Query)}#{acceptedAt.ToUnixTimeSeconds()}");

    public static (Uri PollingUrl, DateTimeOffset AcceptedAt) ReadHandle(string handle)
    {
        var hash = handle.LastIndexOf('#');
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(handle.AsSpan(hash + 1), CultureInfo.InvariantCulture));
        return (new Uri(handle[..hash]), at);
    }

    /// <summary>From a 2xx of a submit; null where it does not name a job.</summary>
    public static SubmitResult? ReadSubmit(VendorAnswer answer, Uri baseUrl, DateTimeOffset now, TimeSpan lookAgain)
    {
        if (Moderated(answer.Json) is { } refused)
        {
            return new SubmitResult.Refused(refused);
        }

        var id = answer.Json.TextAt("id");
        var told = answer.Json.UrlAt("polling_url");

        // A URL that must not see the key, or none: the job is there all the same, and this host is the next best to ask.
        var url = told is not null && MayCarryKey(baseUrl, told) ? told
            : id is not null ? new Uri(baseUrl, $"v1/get_result?id={Uri.EscapeDataString(id)}")
            : null;
        return url is null ? null : new SubmitResult.Accepted(Handle(url, now), lookAgain, id) { ChargedMicros = Charged(answer.Json) };
    }

    /// <summary>From an error of a submit or a check: the status decides, unless the text says it better.</summary>
    public static ProviderError? ReadRefusal(VendorAnswer answer)
    {
        if (VendorClient.ByStatus(answer) is not { } error)
        {
            return null;
        }

        var (code, message) = Detail(answer);
        var kind = code is not null ? error.Kind
            : Says("API key") || Says("Not authenticated") ? ProviderErrorKind.Auth
            : Says("Insufficient credits") ? ProviderErrorKind.QuotaExhausted
            : Says("moderated") ? ProviderErrorKind.ContentRefused
            : error.Kind;
        return error with { Kind = kind, VendorCode = code ?? error.VendorCode, VendorMessage = message };

        bool Says(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Its word for "not now". A 503 with a status is about a job, and any other text may be of what stands before it.</summary>
    public static ProviderError? NotNow(VendorAnswer answer) =>
        answer.Json.TextAt("detail") is { } detail && detail.Contains("at capacity", StringComparison.OrdinalIgnoreCase)
            ? VendorClient.NotNow(answer, "capacity", detail)
            : null;

    /// <summary>
    /// From any answer of a poll: a job that failed may be reported with HTTP 503, so the status word comes before the status code.
    /// </summary>
    public static PollResult? ReadPoll(VendorAnswer answer, TimeSpan age, TimeSpan lookAgain)
    {
        var json = answer.Json;
        if (Moderated(json) is { } refused)
        {
            return new PollResult.Failed(refused) { ChargedMicros = Charged(json) };
        }

        return json.TextAt("status") switch
        {
            "Pending" or "Reasoning" or "Generating" => new PollResult.Running(Progress(json), null, lookAgain),
            "Ready" => json.UrlAt("result", "sample") is { } sample
                ? new PollResult.Succeeded([new ProviderOutput(sample, null)]) { ChargedMicros = Charged(json) }
                : new PollResult.Failed(Error(ProviderErrorKind.BadOutput, json, "The job is ready but has no file."))
                {
                    ChargedMicros = Charged(json),
                },
            "Error" or "Failed" => new PollResult.Failed(
                Error(ProviderErrorKind.Unavailable, json, "The job failed; no reason was given.")) { ChargedMicros = Charged(json) },
            "Task not found" when age < Lag => new PollResult.Running(null, null, lookAgain),
            "Task not found" => new PollResult.Failed(Error(ProviderErrorKind.Expired, json, "The job is no longer known.")),
            not null when answer.IsSuccess => new PollResult.Running(Progress(json), null, lookAgain),
            _ => null,
        };
    }

    /// <summary>Where a redirect of a poll leads, if the key may go there.</summary>
    public static Uri? Moved(VendorAnswer answer, Uri from, Uri baseUrl) =>
        answer.Status is 301 or 302 or 307 or 308 && answer.Header("Location") is { } location
            && Uri.TryCreate(from, location, out var target) && MayCarryKey(baseUrl, target)
            ? target
            : null;

    /// <summary>From an answer of <c>/v1/credits</c>.</summary>
    public static CheckResult? ReadCredits(VendorAnswer answer) =>
        answer.IsSuccess
            ? answer.Json.NumberAt("credits") is { } credits
                ? new CheckResult.Proven(string.Create(CultureInfo.InvariantCulture, $"{credits} credits"))
                : null
            : ReadRefusal(answer) is { } error ? new CheckResult.Rejected(error) : null;

    private static ProviderError? Moderated(JsonElement json) => json.TextAt("status") switch
    {
        "Request Moderated" => Error(ProviderErrorKind.ContentRefused, json, "The request was moderated."),
        "Content Moderated" => Error(ProviderErrorKind.ContentRefused, json, "The result was moderated."),
        _ => null,
    };

    // A credit is a cent. Its answers name the cost of a job, or null.
    private static long? Charged(JsonElement json) =>
        json.NumberAt("cost") is { } credits and >= 0 and < 1_000_000 ? (long)Math.Round(credits * 10_000) : null;

    // Whether failed and moderated jobs are billed is written nowhere; the answer's own cost says it.
    private static ProviderError Error(ProviderErrorKind kind, JsonElement json, string words)
    {
        var details = json.At("details") switch
        {
            null or { ValueKind: JsonValueKind.Null } => words,
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { } other => other.GetRawText(),
        };
        return new ProviderError(kind, json.TextAt("status") ?? "", details, Charged: json.NumberAt("cost") > 0);
    }

    private static int? Progress(JsonElement json) =>
        json.NumberAt("progress") is { } part ? (int)Math.Round(Math.Clamp(part, 0, 1) * 100) : null;

    // {"detail": "text"}, or a list of what is wrong with which field; only the list has codes.
    private static (string? Code, string Message) Detail(VendorAnswer answer)
    {
        if (answer.Json.TextAt("detail") is { } text)
        {
            return (null, text);
        }

        var wrong = answer.Json.ItemsAt("detail").ToList();
        return wrong.Count == 0
            ? (null, answer.Text)
            : (wrong[0].TextAt("type") ?? "validation", string.Join("; ", wrong.Select(item => $"{Field(item)}: {item.TextAt("msg")}")));
    }

    private static string Field(JsonElement item) =>
        string.Join(
            '.',
            item.ItemsAt("loc")
                .Select(part => part.ValueKind is JsonValueKind.String ? part.GetString() : part.GetRawText())
                .Where(part => part != "body"));
}
