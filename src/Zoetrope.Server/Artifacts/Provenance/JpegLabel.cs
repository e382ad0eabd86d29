using System.Buffers.Binary;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Server.Artifacts.Provenance;

/// <summary>JPEG: an APP1 segment after JFIF and Exif, where readers look for it.</summary>
internal static class JpegLabel
{
    private const int MaxSegment = 65533;

    private static ReadOnlySpan<byte> Signature => "http://ns.adobe.com/xap/1.0/\0"u8;

    public static LabelPlan Plan(HeaderReader reader, bool isSandbox)
    {
        (long At, long Length, byte[] Text)? existing = null;
        long at = 2, insertAt = 2;
        while (reader.U8(at, out var prefix) && prefix == 0xff && reader.U8(at + 1, out var marker)
            && marker is (>= 0xc0 and <= 0xfe) and not 0xd8 and not 0xd9 and not 0xda && reader.U16(at + 2, out var length) && length >= 2)
        {
            var body = marker is 0xe1 or 0xeb ? reader.ReadUpTo(at + 4, length - 2) : [];
            if (marker == 0xeb && body.AsSpan().StartsWith("JP"u8))
            {
                return LabelPlan.Untouched;
            }

            if (marker == 0xe1 && body.AsSpan().StartsWith(Signature))
            {
                existing ??= (at, length + 2L, body[Signature.Length..]);
            }

            at += 2 + length;
            if (marker == 0xe0 || (marker == 0xe1 && body.AsSpan().StartsWith("Exif\0"u8)))
            {
                insertAt = at;
            }
        }

        if (Xmp.Packet(existing?.Text, isSandbox) is not { } packet)
        {
            return LabelPlan.Kept(existing?.Text ?? []);
        }

        if (packet.Length + Signature.Length + 2 > MaxSegment)
        {
            return LabelPlan.None;
        }

        return existing is { } old
            ? LabelPlan.Write(new Splice(old.At, old.Length, Segment(packet)))
            : LabelPlan.Write(new Splice(insertAt, 0, Segment(packet)));
    }

    private static byte[] Segment(byte[] packet)
    {
        byte[] segment = [0xff, 0xe1, 0, 0, .. Signature, .. packet];
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(segment.Length - 2));
        return segment;
    }
}
