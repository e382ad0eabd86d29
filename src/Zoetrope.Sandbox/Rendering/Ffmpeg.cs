using System.Diagnostics;
using System.Globalization;
using Zoetrope.Workers;

namespace Zoetrope.Sandbox.Rendering;

/// <summary>Starts ffmpeg with limits, on local files and pipes only. Arguments are lists; there is no shell.</summary>
internal static class Ffmpeg
{
    private const string Demuxers = "mov,matroska,webm,mp4,rawvideo,wav,gif,avi,mp3,aac,ogg,flac";
    private const string Limiter = "/usr/bin/prlimit";

    public static Process Start(IEnumerable<string> arguments, bool input, bool output)
    {
        var start = new ProcessStartInfo
        {
            FileName = File.Exists(Limiter) ? Limiter : "ffmpeg",
            RedirectStandardInput = true,
            RedirectStandardOutput = output,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (start.FileName == Limiter)
        {
            foreach (var limit in (ReadOnlySpan<string>)["--as=8589934592", "--cpu=3600", "--core=0", "--", "ffmpeg"])
            {
                start.ArgumentList.Add(limit);
            }
        }

        foreach (var argument in (IEnumerable<string>)["-hide_banner", "-loglevel", "error", "-y", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        if (!input)
        {
            process.StandardInput.Close();
        }

        return process;
    }

    /// <summary>Options that must stand before each <c>-i</c> of a file from outside.</summary>
    public static IEnumerable<string> Guarded(string path) => ["-protocol_whitelist", "file,pipe", "-format_whitelist", Demuxers, "-i",
        "file:" + path];

    /// <summary>The encoder: raw planar frames from stdin or a file, optional sound, one MP4 that starts with its index.</summary>
    /// <param name="output">What comes out.</param>
    /// <param name="frames">How many frames go in.</param>
    /// <param name="synthesized">A sound track of ours.</param>
    /// <param name="given">A file from outside whose sound is wanted; mixed when there are both.</param>
    /// <param name="path">The MP4.</param>
    /// <param name="input">Where the frames are.</param>
    public static IEnumerable<string> Encode(RenderOutput output, int frames, string? synthesized, string? given, string path,
        string input = "pipe:0")
    {
        var fps = output.FramesPerSecond;
        var seconds = (frames / (double)fps).ToString("0.######", CultureInfo.InvariantCulture);
        List<string> list = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", $"{output.Width}x{output.Height}", "-r", $"{fps}",
            "-protocol_whitelist", "file,pipe", "-i", input];
        if (synthesized is not null)
        {
            list.AddRange(["-protocol_whitelist", "file,pipe", "-f", "wav", "-i", "file:" + synthesized]);
        }

        if (given is not null)
        {
            list.AddRange(Guarded(given));
        }

        if (synthesized is not null || given is not null)
        {
            var mix = synthesized is not null && given is not null
                ? "[1:a:0]volume=0.5[own];[own][2:a:0]amix=inputs=2:duration=longest:normalize=0[mixed];[mixed]" : "[1:a:0]";
            list.AddRange(["-filter_complex", $"{mix}apad=whole_dur={seconds},atrim=0:{seconds}[sound]", "-map", "0:v:0", "-map",
                "[sound]", "-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"]);
        }

        list.AddRange(
        [
            "-c:v", "libx264", "-preset", "medium", "-crf", "20", "-profile:v", "high", "-pix_fmt", "yuv420p",
            "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
            "-movflags", "+faststart", "-map_metadata", "-1",
            "-metadata", "title=Zoetrope sandbox", "-metadata", "comment=Made by the Zoetrope sandbox provider", "-f", "mp4",
                "file:" + path,
        ]);
        return list;
    }

    /// <summary>The first picture of a video, no larger than needed for a card.</summary>
    public static IEnumerable<string> FirstFrame(string path, string to) =>
        [.. Guarded(path), "-map", "0:v:0", "-frames:v", "1", "-vf", "scale=w='min(1024,iw)':h=-2", "-f", "image2", "-c:v", "png",
            "file:" + to];

    /// <summary>The decoder: frames of exactly this size and rate to stdout.</summary>
    public static IEnumerable<string> Decode(string path, int width, int height, int fps) =>
    [
        .. Guarded(path), "-map", "0:v:0", "-an", "-sn",
        "-vf", $"fps={fps},scale={width}:{height}:flags=lanczos:out_color_matrix=bt709:out_range=tv,setsar=1,format=yuv420p", "-f",
            "rawvideo", "pipe:1",
    ];
}
