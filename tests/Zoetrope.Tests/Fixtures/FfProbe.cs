using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Zoetrope.Tests.Fixtures;

/// <summary>What ffprobe, which is not ours, says about a file.</summary>
internal sealed record FfProbe(string Format, string VideoCodec, int Width, int Height, double Seconds, double FramesPerSecond, int Frames, string? AudioCodec)
{
    public static async Task<FfProbe> ReadAsync(byte[] file)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("result");
        await File.WriteAllBytesAsync(path, file);
        using var process = Process.Start(new ProcessStartInfo("ffprobe",
            ["-v", "error", "-count_frames", "-show_entries", "format=format_name,duration:stream=codec_type,codec_name,width,height,avg_frame_rate,nb_read_frames", "-of", "json", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0 && (await errors).Length == 0, $"ffprobe finds fault with the file: {await errors}");

        using var json = JsonDocument.Parse(output);
        var format = json.RootElement.GetProperty("format");
        var streams = json.RootElement.GetProperty("streams").EnumerateArray().ToList();
        var video = streams.Single(stream => stream.GetProperty("codec_type").GetString() == "video");
        var audio = streams.Where(stream => stream.GetProperty("codec_type").GetString() == "audio").ToList();
        var rate = video.GetProperty("avg_frame_rate").GetString()!.Split('/').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new FfProbe(
            format.GetProperty("format_name").GetString()!,
            video.GetProperty("codec_name").GetString()!,
            video.GetProperty("width").GetInt32(),
            video.GetProperty("height").GetInt32(),
            format.TryGetProperty("duration", out var duration) ? double.Parse(duration.GetString()!, CultureInfo.InvariantCulture) : 0,
            rate[1] == 0 ? 0 : rate[0] / rate[1],
            int.Parse(video.GetProperty("nb_read_frames").GetString()!, CultureInfo.InvariantCulture),
            audio.Count == 0 ? null : audio[0].GetProperty("codec_name").GetString());
    }
}
