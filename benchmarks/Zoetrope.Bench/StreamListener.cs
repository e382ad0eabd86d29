using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Zoetrope.Bench;

/// <summary>
/// One listener of an event stream over a raw socket. The prompt of each task is its number, which tells when the call that
/// caused the event was sent.
/// </summary>
internal sealed class StreamListener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[8 * 1024];
    private readonly byte[] _wanted;
    private readonly long[] _sentAt;
    private int _have;
    private int _last = -1;

    private StreamListener(string type, long[] sentAt) => (_wanted, _sentAt) = (Encoding.ASCII.GetBytes($"event: {type}\n"), sentAt);

    /// <summary>Events before this one warm the just-in-time compiler and are not measured.</summary>
    public int MeasuredFrom { get; init; }

    public Latencies Latencies { get; } = new();

    public int Seen { get; private set; }

    /// <summary>Events that came twice, or behind a later one.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>Connects and returns when the stream has begun.</summary>
    public static async Task<StreamListener> OpenAsync(Uri address, string path, string key, string type, long[] sentAt, int measuredFrom = 0)
    {
        var listener = new StreamListener(type, sentAt) { MeasuredFrom = measuredFrom };
        await listener._socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port);
        await listener._socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\n\r\n"));
        while (listener._buffer.AsSpan(0, listener._have).IndexOf("retry: 2000"u8) < 0)
        {
            await listener.ReceiveAsync();
        }

        return listener;
    }

    public async Task ListenAsync(int count)
    {
        try
        {
            for (Take(); Seen < count; Take())
            {
                await ReceiveAsync();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // What did not come is missing in the count.
        }
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReceiveAsync()
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_have));
        _have += received > 0 ? received : throw new EndOfStreamException();
    }

    private void Take()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _have).IndexOf("\n\n"u8)) >= 0)
        {
            var frame = _buffer.AsSpan(0, end);
            var at = frame.IndexOf("\"prompt\":\"Event "u8);
            if (at >= 0 && frame.IndexOf(_wanted) >= 0)
            {
                var digits = frame[(at + 16)..];
                var number = int.Parse(digits[..digits.IndexOf((byte)'"')], CultureInfo.InvariantCulture);
                if (number >= MeasuredFrom)
                {
                    Latencies.Add((long)Stopwatch.GetElapsedTime(Volatile.Read(ref _sentAt[number])).TotalMicroseconds);
                }

                OutOfOrder += number <= _last ? 1 : 0;
                _last = number;
                Seen++;
            }

            _buffer.AsSpan(end + 2, _have - end - 2).CopyTo(_buffer);
            _have -= end + 2;
        }
    }
}
