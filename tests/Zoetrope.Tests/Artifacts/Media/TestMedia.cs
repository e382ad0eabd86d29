using System.Diagnostics;
using System.IO.Compression;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>Real media files, made once a run by ffmpeg.</summary>
internal static class TestMedia
{
    private static readonly string Directory = Path.Combine(Path.GetTempPath(), "zoetrope-media-" + Environment.ProcessId);
    private static readonly Lock Gate = new();

    static TestMedia() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    };

    public static string Png => Make("a.png", "-f", "lavfi", "-i", "testsrc2=s=320x240", "-frames:v", "1");

    public static string Jpeg => Make("a.jpg", "-f", "lavfi", "-i", "testsrc2=s=320x240", "-frames:v", "1");

    public static string WebP => Make("a.webp", "-f", "lavfi", "-i", "testsrc2=s=320x240", "-frames:v", "1");

    public static string LosslessWebP => Make("l.webp", "-f", "lavfi", "-i", "testsrc2=s=321x241,format=bgra", "-frames:v", "1", "-lossless", "1");

    public static string Gif => Make("a.gif", "-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.2");

    public static string Avif => Make("a.avif", "-f", "lavfi", "-i", "testsrc2=s=128x96", "-frames:v", "1", "-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "8");

    public static string Mp4 => Video("a.mp4", "-movflags", "+faststart");

    public static string PlainMp4 => Video("p.mp4");

    public static string FragmentedMp4 => Video("f.mp4", "-movflags", "+frag_keyframe+empty_moov");

    /// <summary>H.265, as Seedance 2.5 gives its 1080p.</summary>
    public static string HevcMp4 => Make("h.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:d=2:r=24", "-f", "lavfi", "-i", "sine=d=2", "-c:v", "libx265", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p", "-c:a", "aac");

    public static string Mov => Video("a.mov");

    public static string WebM => Make("a.webm", "-f", "lavfi", "-i", "testsrc2=s=160x120:d=1:r=10", "-c:v", "libvpx", "-b:v", "200k");

    public static string Mkv => Video("a.mkv");

    public static string Wav => Make("a.wav", "-f", "lavfi", "-i", "sine=d=2");

    public static string Mp3 => Make("a.mp3", "-f", "lavfi", "-i", "sine=d=2", "-c:a", "libmp3lame");

    public static string Aac => Make("a.aac", "-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac");

    public static string M4a => Make("a.m4a", "-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac");

    public static string Ogg => Make("a.ogg", "-f", "lavfi", "-i", "sine=d=2", "-c:a", "libvorbis");

    public static string Flac => Make("a.flac", "-f", "lavfi", "-i", "sine=d=2", "-c:a", "flac");

    public static IEnumerable<string> All =>
        [Png, Jpeg, WebP, LosslessWebP, Gif, Avif, Mp4, PlainMp4, FragmentedMp4, Mov, WebM, Mkv, Wav, Mp3, Aac, M4a, Ogg, Flac];

    public static string Image(int width, int height) =>
        Make($"{width}x{height}.png", "-f", "lavfi", "-i", $"rgbtestsrc=s={width}x{height}", "-frames:v", "1");

    public static string Clip(int seconds) =>
        Make($"{seconds}s.mp4", "-f", "lavfi", "-i", $"testsrc2=s=160x120:d={seconds}:r=5", "-c:v", "libx264", "-pix_fmt", "yuv420p");

    public static string Video(int width, int height, int seconds) =>
        Make($"{width}x{height}-{seconds}s.mp4", "-f", "lavfi", "-i", $"testsrc2=s={width}x{height}:d={seconds}:r=10", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p");

    /// <summary>A file that ffmpeg makes once a run.</summary>
    public static string Made(string name, params string[] arguments) => Make(name, arguments);

    /// <summary>A path for a file that goes with the run.</summary>
    public static string NewPath(string extension) => Path.Combine(System.IO.Directory.CreateDirectory(Directory).FullName, Guid.NewGuid().ToString("n") + extension);

    /// <summary>A copy that a test may change or give away.</summary>
    public static string Copy(string path)
    {
        var copy = Path.Combine(Directory, Guid.NewGuid().ToString("n") + Path.GetExtension(path));
        File.Copy(path, copy);
        return copy;
    }

    /// <summary>A PNG of one colour depth bit whose declared size is a bomb and whose data are zeros.</summary>
    public static byte[] BombPng(int width, int height)
    {
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var line = new byte[(width / 8) + 1];
            for (var i = 0; i < height; i++)
            {
                zlib.Write(line);
            }
        }

        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
        byte[] header = [.. BigEndian(width), .. BigEndian(height), 1, 0, 0, 0, 0];
        Chunk(png, "IHDR"u8, header);
        Chunk(png, "IDAT"u8, data.ToArray());
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    public static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {errors.GetAwaiter().GetResult()}");
    }

    /// <summary>A hash of every decoded frame and sample.</summary>
    public static string Decoded(string path) => Run("ffmpeg", "-v", "error", "-xerror", "-i", path, "-f", "md5", "-");

    private static string Video(string name, params string[] options) =>
        Make(name, ["-f", "lavfi", "-i", "testsrc2=s=320x180:d=2:r=24", "-f", "lavfi", "-i", "sine=d=2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", .. options]);

    private static string Make(string name, params string[] arguments)
    {
        var path = Path.Combine(Directory, name);
        lock (Gate)
        {
            if (!File.Exists(path))
            {
                System.IO.Directory.CreateDirectory(Directory);
                Run("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments, path]);
            }
        }

        return path;
    }

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    public static void Chunk(Stream png, ReadOnlySpan<byte> type, byte[] body)
    {
        png.Write(BigEndian(body.Length));
        png.Write(type);
        png.Write(body);
        var crc = uint.MaxValue;
        foreach (var b in type.ToArray().Concat(body))
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xedb88320;
            }
        }

        png.Write(BigEndian((int)~crc));
    }
}
