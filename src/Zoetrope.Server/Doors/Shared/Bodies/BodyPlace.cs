using System.Buffers;
using System.Threading.RateLimiting;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>One large body: a file while it arrives, and memory that is mapped to the file once it is complete.</summary>
internal sealed class BodyPlace(LargeBodies bodies, string key, string path, TimeProvider time) : IDisposable
{
    /// <summary>A client that sends so much must send it at least this fast, on average; the operator's own limit is for all.</summary>
    private const int MinBytesPerSecond = 16 * 1024;

    private const int BufferBytes = 64 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly Problem TooSlow = Problems.BadRequest.With(
        $"The request body arrives too slowly. A large one must come at {MinBytesPerSecond} bytes per second or more.",
        allowed: $"at least {MinBytesPerSecond} bytes per second");

    private readonly List<RateLimitLease> _leases = new(4);
    private MappedBytes? _mapped;

    public string Key => key;

    /// <summary>Kept until the body is let go.</summary>
    public void Hold(RateLimitLease lease) => _leases.Add(lease);

    /// <summary>Reads the rest of the body to the disk, and then the whole of it as memory.</summary>
    /// <param name="context">The request.</param>
    /// <param name="begin">What was read of it already.</param>
    /// <param name="bounds">How far it was looked at.</param>
    /// <param name="maxBytes">The most that this request may carry.</param>
    public async Task<Outcome<ReadOnlyMemory<byte>>> ReceiveAsync(
        HttpContext context, ReadOnlyMemory<byte> begin, JsonBounds bounds, long maxBytes)
    {
        var options = FileOptions.Asynchronous | FileOptions.DeleteOnClose;
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, options);
        await file.WriteAsync(begin, context.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long length = begin.Length;
            var began = time.GetTimestamp();
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
            {
                length += read;
                if (length > maxBytes)
                {
                    return BodyLimit.Exceeded(context, maxBytes);
                }

                if (bounds.Read(buffer.AsSpan(0, read)) is { } problem)
                {
                    return problem;
                }

                if (time.GetElapsedTime(began) is var since && since > Grace && length / since.TotalSeconds < MinBytesPerSecond)
                {
                    return TooSlow;
                }

                await file.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (await bodies.EnterMemoryAsync(this, file.Length, context.RequestAborted) is { } full)
        {
            return full;
        }

        _mapped = new MappedBytes(file);
        return (ReadOnlyMemory<byte>)_mapped.Memory;
    }

    public void Dispose()
    {
        ((IDisposable?)_mapped)?.Dispose();
        _leases.ForEach(static lease => lease.Dispose());
        _leases.Clear();
    }
}
