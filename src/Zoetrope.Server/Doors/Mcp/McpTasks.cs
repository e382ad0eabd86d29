// The hooks of extensions are marked experimental in the SDK; the extension itself is final in the protocol.
#pragma warning disable MCPEXP002
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Zoetrope.Server.Doors.VicSee;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// The extension <c>io.modelcontextprotocol/tasks</c>, for clients that ask for it: a call that makes something answers with a
/// task, which the client polls. The task is the generation, in its table: as durable, and seen by every node.
/// </summary>
internal sealed class McpTasks(GenerationReads reads, ProgressMeter meter, McpResults results)
{
    public const string Extension = "io.modelcontextprotocol/tasks";

    private const int PollMilliseconds = 2_000;
    private const string IdParameter = "taskId";

    /// <summary>Whether the client of this request takes a task for an answer.</summary>
    public static bool IsWanted(JsonRpcRequest request) =>
        McpRevision.AsksWithAnswers(request) && request.Context?.ClientCapabilities?.Extensions?.ContainsKey(Extension) is true;

    public static ResultOrAlternate<CallToolResult> Created(Generation task) => ResultOrAlternate<CallToolResult>.FromAlternate(
        new CreatedTask
        {
            ResultType = "task",
            TaskId = task.Id,
            Status = "working",
            CreatedAt = WireTime.Text(task.CreatedAt.ToUnixTimeMilliseconds()),
            LastUpdatedAt = WireTime.Text(task.CreatedAt.ToUnixTimeMilliseconds()),
            PollIntervalMs = PollMilliseconds,
        },
        McpTasksJson.Default.CreatedTask);

    public IEnumerable<McpServerRequestHandler> Handlers(HttpContext http)
    {
        var caller = http.Caller();
        yield return Handler("tasks/get", Scopes.Read, caller, async (id, cancellationToken) => await StateAsync(await FindAsync(caller, id), cancellationToken));
        yield return Handler("tasks/update", Scopes.Generate, caller, async (id, _) =>
        {
            // A task never asks for input: the user was asked before it was made.
            await FindAsync(caller, id);
            return Acknowledged();
        });
        yield return Handler("tasks/cancel", Scopes.Generate, caller, async (id, cancellationToken) =>
        {
            await FindAsync(caller, id);
            var cancelling = await TaskEndpoints.RequestCancelAsync(http.RequestServices, caller, id, cancellationToken);

            // One that has ended meanwhile is no error here: the client sees its end at the next look.
            return cancelling.Problem is null || cancelling.Problem.Kind == Problems.InvalidOperation ? Acknowledged() : throw Unknown(id);
        });
    }

    private static McpServerRequestHandler Handler(string method, Scopes scopes, Caller caller, Func<string, CancellationToken, Task<JsonNode>> run) => new()
    {
        Method = method,
        RoutingNameParameter = IdParameter,
        Handler = async (request, cancellationToken) =>
        {
            if (!IsWanted(request))
            {
                throw new McpProtocolException($"{method} needs the client capability extensions.{Extension} on the request.", McpErrorCode.MissingRequiredClientCapability);
            }

            if ((scopes & ~caller.Scopes) != Scopes.None)
            {
                throw new McpProtocolException(McpDoor.LacksScope(scopes & ~caller.Scopes).Message, McpErrorCode.InvalidRequest);
            }

            return request.Params?[IdParameter] is JsonValue given && given.TryGetValue<string>(out var id)
                ? await run(id, cancellationToken)
                : throw new McpProtocolException($"{IdParameter} is required and is a string.", McpErrorCode.InvalidParams);
        },
    };

    private static JsonObject Acknowledged() => new() { ["resultType"] = "complete" };

    private static McpProtocolException Unknown(string id) => new($"Unknown task: {(id.Length > 80 ? id[..80] : id)}", McpErrorCode.InvalidParams);

    private async Task<Generation> FindAsync(Caller caller, string id) =>
        await reads.FindAsync(caller.AccountId, caller.Mode, id) ?? throw Unknown(id);

    private async Task<JsonNode> StateAsync(Generation task, CancellationToken cancellationToken)
    {
        var state = new JsonObject
        {
            ["resultType"] = "complete",
            ["taskId"] = task.Id,
            ["status"] = task.Status switch
            {
                GenerationStatus.Queued or GenerationStatus.Running => "working",
                GenerationStatus.Canceled => "cancelled",
                _ => "completed",
            },
            ["createdAt"] = WireTime.Text(task.CreatedAt.ToUnixTimeMilliseconds()),
            ["lastUpdatedAt"] = WireTime.Text((task.FinishedAt ?? task.StartedAt ?? task.CreatedAt).ToUnixTimeMilliseconds()),
            ["pollIntervalMs"] = PollMilliseconds,
        };
        switch (task.Status)
        {
            case GenerationStatus.Queued:
                state["statusMessage"] = "waits for its turn";
                break;
            case GenerationStatus.Running:
                state["statusMessage"] = $"{meter.Of(task).Percent} %";
                break;
            case GenerationStatus.Succeeded or GenerationStatus.Failed:
                // A failed generation is a finished call with an error in it; "failed" is for calls that could not be made.
                state["result"] = JsonSerializer.SerializeToNode(
                    await results.OutcomeAsync(task, cancellationToken), McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(CallToolResult)));
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

    public required int PollIntervalMs { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreatedTask))]
internal sealed partial class McpTasksJson : JsonSerializerContext;
