namespace Zoetrope.Server.Artifacts.Media;

/// <summary>Dimensions of still images.</summary>
internal static class ImageHeaders
{
    public static MediaHeader Png(HeaderReader reader) =>
        reader.FourCc(12, out var chunk) && chunk == "IHDR" && reader.U32(16, out var width) && reader.U32(20, out var height)
            ? Sized("image/png", width, height, "png")
            : new MediaHeader("image/png");

    public static MediaHeader Gif(HeaderReader reader)
    {
        var screen = reader.ReadUpTo(6, 4);
        return screen.Length == 4
            ? Sized("image/gif", (uint)(screen[0] | (screen[1] << 8)), (uint)(screen[2] | (screen[3] << 8)), "gif")
            : new MediaHeader("image/gif");
    }

    // Markers up to the first start-of-frame; metadata segments are skipped by their length.
    public static MediaHeader Jpeg(HeaderReader reader)
    {
        long at = 2;
        while (reader.U8(at, out var prefix) && prefix == 0xff && reader.U8(at + 1, out var marker))
        {
            if (marker == 0xff)
            {
                at++;
                continue;
            }

            if (marker is 0x01 or (>= 0xd0 and <= 0xd7))
            {
                at += 2;
                continue;
            }

            if (marker is >= 0xc0 and <= 0xcf and not 0xc4 and not 0xc8 and not 0xcc)
            {
                return reader.U16(at + 5, out var height) && reader.U16(at + 7, out var width)
                    ? Sized("image/jpeg", width, height, "mjpeg")
                    : new MediaHeader("image/jpeg");
            }

            if (marker is 0xd9 or 0xda || !reader.U16(at + 2, out var length) || length < 2)
            {
                break;
            }

            at += 2 + length;
        }

        return new MediaHeader("image/jpeg");
    }

    public static MediaHeader WebP(HeaderReader reader)
    {
        var head = reader.ReadUpTo(12, 18);
        if (head.Length < 18)
        {
            return new MediaHeader("image/webp");
        }

        var chunk = head.AsSpan(0, 4);
        var body = head.AsSpan(8);
        if (chunk.SequenceEqual("VP8X"u8))
        {
            return Sized("image/webp", 1 + U24(body[4..]), 1 + U24(body[7..]), "webp");
        }

        if (chunk.SequenceEqual("VP8L"u8) && body[0] == 0x2f)
        {
            var bits = (uint)(body[1] | (body[2] << 8) | (body[3] << 16) | (body[4] << 24));
            return Sized("image/webp", 1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff), "webp");
        }

        if (chunk.SequenceEqual("VP8 "u8) && body[3] == 0x9d && body[4] == 0x01 && body[5] == 0x2a)
        {
            return Sized("image/webp", (uint)((body[6] | (body[7] << 8)) & 0x3fff), (uint)((body[8] | (body[9] << 8)) & 0x3fff), "webp");
        }

        return new MediaHeader("image/webp");
    }

    private static uint U24(ReadOnlySpan<byte> bytes) => (uint)(bytes[0] | (bytes[1] << 8) | (bytes[2] << 16));

    /// <summary>A header with its size, unless the size is not one.</summary>
    public static MediaHeader Sized(string type, uint width, uint height, string codec) =>
        width is 0 or > int.MaxValue || height is 0 or > int.MaxValue
            ? new MediaHeader(type)
            : new MediaHeader(type) { Width = (int)width, Height = (int)height, Codec = codec };
}
