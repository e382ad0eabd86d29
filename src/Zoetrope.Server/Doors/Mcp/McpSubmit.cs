using System.Buffers;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// A tool that costs, in the order of <see cref="CostingCall"/>: body, key, replay, shape, admission, the user's consent where
/// the key asks for it, one transaction. The body is the one the tool's REST sibling takes, so a key stands for the same
/// request at both doors.
/// </summary>
internal sealed class McpSubmit(SubmitGeneration submit)
{
    private const string KeyArgument = "idempotency_key";

    /// <summary>Arguments that are the tool's and not the model's.</summary>
    private static readonly string[] OwnArguments = ["model", "extra", KeyArgument, "wait_seconds"];

    /// <summary>The data of the sibling's answer.</summary>
    /// <param name="call">The tool's call.</param>
    /// <param name="path">The sibling's address.</param>
    /// <param name="body">Its body.</param>
    /// <param name="read">How it becomes a draft.</param>
    /// <param name="answer">The sibling's answer.</param>
    /// <param name="cancellationToken">Ends the fetching of inputs; what is being submitted is submitted.</param>
    public async Task<Outcome<JsonElement>> SubmitAsync(
        McpCall call,
        string path,
        JsonElement body,
        Func<JsonElement, Outcome<RequestDraft>> read,
        Func<Submission, AdmittedRequest, byte[]> answer,
        CancellationToken cancellationToken)
    {
        if (ReadKey(call.Arguments).Failed(out var problem, out var key))
        {
            return problem;
        }

        AdmittedRequest? admitted = null;
        IdempotentRequest? idempotent = null;
        var fingerprint = IdempotencyKeys.Fingerprint($"POST {path}\n", body);
        if (key is not null)
        {
            idempotent = new IdempotentRequest(key, fingerprint, made => Encoding.UTF8.GetString(answer(made, admitted!)));
            if (await submit.ReplayAsync(call.Caller, idempotent) is { } replay)
            {
                return replay.Failed(out problem, out var made) ? problem : Data(made.Replayed!);
            }
        }

        var drafting = read(body);
        if (drafting.Failed(out problem, out var draft))
        {
            return problem;
        }

        var admitting = await submit.AdmitAsync(call.Caller, draft, cancellationToken);
        if (admitting.Failed(out problem, out admitted))
        {
            return problem;
        }

        if (McpConsent.Of(call, admitted.Priced, fingerprint) is { } refused)
        {
            return refused;
        }

        // From here on the client's disconnect changes nothing: the task is made or it is not.
        var submitting = await submit.SubmitAsync(call.Caller, admitted with { Confirmed = true }, idempotent);
        return submitting.Failed(out problem, out var submission)
            ? problem
            : submission.Replayed is { } stored ? Data(stored) : McpResults.DataOf(answer(submission, admitted));
    }

    /// <summary>The body of <c>POST /generate</c> that a tool's arguments mean: named ones win over those in <c>extra</c>.</summary>
    public static Outcome<JsonElement> GenerateBody(JsonElement arguments)
    {
        var extra = default(JsonElement);
        if (arguments.TryGetProperty("extra", out var given) && given.ValueKind != JsonValueKind.Null)
        {
            if (given.ValueKind != JsonValueKind.Object)
            {
                return Problems.InvalidParameter.With("extra must be an object.", "extra", Given.Of(given), "an object");
            }

            extra = given;
        }

        var named = arguments.EnumerateObject().Where(argument => argument.Value.ValueKind != JsonValueKind.Null && !OwnArguments.Contains(argument.Name)).ToList();
        return Write(writer =>
        {
            if (arguments.TryGetProperty("model", out var model))
            {
                writer.WritePropertyName("model");
                model.WriteTo(writer);
            }

            writer.WriteStartObject("input");
            if (extra.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in extra.EnumerateObject().Where(property => !named.Exists(argument => argument.NameEquals(property.Name))))
                {
                    property.WriteTo(writer);
                }
            }

            named.ForEach(argument => argument.WriteTo(writer));
            writer.WriteEndObject();
        });
    }

    /// <summary>The arguments without those that are the tool's own.</summary>
    public static JsonElement PlainBody(JsonElement arguments) => Write(writer =>
    {
        foreach (var argument in arguments.EnumerateObject().Where(argument => !OwnArguments.Contains(argument.Name)))
        {
            argument.WriteTo(writer);
        }
    });

    private static JsonElement Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            content(writer);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static JsonElement Data(string envelope) => McpResults.DataOf(Encoding.UTF8.GetBytes(envelope));

    private static Outcome<string?> ReadKey(JsonElement arguments)
    {
        if (!arguments.TryGetProperty(KeyArgument, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return (string?)null;
        }

        return ValueReader.TryText(given, out var key) && key.Length is > 0 and <= IdempotencyKeys.MaxLength
            ? key
            : Problems.InvalidIdempotencyKey.With(
                $"{KeyArgument} must be a string of 1 to {IdempotencyKeys.MaxLength} characters.",
                KeyArgument,
                Given.Of(given),
                $"1 to {IdempotencyKeys.MaxLength} characters, for example a UUID");
    }
}
