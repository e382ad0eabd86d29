using System.Buffers.Binary;
using System.IO.Compression;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Server.Artifacts.Provenance;

/// <summary>PNG: an uncompressed iTXt chunk with Adobe's keyword, directly after the header.</summary>
internal static class PngLabel
{
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(static n =>
    {
        var c = (uint)n;
        for (var k = 0; k < 8; k++)
        {
            c = (c & 1) == 0 ? c >> 1 : 0xedb88320 ^ (c >> 1);
        }

        return c;
    })];

    private static ReadOnlySpan<byte> Keyword => "XML:com.adobe.xmp\0"u8;

    public static LabelPlan Plan(HeaderReader reader, bool isSandbox)
    {
        const long afterHeader = 8 + 25;
        (long At, long Length, byte[] Text)? existing = null;
        long at = 8;
        while (reader.U32(at, out var length) && reader.FourCc(at + 4, out var type) && type != "IEND")
        {
            if (type == "caBX")
            {
                return LabelPlan.Untouched;
            }

            if (type == "iTXt" && existing is null && length <= Xmp.MaxBytes && Text(reader.ReadUpTo(at + 8, (int)length)) is { } text)
            {
                existing = (at, length + 12L, text);
            }

            at += 12L + length;
        }

        if (Xmp.Packet(existing?.Text, isSandbox) is not { } packet)
        {
            return LabelPlan.Kept(existing?.Text ?? []);
        }

        return existing is { } old
            ? LabelPlan.Write(new Splice(old.At, old.Length, Chunk(packet)))
            : LabelPlan.Write(new Splice(afterHeader, 0, Chunk(packet)));
    }

    // Keyword, compression flag and method, language, translated keyword, text.
    private static byte[]? Text(byte[] body)
    {
        if (!body.AsSpan().StartsWith(Keyword) || body.Length < Keyword.Length + 4)
        {
            return null;
        }

        var rest = body.AsSpan(Keyword.Length + 2);
        for (var field = 0; field < 2; field++)
        {
            var end = rest.IndexOf((byte)0);
            if (end < 0)
            {
                return null;
            }

            rest = rest[(end + 1)..];
        }

        return body[Keyword.Length] == 0 ? rest.ToArray() : Inflate(rest.ToArray());
    }

    private static byte[]? Inflate(byte[] compressed)
    {
        var buffer = new byte[Xmp.MaxBytes];
        try
        {
            using var inflater = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
            var length = inflater.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length == buffer.Length ? null : buffer[..length];
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static byte[] Chunk(byte[] packet)
    {
        byte[] body = [.. Keyword, 0, 0, 0, 0, .. packet];
        var chunk = new byte[body.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        "iTXt"u8.CopyTo(chunk.AsSpan(4));
        body.CopyTo(chunk, 8);
        var crc = uint.MaxValue;
        foreach (var b in chunk.AsSpan(4, body.Length + 4))
        {
            crc = CrcTable[(crc ^ b) & 0xff] ^ (crc >> 8);
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(body.Length + 8), ~crc);
        return chunk;
    }
}
