using System.Globalization;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Doors.Shared;

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

    /// <summary>What a tool that costs has made, or had made before; its result says which.</summary>
    public Committed? Made { get; set; }

    /// <summary>Tells how far the task is, where the client asked to be told; the protocol wants each number above the last.</summary>
    /// <param name="task">The task as every door tells it.</param>
    /// <param name="cancellationToken">Ends the telling.</param>
    public async Task ReportAsync(JsonElement task, CancellationToken cancellationToken)
    {
        var status = task.GetProperty("status").GetString();
        var told = task.GetProperty("progress").GetDouble();
        var percent = status switch
        {
            "pending" => 0,
            "processing" => Math.Clamp((int)told, 1, Whole - 1),
            _ => Whole,
        };
        if (percent <= _told || request.Params.ProgressToken is not { } token)
        {
            return;
        }

        _told = percent;

        // The id comes with the first notice, so that a client that gives up still knows what it paid for.
        var message = $"{task.GetProperty("id").GetString()} {status switch { "pending" => "waits for its turn", "processing" => Running(task, percent), _ => "has ended" }}";
        var value = new ProgressNotificationValue { Progress = percent, Total = Whole, Message = message };
        await request.Server.NotifyProgressAsync(token, value, options: null, cancellationToken);
    }

    private static string Running(JsonElement task, int percent)
    {
        var estimated = task.TryGetProperty("progressEstimated", out var guess) && guess.ValueKind is JsonValueKind.True ? ", estimated" : "";
        var left = task.TryGetProperty("etaSeconds", out var seconds) ? $", about {seconds.GetRawText()} s left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"is at {percent} %{estimated}{left}");
    }
}
