namespace Zoetrope.Server.Artifacts.Media;

/// <summary>One box of an ISO base media file.</summary>
/// <param name="Type">Its four characters.</param>
/// <param name="Start">Offset of its header.</param>
/// <param name="Body">Offset after the header.</param>
/// <param name="End">Offset after the box.</param>
internal readonly record struct IsoBox(string Type, long Start, long Body, long End);

/// <summary>MP4, MOV, AVIF and HEIC: a bounded walk over the boxes that describe tracks and pictures.</summary>
internal static class IsoMedia
{
    private const int MaxBoxes = 4096;
    private const int MaxTracks = 32;

    /// <summary>Boxes between two offsets; ends at the first that does not fit.</summary>
    public static IEnumerable<IsoBox> Boxes(HeaderReader reader, long start, long end)
    {
        var at = start;
        for (var count = 0; count < MaxBoxes && at + 8 <= end; count++)
        {
            if (!reader.U32(at, out var size32) || !reader.FourCc(at + 4, out var type))
            {
                yield break;
            }

            long size = size32;
            long header = 8;
            if (size32 == 1)
            {
                if (!reader.U64(at + 8, out var size64) || size64 > long.MaxValue)
                {
                    yield break;
                }

                size = (long)size64;
                header = 16;
            }
            else if (size32 == 0)
            {
                size = end - at;
            }

            if (size < header || size > end - at)
            {
                yield break;
            }

            yield return new IsoBox(type, at, at + header, at + size);
            at += size;
        }
    }

    /// <summary>The boxes of the file itself.</summary>
    public static IEnumerable<IsoBox> TopLevel(HeaderReader reader) => Boxes(reader, 0, reader.Length);

    /// <summary>Whether the top-level boxes cover the file; in a cut download the last one does not fit. A few stray bytes are no box.</summary>
    public static bool IsWhole(HeaderReader reader)
    {
        long end = 0;
        foreach (var box in TopLevel(reader))
        {
            end = box.End;
        }

        return end > 0 && reader.Length - end < 8;
    }

    /// <summary>The largest picture declared: a tiled image declares its tiles beside the whole.</summary>
    public static MediaHeader Still(HeaderReader reader, string type)
    {
        var header = new MediaHeader(type);
        foreach (var meta in TopLevel(reader).Where(box => box.Type == "meta").Take(1))
        {
            foreach (var properties in Boxes(reader, meta.Body + 4, meta.End).Where(box => box.Type == "iprp").Take(1))
            {
                foreach (var container in Boxes(reader, properties.Body, properties.End).Where(box => box.Type == "ipco").Take(1))
                {
                    foreach (var extent in Boxes(reader, container.Body, container.End).Where(box => box.Type == "ispe").Take(256))
                    {
                        if (reader.U32(extent.Body + 4, out var width) && reader.U32(extent.Body + 8, out var height))
                        {
                            var sized = ImageHeaders.Sized(type, width, height, type == "image/avif" ? "av1" : "hevc");
                            header = sized.Megapixels > header.Megapixels ? sized : header;
                        }
                    }
                }
            }
        }

        return header;
    }

    public static MediaHeader Movie(HeaderReader reader, string type)
    {
        var header = new MediaHeader(type);
        var movie = TopLevel(reader).FirstOrDefault(box => box.Type == "moov");
        if (movie.Type is null)
        {
            return header;
        }

        var tracks = 0;
        foreach (var box in Boxes(reader, movie.Body, movie.End))
        {
            if (box.Type == "mvhd")
            {
                header = header with { DurationSeconds = Duration(reader, box) };
            }
            else if (box.Type == "trak" && tracks++ < MaxTracks)
            {
                header = Track(reader, box, header);
            }
        }

        // An "isom" file with nothing but sound is audio, whatever its brand says.
        return header is { IsVideo: true, Codec: null, AudioCodec: not null } ? header with { ContentType = "audio/mp4" } : header;
    }

    private static MediaHeader Track(HeaderReader reader, IsoBox track, MediaHeader header)
    {
        var media = Child(reader, track, "mdia");
        var handler = media is { } m ? Child(reader, m, "hdlr") : null;
        if (media is null || handler is null || !reader.FourCc(handler.Value.Body + 8, out var kind))
        {
            return header;
        }

        var table = Child(reader, media.Value, "minf") is { } info ? Child(reader, info, "stbl") : null;
        var description = table is { } t ? Child(reader, t, "stsd") : null;
        if (description is null || !reader.FourCc(description.Value.Body + 12, out var codec))
        {
            return header;
        }

        if (kind == "soun")
        {
            return header with { AudioCodec = header.AudioCodec ?? CodecName(codec) };
        }

        if (kind != "vide" || header.Codec is not null)
        {
            return header;
        }

        var entry = description.Value.Body + 8;
        if (!reader.U16(entry + 32, out var width) || !reader.U16(entry + 34, out var height) || width == 0 || height == 0)
        {
            return header;
        }

        var seconds = Child(reader, media.Value, "mdhd") is { } mdhd ? Duration(reader, mdhd) : null;
        var samples = Child(reader, table!.Value, "stts") is { } times ? Samples(reader, times) : 0;
        return header with
        {
            Width = width,
            Height = height,
            Codec = CodecName(codec),
            DurationSeconds = header.DurationSeconds ?? seconds,
            FramesPerSecond = samples > 0 && seconds > 0 ? samples / seconds : null,
        };
    }

    private static IsoBox? Child(HeaderReader reader, IsoBox parent, string type)
    {
        foreach (var box in Boxes(reader, parent.Body, parent.End))
        {
            if (box.Type == type)
            {
                return box;
            }
        }

        return null;
    }

    // mvhd and mdhd share their beginning: version, flags, times, time scale, duration.
    private static double? Duration(HeaderReader reader, IsoBox box)
    {
        if (!reader.U8(box.Body, out var version))
        {
            return null;
        }

        uint scale;
        double length;
        if (version == 1)
        {
            if (!reader.U32(box.Body + 20, out scale) || !reader.U64(box.Body + 24, out var long64))
            {
                return null;
            }

            length = long64 == ulong.MaxValue ? 0 : long64;
        }
        else
        {
            if (!reader.U32(box.Body + 12, out scale) || !reader.U32(box.Body + 16, out var length32))
            {
                return null;
            }

            length = length32 == uint.MaxValue ? 0 : length32;
        }

        return scale == 0 || length == 0 ? null : length / scale;
    }

    private static long Samples(HeaderReader reader, IsoBox times)
    {
        if (!reader.U32(times.Body + 4, out var entries))
        {
            return 0;
        }

        long total = 0;
        for (var i = 0; i < Math.Min(entries, 1024); i++)
        {
            if (!reader.U32(times.Body + 8 + (i * 8L), out var count))
            {
                break;
            }

            total += count;
        }

        return total;
    }

    private static string CodecName(string fourCc) => fourCc switch
    {
        "avc1" or "avc3" => "h264",
        "hvc1" or "hev1" => "hevc",
        "av01" => "av1",
        "vp08" => "vp8",
        "vp09" => "vp9",
        "mp4v" => "mpeg4",
        "mp4a" => "aac",
        "Opus" => "opus",
        ".mp3" => "mp3",
        "fLaC" => "flac",
        "apcn" or "apch" or "apcs" or "apco" or "ap4h" => "prores",
        _ => new string([.. fourCc.Where(char.IsAsciiLetterOrDigit)]).ToLowerInvariant(),
    };
}
