using System.Buffers;
using System.Globalization;
using System.Text;

namespace Zoetrope.Server;

/// <summary>
/// JSON on its way out with its needless escapes undone. The SDK writes with .NET's encoder for web pages and lets nobody
/// choose another, and an agent is billed for every <c>\u0022</c> of the JSON that is a text in its JSON.
/// </summary>
internal sealed class PlainJsonStream(Stream inner) : Stream
{
    private const int EscapeLength = 6;

    // What was seen of an escape whose end has not come yet.
    private readonly byte[] _escape = new byte[EscapeLength];
    private int _seen;
    private char _high;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_seen == 0 && _high == 0 && buffer.Span.IndexOf((byte)'\\') < 0)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            return;
        }

        // Never longer than what came: half a pair and an unfinished escape wait for the rest.
        var plain = ArrayPool<byte>.Shared.Rent(buffer.Length + (2 * EscapeLength));
        try
        {
            await inner.WriteAsync(plain.AsMemory(0, Undo(buffer.Span, plain)), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private int Undo(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var length = 0;
        foreach (var value in from)
        {
            if (_seen == 0 && value != (byte)'\\')
            {
                // The SDK writes both halves of a pair or none.
                to[length++] = value;
                continue;
            }

            _escape[_seen++] = value;
            if (_seen == 2 && value != (byte)'u')
            {
                length += Copy(_escape.AsSpan(0, 2), to[length..]);
                _seen = 0;
            }
            else if (_seen == EscapeLength)
            {
                length += UndoOne(to[length..]);
                _seen = 0;
            }
        }

        return length;
    }

    private int UndoOne(Span<byte> to)
    {
        var character = (char)ushort.Parse(_escape.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (char.IsHighSurrogate(character))
        {
            _high = character;
            return 0;
        }

        if (_high != 0 && char.IsLowSurrogate(character))
        {
            var pair = new Rune(_high, character);
            _high = '\0';
            return pair.EncodeToUtf8(to);
        }

        if (character is '"' or '\\')
        {
            return Copy([(byte)'\\', (byte)character], to);
        }

        return !Rune.IsValid(character) || WireJson.Encoder.WillEncode(character)
            ? Copy(_escape, to)
            : new Rune(character).EncodeToUtf8(to);
    }

    private static int Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        return from.Length;
    }
}
