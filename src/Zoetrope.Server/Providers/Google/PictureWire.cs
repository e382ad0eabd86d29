using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Google;

/// <summary>
/// The words of <c>generateContent</c> for pictures, the same at the Gemini API and on Vertex AI. The answer to the submit is the
/// result, and a refusal looks like a success, in four shapes.
/// </summary>
internal static class PictureWire
{
    private static readonly FrozenSet<string> Blocked = FrozenSet.Create(
        StringComparer.Ordinal,
        "SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "RECITATION",
        "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER");

    /// <summary>The end of a submit's path.</summary>
    public static string Method(string model) => $"models/{Uri.EscapeDataString(model)}:generateContent";

    public static PreparedSubmit Prepare(ProviderRequest request) => PreparedSubmit.Of(request, static (body, input) => new JsonObject
    {
        ["mimeType"] = input.ContentType,
        ["data"] = body.File(input),
    });

    /// <summary>What a 200 says, with its picture on the shelf under the attempt's id; null where it says nothing.</summary>
    public static SubmitResult? Read(VendorAnswer answer, string attemptId, ResultShelf shelf)
    {
        var result = Read(answer, data =>
        {
            var outputs = shelf.Keep(attemptId, [InlineMedia.PathOf(answer, data, shelf)]);
            return new SubmitResult.Completed(attemptId, outputs, answer.Json.TextAt("responseId"));
        });
        InlineMedia.DeleteDrafts(answer);
        return result;
    }

    /// <summary>The picture that a submit of this process put on the shelf.</summary>
    public static PollResult Poll(string attemptId, ResultShelf shelf) => shelf.Find(attemptId) is { } kept
        ? new PollResult.Succeeded(kept)
        : new PollResult.Failed(
            new ProviderError(ProviderErrorKind.Expired, "shelf", "The picture is no longer on the node that received it."));

    /// <summary>The same for a submit whose answer was not recorded.</summary>
    public static LookupResult Lookup(string attemptId, ResultShelf shelf) => shelf.Find(attemptId) is not null
        ? new LookupResult.Found(attemptId)
        : new LookupResult.Impossible("Google keeps no picture that it has answered with");

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
