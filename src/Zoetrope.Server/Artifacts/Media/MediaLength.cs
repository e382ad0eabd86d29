using System.Globalization;
using System.Text.Json;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// How long a video or sound lasts. A header can say anything and a vendor bills what it decodes, so it is the longest of what the
/// container says, what each track says, what the sample table adds up to, and the times of the packets. A file whose parts disagree
/// grossly is not read at all: nobody can say what a decoder makes of it.
/// </summary>
internal static class MediaLength
{
    private const double MaxFramesPerSecond = 240;
    private const int FewFrames = 500;

    // Encoders prepend some tens of milliseconds of silence with times below zero.
    private const double Priming = 0.25;

    /// <summary>Seconds where they are known, and what is wrong with the file.</summary>
    public static (double? Seconds, string? Fault) Of(JsonElement root, IReadOnlyList<JsonElement> streams, MediaHeader header)
    {
        var container = root.TryGetProperty("format", out var format) ? Positive(ProbedMedia.Number(format, "duration")) : null;
        if (!root.TryGetProperty("packets", out var packets))
        {
            return (container, null);
        }

        var tracks = streams.ToDictionary(
            static stream => stream.GetProperty("index").GetInt32(), static stream => new Track(stream));
        foreach (var packet in packets.EnumerateArray())
        {
            if (packet.TryGetProperty("stream_index", out var index) && tracks.TryGetValue(index.GetInt32(), out var track))
            {
                track.Add(packet);
            }
        }

        var played = tracks.Values.Where(static track => track.Packets > 0).ToList();
        if (played.Count == 0)
        {
            return (null, streams.Count == 0 ? null : "has no frames");
        }

        // Without an index, ffprobe guesses the length of these from their bit rate.
        if (header.ContentType is "audio/mpeg" or "audio/aac")
        {
            container = null;
        }

        var start = played.Min(static track => track.Start);
        start = start is < 0 and > -Priming ? 0 : start;
        var found = played.Max(static track => track.End) - start;
        var longest = found;
        foreach (var (said, shown) in Claims(container, found, played))
        {
            if (Math.Abs(said - shown) > Math.Max(1, Math.Max(said, shown) / 4))
            {
                return (Math.Max(longest, said), Text(
                    $"says that it lasts {said:0.##} s, but its content lasts {shown:0.##} s; write it anew, for example with ffmpeg"));
            }

            longest = Math.Max(longest, said);
        }

        var fastest = played.Where(static track => track.IsVideo && track.Packets > FewFrames)
            .Max(static track => track.Packets / (double?)Math.Max(track.End - track.Start, 0.001));
        return (longest, fastest > MaxFramesPerSecond
            ? Text($"has {fastest:0} frames a second; at most {MaxFramesPerSecond} are read") : null);
    }

    // Each length that the file says, beside the one that its packets have.
    private static IEnumerable<(double Said, double Shown)> Claims(double? container, double found, List<Track> played)
    {
        if (container is { } whole)
        {
            yield return (whole, found);
        }

        foreach (var track in played)
        {
            foreach (var said in track.Said)
            {
                yield return (said, track.End - Math.Min(track.Start, 0));
            }
        }
    }

    private static double? Positive(double? seconds) => seconds is > 0 ? seconds : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Track(JsonElement stream)
    {
        // How long a packet lasts that does not say it.
        private readonly double _usual = 1 / (ProbedMedia.Rate(ProbedMedia.Text(stream, "avg_frame_rate")) ?? 25);

        public bool IsVideo { get; } = ProbedMedia.Text(stream, "codec_type") == "video";

        public int Packets { get; private set; }

        public double Start { get; private set; } = double.MaxValue;

        public double End { get; private set; } = double.MinValue;

        /// <summary>Its own length, and what its sample table adds up to, whatever an edit list hides.</summary>
        public IEnumerable<double> Said
        {
            get
            {
                if (Positive(ProbedMedia.Number(stream, "duration")) is { } own)
                {
                    yield return own;
                }

                if (IsVideo && ProbedMedia.Number(stream, "nb_frames") is { } frames and > 0)
                {
                    yield return frames * _usual;
                }
            }
        }

        public void Add(JsonElement packet)
        {
            // What an edit list cuts off is not shown.
            if (ProbedMedia.Text(packet, "flags")?.Contains('D', StringComparison.Ordinal) == true
                || (ProbedMedia.Number(packet, "pts_time") ?? ProbedMedia.Number(packet, "dts_time")) is not { } at)
            {
                return;
            }

            Packets++;
            Start = Math.Min(Start, at);
            End = Math.Max(End, at + (ProbedMedia.Number(packet, "duration_time") ?? (IsVideo ? _usual : 0)));
        }
    }
}
