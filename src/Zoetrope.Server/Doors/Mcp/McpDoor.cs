using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Zoetrope.Server.Doors.Shared;

// The hooks of extensions are marked experimental in the SDK; the extension itself is final in the protocol.
#pragma warning disable MCPEXP002

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>What one POST of a client may do: the tools, tasks and resources, bound to the caller whose key it carries.</summary>
internal sealed partial class McpDoor(
    McpToolList tools, McpTasks tasks, McpResources resources, McpQuestions questions, ILogger<McpDoor> logger)
{
    private const string Instructions =
        "Makes images and videos with many models on one credit account. Choose a model with vicsee_list_models, "
        + "price it with estimate, "
        + "make it with generate_and_wait, or with vicsee_generate and then vicsee_get_task. "
        + "Result links expire; save the files you want to keep.";

    private static readonly Implementation Server = new()
    {
        Name = "zoetrope",
        Title = "Zoetrope",
        Version = ProductVersion.Text,
    };

    // The SDK hands a handler no parameters at all where a request has none.
    private static readonly FrozenSet<string> NeedParams = FrozenSet.Create(
        RequestMethods.Initialize, RequestMethods.ToolsCall, RequestMethods.ResourcesRead, RequestMethods.PromptsGet,
        RequestMethods.ResourcesSubscribe, RequestMethods.ResourcesUnsubscribe, RequestMethods.CompletionComplete);

    public static Problem LacksScope(Scopes scopes) =>
        Problems.Forbidden.With($"This API key lacks the scope `{scopes.Words()[0]}`.");

    public Task Configure(HttpContext http, McpServerOptions options)
    {
        options.ServerInfo = Server;
        options.ServerInstructions = Instructions;
        options.Capabilities ??= new ServerCapabilities();
        options.Capabilities.Extensions ??= new Dictionary<string, object>();
        options.Capabilities.Extensions[McpTasks.Extension] = new JsonObject();
        options.Handlers.ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = tools.Tools });
        options.Handlers.CallToolWithAlternateHandler = (request, cancellationToken) => CallAsync(http, request, cancellationToken);
        options.Handlers.ListResourceTemplatesHandler = static (_, _) => ValueTask.FromResult(McpResources.Templates);
        options.Handlers.ListResourcesHandler = (request, _) =>
            GuardAsync("resources/list", http, () => resources.ListAsync(http.Caller()));
        options.Handlers.ReadResourceHandler = (request, _) =>
            GuardAsync("resources/read", http, () => resources.ReadAsync(http.Caller(), request.Params.Uri));
        options.Filters.Message.IncomingFilters.Add(
            static next => (message, cancellationToken) => TypedAsync(next, message, cancellationToken));
        options.RequestHandlers ??= [];
        foreach (var (method, run) in tasks.Methods)
        {
            options.RequestHandlers.Add(new McpServerRequestHandler
            {
                Method = method,
                RoutingNameParameter = McpTasks.IdParameter,
                Handler = (request, cancellationToken) =>
                    GuardAsync<JsonNode?>(method, http, async () => await run(http, request, cancellationToken)),
            });
        }

        return Task.CompletedTask;
    }

    // Parameters that are missing or of the wrong type are the client's mistake, where the SDK would say that something failed here.
    private static async Task TypedAsync(McpMessageHandler next, MessageContext message, CancellationToken cancellationToken)
    {
        if (message.JsonRpcMessage is JsonRpcRequest { Params: null, Method: var method } && NeedParams.Contains(method))
        {
            throw new McpProtocolException($"Invalid params: {method} needs params, an object.", McpErrorCode.InvalidParams);
        }

        try
        {
            await next(message, cancellationToken);
        }
        catch (Exception exception) when (McpMessage.IsOfShape(exception))
        {
            throw new McpProtocolException(McpMessage.InvalidParams, McpErrorCode.InvalidParams);
        }
    }

    private async ValueTask<ResultOrAlternate<CallToolResult>> CallAsync(
        HttpContext http, RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        if (tools.Find(request.Params.Name) is not { } tool)
        {
            throw new McpProtocolException($"Unknown tool: '{request.Params.Name}'", McpErrorCode.InvalidParams);
        }

        try
        {
            return await RunAsync(tool, http, request, cancellationToken);
        }
        catch (Exception exception) when (IsUnexpected(exception))
        {
            LogFailed(exception, tool.Name, http.TraceIdentifier);
            return McpResults.Refusal(UnhandledErrors.Of(exception));
        }
    }

    private async ValueTask<T> GuardAsync<T>(string method, HttpContext http, Func<Task<T>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (IsUnexpected(exception))
        {
            LogFailed(exception, method, http.TraceIdentifier);
            throw new McpProtocolException(UnhandledErrors.Of(exception).Message, McpErrorCode.InternalError);
        }
    }

    private static bool IsUnexpected(Exception exception) =>
        exception is not (InputRequiredException or McpProtocolException or OperationCanceledException);

    private async Task<ResultOrAlternate<CallToolResult>> RunAsync(
        McpTool tool, HttpContext http, RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        if ((tool.Scopes & ~http.Caller().Scopes) is not Scopes.None and var lacking)
        {
            return McpResults.Refusal(LacksScope(lacking));
        }

        if (Arguments(request.Params.Arguments).Failed(out var problem, out var body))
        {
            return McpResults.Refusal(problem);
        }

        using var _ = body;
        if (LocalFiles.Refusal(body.RootElement, tools.FileArguments) is { } local)
        {
            return McpResults.Refusal(local);
        }

        var call = new McpCall(http, request, body.RootElement);
        if (tool.StartAsync is { } start && McpTasks.IsWanted(request.JsonRpcRequest))
        {
            var starting = await start(call, cancellationToken);
            return starting.Failed(out problem, out var task) ? McpResults.Refusal(problem) : McpTasks.Created(task, call);
        }

        var outcome = await RunAsync(tool, call, cancellationToken);
        return outcome.Failed(out problem, out var result) ? McpResults.Refusal(problem) : McpResults.Marked(result, call);
    }

    // As the SDK does where a session lets it: the tool runs once more, with the answer in its hand.
    private async Task<Outcome<CallToolResult>> RunAsync(McpTool tool, McpCall call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await tool.RunAsync(call, cancellationToken);
            }
            catch (InputRequiredException question) when (!call.AsksWithAnswers && question.Result.InputRequests is { } wanted)
            {
                call.Request.Params.RequestState = question.Result.RequestState;
                var answers = new Dictionary<string, InputResponse>();
                foreach (var (name, request) in wanted)
                {
                    if ((await questions.AskAsync(call, request.ElicitationParams!, cancellationToken)).Failed(
                        out var problem, out var answer))
                    {
                        return problem;
                    }

                    answers[name] = InputResponse.FromElicitResult(answer);
                }

                call.Request.Params.InputResponses = answers;
            }
        }
    }

    // Through the reader of every other body: what it refuses, half a surrogate pair for one, would throw in the middle of a tool.
    private static Outcome<JsonBody> Arguments(IDictionary<string, JsonElement>? given)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        try
        {
            using var writer = new Utf8JsonWriter(buffer, WireJson.Writer);
            writer.WriteStartObject();
            foreach (var (name, value) in given ?? new Dictionary<string, JsonElement>())
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            return Problems.InvalidJson.With("The arguments contain text that is not valid Unicode.");
        }

        return JsonBody.Parse(buffer.WrittenMemory);
    }

    [LoggerMessage(LogLevel.Error, "MCP: {Name} failed (request {RequestId}).")]
    private partial void LogFailed(Exception exception, string name, string requestId);
}
