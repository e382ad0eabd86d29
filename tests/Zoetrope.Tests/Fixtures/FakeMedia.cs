using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using SkiaSharp;

namespace Zoetrope.Tests.Fixtures;

/// <summary>Result files of exactly the asked shape, made once per shape.</summary>
internal static class FakeMedia
{
    private static readonly ConcurrentDictionary<ResultShape, Task<byte[]>> Made = new();

    public static Task<byte[]> MakeAsync(ResultShape shape) =>
        Made.GetOrAdd(shape, static wanted => wanted.Format == "mp4" ? VideoAsync(wanted) : Task.FromResult(Image(wanted)));

    private static byte[] Image(ResultShape shape)
    {
        using var bitmap = new SKBitmap(shape.Width, shape.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.Teal);
        using var image = SKImage.FromBitmap(bitmap);
        var format = shape.Format switch
        {
            "png" => SKEncodedImageFormat.Png,
            "webp" => SKEncodedImageFormat.Webp,
            _ => SKEncodedImageFormat.Jpeg,
        };
        using var encoded = image.Encode(format, 80);
        return encoded.ToArray();
    }

    private static async Task<byte[]> VideoAsync(ResultShape shape)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("clip.mp4");
        var seconds = shape.Seconds.ToString(CultureInfo.InvariantCulture);
        List<string> arguments = ["-v", "error", "-f", "lavfi", "-i", $"color=c=teal:s={shape.Width}x{shape.Height}:r={shape.FramesPerSecond}:d={seconds}"];
        if (shape.Audio)
        {
            arguments.AddRange(["-f", "lavfi", "-i", $"sine=d={seconds}", "-c:a", "aac"]);
        }

        arguments.AddRange(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart", path]);
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", arguments) { RedirectStandardError = true })!;
        var errors = await ffmpeg.StandardError.ReadToEndAsync();
        await ffmpeg.WaitForExitAsync();
        return ffmpeg.ExitCode == 0 ? await File.ReadAllBytesAsync(path) : throw new InvalidOperationException(errors);
    }
}
