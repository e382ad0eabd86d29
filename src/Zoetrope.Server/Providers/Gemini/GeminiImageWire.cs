using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.Google;

namespace Zoetrope.Server.Providers.Gemini;

/// <summary>The words of <c>generateContent</c> for pictures. A refusal looks like a success there, in four shapes.</summary>
internal static class GeminiImageWire
{
    private static readonly FrozenSet<string> Blocked = FrozenSet.Create(
        StringComparer.Ordinal,
        "SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "RECITATION",
        "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER");

    public static string SubmitPath(string model) => $"v1beta/models/{Uri.EscapeDataString(model)}:generateContent";

    public static PreparedSubmit Prepare(ProviderRequest request) => PreparedSubmit.Of(request, static (body, input) => new JsonObject
    {
        ["mimeType"] = input.ContentType,
        ["data"] = body.File(input),
    });

    /// <summary>What a 200 says; null where it says nothing.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="keep">Puts the picture on the shelf and makes the result.</param>
    public static SubmitResult? Read(VendorAnswer answer, Func<string, SubmitResult> keep)
    {
        var candidates = answer.Json.ItemsAt("candidates").ToList();
        if (candidates.Count == 0)
        {
            return answer.Json.TextAt("promptFeedback", "blockReason") is { } reason
                ? Refused(reason, answer.Json.TextAt("promptFeedback", "blockReasonMessage") ?? "The prompt was blocked.")
                : null;
        }

        // Drafts come as thoughts; of several final pictures the last one is the finished one.
        var parts = candidates[0].ItemsAt("content", "parts").Where(part => part.FlagAt("thought") != true).ToList();
        if (parts.Select(part => part.TextAt("inlineData", "data")).LastOrDefault(data => data is not null) is { } picture)
        {
            return keep(picture);
        }

        var finish = candidates[0].TextAt("finishReason") ?? "STOP";
        var text = string.Concat(parts.Select(part => part.TextAt("text")));
        var message = candidates[0].TextAt("finishMessage") ?? (text.Length > 0 ? text : "The model made no picture and gave no reason.");
        return Blocked.Contains(finish) ? Refused(finish, message)
            : finish == "STOP" && text.Length > 0 ? Refused("refused_in_words", message)
            : new SubmitResult.Refused(new ProviderError(ProviderErrorKind.BadOutput, finish, message));
    }

    /// <summary>Why a submit was refused.</summary>
    public static ProviderError? Refusal(VendorAnswer answer) => GoogleErrors.Refusal(answer);

    private static SubmitResult.Refused Refused(string code, string message) => new(GoogleErrors.Moderated(code, message));
}
