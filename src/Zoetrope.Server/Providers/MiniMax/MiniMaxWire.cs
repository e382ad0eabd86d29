using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.MiniMax;

/// <summary>MiniMax's words: paths, bodies, answers and errors of its second video API.</summary>
internal static class MiniMaxWire
{
    public const string Create = "v2/video_generation";
    public const string AnyList = "v2/query/video_generation?page_num=1&page_size=1";
    public const string Queued = "queued";
    public const string Canceled = "cancelled";

    private static readonly TimeSpan PollAfter = TimeSpan.FromSeconds(10);

    public static string Query(string id) => $"v2/query/video_generation/{Uri.EscapeDataString(id)}";

    public static string Task(string id) => $"{Create}/{Uri.EscapeDataString(id)}";

    /// <summary>Images and sounds go inside the request; a clip is large, so it is sent by its public URL if there is one.</summary>
    public static PreparedSubmit Prepare(ProviderRequest request)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => body.DataUri(input), modelField: "model");
        if (request.CallbackUrl is { } callback)
        {
            prepared.Body.Json["callback_url"] = callback.AbsoluteUri;
        }

        return prepared;
    }

    public static bool IsVideo(ProviderInput input) => input.ContentType.StartsWith("video/", StringComparison.Ordinal);

    public static SubmitResult? ReadCreated(VendorAnswer answer)
    {
        if (answer.Json.TextAt("task_id") is { Length: > 0 } id)
        {
            return new SubmitResult.Accepted(id, PollAfter, answer.Json.TextAt("request_id"));
        }

        // The first API's way to refuse, in a 200; 1000 is a breakdown, which proves nothing.
        return answer.Json.NumberAt("base_resp", "status_code") is { } code and not 0 and not 1000
            && KindOf(((int)code).ToString(CultureInfo.InvariantCulture)) is { } kind
            ? new SubmitResult.Refused(
                new ProviderError(
                    kind, ((int)code).ToString(CultureInfo.InvariantCulture), answer.Json.TextAt("base_resp", "status_msg") ?? answer.Text))
            : null;
    }

    /// <summary>Why a submit was not accepted; null if the task may exist nevertheless.</summary>
    public static ProviderError? Refusal(VendorAnswer answer)
    {
        if (VendorClient.ByStatus(answer) is not { } byStatus)
        {
            return null;
        }

        if (answer.Json.At("error") is not { ValueKind: JsonValueKind.Object } said)
        {
            return byStatus;
        }

        var message = said.TextAt("message") ?? byStatus.VendorMessage;
        var code = NumberIn(message) ?? said.TextAt("type");
        return byStatus with { Kind = KindOf(code) ?? byStatus.Kind, VendorCode = code ?? byStatus.VendorCode, VendorMessage = message };
    }

    /// <summary>Its words for "not now": too busy, or too many calls. <c>server_error</c> is a breakdown, which proves nothing.</summary>
    public static ProviderError? NotNow(VendorAnswer answer)
    {
        var type = answer.Json.TextAt("error", "type");
        var message = answer.Json.TextAt("error", "message") ?? "MiniMax is overloaded.";
        return type is "overloaded_error" or "rate_limit_error" ? VendorClient.NotNow(answer, NumberIn(message) ?? type, message) : null;
    }

    /// <summary>The state of a task; null where the answer says nothing about it.</summary>
    public static PollResult? ReadTask(VendorAnswer answer)
    {
        if (answer.Status == 404 && answer.Json.At("error") is { ValueKind: JsonValueKind.Object } gone)
        {
            return new PollResult.Failed(
                new ProviderError(ProviderErrorKind.Expired, "not_found", gone.TextAt("message") ?? "MiniMax does not know this task."));
        }

        if (!answer.IsSuccess || answer.Json.At("task") is not { ValueKind: JsonValueKind.Object } task)
        {
            return null;
        }

        return task.TextAt("status") switch
        {
            null => null,
            "succeeded" => task.UrlAt("content", "url") is { } url
                ? new PollResult.Succeeded([new ProviderOutput(url, null)])
                : new PollResult.Failed(
                    new ProviderError(ProviderErrorKind.BadOutput, "no_file", "MiniMax reported success without a file.")),
            "failed" => new PollResult.Failed(Failure(task)),
            "expired" =>
                new PollResult.Failed(
                    new ProviderError(
                        ProviderErrorKind.Expired,
                        "expired",
                        task.TextAt("error", "message") ?? "MiniMax did not finish the task in time.")),
            Canceled =>
                new PollResult.Failed(new ProviderError(ProviderErrorKind.Canceled, Canceled, "The task was cancelled at MiniMax.")),
            _ => new PollResult.Running(PollAfter: PollAfter),
        };
    }

    public static CheckResult? ReadCheck(VendorAnswer answer) => answer.IsSuccess
        ? new CheckResult.Proven("the key may list its tasks")
        : Refusal(answer) is { } error ? new CheckResult.Rejected(error) : null;

    /// <summary>Before it calls, MiniMax tests the URL with a challenge that must be returned.</summary>
    public static CallbackReading ReadCallback(ReadOnlyMemory<byte> body)
    {
        var root = JsonReading.Parse(body);
        return root.At("challenge") is { ValueKind: JsonValueKind.String } challenge
            ? new CallbackReading.Challenge(new JsonObject { ["challenge"] = challenge.GetString() }.ToJsonString(WireJson.Options))
            : new CallbackReading.Genuine(JsonReading.AsId(root.TextAt("task", "id") ?? root.TextAt("task_id") ?? root.TextAt("id")));
    }

    /// <summary>The vendor's number, or its type of error where there is no number.</summary>
    public static ProviderErrorKind? KindOf(string? code) => code switch
    {
        "2013" or "bad_request_error" => ProviderErrorKind.InvalidInput,
        "1004" or "2049" or "authorized_error" => ProviderErrorKind.Auth,
        "1008" or "insufficient_balance_error" => ProviderErrorKind.QuotaExhausted,
        "1026" or "1027" or "unprocessable_entity_error" => ProviderErrorKind.ContentRefused,
        "1002" or "rate_limit_error" => ProviderErrorKind.RateLimited,
        "1000" or "server_error" => ProviderErrorKind.Unavailable,
        _ => null,
    };

    private static ProviderError Failure(JsonElement task)
    {
        var message = task.TextAt("error", "message") ?? "";
        var code = task.TextAt("error", "code") ?? NumberIn(message) ?? "failed";
        return new ProviderError(KindOf(code) ?? KindOf(NumberIn(message)) ?? ProviderErrorKind.Unavailable, code, message);
    }

    /// <summary>The number is in brackets at the end: "invalid params (2013)".</summary>
    private static string? NumberIn(string message)
    {
        var open = message.LastIndexOf('(');
        return open >= 0 && message.EndsWith(')') && message[(open + 1)..^1] is { Length: > 0 } number && number.All(char.IsAsciiDigit)
            ? number
            : null;
    }
}
