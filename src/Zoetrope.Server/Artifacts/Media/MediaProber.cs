using System.Globalization;
using System.Text.Json;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>What ffprobe reads from a local video.</summary>
internal sealed class MediaProber(MediaProcess process)
{
    /// <summary>The headers of a file, with ffprobe's word on codecs, length and rate of a video.</summary>
    public async Task<MediaHeader?> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        var header = MediaHeaders.Read(path);
        return header is { IsVideo: true } ? await ProbeVideoAsync(path, header, cancellationToken) : header;
    }

    private async Task<MediaHeader?> ProbeVideoAsync(string path, MediaHeader header, CancellationToken cancellationToken)
    {
        var result = await process.FfprobeAsync(
            [
                "-v", "error", "-of", "json",
                "-show_entries", "format=duration:stream=codec_type,codec_name,width,height,avg_frame_rate,duration",
                .. MediaProcess.Input(path, header.ContentType),
            ],
            cancellationToken);
        if (!result.Succeeded)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(result.Output);
            return Merge(document.RootElement, header);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static MediaHeader Merge(JsonElement root, MediaHeader header)
    {
        var seconds = root.TryGetProperty("format", out var format) ? Number(format, "duration") : null;
        var streams = root.TryGetProperty("streams", out var list) ? list.EnumerateArray().ToList() : [];
        var video = streams.FirstOrDefault(stream => Text(stream, "codec_type") == "video");
        var audio = streams.FirstOrDefault(stream => Text(stream, "codec_type") == "audio");
        if (video.ValueKind != JsonValueKind.Object)
        {
            return header with { Codec = null };
        }

        return header with
        {
            Codec = Text(video, "codec_name") ?? header.Codec,
            AudioCodec = audio.ValueKind == JsonValueKind.Object ? Text(audio, "codec_name") : null,
            Width = Integer(video, "width") ?? header.Width,
            Height = Integer(video, "height") ?? header.Height,
            DurationSeconds = seconds ?? header.DurationSeconds,
            FramesPerSecond = Rate(Text(video, "avg_frame_rate")) ?? header.FramesPerSecond,
        };
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Integer(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) && number > 0 ? number : null;

    private static double? Number(JsonElement element, string name) =>
        double.TryParse(Text(element, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;

    private static double? Rate(string? text)
    {
        var parts = (text ?? "").Split('/');
        return parts.Length == 2
            && double.TryParse(parts[0], CultureInfo.InvariantCulture, out var over)
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var under)
            && over > 0 && under > 0
                ? Math.Round(over / under, 3)
                : null;
    }
}
