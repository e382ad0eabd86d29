using System.Text;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>A file's type by its signature, from an allow-list. Names and declared types are never asked.</summary>
internal static class MediaSniffer
{
    /// <summary>Bytes a caller should offer.</summary>
    public const int HeadBytes = 4096;

    private static readonly int[] Bitrates = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] HalfBitrates = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] FrameRates = [44100, 48000, 32000];

    /// <summary>The content type of a file, or null when it is nothing this server handles.</summary>
    public static string? Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0);
        var head = new byte[HeadBytes];
        return Sniff(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
    }

    public static string? Sniff(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12)
        {
            return null;
        }

        return head switch
        {
            [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            _ when head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) => "image/gif",
            _ when head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8) => "image/webp",
            _ when head.StartsWith("RIFF"u8) && head[8..].StartsWith("WAVE"u8) => "audio/wav",
            _ when head[4..].StartsWith("ftyp"u8) => Brands(head),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => DocType(head),
            _ when head.StartsWith("OggS"u8) => "audio/ogg",
            _ when head.StartsWith("fLaC"u8) => "audio/flac",
            _ when head.StartsWith("ID3"u8) => "audio/mpeg",
            [0xff, var second, ..] when (second & 0xf6) == 0xf0 => "audio/aac",
            [0xff, var second, ..] when (second & 0xe0) == 0xe0 && IsMpegAudioFrame(head) => "audio/mpeg",
            _ => null,
        };
    }

    // The major brand says what the writer meant, the compatible ones what a reader may do; mif1/msf1 need the latter.
    private static string? Brands(ReadOnlySpan<byte> head)
    {
        var size = Math.Min(head.Length, (head[0] << 24) | (head[1] << 16) | (head[2] << 8) | head[3]);
        if (size < 12)
        {
            return null;
        }

        var byMajor = Brand(head.Slice(8, 4));
        if (byMajor is not null)
        {
            return byMajor;
        }

        string? found = null;
        for (var at = 16; at + 4 <= size; at += 4)
        {
            found ??= Brand(head.Slice(at, 4));
        }

        return found ?? (head.Slice(8, 4).SequenceEqual("mif1"u8) ? "image/heif" : null);
    }

    private static string? Brand(ReadOnlySpan<byte> brand) => Encoding.Latin1.GetString(brand) switch
    {
        "avif" or "avis" => "image/avif",
        "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" => "image/heic",
        "qt  " => "video/quicktime",
        "M4A " or "M4B " => "audio/mp4",
        "isom" or "iso2" or "iso3" or "iso4" or "iso5" or "iso6" or "iso7" or "iso8" or "iso9" or "mp41" or "mp42" or "mp71"
            or "avc1" or "dash" or "MSNV" or "M4V " or "M4VH" or "3gp4" or "3gp5" or "3gp6" or "3g2a" or "hvc1" or "av01" => "video/mp4",
        _ => null,
    };

    // EBML header: the DocType element (0x4282) is within the first few dozen bytes.
    private static string? DocType(ReadOnlySpan<byte> head)
    {
        var window = head[..Math.Min(head.Length, 64)];
        var at = window.IndexOf([(byte)0x42, (byte)0x82]);
        if (at < 0 || at + 3 >= window.Length)
        {
            return null;
        }

        var text = window[(at + 3)..];
        return text.StartsWith("webm"u8) ? "video/webm" : text.StartsWith("matroska"u8) ? "video/x-matroska" : null;
    }

    // Eleven set bits are little evidence, so a second frame must follow where the first one says.
    private static bool IsMpegAudioFrame(ReadOnlySpan<byte> head)
    {
        var length = FrameLength(head);
        return length > 0 && (length + 4 > head.Length || FrameLength(head[length..]) > 0);
    }

    /// <summary>Bytes of the layer III frame that starts here, or 0 when none does.</summary>
    private static int FrameLength(ReadOnlySpan<byte> head)
    {
        if (head.Length < 4 || head[0] != 0xff || (head[1] & 0xe0) != 0xe0)
        {
            return 0;
        }

        var version = (head[1] >> 3) & 3;
        var bitrate = head[2] >> 4;
        var rateIndex = (head[2] >> 2) & 3;
        if (version == 1 || ((head[1] >> 1) & 3) != 1 || bitrate is 0 or 15 || rateIndex == 3)
        {
            return 0;
        }

        var first = version == 3;
        var rate = FrameRates[rateIndex] / (first ? 1 : version == 2 ? 2 : 4);
        return ((first ? 144 : 72) * (first ? Bitrates : HalfBitrates)[bitrate] * 1000 / rate) + ((head[2] >> 1) & 1);
    }
}
