using System.Globalization;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>One call of a tool: the caller, the arguments, and the channel back to the client while it runs.</summary>
/// <param name="http">The POST that carries it; its response is the channel back.</param>
/// <param name="request">The call as the protocol has it.</param>
/// <param name="arguments">A JSON object, checked as every body is.</param>
internal sealed class McpCall(HttpContext http, RequestContext<CallToolRequestParams> request, JsonElement arguments)
{
    private const int Whole = 100;

    private int _told = -1;

    public HttpContext Http => http;

    public Caller Caller { get; } = http.Caller();

    public RequestContext<CallToolRequestParams> Request => request;

    public JsonElement Arguments => arguments;

    /// <summary>Since July 2026 a question is returned as the answer of the call, which then comes back with what the user said.</summary>
    public bool AsksWithAnswers => request.Server.IsMrtrSupported;

    /// <summary>Whether the client says that it can put a question to its user.</summary>
    public bool CanAsk => AsksWithAnswers
        ? request.Server.ClientCapabilities?.Elicitation is { } asks && (asks.Form is not null || asks.Url is null)
        : McpSession.CanAsk(http);

    /// <summary>What a tool that costs has made, or had made before; its result says which.</summary>
    public Committed? Made { get; set; }

    /// <summary>Reports the progress of the task if the client asked for it; the protocol wants each number above the last.</summary>
    /// <param name="task">The task as it is now.</param>
    /// <param name="cancellationToken">Ends the report.</param>
    public async Task ReportAsync(TaskView task, CancellationToken cancellationToken)
    {
        var (percent, words) = task.Generation.Status switch
        {
            GenerationStatus.Queued => (0, "is waiting for its turn"),
            GenerationStatus.Running when Math.Clamp(task.Progress.Percent, 1, Whole - 1) is var now => (now, Running(task.Progress, now)),
            _ => (Whole, "has ended"),
        };
        if (percent <= _told || request.Params.ProgressToken is not { } token)
        {
            return;
        }

        _told = percent;

        // The id comes with the first notice, so that a client that gives up still knows what it paid for.
        var value = new ProgressNotificationValue { Progress = percent, Total = Whole, Message = $"{task.Generation.Id} {words}" };
        await request.Server.NotifyProgressAsync(token, value, options: null, cancellationToken);
    }

    private static string Running(TaskProgress progress, int percent)
    {
        var left = progress.EtaSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", about {seconds} s left") : "";
        return string.Create(CultureInfo.InvariantCulture, $"is at {percent} %{(progress.Estimated ? ", estimated" : "")}{left}");
    }
}
