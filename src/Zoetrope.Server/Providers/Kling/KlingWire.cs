using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Kling;

/// <summary>Kling's words: paths, bodies, answers and errors. Every answer has a number in <c>code</c>; 0 is success.</summary>
internal static class KlingWire
{
    /// <summary>A list that costs nothing and proves a key.</summary>
    public const string AnyList = "v1/videos/text2video?pageNum=1&pageSize=1";

    /// <summary>The path of the endpoint that serves the model, from the route.</summary>
    public const string PathExtra = "path";

    private const string ExternalId = "external_task_id";

    /// <summary>From here on the codes say that something broke at the vendor, whatever became of the task.</summary>
    private const int Broken = 5_000;
    private const int Maintenance = 5_001;

    private static readonly TimeSpan PollAfter = TimeSpan.FromSeconds(5);

    /// <summary>Kling gives the reason of a failed task as text only; these words are its content checks'.</summary>
    private static readonly string[] ModerationWords = ["risk control", "sensitive", "policy", "moderation", "content safety"];

    public static string PathOf(RouteSpec route) => (route.ExtraText(PathExtra)
        ?? throw new InvalidOperationException($"The route kling/{route.Model} names no path.")).TrimStart('/');

    public static string Task(RouteSpec route, string id) => $"{PathOf(route)}/{Uri.EscapeDataString(id)}";

    public static string List(RouteSpec route, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{PathOf(route)}?pageNum=1&pageSize={size}");

    public static PreparedSubmit Prepare(ProviderRequest request)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => body.File(input), modelField: "model_name");
        var body = prepared.Body.Json;
        if (body["multi_shot"]?.GetValue<bool>() == true)
        {
            prepared.Set("shot_type", "customize");
            if (body["multi_prompt"]?.DeepClone() is JsonArray shots)
            {
                FillShots(shots, (int)request.Output.DurationSeconds);
                prepared.Set("multi_prompt", shots);
            }
        }

        body[ExternalId] = request.AttemptId;
        if (request.CallbackUrl is { } callback)
        {
            body["callback_url"] = callback.AbsoluteUri;
        }

