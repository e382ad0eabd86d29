using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>
/// Pictures that are stored lying, upside down or mirrored, with the word of their format for how to show them: EXIF in JPEG, PNG and
/// WebP, properties of the item in AVIF and HEIC. Shown, the upper left quarter is red and the upper right one is blue.
/// </summary>
internal static class TestTurned
{
    public const int Long = 480;
    public const int Short = 320;

    public static readonly string[] Formats = ["jpg", "png", "webp", "avif", "heic"];

    /// <summary>The size that is shown; without a turn it is the one that is stored.</summary>
    public static (int Width, int Height) Shown(int orientation) => orientation >= 5 ? (Short, Long) : (Long, Short);

    /// <summary>A file of the format whose stored pixels have one of the eight orientations.</summary>
    public static string Make(string format, int orientation)
    {
        var path = TestMedia.NewPath("." + format);
        using var stored = Stored(orientation);
        var bytes = format switch
        {
            "jpg" => Jpeg(Encode(stored, SKEncodedImageFormat.Jpeg), Exif(orientation)),
            "png" => Png(Encode(stored, SKEncodedImageFormat.Png), Exif(orientation)),
            "webp" => WebP(Encode(stored, SKEncodedImageFormat.Webp), Exif(orientation)),
            _ => Heif(stored, format, orientation),
        };
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>The same picture stored as it is shown, without a word about it.</summary>
    public static string Upright(string format, int orientation)
    {
        var (width, height) = Shown(orientation);
        using var shown = Draw(width, height);
        var path = TestMedia.NewPath("." + format);
        var bytes = format switch
        {
            "jpg" => Encode(shown, SKEncodedImageFormat.Jpeg),
            "png" => Encode(shown, SKEncodedImageFormat.Png),
            "webp" => Encode(shown, SKEncodedImageFormat.Webp),
            _ => Heif(shown, format, 1),
        };
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static SKBitmap Draw(int width, int height)
    {
        var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        canvas.DrawRect(0, 0, width / 2, height / 2, new SKPaint { Color = SKColors.Red });
        canvas.DrawRect(width / 2, 0, width / 2, height / 2, new SKPaint { Color = SKColors.Blue });
        return bitmap;
    }

    // The pixel of the stored picture is the one of the shown picture that the orientation brings there.
    private static SKBitmap Stored(int orientation)
    {
        var (width, height) = Shown(orientation);
        using var shown = Draw(width, height);
        var stored = new SKBitmap(Long, Short, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var from = MemoryMarshal.Cast<byte, uint>(shown.GetPixelSpan());
        var to = MemoryMarshal.Cast<byte, uint>(stored.GetPixelSpan());
        for (var y = 0; y < Short; y++)
        {
            for (var x = 0; x < Long; x++)
            {
                var (right, down) = (Long - 1 - x, Short - 1 - y);
                var (sx, sy) = orientation switch
                {
                    2 => (right, y),
                    3 => (right, down),
                    4 => (x, down),
                    5 => (y, x),
                    6 => (down, x),
                    7 => (down, right),
                    8 => (y, right),
                    _ => (x, y),
                };
                to[(y * Long) + x] = from[(sy * width) + sx];
            }
        }

        return stored;
    }

    private static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }

    // One tag in one directory.
    private static byte[] Exif(int orientation) =>
        [.. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    private static byte[] Jpeg(byte[] plain, byte[] exif) =>
        [0xff, 0xd8, 0xff, 0xe1, 0, (byte)(exif.Length + 8), .. "Exif\0\0"u8, .. exif, .. plain[2..]];

    private static byte[] Png(byte[] plain, byte[] exif)
    {
        using var png = new MemoryStream();
        png.Write(plain.AsSpan(0, 33));
        TestMedia.Chunk(png, "eXIf"u8, exif);
        png.Write(plain.AsSpan(33));
        return png.ToArray();
    }

    private static byte[] WebP(byte[] plain, byte[] exif)
    {
        byte[] extended = [.. "VP8X"u8, 10, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt16LittleEndian(extended.AsSpan(12), Long - 1);
        BinaryPrimitives.WriteInt16LittleEndian(extended.AsSpan(15), Short - 1);
        byte[] chunk = [.. "EXIF"u8, (byte)exif.Length, 0, 0, 0, .. exif];
        byte[] file = [.. plain[..12], .. extended, .. plain[12..], .. chunk];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        return file;
    }

    private static byte[] Heif(SKBitmap stored, string format, int orientation)
    {
        var (brand, item, config, sample) = format == "avif" ? Av1(stored) : Hevc(stored);

        // Turns count against the clock; the mirror of axis 1 exchanges left and right.
        var (turns, mirrored) = orientation switch
        {
            2 => (0, true),
            3 => (2, false),
            4 => (2, true),
            5 => (3, true),
            6 => (3, false),
            7 => (1, true),
            8 => (1, false),
            _ => (0, false),
        };
        byte[][] properties =
        [
            config, TestHeic.Full("ispe", 0, [.. TestHeic.U32(stored.Width), .. TestHeic.U32(stored.Height)]),
            TestHeic.Full("pixi", 0, [3, 8, 8, 8]), .. Property(turns > 0, "irot", turns), .. Property(mirrored, "imir", 1),
        ];
        var head = TestHeic.Box("ftyp", [.. brand, .. TestHeic.U32(0), .. "mif1"u8, .. brand, .. "miaf"u8]);
        var meta = Meta(item, properties, 0, sample.Length);
        meta = Meta(item, properties, head.Length + meta.Length + 8, sample.Length);
        return [.. head, .. meta, .. TestHeic.Box("mdat", sample)];
    }

    private static byte[][] Property(bool has, string type, int value) => has ? [TestHeic.Box(type, [(byte)value])] : [];

    private static byte[] Meta(string item, byte[][] properties, int at, int length) => TestHeic.Full("meta", 0,
    [
        .. TestHeic.Full("hdlr", 0, [.. TestHeic.U32(0), .. "pict"u8, .. new byte[13]]),
        .. TestHeic.Full("pitm", 0, TestHeic.U16(1)),
        .. TestHeic.Full("iloc", 0, [0x44, 0, .. TestHeic.U16(1), .. TestHeic.U16(1), 0, 0, .. TestHeic.U16(1), .. TestHeic.U32(at), .. TestHeic.U32(length)]),
        .. TestHeic.Full("iinf", 0, [.. TestHeic.U16(1), .. TestHeic.Box("infe", [2, 0, 0, 0, .. TestHeic.U16(1), 0, 0, .. System.Text.Encoding.ASCII.GetBytes(item), 0])]),
        .. TestHeic.Box("iprp",
        [
            .. TestHeic.Box("ipco", [.. properties.SelectMany(static property => property)]),
            .. TestHeic.Full("ipma", 0,
            [
                .. TestHeic.U32(1), .. TestHeic.U16(1), (byte)properties.Length,
                .. Enumerable.Range(1, properties.Length).Select(static number => (byte)(number is 1 or > 3 ? 0x80 | number : number)),
            ]),
        ]),
    ]);

    private static (byte[] Brand, string Item, byte[] Config, byte[] Sample) Av1(SKBitmap stored)
    {
        var file = File.ReadAllBytes(Ffmpeg(stored, ".avif", "-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "8", "-crf", "20", "-pix_fmt", "yuv420p"));
        var config = file.AsSpan().IndexOf("av1C"u8) - 4;
        var data = file.AsSpan().IndexOf("mdat"u8) - 4;
        return ("avif"u8.ToArray(), "av01", Cut(file, config), Cut(file, data)[8..]);
    }

    private static byte[] Cut(byte[] file, int box) => file[box..(box + BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(box)))];

    private static (byte[] Brand, string Item, byte[] Config, byte[] Sample) Hevc(SKBitmap stored)
    {
        var units = TestHeic.Units(File.ReadAllBytes(Ffmpeg(stored, ".hevc", "-c:v", "libx265", "-x265-params", "log-level=none:info=0:crf=12", "-pix_fmt", "yuv420p", "-f", "hevc"))).ToList();
        var sets = units.Where(static unit => ((unit[0] >> 1) & 63) is 32 or 33 or 34).ToList();
        return (
            "heic"u8.ToArray(),
            "hvc1",
            TestHeic.Box("hvcC", [.. new byte[21], 3, 3, .. sets.SelectMany(static set => (byte[])[(byte)((set[0] >> 1) & 63), 0, 1, .. TestHeic.U16(set.Length), .. set])]),
            [.. units.Where(static unit => ((unit[0] >> 1) & 63) < 32).SelectMany(static unit => (byte[])[.. TestHeic.U32(unit.Length), .. unit])]);
    }

    private static string Ffmpeg(SKBitmap stored, string extension, params string[] encoder)
    {
        var (from, to) = (TestMedia.NewPath(".png"), TestMedia.NewPath(extension));
        File.WriteAllBytes(from, Encode(stored, SKEncodedImageFormat.Png));
        TestMedia.Run("ffmpeg", ["-v", "error", "-i", from, "-frames:v", "1", .. encoder, to]);
        return to;
    }
}
