namespace Zoetrope.Server.Artifacts.Media;

/// <summary>One box of an ISO base media file.</summary>
/// <param name="Type">Its four characters.</param>
/// <param name="Start">Offset of its header.</param>
/// <param name="Body">Offset after the header.</param>
/// <param name="End">Offset after the box.</param>
internal readonly record struct IsoBox(string Type, long Start, long Body, long End);

/// <summary>MP4 and MOV: a bounded walk over the boxes, to see that a file is whole and to label it.</summary>
internal static class IsoMedia
{
    private const int MaxBoxes = 4096;

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

    /// <summary>
    /// Whether the top-level boxes cover the file; in a cut download the last one does not fit. A few stray bytes are no box.
    /// </summary>
    public static bool IsWhole(HeaderReader reader)
    {
        long end = 0;
        foreach (var box in TopLevel(reader))
        {
            end = box.End;
        }

        return end > 0 && reader.Length - end < 8;
    }
}
