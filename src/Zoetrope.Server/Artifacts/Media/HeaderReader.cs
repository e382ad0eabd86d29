using System.Buffers.Binary;
using System.Text;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// Random access to a file's headers under a budget of reads, so that no chain of hostile boxes can make us read
/// the file over and over. Every read says whether it succeeded; nothing throws on short or absurd data.
/// </summary>
internal sealed class HeaderReader(Stream stream)
{
    // The largest honest header chains (long videos with many tracks) need a few hundred reads.
    private int _reads = 20_000;

    public long Length { get; } = stream.Length;

    public bool Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length || --_reads < 0)
        {
            return false;
        }

        stream.Position = offset;
        return stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) == destination.Length;
    }

    /// <summary>Up to <paramref name="count"/> bytes from the offset.</summary>
    public byte[] ReadUpTo(long offset, int count)
    {
        var buffer = new byte[(int)Math.Clamp(Length - offset, 0, Math.Max(0, count))];
        return Read(offset, buffer) ? buffer : [];
    }

    public bool U8(long offset, out byte value)
    {
        Span<byte> bytes = stackalloc byte[1];
        var read = Read(offset, bytes);
        value = bytes[0];
        return read;
    }

    public bool U16(long offset, out ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        var read = Read(offset, bytes);
        value = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return read;
    }

    public bool U32(long offset, out uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        var read = Read(offset, bytes);
        value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return read;
    }

    public bool U32LittleEndian(long offset, out uint value)
    {
        var read = U32(offset, out value);
        value = BinaryPrimitives.ReverseEndianness(value);
        return read;
    }

    public bool U64(long offset, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        var read = Read(offset, bytes);
        value = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return read;
    }

    public bool FourCc(long offset, out string value)
    {
        Span<byte> bytes = stackalloc byte[4];
        var read = Read(offset, bytes);
        value = Encoding.Latin1.GetString(bytes);
        return read;
    }
}
