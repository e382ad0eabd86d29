using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Zoetrope.Bench;

/// <summary>What one run of load brought.</summary>
/// <param name="Succeeded">Answers with status 200.</param>
/// <param name="Refused">Other answers; a benchmark with any is void.</param>
internal sealed record LoadResult(long Succeeded, long Refused, TimeSpan Elapsed, Latencies Latencies)
{
    public double PerSecond => Succeeded / Elapsed.TotalSeconds;
}

/// <summary>
/// HTTP/1.1 over raw sockets with prebuilt requests, because client and server share the cores: whatever the client
/// spends the server lacks. Each connection has one request under way and finishes it before the run ends, so that the
/// number of answers is exact.
/// </summary>
internal sealed class LoadGenerator(Uri address, int connections)
{
    public async Task<LoadResult> RunAsync(IReadOnlyList<byte[]> requests, TimeSpan duration, long limit = long.MaxValue)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Client.ConnectAsync(address)));
        try
        {
            var left = limit;
            var started = Stopwatch.GetTimestamp();
            var end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
            await Task.WhenAll(clients.Select((client, i) => Task.Run(() => client.RunAsync(requests, i, () => Stopwatch.GetTimestamp() < end && Interlocked.Decrement(ref left) >= 0))));
            var elapsed = Stopwatch.GetElapsedTime(started);
            var latencies = new Latencies();
            foreach (var client in clients)
            {
                latencies.Add(client.Latencies);
            }

            return new LoadResult(clients.Sum(client => client.Succeeded), clients.Sum(client => client.Refused), elapsed, latencies);
        }
        finally
        {
            foreach (var client in clients)
            {
                client.Dispose();
            }
        }
    }

    private sealed class Client : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[] _buffer = new byte[64 * 1024];

        public Latencies Latencies { get; } = new();

        public long Succeeded { get; private set; }

        public long Refused { get; private set; }

        public static async Task<Client> ConnectAsync(Uri address)
        {
            var client = new Client();
            await client._socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port);
            return client;
        }

        public async Task RunAsync(IReadOnlyList<byte[]> requests, int first, Func<bool> goOn)
        {
            // Connections start at different requests and step by a prime, so they do not march in line.
            for (var next = first * 7919L; goOn(); next++)
            {
                var request = requests[(int)(next % requests.Count)];
                var started = Stopwatch.GetTimestamp();
                await _socket.SendAsync(request);
                var status = await ReceiveAsync();
                Latencies.Add((long)Stopwatch.GetElapsedTime(started).TotalMicroseconds);
                if (status == 200)
                {
                    Succeeded++;
                }
                else if (Refused++ == 0)
                {
                    await Console.Error.WriteLineAsync($"HTTP {status}");
                }
            }
        }

        public void Dispose() => _socket.Dispose();

        private async ValueTask<int> ReceiveAsync()
        {
            var have = 0;
            while (true)
            {
                var received = await _socket.ReceiveAsync(_buffer.AsMemory(have));
                if (received == 0)
                {
                    throw new InvalidOperationException("The server closed the connection.");
                }

                have += received;
                if (Complete(_buffer.AsSpan(0, have)) is { } status)
                {
                    return status;
                }
            }
        }

        /// <summary>The status once the whole answer is there: headers, and a body of the told length or in chunks.</summary>
        private static int? Complete(ReadOnlySpan<byte> received)
        {
            var headers = received.IndexOf("\r\n\r\n"u8);
            if (headers < 0)
            {
                return null;
            }

            var status = ((received[9] - '0') * 100) + ((received[10] - '0') * 10) + (received[11] - '0');
            var body = received[(headers + 4)..];
            var at = received[..headers].IndexOf("Content-Length: "u8);
            if (at < 0)
            {
                return body.EndsWith("0\r\n\r\n"u8) ? status : null;
            }

            var length = 0;
            for (var i = at + 16; i < headers && received[i] is >= (byte)'0' and <= (byte)'9'; i++)
            {
                length = (length * 10) + (received[i] - '0');
            }

            return body.Length >= length ? status : null;
        }
    }
}
