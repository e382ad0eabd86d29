using Amazon.Runtime;
using Amazon.S3.Model;

namespace Zoetrope.Server.Artifacts.S3;

/// <summary>The body of an object as it arrives. A silence ends it, and a body cut short is a failure and not a short file.</summary>
internal sealed class BucketStream(GetObjectResponse response, TimeProvider time, Func<string, Exception, StoreAwayException> away) : Stream
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(20);
    private readonly long _length = response.ContentLength;
    private long _left = response.ContentLength;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position { get => _length - _left; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.Length == 0)
        {
            return 0;
        }

        using var limit = new CancellationTokenSource(LongestSilence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var read = await response.ResponseStream.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], either.Token);
            _left -= read;
            return read > 0 ? read : throw new EndOfStreamException("the body ended early");
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or AmazonClientException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw away("send", exception);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                response.Dispose();
            }
            catch (AmazonClientException)
            {
                // The SDK's own sum of a body that nobody read to its end. What is kept is held against its name.
            }
        }

        base.Dispose(disposing);
    }
}
