using System.Buffers.Binary;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>Length of sound files.</summary>
internal static class AudioHeaders
{
    public static MediaHeader Wav(HeaderReader reader)
    {
        var header = new MediaHeader("audio/wav") { AudioCodec = "pcm" };
        uint bytesPerSecond = 0;
        long at = 12;
        for (var chunk = 0; chunk < 64 && reader.FourCc(at, out var id) && reader.U32LittleEndian(at + 4, out var size); chunk++)
        {
            if (id == "fmt " && !reader.U32LittleEndian(at + 16, out bytesPerSecond))
            {
                break;
            }

            if (id == "data")
            {
                // Streamed files declare 0 or the maximum; the rest of the file is what there is.
                var bytes = Math.Min(size == 0 ? uint.MaxValue : size, reader.Length - at - 8);
                return bytesPerSecond == 0 ? header : header with { DurationSeconds = bytes / (double)bytesPerSecond };
            }

            at += 8 + size + (size & 1);
        }

        return header;
    }

    public static MediaHeader Flac(HeaderReader reader)
    {
        var header = new MediaHeader("audio/flac") { AudioCodec = "flac" };
        var info = reader.ReadUpTo(8, 18);
        if (info.Length < 18)
        {
            return header;
        }

        var packed = BinaryPrimitives.ReadUInt64BigEndian(info.AsSpan(10));
        var rate = packed >> 44;
        var samples = packed & 0xf_ffff_ffff;
        return rate == 0 || samples == 0 ? header : header with { DurationSeconds = samples / (double)rate };
    }

    // The last page's granule position is the number of samples.
    public static MediaHeader Ogg(HeaderReader reader)
    {
        var header = new MediaHeader("audio/ogg");
        var head = reader.ReadUpTo(0, 96);
        var vorbis = head.AsSpan().IndexOf("\x01vorbis"u8);
        var opus = head.AsSpan().IndexOf("OpusHead"u8);
        if (opus >= 0)
        {
            header = header with { AudioCodec = "opus" };
        }
        else if (vorbis >= 0 && vorbis + 16 <= head.Length)
        {
            header = header with { AudioCodec = "vorbis" };
        }
        else
        {
            return header;
        }

        var rate = opus >= 0 ? 48_000 : BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(vorbis + 12));
        var tail = reader.ReadUpTo(Math.Max(0, reader.Length - 65_536), 65_536);
        var last = tail.AsSpan().LastIndexOf("OggS"u8);
        if (rate == 0 || last < 0 || last + 14 > tail.Length)
        {
            return header;
        }

        var granule = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(last + 6));
        return granule <= 0 ? header : header with { DurationSeconds = granule / (double)rate };
    }
}
