using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

// The hooks of extensions are marked experimental in the SDK; the extension itself is final in the protocol.
#pragma warning disable MCPEXP002

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// The extension <c>io.modelcontextprotocol/tasks</c>, for clients that ask for it: a call that makes something answers with a
/// task, which the client polls. The task is the generation, in its table: as durable, and seen by every node.
/// </summary>
internal sealed class McpTasks(TaskCalls calls, ProgressMeter meter, McpResults results)
{
    public const string IdParameter = "taskId";
    public const string Extension = "io.modelcontextprotocol/tasks";

    private const int PollMilliseconds = 2_000;
    private const string Complete = "complete";

    /// <summary>Whether the client of this request accepts a task as an answer.</summary>
    public static bool IsWanted(JsonRpcRequest request) =>
        McpRevision.AsksWithAnswers(request) && request.Context?.ClientCapabilities?.Extensions?.ContainsKey(Extension) is true;

    public static ResultOrAlternate<CallToolResult> Created(Generation task, McpCall call) =>
        ResultOrAlternate<CallToolResult>.FromAlternate(
        McpResults.Marked(new CreatedTask
        {
            ResultType = "task",
            TaskId = task.Id,
            Status = "working",
            CreatedAt = WireTime.Text(task.CreatedAt),
            LastUpdatedAt = WireTime.Text(task.CreatedAt),
            PollIntervalMs = PollMilliseconds,
        }, call),
        McpTasksJson.Default.CreatedTask);

    /// <summary>The extension's methods.</summary>
    public IEnumerable<(string Method, Func<HttpContext, JsonRpcRequest, CancellationToken, Task<JsonNode>> RunAsync)> Methods =>
    [
        Method("tasks/get", Scopes.Read, async (_, task, cancellationToken) => await StateAsync(task, cancellationToken)),

        // A task never asks for input: the user was asked before it was made.
        Method("tasks/update", Scopes.Generate, static (_, _, _) => Task.FromResult<JsonNode>(Acknowledged())),

        // A task that has ended in the meantime is not an error: the client sees its end on the next read.
        Method("tasks/cancel", Scopes.Generate, async (http, task, cancellationToken) =>
        {
            await calls.CancelAsync(http.Caller(), task.Id, cancellationToken);
            return Acknowledged();
        }),
    ];

    private (string, Func<HttpContext, JsonRpcRequest, CancellationToken, Task<JsonNode>>) Method(
        string method,
        Scopes scopes,
        Func<HttpContext, Generation, CancellationToken, Task<JsonNode>> run) => (method, async (http, request, cancellationToken) =>
    {
        var caller = http.Caller();
        if (!IsWanted(request))
        {
            throw new MissingRequiredClientCapabilityException(
                new ClientCapabilities { Extensions = new Dictionary<string, object> { [Extension] = new JsonObject() } },
                $"{method} needs the client capability extensions.{Extension} on the request.");
        }

        if ((scopes & ~caller.Scopes) != Scopes.None)
        {
            throw new McpProtocolException(McpDoor.LacksScope(scopes).Message, McpErrorCode.InvalidRequest);
        }

        if (request.Params?[IdParameter] is not JsonValue given || !given.TryGetValue<string>(out var id))
        {
            throw new McpProtocolException($"{IdParameter} is required and must be a string.", McpErrorCode.InvalidParams);
        }

        return (await calls.FindAsync(caller, id)).Failed(out _, out var task)
            ? throw new McpProtocolException($"Unknown task: {ShortText.Of(id)}", McpErrorCode.InvalidParams)
            : await run(http, task, cancellationToken);
    });

    private static JsonObject Acknowledged() => new() { ["resultType"] = Complete };

    private async Task<JsonNode> StateAsync(Generation task, CancellationToken cancellationToken)
    {
        var state = new JsonObject
        {
            ["resultType"] = Complete,
            ["taskId"] = task.Id,
            ["status"] = task.Status switch
            {
                GenerationStatus.Queued or GenerationStatus.Running => "working",
                GenerationStatus.Canceled => "cancelled",
                _ => "completed",
            },
            ["createdAt"] = WireTime.Text(task.CreatedAt),
            ["lastUpdatedAt"] = WireTime.Text(task.FinishedAt ?? task.StartedAt ?? task.CreatedAt),
            ["ttlMs"] = null,
            ["pollIntervalMs"] = PollMilliseconds,
        };
        switch (task.Status)
        {
            case GenerationStatus.Queued:
                state["statusMessage"] = "is waiting for its turn";
                break;
            case GenerationStatus.Running:
                state["statusMessage"] = $"{meter.Of(task).Percent} %";
                break;
            case GenerationStatus.Succeeded or GenerationStatus.Failed:
                // A failed generation is a finished call with an error in it; "failed" is for calls that could not be made.
                var outcome = await results.OutcomeAsync(task, cancellationToken);
                outcome.ResultType = Complete;
                state["result"] = JsonSerializer.SerializeToNode(
                    outcome, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(CallToolResult)));
                break;
        }

        return state;
    }
}

/// <summary>The answer to a call that became a task.</summary>
internal sealed class CreatedTask : Result
{
    public required string TaskId { get; init; }

    public required string Status { get; init; }

    public required string CreatedAt { get; init; }

    public required string LastUpdatedAt { get; init; }

    /// <summary>Null, and said: as long as the generation is kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? TtlMs { get; init; }

    public required int PollIntervalMs { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreatedTask))]
internal sealed partial class McpTasksJson : JsonSerializerContext;
