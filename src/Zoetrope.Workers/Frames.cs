using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Zoetrope.Workers;

/// <summary>JSON messages over a pipe, each after its length in four bytes (little endian).</summary>
internal static class Frames
{
    private const int MaxBytes = 1 << 20;

    public static async Task WriteAsync<T>(Stream to, T message, JsonTypeInfo<T> type, CancellationToken cancellationToken = default)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        var frame = new byte[json.Length + 4];
        BinaryPrimitives.WriteInt32LittleEndian(frame, json.Length);
        json.CopyTo(frame, 4);
        await to.WriteAsync(frame, cancellationToken);
        await to.FlushAsync(cancellationToken);
    }

    /// <summary>The next message, or null where the other end has closed.</summary>
    /// <exception cref="IOException">What came is no frame of ours.</exception>
    public static async Task<T?> ReadAsync<T>(Stream from, JsonTypeInfo<T> type, CancellationToken cancellationToken = default)
        where T : class
    {
        var head = new byte[4];
        if (await from.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length is <= 0 or > MaxBytes)
        {
            throw new IOException($"A frame of {length} bytes is not allowed.");
        }

        var json = new byte[length];
        if (await from.ReadAtLeastAsync(json, length, throwOnEndOfStream: false, cancellationToken) < length)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException exception)
        {
            throw new IOException("The frame is not the expected JSON.", exception);
        }
    }
}
