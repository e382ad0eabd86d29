using System.Buffers.Binary;
using System.Text;
using SkiaSharp;

namespace Zoetrope.Sandbox.Rendering;

/// <summary>Encodes a finished frame; the file says where it comes from.</summary>
internal static class ImageFile
{
    private const string Note = "Zoetrope sandbox";

    public static void Write(SKPixmap pixels, string format, string path)
    {
        using var data = format switch
        {
            "jpeg" => pixels.Encode(new SKJpegEncoderOptions(92)),
            "webp" => pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, 88)),
            _ => pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub, 3)),
        } ?? throw new InvalidOperationException($"Cannot encode {format}.");
        using var from = data.AsStream();
        Stamp(from, format, pixels.Width, pixels.Height, path);
    }

    /// <summary>Copies an encoded image and notes in its metadata where it comes from.</summary>
    public static void Stamp(Stream from, string format, int width, int height, string path)
    {
        using var file = File.Create(path);
        switch (format)
        {
            case "jpeg":
                // After SOI: a COM segment.
                Copy(from, file, 2);
                var comment = Encoding.ASCII.GetBytes("Software: " + Note);
                file.Write([0xFF, 0xFE, 0, (byte)(comment.Length + 2), .. comment]);
                break;
            case "webp":
                Webp(from, width, height, file);
                return;
            default:
                // After IHDR (8 + 25 bytes): a tEXt chunk.
                Copy(from, file, 33);
                file.Write(Text());
                break;
        }

        from.CopyTo(file);
    }

    // A plain WebP has no place for metadata: it gets the header of an extended one, and an XMP chunk at its end.
    private static void Webp(Stream from, int width, int height, Stream to)
    {
        const byte XmpFlag = 4;
        var packet = Encoding.ASCII.GetBytes(
            "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
            + $"<rdf:Description xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmp:CreatorTool=\"{Note}\"/></rdf:RDF></x:xmpmeta>");
        packet = packet.Length % 2 == 0 ? packet : [.. packet, (byte)' '];
        Span<byte> head = stackalloc byte[12];
        from.ReadExactly(head);
        Span<byte> extended = stackalloc byte[18];
        "VP8X"u8.CopyTo(extended);
        from.ReadExactly(extended[..8]);
        var plain = !extended[..4].SequenceEqual("VP8X"u8);
        Span<byte> chunk = stackalloc byte[8];
        extended[..8].CopyTo(chunk);
        if (plain)
        {
            extended.Clear();
            "VP8X"u8.CopyTo(extended);
            extended[4] = 10;
            BinaryPrimitives.WriteInt32LittleEndian(extended[12..], width - 1);
            BinaryPrimitives.WriteInt16LittleEndian(extended[15..], (short)(height - 1));
            extended[17] = (byte)((height - 1) >> 16);
        }
        else
        {
            from.ReadExactly(extended[8..]);
        }

        extended[8] |= XmpFlag;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) + (plain ? 18u : 0) + 8 + (uint)packet.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], size);
        to.Write(head);
        to.Write(extended);
        if (plain)
        {
            to.Write(chunk);
        }

        from.CopyTo(to);
        Span<byte> xmp = stackalloc byte[8];
        "XMP "u8.CopyTo(xmp);
        BinaryPrimitives.WriteInt32LittleEndian(xmp[4..], packet.Length);
        to.Write(xmp);
        to.Write(packet);
    }

    private static void Copy(Stream from, Stream to, int count)
    {
        var bytes = new byte[count];
        from.ReadExactly(bytes);
        to.Write(bytes);
    }

    private static byte[] Text()
    {
        ReadOnlySpan<byte> body = Encoding.ASCII.GetBytes("tEXtSoftware\0" + Note);
        var chunk = new byte[body.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length - 4);
        body.CopyTo(chunk.AsSpan(4));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + body.Length), Crc(body));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var k = 0; k < 8; k++)
            {
                crc = (crc & 1) != 0 ? 0xEDB88320u ^ (crc >> 1) : crc >> 1;
            }
        }

        return ~crc;
    }
}
