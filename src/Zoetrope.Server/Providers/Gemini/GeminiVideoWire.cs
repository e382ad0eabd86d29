using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.Google;

namespace Zoetrope.Server.Providers.Gemini;

/// <summary>The words of the Interactions API for video.</summary>
internal static partial class GeminiVideoWire
{
    public const string SubmitPath = "v1beta/interactions";

    /// <summary>The revision of the API whose answers are read here.</summary>
    public const string Revision = "2026-05-20";

    public static readonly TimeSpan PollAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FileAfter = TimeSpan.FromSeconds(2);

    public static string Path(string interaction) => $"{SubmitPath}/{Uri.EscapeDataString(interaction)}";

    public static PreparedSubmit Prepare(ProviderRequest request)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => new JsonObject
        {
            ["mime_type"] = input.ContentType,
            ["data"] = body.File(input),
        });
        prepared.Body.Json["model"] = prepared.Model;
        return prepared;
    }

    public static SubmitResult? ReadSubmit(VendorAnswer answer) =>
        answer.Json.TextAt("id") is { Length: > 0 } id ? new SubmitResult.Accepted(id, PollAfter) : null;

    /// <param name="answer">Any answer to a poll.</param>
    /// <param name="inline">Makes a result of base64 inside the answer.</param>
    /// <param name="file">Makes a result of the id of a file at Google.</param>
    public static PollResult? Read(VendorAnswer answer, Func<string, ProviderOutput> inline, Func<string, ProviderOutput> file)
    {
        if (answer.Status == 404)
        {
            return Failed(
                ProviderErrorKind.Expired,
                "NOT_FOUND",
                answer.Json.TextAt("error", "message") ?? "Google no longer knows the interaction.");
        }

        if (!answer.IsSuccess || !answer.IsJson)
        {
            return null;
        }

        return answer.Json.TextAt("status") switch
        {
            "completed" => ReadResult(answer.Json, inline, file),
            "failed" => new PollResult.Failed(Error(answer.Json)),
            "cancelled" => Failed(ProviderErrorKind.Canceled, "cancelled", "The interaction was cancelled."),
            "incomplete" => Failed(ProviderErrorKind.BadOutput, "incomplete", "The interaction ended before the video was made."),
            "budget_exceeded" => Failed(ProviderErrorKind.QuotaExhausted, "budget_exceeded", "The budget of the Google project is spent."),
            _ => new PollResult.Running(PollAfter: PollAfter),
        };
    }

    /// <summary>A result is ready somewhat later than its interaction.</summary>
    public static PollResult? ReadFile(VendorAnswer answer, PollResult.Succeeded ready) => answer.Json.TextAt("state") switch
    {
        // Google says 403 of a file that is gone, too; the same key has just read the interaction.
        _ when answer.Status is 403 or 404 =>
            Failed(ProviderErrorKind.Expired, "file_gone", answer.Json.TextAt("error", "message") ?? "The file is gone."),
        _ when !answer.IsSuccess => null,
        "ACTIVE" => ready,
        "FAILED" =>
            Failed(ProviderErrorKind.BadOutput, "file_failed", answer.Json.TextAt("error", "message") ?? "Google could not make the file."),
        _ => new PollResult.Running(PollAfter: FileAfter),
    };

    private static PollResult ReadResult(JsonElement json, Func<string, ProviderOutput> inline, Func<string, ProviderOutput> file)
    {
        var content = json.ItemsAt("steps")
            .Where(step => step.TextAt("type") == "model_output")
            .SelectMany(step => step.ItemsAt("content"))
            .ToList();
        var video = content.LastOrDefault(item => item.TextAt("type") == "video");
        if (video.TextAt("uri") is { } uri)
        {
            return FileId().Match(uri) is { Success: true } match ? Succeeded(file(match.Groups["id"].Value))
                : JsonReading.AsUrl(uri) is { } url ? Succeeded(new ProviderOutput(url, null))
                : Failed(ProviderErrorKind.BadOutput, "uri", "The video's URL cannot be read.");
        }

        if (video.TextAt("data") is { } data)
        {
            return Succeeded(inline(data));
        }

        // That is how this API moderates: words, or nothing at all.
        var text = string.Concat(content.Where(item => item.TextAt("type") == "text").Select(item => item.TextAt("text")));
        return new PollResult.Failed(text.Length > 0
            ? GoogleErrors.Moderated("refused_in_words", text)
            : GoogleErrors.Moderated("filtered", "The video was filtered; no reason was given."));
    }

    private static ProviderError Error(JsonElement json)
    {
        var error = json.ItemsAt("errors").Concat(json.ItemsAt("steps").Select(step => step.At("error") ?? default))
            .FirstOrDefault(item => item.ValueKind is JsonValueKind.Object);
        var code = error.TextAt("code") ?? "failed";
        var message = error.TextAt("message") ?? "The interaction failed; no reason was given.";
        var both = $"{code} {message}";
        return Moderation().IsMatch(both) ? GoogleErrors.Moderated(code, message)
            : new ProviderError(
                both.Contains("resource_exhausted", StringComparison.OrdinalIgnoreCase) ? ProviderErrorKind.RateLimited
                : both.Contains("invalid_argument", StringComparison.OrdinalIgnoreCase) ? ProviderErrorKind.InvalidInput
                : ProviderErrorKind.Unavailable,
                code,
                message);
    }

    private static PollResult.Succeeded Succeeded(ProviderOutput output) => new([output]);

    private static PollResult.Failed Failed(ProviderErrorKind kind, string code, string message) =>
        new(new ProviderError(kind, code, message));

    [GeneratedRegex("/files/(?<id>[A-Za-z0-9_-]+)")]
    private static partial Regex FileId();

    [GeneratedRegex("safety|prohibited|blocked|moderat|responsible ai|support codes?:|content policy", RegexOptions.IgnoreCase)]
    private static partial Regex Moderation();
}
