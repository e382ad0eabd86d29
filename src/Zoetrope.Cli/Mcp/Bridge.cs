using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace Zoetrope.Cli.Mcp;

/// <summary>
/// Carries messages between a host on stdin and the server's <c>/mcp</c>, unchanged: progress, elicitation, resources and whatever the
/// protocol learns next pass through. Only what concerns files of this machine is answered or rewritten here.
/// </summary>
internal sealed class Bridge(ITransport host, ITransport server, LocalFiles files, Invocation invocation)
{
    private readonly ConcurrentDictionary<RequestId, CancellationTokenSource> _calls = new();

    // Apart from the calls: a call may be over before its answer has been read from the server's channel.
    private readonly ConcurrentDictionary<RequestId, bool> _lists = new();

    /// <summary>Runs until the host closes stdin, which ends the session; an answer after that would not be read.</summary>
    public async Task RunAsync()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(invocation.CancellationToken);
        var answers = RelayAnswersAsync(end.Token);
        var sending = new ConcurrentDictionary<Task, bool>();
        await foreach (var message in host.MessageReader.ReadAllAsync(end.Token))
        {
            // A call may take as long as a video; the next message must not wait for it.
            var sent = RelayAsync(message, end.Token);
            sending.TryAdd(sent, true);
            _ = sent.ContinueWith(
                done => sending.TryRemove(done, out _),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        await end.CancelAsync();
        try
        {
            await Task.WhenAll([answers, .. sending.Keys]);
        }
        catch (OperationCanceledException)
        {
            // That was asked for above.
        }
    }

    private async Task RelayAsync(JsonRpcMessage message, CancellationToken cancellationToken)
    {
        using var call = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var request = message as JsonRpcRequest;
        if (request is not null)
        {
            _calls[request.Id] = call;
            if (request.Method == RequestMethods.ToolsList)
            {
                _lists[request.Id] = true;
            }
        }
        else if (message is JsonRpcNotification { Method: NotificationMethods.CancelledNotification } notification)
        {
            await CancelAsync(notification);
        }

        try
        {
            if (request is not null && await files.HandleAsync(request, call.Token) is { } answer)
            {
                await host.SendMessageAsync(answer, cancellationToken);
                return;
            }

            await server.SendMessageAsync(message, call.Token);
        }
        catch (OperationCanceledException) when (call.IsCancellationRequested)
        {
            // The host no longer wants the answer.
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException or InvalidOperationException or OperationCanceledException)
        {
            invocation.Terminal.Note($"mcp: {exception.Message}");
            if (request is not null)
            {
                await host.SendMessageAsync(Unreachable(request.Id, exception), cancellationToken);
            }
        }
        finally
        {
            if (request is not null)
            {
                _calls.TryRemove(request.Id, out _);
            }
        }
    }

    private async Task RelayAnswersAsync(CancellationToken cancellationToken)
    {
        await foreach (var message in server.MessageReader.ReadAllAsync(cancellationToken))
        {
            if (message is JsonRpcResponse { Result: JsonObject result } response && _lists.TryRemove(response.Id, out _))
            {
                LocalFiles.AddTool(result);
            }

            await host.SendMessageAsync(message, cancellationToken);
        }
    }

    /// <summary>The server may have no session in which to find a cancellation, but it always notices a closed connection.</summary>
    private async Task CancelAsync(JsonRpcNotification notification)
    {
        foreach (var (id, call) in _calls)
        {
            if (notification.Params?["requestId"] is { } named && named.ToString() == id.ToString())
            {
                await call.CancelAsync();
            }
        }
    }

    private JsonRpcError Unreachable(RequestId id, Exception exception)
    {
        var message = exception is HttpRequestException { StatusCode: { } status }
            ? (int)status switch
            {
                401 or 403 =>
                    $"The server at {invocation.Connection.BaseUrl} refuses the key ({(int)status}). Set ZOETROPE_API_KEY to a valid key.",
                404 => $"The server at {invocation.Connection.BaseUrl} does not serve MCP. Check ZOETROPE_BASE_URL.",
                var other => $"The server at {invocation.Connection.BaseUrl} returned the status {other}.",
            }
            : $"The server at {invocation.Connection.BaseUrl} does not answer: {exception.Message}";
        var error = new JsonRpcErrorDetail { Code = (int)ModelContextProtocol.McpErrorCode.InternalError, Message = message };
        return new JsonRpcError { Id = id, Error = error };
    }
}
