using System.Buffers.Binary;

namespace Zoetrope.Server.Artifacts.Media.Structure;

/// <summary>One track of an MP4: what it is, how long it lasts, and where its samples are.</summary>
internal sealed class Mp4Track
{
    // Ten minutes of video at 60 frames; a longer result is decoded.
    private const int MaxSamples = 36_000;

    private readonly Mp4Samples _samples;

    private Mp4Track(Mp4SampleEntry entry, Mp4Samples samples, double seconds, double framesPerSecond) =>
        (Entry, _samples, Seconds, FramesPerSecond) = (entry, samples, seconds, framesPerSecond);

    private Mp4SampleEntry Entry { get; }

    public bool IsVideo => Entry.IsVideo;

    public string Codec => Entry.Codec;

    public int Width => Entry.Width;

    public int Height => Entry.Height;

    public double Seconds { get; }

    public double FramesPerSecond { get; }

    /// <summary>Null for a track of another kind than is known here, or one that does not add up.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="track">Its box.</param>
    /// <param name="movieScale">Units of a second in the movie's times.</param>
    public static Mp4Track? Read(HeaderReader reader, IsoBox track, uint movieScale)
    {
        IsoBox? head = null, media = null, edits = null;
        foreach (var box in IsoMedia.Boxes(reader, track.Body, track.End))
        {
            switch (box.Type)
            {
                case "tkhd":
                    head = box;
                    break;
                case "mdia":
                    media = box;
                    break;
                case "edts":
                    edits = box;
                    break;
                case "udta" or "meta" or "free":
                    break;
                default:
                    return null;
            }
        }

        if (head is not { } headBox || media is not { } mediaBox || movieScale == 0
            || !Mp4Structure.IsUpright(reader, headBox, 40, 52)
            || Find(reader, mediaBox, "mdhd") is not { } times || Scale(reader, times) is not (> 0 and var scale)
            || Find(reader, mediaBox, "minf") is not { } information || Find(reader, information, "stbl") is not { } tables
            || Find(reader, tables, "stsd") is not { } descriptions || Mp4SampleEntry.Read(reader, descriptions) is not { } entry
            || Mp4Samples.Read(reader, tables, MaxSamples) is not { } samples || samples.Duration == 0)
        {
            return null;
        }

        var own = samples.Duration / (double)scale;
        var shown = edits is { } list ? Edited(reader, list, movieScale) : own;

        // An edit list may cut some frames off at either end; a larger difference is for a decoder to explain.
        return shown is not { } seconds || seconds <= 0 || Math.Abs(seconds - own) > Math.Max(0.25, own / 10) ? null
            : new Mp4Track(entry, samples, seconds, samples.Count * (double)scale / samples.Duration);
    }

    /// <summary>Whether every sample lies inside the data and, where they are looked at, each is made of whole units.</summary>
    public bool LiesIn(HeaderReader reader, IReadOnlyList<IsoBox> data, bool look)
    {
        var place = 0;
        foreach (var (at, size) in _samples.Places())
        {
            if (size == 0)
            {
                return false;
            }

            for (var tried = 0; at < data[place].Body || at > data[place].End - size; tried++)
            {
                place = (place + 1) % data.Count;
                if (tried == data.Count)
                {
                    return false;
                }
            }

            if (look && !Entry.IsWhole(reader, at, size))
            {
                return false;
            }
        }

        return true;
    }

    public static IsoBox? Find(HeaderReader reader, IsoBox parent, string type)
    {
        IsoBox? found = null;
        foreach (var box in IsoMedia.Boxes(reader, parent.Body, parent.End))
        {
            if (box.Type == type)
            {
                // Two of one kind: nobody can say which of them a decoder takes.
                if (found is not null)
                {
                    return null;
                }

                found = box;
            }
        }

        return found;
    }

    private static uint? Scale(HeaderReader reader, IsoBox times) =>
        reader.U8(times.Body, out var version) && version <= 1 && reader.U32(times.Body + (version == 1 ? 20 : 12), out var scale)
            ? scale : null;

    // One piece that is played, after an empty one or none.
    private static double? Edited(HeaderReader reader, IsoBox edits, uint movieScale)
    {
        if (Find(reader, edits, "elst") is not { } list || !reader.U32(list.Body + 4, out var count) || count is 0 or > 2
            || !reader.U8(list.Body, out var version) || version > 1)
        {
            return null;
        }

        var size = version == 1 ? 20 : 12;
        var bytes = reader.ReadUpTo(list.Body + 8, (int)count * size);
        if (bytes.Length != count * size)
        {
            return null;
        }

        ulong played = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = bytes.AsSpan(i * size);
            var length = version == 1 ? BinaryPrimitives.ReadUInt64BigEndian(entry) : BinaryPrimitives.ReadUInt32BigEndian(entry);
            var from = version == 1 ? BinaryPrimitives.ReadInt64BigEndian(entry[8..]) : BinaryPrimitives.ReadInt32BigEndian(entry[4..]);
            var rate = BinaryPrimitives.ReadUInt32BigEndian(entry[(size - 4)..]);
            var isLast = i == count - 1;
            if (rate != 0x10000 || (from < 0) == isLast)
            {
                return null;
            }

            played += length;
        }

        return played / (double)movieScale;
    }
}
