using System.Buffers;

namespace Zoetrope.Server.Artifacts.Media.Structure;

/// <summary>What the samples of a track are: the codec, and of a video its size and how long the lengths before its units are.</summary>
internal sealed record Mp4SampleEntry(bool IsVideo, string Codec, int Width, int Height, int LengthBytes)
{
    private const int VideoFields = 78;
    private const int SoundFields = 28;

    // More than any frame that generators write.
    private const int MaxSample = 16 << 20;

    // A frame has one unit for each of its slices, and some headers.
    private const int MaxUnits = 100;

    private static ReadOnlySpan<byte> Zeros => [0, 0];

    /// <summary>Null where there is not exactly one, or it is of a codec whose samples are not looked at here.</summary>
    public static Mp4SampleEntry? Read(HeaderReader reader, IsoBox descriptions)
    {
        if (!reader.U32(descriptions.Body + 4, out var count) || count != 1
            || IsoMedia.Boxes(reader, descriptions.Body + 8, descriptions.End).Take(1).ToList() is not [var entry])
        {
            return null;
        }

        return entry.Type switch
        {
            "avc1" or "avc3" => Video(reader, entry, "h264", "avcC", lengthAt: 4),
            "hvc1" or "hev1" => Video(reader, entry, "hevc", "hvcC", lengthAt: 21),
            "mp4a" => Sound(reader, entry),
            _ => null,
        };
    }

    /// <summary>
    /// Whether units with plausible heads fill the sample, one of them with picture data, and none holds what no encoder writes: two
    /// zeros before a byte below three mark the beginning of a unit elsewhere, so both codecs escape them. A part that never arrived is
    /// such a run.
    /// </summary>
    public bool IsWhole(HeaderReader reader, long at, uint size)
    {
        if (size > MaxSample)
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)size);
        try
        {
            return reader.Read(at, buffer.AsSpan(0, (int)size)) && IsWhole(buffer.AsSpan(0, (int)size));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool IsWhole(ReadOnlySpan<byte> sample)
    {
        var hasPicture = false;
        for (var units = 0; sample.Length > 0; units++)
        {
            if (sample.Length <= LengthBytes || units == MaxUnits)
            {
                return false;
            }

            long length = 0;
            foreach (var part in sample[..LengthBytes])
            {
                length = (length << 8) | part;
            }

            // The first bit of a unit is always 0; its type follows.
            var first = sample[LengthBytes];
            var type = Codec == "h264" ? first & 0x1f : (first >> 1) & 0x3f;
            if (length == 0 || length > sample.Length - LengthBytes || (first & 0x80) != 0 || (Codec == "h264" ? type is 0 or > 23 : type > 47)
                || HasRun(sample.Slice(LengthBytes, (int)length)))
            {
                return false;
            }

            hasPicture |= Codec == "h264" ? type is 1 or 2 or 5 : type < 32;
            sample = sample[(LengthBytes + (int)length)..];
        }

        return hasPicture;
    }

    private static bool HasRun(ReadOnlySpan<byte> unit)
    {
        while (unit.IndexOf(Zeros) is var at and >= 0 && at + 2 < unit.Length)
        {
            if (unit[at + 2] < 3)
            {
                return true;
            }

            unit = unit[(at + 2)..];
        }

        return false;
    }

    private static Mp4SampleEntry? Video(HeaderReader reader, IsoBox entry, string codec, string settings, int lengthAt)
    {
        var found = default(IsoBox?);
        foreach (var box in IsoMedia.Boxes(reader, entry.Body + VideoFields, entry.End))
        {
            if (box.Type == settings)
            {
                found = box;
            }

            // Pixels that are not square, and what is encrypted.
            if (box.Type == "sinf"
                || (box.Type == "pasp" && !(reader.U32(box.Body, out var across) && reader.U32(box.Body + 4, out var down) && across == down)))
            {
                return null;
            }
        }

        return found is { } configuration && reader.U8(configuration.Body + lengthAt, out var lengths)
            && configuration.End - configuration.Body > lengthAt && (lengths & 3) != 2
            && reader.U16(entry.Body + 24, out var width) && reader.U16(entry.Body + 26, out var height) && width > 0 && height > 0
                ? new Mp4SampleEntry(true, codec, width, height, (lengths & 3) + 1)
                : null;
    }

    // MPEG-4's audio in its object type 0x40, which is AAC. The type stands behind tags whose lengths have one to four bytes.
    private static Mp4SampleEntry? Sound(HeaderReader reader, IsoBox entry)
    {
        if (IsoMedia.Boxes(reader, entry.Body + SoundFields, entry.End).FirstOrDefault(static box => box.Type == "esds")
            is not { Type: not null } box)
        {
            return null;
        }

        var bytes = reader.ReadUpTo(box.Body + 4, (int)Math.Min(64, box.End - box.Body - 4));
        var at = 0;
        return Tag(bytes, ref at, 3) && at + 3 < bytes.Length && bytes[at + 2] == 0 && (at += 3) > 0 && Tag(bytes, ref at, 4)
            && at < bytes.Length && bytes[at] == 0x40 ? new Mp4SampleEntry(false, "aac", 0, 0, 0) : null;
    }

    private static bool Tag(byte[] bytes, ref int at, byte tag)
    {
        if (at >= bytes.Length || bytes[at++] != tag)
        {
            return false;
        }

        for (var i = 0; i < 4 && at < bytes.Length; i++)
        {
            if ((bytes[at++] & 0x80) == 0)
            {
                return true;
            }
        }

        return false;
    }
}
