using System.Buffers;
using System.Text.Json;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared.Paid;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// A tool that costs: the paid call with its key among the arguments, and the user's consent if the key asks for it. The
/// body is the one that the tool's REST sibling accepts, so a key identifies the same request at both doors.
/// </summary>
internal sealed class McpSubmit(PaidCall paid)
{
    private const string KeyArgument = "idempotency_key";

    /// <summary>Arguments that are the tool's and not the model's.</summary>
    private static readonly string[] OwnArguments = ["model", "extra", KeyArgument, "wait_seconds"];

    /// <summary>Fields of the body beside the model's parameters.</summary>
    private static readonly string[] BodyArguments = ["model", Attribution.TagsField, Attribution.UserField];

    /// <param name="call">The tool's call, which remembers what was made.</param>
    /// <param name="path">The sibling's path.</param>
    /// <param name="body">Its body.</param>
    /// <param name="form">How it is read and answered.</param>
    /// <param name="cancellationToken">Ends the fetching of inputs; what is being submitted is submitted.</param>
    public async Task<Outcome<Committed>> SubmitAsync(
        McpCall call, string path, JsonElement body, PaidForm form, CancellationToken cancellationToken)
    {
        // The headers are in the client's configuration, which is its user's.
        if (ReadKey(call.Arguments).Failed(out var problem, out var key)
            || PaidHeaders.Accepted(call.Http.Request).Failed(out problem, out var ceiling)
            || PaidHeaders.Attribution(call.Http.Request).Failed(out problem, out var attribution))
        {
            return problem;
        }

        var fingerprint = Fingerprint.Of($"POST {path}\n{PaidHeaders.Fingerprinted(attribution)}", body);
        var request = new PaidRequest
        {
            Caller = call.Caller,
            Idempotent = key is null ? null : new IdempotentRequest(key, fingerprint),
            Read = _ => ValueTask.FromResult(Read(form, body)),
            Consent = (orders, credits) => McpConsent.Of(call, orders[0].Model.Name, credits, ceiling, fingerprint),
            Ceiling = ceiling,
            Attribution = attribution,
            Keep = form.Keep,
        };
        if ((await paid.RunAsync(request, cancellationToken)).Failed(out problem, out var made))
        {
            return problem;
        }

        call.Made = made;
        paid.SetHeaders(call.Http, made);
        return made;
    }

    /// <summary>What the sibling reads, with the words of a tool.</summary>
    public static Outcome<Drafts> Read(PaidForm form, JsonElement body) => form.Read(body).Failed(out var problem, out var drafts)
        ? problem
        : drafts with { Items = [.. drafts.Items.Select(static draft => draft with { ModelList = ModelTools.List, OwnFields = [] })] };

    /// <summary>The body of <c>POST /generate</c> that a tool's arguments mean: named ones win over those in <c>extra</c>.</summary>
    public static Outcome<JsonElement> GenerateBody(JsonElement arguments)
    {
        var extra = default(JsonElement);
        if (arguments.TryGetProperty("extra", out var given) && !ValueReader.IsAbsent(given))
        {
            given = ValueReader.Structured(given, '{');
            if (given.ValueKind != JsonValueKind.Object)
            {
                return Problems.InvalidParameter.With("extra must be an object.", "extra", Given.Of(given), "an object");
            }

            extra = given;
        }

        var named = arguments.EnumerateObject()
            .Where(argument => !ValueReader.IsAbsent(argument.Value) && !OwnArguments.Contains(argument.Name)
                && !BodyArguments.Contains(argument.Name))
            .ToList();
        if (extra.ValueKind == JsonValueKind.Object
            && named.Find(argument => extra.TryGetProperty(argument.Name, out var other) && !JsonElement.DeepEquals(argument.Value, other))
                is { Value.ValueKind: not JsonValueKind.Undefined } twice)
        {
            // One of them would be dropped, and it may be a file.
            return Problems.InvalidParameter.With(
                $"{twice.Name} is given twice, as an argument and in extra, with different values.", twice.Name, allowed: "one value");
        }

        return Write(writer =>
        {
            foreach (var name in BodyArguments)
            {
                if (arguments.TryGetProperty(name, out var value))
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
            }

            writer.WriteStartObject("input");
            if (extra.ValueKind == JsonValueKind.Object)
            {
                var others = extra.EnumerateObject().Where(property => !named.Exists(argument => argument.NameEquals(property.Name)));
                foreach (var property in others)
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
        using (var writer = new Utf8JsonWriter(buffer, WireJson.Writer))
        {
            writer.WriteStartObject();
            content(writer);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static Outcome<string?> ReadKey(JsonElement arguments)
    {
        if (!arguments.TryGetProperty(KeyArgument, out var given) || ValueReader.IsAbsent(given))
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
