using System.Buffers.Binary;
using SkiaSharp;

namespace Zoetrope.Server.Providers.Sandbox.Worker;

/// <summary>Encodes a finished frame; the file says where it comes from.</summary>
internal static class ImageFile
{
    public static void Write(SKPixmap pixels, string format, string path)
    {
        using var data = format switch
        {
            "jpeg" => pixels.Encode(new SKJpegEncoderOptions(92)),
            "webp" => pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, 88)),
            _ => pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub, 3)),
        } ?? throw new InvalidOperationException($"Cannot encode {format}.");
        using var file = File.Create(path);
        var bytes = data.AsSpan();
        switch (format)
        {
            case "jpeg":
                // After SOI: a COM segment.
                file.Write(bytes[..2]);
                ReadOnlySpan<byte> comment = "Software: Zoetrope sandbox"u8;
                file.Write([0xFF, 0xFE, 0, (byte)(comment.Length + 2), .. comment]);
                file.Write(bytes[2..]);
                break;
            case "webp":
                file.Write(bytes);
                break;
            default:
                // After IHDR (8 + 25 bytes): a tEXt chunk.
                file.Write(bytes[..33]);
                file.Write(Text());
                file.Write(bytes[33..]);
                break;
        }
    }

    private static byte[] Text()
    {
        ReadOnlySpan<byte> body = "tEXtSoftware\0Zoetrope sandbox"u8;
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
