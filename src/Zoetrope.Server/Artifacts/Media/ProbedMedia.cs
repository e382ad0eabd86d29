using System.Globalization;
using System.Text.Json;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>What ffprobe says about a video or sound, made into a header.</summary>
internal static class ProbedMedia
{
    private const string Streams = "stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,nb_frames,duration"
        + ":stream_disposition=attached_pic:stream_side_data=rotation";

    /// <summary>What to ask; with packets, of which a file can have many, the times of all of them.</summary>
    public static string[] Arguments(string path, MediaHeader header, bool packets) =>
    [
        "-v", "error", "-of", "json=compact=1", "-threads", "1", "-probesize", "5000000", "-analyzeduration", "5000000",
        "-max_probe_packets", "500",
        "-show_entries", "format=duration:" + Streams + (packets ? ":packet=stream_index,pts_time,dts_time,duration_time,flags" : ""),
        .. MediaProcess.Input(path, header.ContentType),
    ];

    /// <summary>The header with what was said; without it where that is no JSON.</summary>
    public static MediaHeader Read(string output, MediaHeader header)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            return Merge(document.RootElement, header);
        }
        catch (JsonException)
        {
            return header;
        }
    }

    private static MediaHeader Merge(JsonElement root, MediaHeader header)
    {
        var streams = root.TryGetProperty("streams", out var list) ? list.EnumerateArray().Where(IsPlayed).ToList() : [];
        var video = streams.FirstOrDefault(static stream => Text(stream, "codec_type") == "video");
        var audio = streams.FirstOrDefault(static stream => Text(stream, "codec_type") == "audio");
        header = header with { AudioCodec = audio.ValueKind == JsonValueKind.Object ? Codec(audio) : null };
        if (video.ValueKind == JsonValueKind.Object && !header.IsAudio)
        {
            var (width, height) = Shown(video);
            header = header with
            {
                Codec = Codec(video),
                Width = width,
                Height = height,
                FramesPerSecond = Rate(Text(video, "avg_frame_rate")) is { } rate ? Math.Round(rate, 3) : null,
            };
        }
        else if (header is { ContentType: "video/mp4" or "video/quicktime", AudioCodec: not null })
        {
            // An "isom" file with nothing but sound is audio, whatever its brand says.
            header = header with { ContentType = "audio/mp4" };
        }

        var (seconds, fault) = MediaLength.Of(root, streams, header);
        return header with { DurationSeconds = seconds, Fault = fault };
    }

    // Covers of albums are pictures, and data goes with no picture or sound.
    private static bool IsPlayed(JsonElement stream) => Text(stream, "codec_type") is "video" or "audio"
        && !(stream.TryGetProperty("disposition", out var disposition)
            && disposition.TryGetProperty("attached_pic", out var attached) && attached.GetInt32() == 1);

    // A phone stores what it films lying, and says how it was held; old formats store pixels that are not square.
    private static (int? Width, int? Height) Shown(JsonElement video)
    {
        if ((Integer(video, "width"), Integer(video, "height")) is not ({ } width, { } height))
        {
            return (null, null);
        }

        if (Text(video, "sample_aspect_ratio") is { } text && Rate(text.Replace(':', '/')) is { } aspect and > 0.1 and < 10)
        {
            width = Math.Max(1, (int)Math.Round(width * aspect));
        }

        return IsTurned(video) ? (height, width) : (width, height);
    }

    private static bool IsTurned(JsonElement video) => video.TryGetProperty("side_data_list", out var all)
        && all.EnumerateArray().Any(static data => data.TryGetProperty("rotation", out var rotation)
            && rotation.TryGetDouble(out var degrees) && Math.Abs(Math.Round(degrees / 90)) % 2 == 1);

    private static string? Codec(JsonElement stream) =>
        Text(stream, "codec_name") is { } name ? name.StartsWith("pcm_", StringComparison.Ordinal) ? "pcm" : name : null;

    public static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static int? Integer(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            && number > 0 ? number : null;

    /// <summary>ffprobe writes times as texts, and N/A where there is none.</summary>
    public static double? Number(JsonElement element, string name) =>
        double.TryParse(Text(element, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value : null;

    public static double? Rate(string? text)
    {
        var parts = (text ?? "").Split('/');
        return parts.Length == 2
            && double.TryParse(parts[0], CultureInfo.InvariantCulture, out var over)
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var under)
            && over > 0 && under > 0
                ? over / under
                : null;
    }
}