        return prepared;
    }

    public static SubmitResult? ReadCreated(VendorAnswer answer)
    {
        // A code in a 200 is an answer like one with a status, unless it is the vendor's own breakdown.
        if (CodeOf(answer) is { } code and not 0)
        {
            return code < Broken && KindOf(code) is { } kind ? new SubmitResult.Refused(Error(kind, code, answer)) : null;
        }

        return answer.Json.TextAt("data", "task_id") is { Length: > 0 } id
            ? new SubmitResult.Accepted(id, PollAfter, answer.Json.TextAt("request_id"))
            : null;
    }

    /// <summary>Why a submit was not accepted; null if the task may exist nevertheless.</summary>
    public static ProviderError? Refusal(VendorAnswer answer)
    {
        if (VendorClient.ByStatus(answer) is not { } byStatus)
        {
            return null;
        }

        return CodeOf(answer) is { } code ? Error(KindOf(code) ?? byStatus.Kind, code, answer) : byStatus;
    }

    /// <summary>Its word for "not now": a 503 with the code of its maintenance. 5000 and 5002 are breakdowns of a call under way.</summary>
    public static ProviderError? NotNow(VendorAnswer answer) =>
        answer.Status == 503 && CodeOf(answer) is Maintenance ? Error(ProviderErrorKind.Unavailable, Maintenance, answer) : null;

    /// <summary>The state of a task; null where the answer says nothing about it.</summary>
    public static PollResult? ReadTask(VendorAnswer answer)
    {
        if (answer.Status == 404 && CodeOf(answer) is 1203 and var gone)
        {
            return new PollResult.Failed(Error(ProviderErrorKind.Expired, gone, answer));
        }

        if (!answer.IsSuccess || CodeOf(answer) is not 0)
        {
            return null;
        }

        return answer.Json.TextAt("data", "task_status") switch
        {
            null => null,
            "succeed" => Outputs(answer.Json) is { Count: > 0 } outputs
                ? new PollResult.Succeeded(outputs)
                : new PollResult.Failed(
                    new ProviderError(ProviderErrorKind.BadOutput, "no_file", "Kling reported success without a file.")),
            "failed" => new PollResult.Failed(Failure(answer.Json.TextAt("data", "task_status_msg") ?? "")),
            _ => new PollResult.Running(PollAfter: PollAfter),
        };
    }

    /// <summary>The task asked for by our id.</summary>
    public static LookupResult? ReadOwn(VendorAnswer answer, string attemptId) =>
        answer.IsSuccess && answer.Json.At("data") is { } data && IsOurs(data, attemptId) && data.TextAt("task_id") is { Length: > 0 } id
            ? new LookupResult.Found(id)
            : null;

    /// <param name="answer">The list.</param>
    /// <param name="attemptId">Our id.</param>
    /// <param name="size">A list of so many tasks may go on.</param>
    /// <param name="settled">Whether enough time has passed that a task would be there.</param>
    public static LookupResult? FindInList(VendorAnswer answer, string attemptId, int size, bool settled)
    {
        if (!answer.IsSuccess || CodeOf(answer) is not 0 || answer.Json.At("data") is not { ValueKind: JsonValueKind.Array })
        {
            return null;
        }

        var tasks = answer.Json.ItemsAt("data").ToList();
        var ours = tasks.Where(task => IsOurs(task, attemptId)).Select(task => task.TextAt("task_id")).OfType<string>().ToList();
        if (ours.Count == 1)
        {
            return new LookupResult.Found(ours[0]);
        }

        var echoes = tasks.Any(task => task.TextAt("task_info", ExternalId) is { Length: > 0 });
        return ours.Count == 0 && settled && echoes && tasks.Count < size
            ? new LookupResult.Absent()
            : new LookupResult.Undecided($"{ours.Count} of {tasks.Count} listed tasks carry the id of this attempt");
    }

    public static CheckResult? ReadCheck(VendorAnswer answer) => CodeOf(answer) switch
    {
        0 when answer.IsSuccess => new CheckResult.Proven("the key may list its tasks"),
        { } code when KindOf(code) is { } kind => new CheckResult.Rejected(Error(kind, code, answer)),
        _ => null,
    };

    /// <summary>A callback has the members of a query's <c>data</c> at its top.</summary>
    public static string? TaskOfCallback(ReadOnlyMemory<byte> body)
    {
        var call = JsonReading.Parse(body);
        return JsonReading.AsId(call.TextAt("task_id") ?? call.TextAt("data", "task_id"));
    }

    public static ProviderErrorKind? KindOf(int code) => code switch
    {
        >= 1000 and <= 1004 or 1103 or 1304 => ProviderErrorKind.Auth,
        >= 1100 and <= 1102 => ProviderErrorKind.QuotaExhausted,
        1200 or 1201 => ProviderErrorKind.InvalidInput,
        1202 or 1203 => ProviderErrorKind.Unavailable,
        1300 or 1301 => ProviderErrorKind.ContentRefused,
        1302 or 1303 => ProviderErrorKind.RateLimited,
        >= 5000 and <= 5002 => ProviderErrorKind.Unavailable,
        _ => null,
    };

    /// <summary>
    /// Kling requires the seconds of each shot; shots without them share the rest in equal parts, whole seconds, the first
    /// ones longer.
    /// </summary>
    private static void FillShots(JsonArray shots, int seconds)
    {
        var open = shots.OfType<JsonObject>().Where(shot => shot["duration"] is null).ToList();
        var rest = seconds - shots.OfType<JsonObject>()
            .Sum(shot => shot["duration"] is { } given ? int.Parse(given.GetValue<string>(), CultureInfo.InvariantCulture) : 0);
        for (var i = 0; i < open.Count; i++)
        {
            var share = (rest / open.Count) + (i < rest % open.Count ? 1 : 0);
            open[i]["duration"] = share.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static bool IsOurs(JsonElement task, string attemptId) => task.TextAt("task_info", ExternalId) == attemptId;

    private static ProviderError Failure(string text) =>
        new(
            ModerationWords.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase))
                ? ProviderErrorKind.ContentRefused
                : ProviderErrorKind.Unavailable,
            "failed",
            text);

    private static int? CodeOf(VendorAnswer answer) => answer.Json.NumberAt("code") is { } code ? (int)code : null;

    private static ProviderError Error(ProviderErrorKind kind, int code, VendorAnswer answer) =>
        new(kind, code.ToString(CultureInfo.InvariantCulture), answer.Json.TextAt("message") ?? answer.Text, answer.RetryAfter);

    private static IReadOnlyList<ProviderOutput> Outputs(JsonElement json) =>
        [.. json.ItemsAt("data", "task_result", "videos")
            .Select(video => video.UrlAt("url"))
            .OfType<Uri>()
            .Select(url => new ProviderOutput(url, null))];
}
