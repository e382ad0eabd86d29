using System.Buffers.Binary;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Server.Artifacts.Provenance;

/// <summary>WebP: an XMP chunk at the end; a simple file first becomes an extended one (VP8X).</summary>
internal static class WebPLabel
{
    private const byte XmpFlag = 0x04;
    private const byte AlphaFlag = 0x10;

    public static LabelPlan Plan(HeaderReader reader, bool isSandbox)
    {
        (long At, long Length, byte[] Text)? existing = null;
        long at = 12;
        var first = "";
        if (!reader.U32LittleEndian(4, out var declared))
        {
            return LabelPlan.None;
        }

        var end = Math.Min(reader.Length, declared + 8L);
        while (at + 8 <= end && reader.FourCc(at, out var type) && reader.U32LittleEndian(at + 4, out var size))
        {
            first = first.Length == 0 ? type : first;
            if (type == "C2PA")
            {
                return LabelPlan.Untouched;
            }

            var padded = 8L + size + (size & 1);
            if (type == "XMP " && size <= Xmp.MaxBytes)
            {
                existing ??= (at, padded, reader.ReadUpTo(at + 8, (int)size));
            }

            at += padded;
        }

        if (at != end)
        {
            return LabelPlan.None;
        }

        if (Xmp.Packet(existing?.Text, isSandbox) is not { } packet)
        {
            return LabelPlan.Kept(existing?.Text ?? []);
        }

        var chunk = Chunk("XMP "u8, packet);
        var splices = new List<Splice> { existing is { } old ? new Splice(old.At, old.Length, chunk) : new Splice(end, 0, chunk) };
        if (first == "VP8X")
        {
            if (!reader.U8(20, out var flags))
            {
                return LabelPlan.None;
            }

            splices.Add(new Splice(20, 1, [(byte)(flags | XmpFlag)]));
        }
        else if (Extended(reader, first) is { } extended)
        {
            splices.Add(new Splice(12, 0, extended));
        }
        else
        {
            return LabelPlan.None;
        }

        var length = end + splices.Sum(splice => splice.Insert.Length - splice.Remove) - 8;
        var size32 = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(size32, (uint)length);
        splices.Add(new Splice(4, 4, size32));
        return LabelPlan.Write(splices);
    }

    private static byte[]? Extended(HeaderReader reader, string first)
    {
        if (Size(reader.ReadUpTo(20, 10), first) is not var (width, height) || width == 0 || height == 0)
        {
            return null;
        }

        var hasAlpha = first == "VP8L" && reader.U8(24, out var bits) && (bits & 0x10) != 0;
        var body = new byte[10];
        body[0] = (byte)(XmpFlag | (hasAlpha ? AlphaFlag : 0));
        Write24(body.AsSpan(4), width - 1);
        Write24(body.AsSpan(7), height - 1);
        return Chunk("VP8X"u8, body);
    }

    // A plain file says its size at the beginning of its only chunk.
    private static (int Width, int Height)? Size(byte[] body, string first) => (first, body) switch
    {
        ("VP8L", [0x2f, var a, var b, var c, var d, ..]) => (1 + ((a | (b << 8)) & 0x3fff),
            1 + (((b >> 6) | (c << 2) | (d << 10)) & 0x3fff)),
        ("VP8 ", [_, _, _, 0x9d, 0x01, 0x2a, var a, var b, var c, var d]) => ((a | (b << 8)) & 0x3fff, (c | (d << 8)) & 0x3fff),
        _ => null,
    };

    private static void Write24(Span<byte> target, int value)
    {
        target[0] = (byte)value;
        target[1] = (byte)(value >> 8);
        target[2] = (byte)(value >> 16);
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] body)
    {
        var chunk = new byte[8 + body.Length + (body.Length & 1)];
        type.CopyTo(chunk);
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), body.Length);
        body.CopyTo(chunk, 8);
        return chunk;
    }
}
