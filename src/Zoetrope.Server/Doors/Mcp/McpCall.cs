using System.Globalization;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>One call of a tool: who asks, with what, and the line back to the client while it runs.</summary>
/// <param name="http">The POST that carries it, and whose answer is the line back.</param>
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

    /// <summary>Tells how far the task is, where the client asked to be told; the protocol wants each number above the last.</summary>
    public async Task ReportAsync(Generation task, TaskProgress progress, CancellationToken cancellationToken)
    {
        var percent = task.Status switch
        {
            GenerationStatus.Queued => 0,
            GenerationStatus.Running => Math.Clamp(progress.Percent, 1, Whole - 1),
            _ => Whole,
        };
        if (percent <= _told || Request.Params.ProgressToken is not { } token)
        {
            return;
        }

        _told = percent;
        var value = new ProgressNotificationValue { Progress = percent, Total = Whole, Message = Words(task, progress, percent) };
        await Request.Server.NotifyProgressAsync(token, value, options: null, cancellationToken);
    }

    // The id comes with the first notice, so that a client that gives up still knows what it paid for.
    private static string Words(Generation task, TaskProgress progress, int percent) => task.Status switch
    {
        GenerationStatus.Queued => $"{task.Id} waits for its turn",
        GenerationStatus.Running => string.Create(
            CultureInfo.InvariantCulture,
            $"{task.Id} is at {percent} %{(progress.Estimated ? " by estimate" : "")}{(progress.EtaSeconds is { } left ? $", about {left} s to go" : "")}"),
        _ => $"{task.Id} has ended",
    };
}
