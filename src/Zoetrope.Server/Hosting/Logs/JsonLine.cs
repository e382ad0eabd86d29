using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Zoetrope.Server.Hosting.Logs;

/// <summary>A message as one JSON object, for stderr and for the journal.</summary>
internal static class JsonLine
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write<TState>(IBufferWriter<byte> buffer, in LogEntry<TState> entry, DateTimeOffset now, Trail? trail)
    {
        using var writer = new Utf8JsonWriter(buffer, Readable);
        Span<char> at = stackalloc char[24];
        writer.WriteStartObject();
        writer.WriteString("time"u8, at[..WireTime.Write(now, at)]);
        writer.WriteString("level"u8, LineFormatter.Word(entry.LogLevel));
        writer.WriteString("category"u8, entry.Category);
        writer.WriteString("message"u8, entry.Formatter(entry.State, entry.Exception));
        Write(writer, "requestId"u8, trail?.RequestId);
        Write(writer, "traceId"u8, trail?.TraceId);
        Write(writer, "taskId"u8, trail?.TaskId);
        WriteValues(writer, entry.State);
        Write(writer, "exception"u8, entry.Exception?.ToString());
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    // The values that stand in the message, under their names.
    private static void WriteValues(Utf8JsonWriter writer, object? state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } values)
        {
            return;
        }

        writer.WriteStartObject("values"u8);
        foreach (var (given, value) in values)
        {
            if (given == "{OriginalFormat}")
            {
                continue;
            }

            var name = JsonNamingPolicy.CamelCase.ConvertName(given);
            switch (value)
            {
                case null:
                    writer.WriteNull(name);
                    break;
                case long or int:
                    writer.WriteNumber(name, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                    break;
                case double number when double.IsFinite(number):
                    writer.WriteNumber(name, number);
                    break;
                default:
                    writer.WriteString(name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                    break;
            }
        }

        writer.WriteEndObject();
    }
}
