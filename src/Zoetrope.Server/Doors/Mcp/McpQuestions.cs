using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// Questions to the user of a client of an older revision: the question goes into the answer of the open call, and what the user
/// says comes in a request of its own, at any node. So it meets the call in a row, which lives as long as the question.
/// </summary>
internal sealed class McpQuestions(Database database, McpOptions options, ServerStop stop, TimeProvider time) : IRetention
{
    private const string Prefix = "zoetrope-question-";
    private const string Accept = "accept";
    private const string Decline = "decline";
    private const string Cancel = "cancel";

    /// <summary>Each open question holds a connection of its account.</summary>
    private const int MaxOpen = 20;

    private static readonly Problem TooMany = Problems.RateLimited.With(
        $"{MaxOpen} questions to users of this account are open, which is the limit. Call the tool again when they are answered.");

    /// <summary>How soon the answer that another node was given is seen.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Proxies cut a connection on which nothing is said for a minute.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>Questions that a node could not take back, because it died.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private static readonly byte[] StillWaiting = ": waiting for the user\n\n"u8.ToArray();

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();

    public string Table => "mcp_questions";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    /// <summary>What the user says: <c>accept</c>, <c>decline</c>, or <c>cancel</c>, which is also no answer in time.</summary>
    public async Task<Outcome<ElicitResult>> AskAsync(McpCall call, ElicitRequestParams question, CancellationToken cancellationToken)
    {
        var id = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var asked = time.GetUtcNow();
        if (!await OpenAsync(call, id, asked))
        {
            return TooMany;
        }

        var told = _waiting[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await SendAsync(call, Message(id, question), cancellationToken);
            return new ElicitResult { Action = await WaitAsync(call, id, told.Task, asked, cancellationToken) };
        }
        finally
        {
            _waiting.TryRemove(id, out _);
            await database.InTransactionAsync(tx => tx.ExecuteAsync("delete from mcp_questions where id = @id", new { id }));
        }
    }

    /// <summary>
    /// Whether a client's message is the answer to a question of ours; only its own client can give it, and once. A client that
    /// gives up a call takes its question back.
    /// </summary>
    public async Task<bool> TakeAsync(HttpContext http, JsonElement message)
    {
        var caller = http.Caller();
        if (message.TryGetProperty("method", out var method))
        {
            if (method.ValueEquals(NotificationMethods.CancelledNotification) && CallOf(http, message) is { } call)
            {
                await EndAsync("call_id = @call", new { call, answer = Cancel, caller.AccountId, caller.ApiKeyId });
            }

            return false;
        }

        if (!message.TryGetProperty("id", out var given)
            || given.ValueKind != JsonValueKind.String
            || given.GetString() is not { } id
            || !id.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var row = new { id, answer = ActionOf(message), caller.AccountId, caller.ApiKeyId };
        if (await EndAsync("id = @id", row) == 1 && _waiting.TryGetValue(id, out var told))
        {
            told.TrySetResult();
        }

        return true;
    }

    public Task<int> DeleteSomeAsync() => database.InTransactionAsync(tx => tx.ExecuteAsync(
        "delete from mcp_questions where id in (select id from mcp_questions where asked_at < @before order by asked_at limit 500)",
        new { before = (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds() }));

    private async Task<bool> OpenAsync(McpCall call, string id, DateTimeOffset asked)
    {
        var row = new
        {
            id,
            call.Caller.AccountId,
            call.Caller.ApiKeyId,
            Call = McpSession.CallId(call.Http, $"{call.Request.JsonRpcRequest.Id}"),
            AskedAt = asked.ToUnixTimeMilliseconds(),
            Since = asked.AddSeconds(-options.QuestionSeconds).ToUnixTimeMilliseconds(),
        };
        return await database.InTransactionAsync(tx => tx.ExecuteAsync(
            $"""
            insert into mcp_questions (id, account_id, key_id, call_id, asked_at)
            select @id, @AccountId, @ApiKeyId, @Call, @AskedAt
            where (select count(*) from mcp_questions where account_id = @AccountId and asked_at > @Since) < {MaxOpen}
            """,
            row)) == 1;
    }

    private Task<int> EndAsync(string which, object row) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        $"""
        update mcp_questions set answer = @answer
        where {which} and account_id = @AccountId and key_id = @ApiKeyId and answer is null
        """,
        row));

    private async Task<string> WaitAsync(
        McpCall call, string id, Task told, DateTimeOffset asked, CancellationToken cancellationToken)
    {
        var quietSince = asked;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Closing);
        while (true)
        {
            var closing = stop.Closing.IsCancellationRequested;
            if (await AnswerAsync(id) is { } answer)
            {
                return answer;
            }

            var now = time.GetUtcNow();
            if (closing || now - asked >= TimeSpan.FromSeconds(options.QuestionSeconds))
            {
                return Cancel;
            }

            if (now - quietSince >= Silence)
            {
                quietSince = now;
                await SendAsync(call, StillWaiting, cancellationToken);
            }

            await Task.WhenAny(told, Task.Delay(Look, time, ended.Token));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private ValueTask<string?> AnswerAsync(string id) => database.ReadAsync(
        async session => await session.FirstOrDefaultAsync<string>("select answer from mcp_questions where id = @id", new { id }));

    // Between the events that the SDK writes: before a tool that asks has its answer, it has nothing to tell.
    private static async Task SendAsync(McpCall call, ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        await call.Http.Response.Body.WriteAsync(text, cancellationToken);
        await call.Http.Response.Body.FlushAsync(cancellationToken);
    }

    private static ReadOnlyMemory<byte> Message(string id, ElicitRequestParams question)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        buffer.Write("event: message\ndata: "u8);
        using (var writer = new Utf8JsonWriter(buffer, WireJson.Writer))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WriteString("id"u8, id);
            writer.WriteString("method"u8, RequestMethods.ElicitationCreate);
            writer.WriteStartObject("params"u8);
            writer.WriteString("message"u8, question.Message);
            writer.WriteStartObject("requestedSchema"u8);
            writer.WriteString("type"u8, "object"u8);
            writer.WriteStartObject("properties"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    private static string? CallOf(HttpContext http, JsonElement message) =>
        message.TryGetProperty("params", out var parameters)
        && parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty("requestId", out var request)
        && request.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? McpSession.CallId(http, request.ToString())
            : null;

    // A client that answers with an error could not ask.
    private static string ActionOf(JsonElement message) =>
        message.TryGetProperty("result", out var result)
        && result.ValueKind == JsonValueKind.Object
        && result.TryGetProperty("action", out var action)
        && action.ValueKind == JsonValueKind.String
            ? action.GetString() switch
            {
                Accept => Accept,
                Decline => Decline,
                _ => Cancel,
            }
            : Cancel;
}
