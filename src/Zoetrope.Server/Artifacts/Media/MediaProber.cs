using System.Globalization;
using System.Text.Json;
using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// What a file is: its type by signature, then its size and length as a kept tool reads them outside of this process: libvips in a
/// media worker for a picture, ffprobe for a video or sound.
/// </summary>
internal sealed class MediaProber(MediaProcess process, PictureWorkers workers)
{
    /// <summary>
    /// Null for a file of no known type; values that cannot be read are missing. Fails only where the server is too busy.
    /// </summary>
    public async Task<Outcome<MediaHeader?>> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        if (MediaSniffer.Read(path) is not { } type)
        {
            return (MediaHeader?)null;
        }

        var header = new MediaHeader(type);
        if (!header.IsImage)
        {
            return await ProbeAsync(path, header, cancellationToken);
        }

        var measured = await workers.RunAsync(new MeasurePicture(path), cancellationToken);
        return measured.Failed(out var busy, out var answer) ? busy
            : answer.Fault is not null ? header
            : header.Sized(answer.Width, answer.Height) with { Pages = answer.Pages, Primary = answer.Primary };
    }

    private async Task<MediaHeader> ProbeAsync(string path, MediaHeader header, CancellationToken cancellationToken)
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
            return header;
        }

        try
        {
            using var document = JsonDocument.Parse(result.Output);
            return Merge(document.RootElement, header);
        }
        catch (JsonException)
        {
            return header;
        }
    }

    private static MediaHeader Merge(JsonElement root, MediaHeader header)
    {
        var seconds = root.TryGetProperty("format", out var format) ? Number(format, "duration") : null;
        var streams = root.TryGetProperty("streams", out var list) ? list.EnumerateArray().ToList() : [];
        var video = streams.FirstOrDefault(stream => Text(stream, "codec_type") == "video");
        var audio = streams.FirstOrDefault(stream => Text(stream, "codec_type") == "audio");
        header = header with { DurationSeconds = seconds, AudioCodec = audio.ValueKind == JsonValueKind.Object ? Codec(audio) : null };
        if (header.IsAudio || video.ValueKind != JsonValueKind.Object)
        {
            // An "isom" file with nothing but sound is audio, whatever its brand says.
            return header is { ContentType: "video/mp4" or "video/quicktime", AudioCodec: not null }
                ? header with { ContentType = "audio/mp4" } : header;
        }

        return header with
        {
            Codec = Codec(video),
            Width = Integer(video, "width"),
            Height = Integer(video, "height"),
            FramesPerSecond = Rate(Text(video, "avg_frame_rate")),
        };
    }

    private static string? Codec(JsonElement stream) =>
        Text(stream, "codec_name") is { } name ? name.StartsWith("pcm_", StringComparison.Ordinal) ? "pcm" : name : null;

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
