using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// Writes a success envelope by hand into a buffer of the thread: the two hottest answers of the server are made
/// here, and a serializer's detour through objects would cost as much as the database does.
/// </summary>
internal static class JsonAnswer
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary><c>{"success":true,"data":…}</c> with the data written by the callback.</summary>
    public static byte[] Envelope<TState>(
        TState state, Action<Utf8JsonWriter, TState> data) => Bare((state, data), static (writer, inner) =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("success"u8, true);
        writer.WritePropertyName("data"u8);
        inner.data(writer, inner.state);
        writer.WriteEndObject();
    });

    /// <summary>The value without an envelope.</summary>
    public static byte[] Bare<TState>(TState state, Action<Utf8JsonWriter, TState> value)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(2_048);
        var writer = _writer ??= new Utf8JsonWriter(buffer, WireJson.Writer);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        value(writer, state);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A record of the wire, as it is.</summary>
    public static byte[] Of<T>(T value, JsonTypeInfo<T> type) =>
        Bare((value, type), static (writer, state) => JsonSerializer.Serialize(writer, state.value, state.type));

    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) => WriteAsync(context, Of(value, type));

    public static Task WriteAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = ProblemResponse.ContentType;

        // Again: what was set is gone after an exception.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentLength = body.Length;
        return context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static Task WriteAsync(HttpContext context, string body) => WriteAsync(context, Encoding.UTF8.GetBytes(body));

    /// <summary>ISO 8601, UTC, milliseconds, as VicSee writes times.</summary>
    public static void WriteTime(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is not { } value)
        {
            writer.WriteNull(name);
            return;
        }

        Span<char> text = stackalloc char[24];
        writer.WriteString(name, text[..WireTime.Write(value, text)]);
    }

    public static void WriteOptional(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
