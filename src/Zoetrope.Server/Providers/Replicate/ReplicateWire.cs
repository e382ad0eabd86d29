using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Replicate;

/// <summary>Replicate's words: bodies, predictions and errors.</summary>
internal static partial class ReplicateWire
{
    private const string InputField = "input";

    /// <summary>
    /// The model and its input. A model that accepts a seed always gets one: if the client gave none, the attempt's own, by
    /// which its prediction is distinguished from others with the same input.
    /// </summary>
    public static PreparedSubmit Prepare(ProviderRequest request)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => body.DataUri(input), inside: InputField);
        if (SeedField(request.Route) is { } seed && !prepared.Has(seed))
        {
            prepared.Set(seed, SeedOf(request.AttemptId));
        }

        if (request.CallbackUrl is { } callback)
        {
            prepared.Body.Json["webhook"] = callback.AbsoluteUri;
            prepared.Body.Json["webhook_events_filter"] = new JsonArray("completed");
        }

        return prepared;
    }

    /// <summary>Whether no other attempt can have the same input: the seed in it is this one's own.</summary>
    public static bool IsUnique(ProviderRequest request) =>
        SeedField(request.Route) is not null && request.Parameters.At("seed") is null or { ValueKind: JsonValueKind.Null };

    private static string? SeedField(RouteSpec route) =>
        route.Fields.FirstOrDefault(field => field.Ours == "seed")?.Paths.FirstOrDefault()?.Text;

    /// <summary>An id as Replicate writes them; anything else never becomes part of an address.</summary>
    public static string? IdOf(JsonElement prediction) => prediction.TextAt("id") is { } id && Id().IsMatch(id) ? id : null;

    public static SubmitResult? Accepted(VendorAnswer answer, TimeSpan pollAfter) =>
        IdOf(answer.Json) is { } id ? new SubmitResult.Accepted(id, pollAfter) : null;

    /// <summary>Why a call was refused; null after a 5xx, which proves nothing.</summary>
    public static ProviderError? Refusal(VendorAnswer answer)
    {
        if (VendorClient.ByStatus(answer) is not { } error)
        {
            return null;
        }

        var detail = answer.Json.TextAt("detail") ?? answer.Json.TextAt("title") ?? answer.Text;
        return error with
        {
            VendorMessage = detail.Trim(),
            Kind = error.Kind is ProviderErrorKind.InvalidInput && IsModeration(detail) ? ProviderErrorKind.ContentRefused : error.Kind,
            RetryAfter = error.RetryAfter ?? (error.Kind is ProviderErrorKind.RateLimited ? ResetIn(detail) : null),
        };
    }

    /// <summary>Its word for "not now": unavailable due to high demand, which is E003.</summary>
    public static ProviderError? NotNow(VendorAnswer answer) =>
        answer.Json.TextAt("detail") is { } detail
        && (detail.Contains("high demand", StringComparison.OrdinalIgnoreCase) || detail.Contains("E003", StringComparison.Ordinal))
            ? VendorClient.NotNow(answer, "E003", detail.Trim())
            : null;

    /// <summary>A prediction as its GET shows it. A word that is not known keeps it running.</summary>
    public static PollResult? Prediction(VendorAnswer answer, TimeSpan pollAfter) => answer switch
    {
        { Status: 404 or 410 } => Failed(ProviderErrorKind.Expired, $"http_{answer.Status}", "Replicate no longer knows the prediction."),
        { IsSuccess: false } => null,
        _ => answer.Json.TextAt("status") switch
        {
            "succeeded" => Result(answer.Json),
            "failed" => Failure(answer.Json.TextAt("error") ?? ""),
            "canceled" => PassedDeadline(answer.Json)
                ? Failed(ProviderErrorKind.Expired, "deadline", "Replicate stopped the prediction at its deadline.")
                : Failed(ProviderErrorKind.Canceled, "canceled", "The prediction was cancelled."),
            "aborted" => Failed(
                ProviderErrorKind.Expired, "aborted", "Replicate ended the prediction before it started and does not charge for it."),
            null => null,
            _ => new PollResult.Running(null, null, pollAfter),
        },
    };

    /// <summary>What became of a cancel: the prediction as it is now.</summary>
    public static CancelResult? Canceled(VendorAnswer answer) => answer switch
    {
        { Status: 404 or 410 or 422 } => CancelResult.Refused,
        { IsSuccess: false } => null,
        _ => answer.Json.TextAt("status") switch
        {
            "canceled" or "aborted" => CancelResult.Confirmed,
            "succeeded" or "failed" => CancelResult.Refused,
            _ => null,
        },
    };

    /// <summary>Whether a listed prediction is the one that was asked for; null if its input is erased and nothing can prove it.</summary>
    public static bool? IsSame(JsonElement prediction, PreparedSubmit asked, Uri? callback)
    {
        if (prediction.UrlAt("webhook") is { } webhook && callback is not null)
        {
            return webhook == callback;
        }

        if (prediction.TextAt("model") != asked.Model)
        {
            return false;
        }

        return prediction.FlagAt("data_removed") is true || prediction.At("input") is not { ValueKind: JsonValueKind.Object } input
            ? null
            : Equal(asked.Body.Json[InputField], JsonNode.Parse(input.GetRawText()), asked.Body.IsFile);
    }

    /// <summary>A moment in a prediction; null where there is none.</summary>
    /// <summary>A prediction of a list; null where it cannot be read. Our attempt stands in the URL that it calls back.</summary>
    public static ListedJob? Listed(JsonElement prediction) =>
        IdOf(prediction) is { } id && TimeAt(prediction, "created_at") is { } created
            ? new ListedJob(id, created, prediction.TextAt("status") ?? "")
            {
                AttemptId = prediction.UrlAt("webhook")?.Segments[^1].Split('.')[0],
                IsFree = prediction.TextAt("status") is "aborted",
            }
            : null;

    public static DateTimeOffset? TimeAt(JsonElement prediction, string name) =>
        DateTimeOffset.TryParse(prediction.TextAt(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private static PollResult Result(JsonElement prediction)
    {
        // One file or a list of them, as the model likes.
        var one = prediction.UrlAt("output");
        var outputs = (one is null ? prediction.ItemsAt("output").Select(item => item.UrlAt()).OfType<Uri>() : [one])
            .Select(url => new ProviderOutput(url, null))
            .ToList();
        return outputs.Count > 0 ? new PollResult.Succeeded(outputs)
            : prediction.FlagAt("data_removed") is true ? Failed(
                ProviderErrorKind.Expired, "data_removed", "Replicate has deleted the result; it keeps results for one hour.")
            : Failed(ProviderErrorKind.BadOutput, "no_output", "The prediction succeeded without a file.");
    }

    // An error is a sentence; only some have a code in it.
    private static PollResult.Failed Failure(string text)
    {
        var code = Code().Match(text) is { Success: true } match ? match.Value : "failed";
        var kind = code == "E005" || IsModeration(text) ? ProviderErrorKind.ContentRefused
            : text.StartsWith("Input validation error", StringComparison.OrdinalIgnoreCase) ? ProviderErrorKind.InvalidInput
            : ProviderErrorKind.Unavailable;
        return Failed(kind, code, text.Length > 0 ? text : "The prediction failed; no reason was given.");
    }

    private static bool IsModeration(string text) =>
        text.Contains("flagged as sensitive", StringComparison.OrdinalIgnoreCase)
        || text.Contains("content policy", StringComparison.OrdinalIgnoreCase)
        || text.Contains("NSFW", StringComparison.OrdinalIgnoreCase);

    private static PollResult.Failed Failed(ProviderErrorKind kind, string code, string message) =>
        new(new ProviderError(kind, code, message));

    private static bool PassedDeadline(JsonElement prediction) =>
        TimeAt(prediction, "deadline") is { } deadline && TimeAt(prediction, "completed_at") >= deadline;

    private static TimeSpan? ResetIn(string text) =>
        Reset().Match(text) is { Success: true } match
            ? TimeSpan.FromSeconds(int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture))
            : null;

    private static int SeedOf(string attemptId) =>
        (int)(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(attemptId))) >> 1);

    // A file is echoed as a Replicate URL or not at all, so only its presence is compared.
    private static bool Equal(JsonNode? sent, JsonNode? echoed, Func<string, bool> isFile) => (sent, echoed) switch
    {
        (JsonObject one, JsonObject other) =>
            one.Count == other.Count
                && one.All(member => other.TryGetPropertyValue(member.Key, out var value) && Equal(member.Value, value, isFile)),
        (JsonArray one, JsonArray other) => one.Count == other.Count && one.Zip(other).All(pair => Equal(pair.First, pair.Second, isFile)),
        (JsonValue one, JsonValue other) when one.TryGetValue<string>(out var text) && isFile(text) =>
            other.GetValueKind() is JsonValueKind.String,
        _ => JsonNode.DeepEquals(sent, echoed),
    };

    [GeneratedRegex("^[A-Za-z0-9_-]{1,128}$")]
    private static partial Regex Id();

    [GeneratedRegex(@"\bE[0-9]{3,4}\b")]
    private static partial Regex Code();

    [GeneratedRegex("resets in ~?([0-9]{1,6})s")]
    private static partial Regex Reset();
}
