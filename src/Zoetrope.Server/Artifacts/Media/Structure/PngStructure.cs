using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Zoetrope.Server.Artifacts.Media.Structure;

/// <summary>
/// Reads a PNG to its end without making a pixel: every chunk with its checksum, and the compressed rows with theirs. What passes is
/// whole to the last bit. What is unusual does not pass, and a decoder decides.
/// </summary>
internal sealed class PngStructure : Stream
{
    // More than this unpacked takes tens of milliseconds, which is a worker's business.
    private const long MaxUnpacked = 64 << 20;
    private const uint Header = 0x49484452;
    private const uint Rows = 0x49444154;
    private const uint End = 0x49454e44;
    private const uint Turned = 0x65584966;

    private readonly Stream _file;
    private readonly Crc32 _crc = new();
    private uint _type;
    private long _left;

    private PngStructure(Stream file) => _file = file;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The size of a picture that is whole; null where a decoder has to say.</summary>
    public static (int Width, int Height)? Read(string path, long maxPixels)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.SequentialScan);
        using var png = new PngStructure(file);
        try
        {
            return png.Walk(maxPixels);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            return null;
        }
    }

    private (int Width, int Height)? Walk(long maxPixels)
    {
        Span<byte> head = stackalloc byte[13];
        _file.Position = 8;
        NextChunk();
        if (_type != Header || _left != head.Length)
        {
            return null;
        }

        Take(head);
        EndChunk();
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(head), BinaryPrimitives.ReadInt32BigEndian(head[4..]));
        if (width <= 0 || height <= 0 || (long)width * height > maxPixels || RowBytes(head, width) is not { } row
            || (row + 1) * height > MaxUnpacked)
        {
            return null;
        }

        for (NextChunk(); _type != Rows; NextChunk())
        {
            // Where it has to be turned, and where an unknown chunk may not be skipped, a decoder knows better.
            if (_type is Turned or End || !IsAncillary(_type))
            {
                return null;
            }

            Skip();
        }

        if (!Unpack((int)row + 1, height))
        {
            return null;
        }

        // Unpacking stops at the end of its data; what lies behind it in these chunks is none of the picture.
        for (; _type != End; NextChunk())
        {
            if (_type != Rows && (_type == Turned || !IsAncillary(_type)))
            {
                return null;
            }

            Skip();
        }

        if (_left != 0)
        {
            return null;
        }

        EndChunk();
        return _file.Position == _file.Length ? (width, height) : null;
    }

    // Bytes of a row: greys and colours, with alpha or without. Palettes, small depths and interlacing are a decoder's.
    private static long? RowBytes(ReadOnlySpan<byte> head, int width)
    {
        var samples = (head[8], head[9]) switch
        {
            (8 or 16, 0) => 1,
            (8 or 16, 2) => 3,
            (8 or 16, 4) => 2,
            (8 or 16, 6) => 4,
            _ => 0,
        };
        return samples == 0 || head[10] != 0 || head[11] != 0 || head[12] != 0 ? null : (long)width * samples * (head[8] / 8);
    }

    private static bool IsAncillary(uint type) => (type & 0x20000000) != 0;

    private bool Unpack(int row, int height)
    {
        using var unpacked = new ZLibStream(this, CompressionMode.Decompress, leaveOpen: true);
        var line = new byte[row];
        for (var y = 0; y < height; y++)
        {
            unpacked.ReadExactly(line);
            if (line[0] > 4)
            {
                return false;
            }
        }

        return unpacked.Read(line, 0, 1) == 0;
    }

    /// <summary>The bytes of all chunks of rows, one after another.</summary>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_type == Rows && _left == 0)
        {
            EndChunk();
            NextChunk();
        }

        if (_type != Rows)
        {
            return 0;
        }

        var part = buffer[..(int)Math.Min(buffer.Length, _left)];
        Take(part);
        return part.Length;
    }

    private void NextChunk()
    {
        Span<byte> head = stackalloc byte[8];
        _file.ReadExactly(head);
        _left = BinaryPrimitives.ReadUInt32BigEndian(head);
        _type = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        if (_left > _file.Length - _file.Position - 4)
        {
            throw new EndOfStreamException();
        }

        _crc.Append(head[4..]);
    }

    private void Take(Span<byte> bytes)
    {
        _file.ReadExactly(bytes);
        _crc.Append(bytes);
        _left -= bytes.Length;
    }

    private void Skip()
    {
        Span<byte> block = stackalloc byte[4096];
        while (_left > 0)
        {
            Take(block[..(int)Math.Min(block.Length, _left)]);
        }

        EndChunk();
    }

    private void EndChunk()
    {
        Span<byte> said = stackalloc byte[4];
        _file.ReadExactly(said);
        if (BinaryPrimitives.ReadUInt32BigEndian(said) != _crc.GetCurrentHashAsUInt32())
        {
            throw new InvalidDataException();
        }

        _crc.Reset();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
