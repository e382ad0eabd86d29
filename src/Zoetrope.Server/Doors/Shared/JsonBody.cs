using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>Reads a request body as one JSON object, with every way it can be wrong as a <see cref="Problem"/>.</summary>
internal static class JsonBody
{
    private const int MaxDepth = 32;
    private const int FirstBuffer = 4096;

    // A document is held in memory as a whole, so the operator's limit ends here.
    private const int Largest = 1 << 30;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private static readonly Problem Invalid = Problems.InvalidJson.With("Invalid JSON body");
    private static readonly Problem WrongType = Problems.UnsupportedMediaType.With(
        "Send the body as application/json in UTF-8.", "Content-Type", allowed: "application/json");
    private static readonly Problem WrongEncoding = Problems.UnsupportedMediaType.With(
        "Send the body without Content-Encoding.", "Content-Encoding", allowed: "identity");

    /// <summary>The body's root object; the caller disposes it, which returns its pooled memory.</summary>
    public static async ValueTask<Outcome<JsonDocument>> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        var maxBytes = (int)Math.Min(BodyLimit.Of(context), Largest);
        if (TypeProblem(request) is { } problem)
        {
            return problem;
        }

        if (request.ContentLength > maxBytes)
        {
            return BodyLimit.Exceeded(context, maxBytes);
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(maxBytes + 1L, request.ContentLength + 1 ?? FirstBuffer));
        try
        {
            var length = 0;
            while (true)
            {
                var read = await request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted);
                if (read == 0)
                {
                    return Parse(buffer, length);
                }

                length += read;
                if (length > maxBytes)
                {
                    return BodyLimit.Exceeded(context, maxBytes);
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, maxBytes);
                }
            }
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return BodyLimit.Exceeded(context, maxBytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The same checks on bytes that are already here.</summary>
    public static Outcome<JsonDocument> Parse(byte[] buffer, int length)
    {
        // The parser leaves strings alone until they are read, and would throw in the middle of a handler then.
        if (!Utf8.IsValid(buffer.AsSpan(0, length)))
        {
            return Invalid;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(new MemoryStream(buffer, 0, length, writable: false), Options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Invalid;
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object
            && (buffer.AsSpan(0, length).IndexOf("\\u"u8) < 0 || StringsAreText(document.RootElement)))
        {
            return document;
        }

        document.Dispose();
        return Invalid;
    }

    // VicSee's own clients send none on some calls, and the type on bodiless ones: only a wrong type is refused.
    private static Problem? TypeProblem(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding;
        if (encoding.Count > 0 && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            return WrongEncoding;
        }

        if (string.IsNullOrEmpty(request.ContentType))
        {
            return null;
        }

        return MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            ? null
            : WrongType;
    }

    private static byte[] Grow(byte[] buffer, int maxBytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(maxBytes + 1L, buffer.Length * 2L));
        buffer.CopyTo(larger.AsSpan());
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    // An escape may spell half a surrogate pair, which no string can hold.
    private static bool StringsAreText(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object =>
                    element.EnumerateObject().All(property => property.Name is not null && StringsAreText(property.Value)),
                JsonValueKind.Array => element.EnumerateArray().All(StringsAreText),
                JsonValueKind.String => element.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
