using System.Buffers.Binary;
using System.Text;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>WebM and Matroska: segment information and tracks, up to the first cluster.</summary>
internal static class Matroska
{
    private const uint Segment = 0x18538067, Information = 0x1549A966, Tracks = 0x1654AE6B, Track = 0xAE, Cluster = 0x1F43B675;
    private const uint TimestampScale = 0x2AD7B1, Length = 0x4489, Codec = 0x86, Type = 0x83, Video = 0xE0, Width = 0xB0, Height = 0xBA, FrameTime = 0x23E383;
    private const int MaxElements = 2048;

    private readonly record struct Element(uint Id, long Body, long End);

    public static MediaHeader Read(HeaderReader reader, string type)
    {
        var header = new MediaHeader(type);
        foreach (var segment in Elements(reader, 0, reader.Length).Where(element => element.Id == Segment).Take(1))
        {
            foreach (var element in Elements(reader, segment.Body, segment.End))
            {
                switch (element.Id)
                {
                    case Information:
                        header = header with { DurationSeconds = Seconds(reader, element) };
                        break;
                    case Tracks:
                        foreach (var track in Elements(reader, element.Body, element.End).Where(child => child.Id == Track).Take(32))
                        {
                            header = ReadTrack(reader, track, header);
                        }

                        break;
                    case Cluster:
                        return header;
                }
            }
        }

        return header;
    }

    private static double? Seconds(HeaderReader reader, Element information)
    {
        var scale = 1_000_000.0;
        double? length = null;
        foreach (var child in Elements(reader, information.Body, information.End))
        {
            if (child.Id == TimestampScale)
            {
                scale = Unsigned(reader, child);
            }
            else if (child.Id == Length)
            {
                var bytes = reader.ReadUpTo(child.Body, (int)Math.Min(8, child.End - child.Body));
                length = bytes.Length switch
                {
                    4 => BinaryPrimitives.ReadSingleBigEndian(bytes),
                    8 => BinaryPrimitives.ReadDoubleBigEndian(bytes),
                    _ => null,
                };
            }
        }

        var seconds = length * scale / 1e9;
        return seconds is > 0 and < 1e9 ? seconds : null;
    }

    private static MediaHeader ReadTrack(HeaderReader reader, Element track, MediaHeader header)
    {
        long type = 0, width = 0, height = 0, frameTime = 0;
        var codec = "";
        foreach (var child in Elements(reader, track.Body, track.End))
        {
            switch (child.Id)
            {
                case Type:
                    type = Unsigned(reader, child);
                    break;
                case FrameTime:
                    frameTime = Unsigned(reader, child);
                    break;
                case Codec:
                    codec = Encoding.Latin1.GetString(reader.ReadUpTo(child.Body, (int)Math.Min(32, child.End - child.Body)));
                    break;
                case Video:
                    foreach (var video in Elements(reader, child.Body, child.End))
                    {
                        width = video.Id == Width ? Unsigned(reader, video) : width;
                        height = video.Id == Height ? Unsigned(reader, video) : height;
                    }

                    break;
            }
        }

        if (type == 2)
        {
            return header with { AudioCodec = header.AudioCodec ?? CodecName(codec) };
        }

        return type != 1 || header.Codec is not null || width is <= 0 or > int.MaxValue || height is <= 0 or > int.MaxValue
            ? header
            : header with
            {
                Width = (int)width,
                Height = (int)height,
                Codec = CodecName(codec),
                FramesPerSecond = frameTime > 0 ? 1e9 / frameTime : null,
            };
    }

    private static IEnumerable<Element> Elements(HeaderReader reader, long start, long end)
    {
        var at = start;
        for (var count = 0; count < MaxElements && at < end; count++)
        {
            if (!Number(reader, ref at, keepMarker: true, out var id, out _) || id > uint.MaxValue
                || !Number(reader, ref at, keepMarker: false, out var size, out var unknown))
            {
                yield break;
            }

            // Live streams leave the size of the segment open; it then ends with its parent.
            var stop = unknown ? end : at + size;
            if (stop < at || stop > end)
            {
                stop = end;
            }

            yield return new Element((uint)id, at, stop);
            at = stop;
        }
    }

    private static bool Number(HeaderReader reader, ref long at, bool keepMarker, out long value, out bool unknown)
    {
        value = 0;
        unknown = false;
        if (!reader.U8(at, out var first) || first == 0)
        {
            return false;
        }

        var length = System.Numerics.BitOperations.LeadingZeroCount((uint)first) - 24 + 1;
        var rest = reader.ReadUpTo(at + 1, length - 1);
        if (rest.Length != length - 1)
        {
            return false;
        }

        value = keepMarker ? first : first & ((1 << (8 - length)) - 1);
        unknown = !keepMarker && value == (1 << (8 - length)) - 1 && rest.All(b => b == 0xff);
        foreach (var b in rest)
        {
            value = (value << 8) | b;
        }

        at += length;
        return true;
    }

    private static long Unsigned(HeaderReader reader, Element element)
    {
        long value = 0;
        foreach (var b in reader.ReadUpTo(element.Body, (int)Math.Min(8, element.End - element.Body)))
        {
            value = (value << 8) | b;
        }

        return value;
    }

    private static string CodecName(string id) => id switch
    {
        "V_VP8" => "vp8",
        "V_VP9" => "vp9",
        "V_AV1" => "av1",
        "V_MPEG4/ISO/AVC" => "h264",
        "V_MPEGH/ISO/HEVC" => "hevc",
        "A_OPUS" => "opus",
        "A_VORBIS" => "vorbis",
        "A_FLAC" => "flac",
        "A_MPEG/L3" => "mp3",
        _ when id.StartsWith("A_AAC", StringComparison.Ordinal) => "aac",
        _ => new string([.. id.Where(char.IsAsciiLetterOrDigit)]).ToLowerInvariant(),
    };
}
