using System.Net;

namespace Zoetrope.Tests.Client;

/// <summary>What goes wrong between the client and the real server, by the order of the requests.</summary>
internal sealed class Faults() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
{
    private int _sent;

    /// <summary>Answers that are lost after the server has given them, by number of the request.</summary>
    public HashSet<int> LostAnswers { get; } = [];

    /// <summary>Answers given instead of the server's.</summary>
    public Dictionary<int, Func<HttpResponseMessage>> Instead { get; } = [];

    /// <summary>Bytes of a body after which the connection breaks.</summary>
    public Dictionary<int, int> Cuts { get; } = [];

    public List<(string Request, string? Key)> Seen { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var number = ++_sent;
        Seen.Add(($"{request.Method} {request.RequestUri!.AbsolutePath}", request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null));
        if (Instead.TryGetValue(number, out var answer))
        {
            return answer();
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (LostAnswers.Contains(number))
        {
            response.Dispose();
            throw new HttpRequestException("reset", new IOException("Connection reset by peer"));
        }

        if (Cuts.TryGetValue(number, out var bytes))
        {
            var body = new StreamContent(new CutStream(await response.Content.ReadAsStreamAsync(cancellationToken), bytes));
            response.Content = body;
        }

        return response;
    }

    public static HttpResponseMessage Busy(int seconds)
    {
        var busy = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent("busy") };
        busy.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        return busy;
    }

    private sealed class CutStream(Stream inner, int left) : Stream
    {
        private int _left = left;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0)
            {
                throw new IOException("Connection reset by peer");
            }

            var read = await inner.ReadAsync(buffer[..Math.Min(_left, buffer.Length)], cancellationToken);
            _left -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
