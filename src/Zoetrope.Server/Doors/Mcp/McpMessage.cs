using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using ModelContextProtocol;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Bodies;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// Reads the message of a POST as every other body is read, within the same bounds, before the SDK makes objects of it; and
/// answers what is no message in the words of JSON-RPC.
/// </summary>
internal static class McpMessage
{
    private const string Arguments = "arguments";

    public static async Task HandleAsync(HttpContext context, McpQuestions questions, RequestDelegate handle)
    {
        if (MayNotBeLarge(context) is { } refusal)
        {
            BodyLimit.HangUp(context);
            await ProblemResponse.WriteAsync(context, refusal);
            return;
        }

        if ((await JsonBody.ReadMessageAsync(context)).Failed(out var problem, out var body))
        {
            await (problem.Kind == Problems.InvalidJson
                ? WriteAsync(context, default, (int)McpErrorCode.ParseError, problem.Message)
                : ProblemResponse.WriteAsync(context, problem));
            return;
        }

        using (body)
        {
            var message = body.RootElement;
            if (Wrong(message) is var (code, text))
            {
                await WriteAsync(context, message, (int)code, text);
                return;
            }

            McpSession.Read(context, message);
            if (await questions.TakeAsync(context, message))
            {
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                return;
            }

            context.Request.Body = PipeReader.Create(new ReadOnlySequence<byte>(body.Bytes)).AsStream();
            context.Request.ContentLength = body.Bytes.Length;
            try
            {
                await handle(context);
            }
            catch (Exception exception) when (IsOfShape(exception) && !context.Response.HasStarted)
            {
                context.Response.Clear();
                await WriteAsync(context, message, (int)McpErrorCode.InvalidParams, InvalidParams);
            }
        }
    }

    /// <summary>Whether the SDK stumbled over the type of a value: what fails in our own code is caught there.</summary>
    public static bool IsOfShape(Exception exception) =>
        exception is JsonException or InvalidOperationException or ArgumentException or NotSupportedException or FormatException;

    /// <summary>What the protocol says where a value of <c>params</c> has another type than the method expects.</summary>
    public const string InvalidParams = "Invalid params: a value has the wrong type.";

    // Only the tools that make something take images. What another key sends is short.
    private static Problem? MayNotBeLarge(HttpContext context)
    {
        if (context.Caller().Scopes.HasFlag(Scopes.Generate))
        {
            return null;
        }

        if (context.Request.ContentLength > LargeBodies.Small)
        {
            return McpDoor.LacksScope(Scopes.Generate) with { Allowed = $"messages of at most {LargeBodies.Small} bytes" };
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = Math.Min(LargeBodies.Small, size.MaxRequestBodySize ?? long.MaxValue);
        }

        return null;
    }

    private static (McpErrorCode Code, string Message)? Wrong(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            return (McpErrorCode.InvalidRequest, "Invalid request: send one JSON-RPC message, as an object.");
        }

        // First: the name of a member cannot even be compared if it is no text.
        if (JsonText.CheckUnicode(message) is { } noText)
        {
            return (McpErrorCode.InvalidParams, noText.Message);
        }

        if (Twice(message) is { } name)
        {
            return (McpErrorCode.InvalidRequest, $"Invalid request: {name} is given twice.");
        }

        foreach (var member in message.EnumerateObject())
        {
            if (member.NameEquals("method") && member.Value.ValueKind != JsonValueKind.String)
            {
                return (McpErrorCode.InvalidRequest, "Invalid request: method must be a string.");
            }

            if (!member.NameEquals("params"))
            {
                if (JsonText.Check(member.Value, member.Name) is { } zero)
                {
                    return (McpErrorCode.InvalidRequest, zero.Message);
                }
            }
            else if (member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            {
                return (McpErrorCode.InvalidParams, "Invalid params: params must be an object.");
            }
            else if (member.Value.ValueKind is JsonValueKind.Object && Twice(member.Value) is { } parameter)
            {
                return (McpErrorCode.InvalidParams, $"Invalid params: {parameter} is given twice.");
            }
            else if (member.Value.ValueKind is JsonValueKind.Object && InParams(member.Value) is { } problem)
            {
                return (McpErrorCode.InvalidParams, problem.Message);
            }
        }

        return null;
    }

    // The SDK's objects stumble over it late, and say that something failed here.
    private static string? Twice(JsonElement element) =>
        DoubledNames.In(element) is { } member ? ShortText.Of(DoubledNames.NameOf(member)) : null;

    // The arguments are the tool's to judge, which answers with a result.
    private static Problem? InParams(JsonElement parameters)
    {
        foreach (var member in parameters.EnumerateObject())
        {
            if (!member.NameEquals(Arguments) && JsonText.Check(member.Value, $"params.{member.Name}") is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static Task WriteAsync(HttpContext context, JsonElement message, int code, string text)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return JsonAnswer.WriteAsync(context, JsonAnswer.Bare((message, code, text), static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WritePropertyName("id"u8);
            if (state.message.ValueKind == JsonValueKind.Object
                && JsonText.CheckUnicode(state.message) is null
                && state.message.TryGetProperty("id", out var id)
                && id.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            {
                id.WriteTo(writer);
            }
            else
            {
                writer.WriteNullValue();
            }

            writer.WriteStartObject("error"u8);
            writer.WriteNumber("code"u8, state.code);
            writer.WriteString("message"u8, state.text);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
    }
}
