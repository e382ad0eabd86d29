using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Zoetrope.Server.Doors.Shared.Bodies;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// A request body as one JSON object, with every way it can be wrong as a <see cref="Problem"/>. Disposing it returns its
/// memory; its elements end with it.
/// </summary>
internal sealed class JsonBody : IDisposable
{
    private const int MaxDepth = 32;
    private const int FirstBuffer = 4096;

    // A document is held in memory as a whole, so the operator's limit ends here.
    private const int Largest = 1 << 30;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    // A message of the protocol around the arguments has some levels of its own.
    private static readonly JsonDocumentOptions OptionsOfMessage = new() { MaxDepth = JsonBounds.MaxDepth };

    private readonly JsonDocument _document;
    private byte[]? _pooled;
    private BodyPlace? _place;

    private JsonBody(JsonDocument document, ReadOnlyMemory<byte> bytes) => (_document, Bytes) = (document, bytes);

    public JsonElement RootElement => _document.RootElement;

    /// <summary>The body as it was sent.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The body's root object.</summary>
    public static ValueTask<Outcome<JsonBody>> ReadAsync(HttpContext context) => ReadAsync(context, isMessage: false);

    /// <summary>Any JSON within the same bounds, for a protocol that has its own words for the rest.</summary>
    public static ValueTask<Outcome<JsonBody>> ReadMessageAsync(HttpContext context) => ReadAsync(context, isMessage: true);

    /// <summary>The same checks on bytes that are already here; they must stay as they are until the body is disposed.</summary>
    public static Outcome<JsonBody> Parse(ReadOnlyMemory<byte> bytes)
    {
        var bounds = new JsonBounds();
        return bounds.Read(bytes.Span) ?? Parse(bytes, isMessage: false);
    }

    public void Dispose()
    {
        _document.Dispose();
        _place?.Dispose();
        _place = null;
        if (_pooled is { } pooled)
        {
            _pooled = null;
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    private static async ValueTask<Outcome<JsonBody>> ReadAsync(HttpContext context, bool isMessage)
    {
        var request = context.Request;
        var maxBytes = Math.Min(BodyLimit.Of(context), Largest);
        if (JsonType.Refusal(request) is { } wrongType)
        {
            return wrongType;
        }

        if (request.ContentLength > maxBytes)
        {
            return BodyLimit.Exceeded(context, maxBytes);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(
            (int)Math.Min(Math.Min(maxBytes, LargeBodies.Small) + 1, request.ContentLength + 1 ?? FirstBuffer));
        JsonBody? body = null;
        try
        {
            var bounds = new JsonBounds();
            for (var length = 0; ;)
            {
                var read = await request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted);
                if (read == 0)
                {
                    var parsing = Parse(buffer.AsMemory(0, length), isMessage);
                    if (!parsing.Failed(out _, out body))
                    {
                        body._pooled = buffer;
                    }

                    return parsing;
                }

                if (bounds.Read(buffer.AsSpan(length, read)) is { } problem)
                {
                    BodyLimit.HangUp(context);
                    return problem;
                }

                length += read;
                if (length > maxBytes)
                {
                    return BodyLimit.Exceeded(context, maxBytes);
                }

                if (length > LargeBodies.Small)
                {
                    return await ReadLargeAsync(context, buffer.AsMemory(0, length), bounds, maxBytes, isMessage);
                }

                buffer = length == buffer.Length ? Grow(buffer) : buffer;
            }
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return BodyLimit.Exceeded(context, maxBytes);
        }
        finally
        {
            if (body is null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static async Task<Outcome<JsonBody>> ReadLargeAsync(
        HttpContext context, ReadOnlyMemory<byte> begin, JsonBounds bounds, long maxBytes, bool isMessage)
    {
        var bodies = context.Features.Get<LargeBodies>()
            ?? throw new InvalidOperationException("This server has no place for large bodies.");
        if ((await bodies.EnterAsync(context)).Failed(out var problem, out var place))
        {
            BodyLimit.HangUp(context);
            return problem;
        }

        JsonBody? body = null;
        try
        {
            if ((await place.ReceiveAsync(context, begin, bounds, maxBytes)).Failed(out problem, out var bytes))
            {
                BodyLimit.HangUp(context);
                return problem;
            }

            var parsing = Parse(bytes, isMessage);
            if (!parsing.Failed(out _, out body))
            {
                body._place = place;
            }

            return parsing;
        }
        finally
        {
            if (body is null)
            {
                place.Dispose();
            }
        }
    }

    private static Outcome<JsonBody> Parse(ReadOnlyMemory<byte> bytes, bool isMessage)
    {
        // The parser leaves strings alone until they are read, and would throw in the middle of a handler then.
        if (!Utf8.IsValid(bytes.Span))
        {
            return JsonFaults.NotText(bytes.Span);
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(bytes, isMessage ? OptionsOfMessage : Options);
        }
        catch (JsonException exception)
        {
            return JsonFaults.Of(bytes, exception, isMessage ? JsonBounds.MaxDepth : MaxDepth);
        }
        catch (InvalidOperationException)
        {
            // Names are compared for duplicates, and one of them is half of a character.
            return JsonText.Broken;
        }

        var root = document.RootElement;
        var problem = isMessage ? null
            : root.ValueKind != JsonValueKind.Object ? JsonFaults.NoObject
            : JsonText.MayHold(bytes.Span) ? JsonText.Check(root) : null;
        if (problem is null)
        {
            return new JsonBody(document, bytes);
        }

        document.Dispose();
        return problem;
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(LargeBodies.Small + 1, buffer.Length * 2));
        buffer.CopyTo(larger.AsSpan());
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
