namespace Zoetrope.Server.Artifacts.Media.Structure;

/// <summary>
/// Reads an MP4 or MOV without decoding a frame: the boxes cover the file, the tables agree, every sample lies inside the data, and each
/// frame is made of whole units of its codec. Only the plain shape that generators write passes: one video in H.264 or H.265, at most one
/// sound in AAC, nothing turned, nothing fragmented. Whatever else there is, a decoder decides.
/// </summary>
internal static class Mp4Structure
{
    // An identity: fixed-point ones at three places.
    private static readonly byte[] Upright =
        Convert.FromHexString("000100000000000000000000000000000001000000000000000000000000000040000000");

    /// <summary>What the file is; null where a decoder has to say.</summary>
    public static MediaHeader? Read(string path, MediaHeader header)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 16 * 1024);
        var reader = new HeaderReader(file);
        if (!IsoMedia.IsWhole(reader))
        {
            return null;
        }

        IsoBox? movie = null;
        var data = new List<IsoBox>();
        foreach (var box in IsoMedia.TopLevel(reader))
        {
            switch (box.Type)
            {
                case "mdat":
                    data.Add(box);
                    break;
                case "moov" when movie is null:
                    movie = box;
                    break;
                case "moov" or "moof" or "mfra" or "sidx" or "styp":
                    return null;
            }
        }

        return movie is { } found && data.Count > 0 ? Movie(reader, found, data, header) : null;
    }

    private static MediaHeader? Movie(HeaderReader reader, IsoBox movie, List<IsoBox> data, MediaHeader header)
    {
        uint scale = 0;
        Mp4Track? video = null;
        Mp4Track? sound = null;
        foreach (var box in IsoMedia.Boxes(reader, movie.Body, movie.End))
        {
            switch (box.Type)
            {
                case "mvhd" when IsUpright(reader, box, 36, 48) && reader.U8(box.Body, out var version):
                    _ = reader.U32(box.Body + (version == 1 ? 20 : 12), out scale);
                    break;
                case "trak":
                    if (Mp4Track.Read(reader, box, scale) is not { } track || !(track.IsVideo ? video is null : sound is null))
                    {
                        return null;
                    }

                    (video, sound) = track.IsVideo ? (track, sound) : (video, track);
                    break;
                case "udta" or "meta" or "uuid" or "free" or "iods":
                    break;
                default:
                    return null;
            }
        }

        if (video is null || !video.LiesIn(reader, data, look: true) || sound?.LiesIn(reader, data, look: false) is false)
        {
            return null;
        }

        return header with
        {
            Width = video.Width,
            Height = video.Height,
            Codec = video.Codec,
            AudioCodec = sound?.Codec,
            FramesPerSecond = Math.Round(video.FramesPerSecond, 3),
            DurationSeconds = Math.Max(video.Seconds, sound?.Seconds ?? 0),
        };
    }

    /// <summary>Whether the matrix of a header turns nothing.</summary>
    public static bool IsUpright(HeaderReader reader, IsoBox box, int at, int atOfLong) =>
        reader.U8(box.Body, out var version) && version <= 1
        && reader.ReadUpTo(box.Body + (version == 1 ? atOfLong : at), Upright.Length).AsSpan().SequenceEqual(Upright);
}
