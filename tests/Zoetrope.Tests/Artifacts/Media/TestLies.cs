using System.Buffers.Binary;
using System.Globalization;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>Videos whose headers say something else than their content.</summary>
internal static class TestLies
{
    /// <summary>Seconds of the honest clip that the others are made of.</summary>
    public const int Seconds = 8;

    /// <summary>The honest clip, 160×90.</summary>
    public static string Clip(string extension) => extension == ".webm"
        ? Make("lies.webm", "-c:v", "libvpx", "-b:v", "100k", "-c:a", "libopus")
        : Make("lies" + extension, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac");

    /// <summary>The files of the corpus by name.</summary>
    public static IReadOnlyDictionary<string, Func<string>> All { get; } = new Dictionary<string, Func<string>>
    {
        ["mp4 honest"] = () => Clip(".mp4"),
        ["mov honest"] = () => Clip(".mov"),
        ["webm honest"] = () => Clip(".webm"),
        ["mkv honest"] = () => Clip(".mkv"),
        ["mp4 fragmented honest"] = () => Fragmented(),
        ["mp4 mvhd"] = () => Mp4(".mp4", Mvhd),
        ["mp4 mdhd"] = () => Mp4(".mp4", Mdhd),
        ["mp4 tkhd"] = () => Mp4(".mp4", Tkhd),
        ["mp4 edit list gone"] = () => Mp4(".mp4", NoEdits),
        ["mp4 edit list of a second"] = () => Mp4(".mp4", ShortEdits),
        ["mp4 mvhd mdhd tkhd, no edit list"] = () => Mp4(".mp4", Mvhd, Mdhd, Tkhd, NoEdits),
        ["mp4 mvhd mdhd tkhd, edit list of a second"] = () => Mp4(".mp4", Mvhd, Mdhd, Tkhd, ShortEdits),
        ["mov mvhd mdhd tkhd, no edit list"] = () => Mp4(".mov", Mvhd, Mdhd, Tkhd, NoEdits),
        ["mov mvhd mdhd tkhd, edit list of a second"] = () => Mp4(".mov", Mvhd, Mdhd, Tkhd, ShortEdits),
        ["mp4 frames faster"] = () => Mp4(".mp4", FastFrames),
        ["mp4 frames slower"] = () => Mp4(".mp4", SlowFrames),
        ["mp4 frames slower, headers short"] = () => Mp4(".mp4", SlowFrames, Mvhd, Mdhd, Tkhd, NoEdits),
        ["mp4 headers long"] = () => Mp4(".mp4", static (file, _) => Patch(file, "mvhd", 16, 1000 * 600)),
        ["mp4 fragmented, mehd and mvhd"] = () => Fragmented(static file => Patch(file, "mehd", 4, 1000)),
        ["mp4 second track longer"] = () => SecondTrack(),
        ["mp4 sound longer"] = () => LongSound(),
        ["webm Duration"] = () => WebM(".webm", 1000),
        ["webm Duration long"] = () => WebM(".webm", 600_000),
        ["webm no Duration"] = () => WebM(".webm", null),
        ["mkv Duration"] = () => WebM(".mkv", 1000),
        ["mkv no Duration"] = () => WebM(".mkv", null),
    };

    /// <summary>The clip with a display matrix, as phones write it.</summary>
    public static string Turned(string extension, int degrees)
    {
        var file = File.ReadAllBytes(Clip(extension));
        int[] matrix = degrees switch
        {
            90 => [0, 0x10000, 0, -0x10000, 0, 0, 90 << 16, 0, 0x40000000],
            180 => [-0x10000, 0, 0, 0, -0x10000, 0, 160 << 16, 90 << 16, 0x40000000],
            270 => [0, -0x10000, 0, 0x10000, 0, 0, 0, 160 << 16, 0x40000000],
            _ => [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000],
        };
        var at = Find(file, "tkhd", 0) + 40;
        for (var i = 0; i < matrix.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(at + (4 * i)), matrix[i]);
        }

        return Write(extension, file);
    }

    /// <summary>Seconds that a decoder makes of the file.</summary>
    public static double Decoded(string path)
    {
        var lines = TestMedia.Run("ffmpeg", "-v", "quiet", "-nostdin", "-i", path, "-fps_mode", "passthrough", "-f", "null", "-progress", "pipe:1", "-");
        var last = lines.Split('\n').Last(static line => line.StartsWith("out_time_us=", StringComparison.Ordinal));
        return long.Parse(last.Split('=')[1], CultureInfo.InvariantCulture) / 1e6;
    }

    private static string Mp4(string extension, params Action<byte[], int>[] changes)
    {
        var file = File.ReadAllBytes(Clip(extension));
        foreach (var change in changes)
        {
            for (var track = 0; track < 2; track++)
            {
                change(file, track);
            }
        }

        return Write(extension, file);
    }

    private static void Mvhd(byte[] file, int track) => Patch(file, "mvhd", 16, BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(Find(file, "mvhd", 0) + 12)));

    private static void Mdhd(byte[] file, int track) =>
        Patch(file, "mdhd", 16, BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(Find(file, "mdhd", track) + 12)), track);

    private static void Tkhd(byte[] file, int track) => Patch(file, "tkhd", 20, 1000, track);

    private static void NoEdits(byte[] file, int track) => "free"u8.CopyTo(file.AsSpan(Find(file, "edts", 0) - 4));

    private static void ShortEdits(byte[] file, int track) => Patch(file, "elst", 8, 1000, track);

    private static void FastFrames(byte[] file, int track) => Frames(file, track, static delta => Math.Max(1, delta / 8));

    private static void SlowFrames(byte[] file, int track) => Frames(file, track, static delta => delta * 4);

    private static void Frames(byte[] file, int track, Func<int, int> change)
    {
        if (track == 0)
        {
            var delta = file.AsSpan(Find(file, "stts", 0) + 12);
            BinaryPrimitives.WriteInt32BigEndian(delta, change(BinaryPrimitives.ReadInt32BigEndian(delta)));
        }
    }

    private static string Fragmented(Action<byte[]>? change = null)
    {
        var path = TestMedia.NewPath(".mp4");
        TestMedia.Run("ffmpeg", "-v", "error", "-i", Clip(".mp4"), "-c", "copy", "-movflags", "+frag_keyframe+empty_moov+default_base_moof", path);
        var file = File.ReadAllBytes(path);
        if (file.AsSpan().IndexOf("mehd"u8) > 0)
        {
            change?.Invoke(file);
        }

        Patch(file, "mvhd", 16, change is null ? 0 : 1000);
        return Write(".mp4", file);
    }

    private static string SecondTrack()
    {
        var path = TestMedia.NewPath(".mp4");
        TestMedia.Run("ffmpeg", "-v", "error", "-t", "1", "-i", Clip(".mp4"), "-i", Clip(".mp4"), "-map", "0:v", "-map", "1:v", "-c:v", "libx264", "-preset", "ultrafast", path);
        var file = File.ReadAllBytes(path);
        Mvhd(file, 0);
        return Write(".mp4", file);
    }

    private static string LongSound()
    {
        var path = TestMedia.NewPath(".mp4");
        TestMedia.Run("ffmpeg", "-v", "error", "-t", "1", "-i", Clip(".mp4"), "-i", Clip(".mp4"), "-map", "0:v", "-map", "1:a", "-c", "copy", path);
        return path;
    }

    // The element of the length is a double of milliseconds; a void one of the same size takes its place.
    private static string WebM(string extension, double? milliseconds)
    {
        var file = File.ReadAllBytes(Clip(extension));
        var at = file.AsSpan().IndexOf([(byte)0x44, (byte)0x89, (byte)0x88]);
        if (milliseconds is { } value)
        {
            BinaryPrimitives.WriteDoubleBigEndian(file.AsSpan(at + 3), value);
        }
        else
        {
            new byte[] { 0xec, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0 }.CopyTo(file, at);
        }

        return Write(extension, file);
    }

    private static void Patch(byte[] file, string box, int at, int value, int which = 0) =>
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(Find(file, box, which) + at), value);

    // Offset of a box's body.
    private static int Find(byte[] file, string box, int which)
    {
        var at = 0;
        for (var i = 0; ; i++)
        {
            var found = file.AsSpan(at).IndexOf(System.Text.Encoding.ASCII.GetBytes(box));
            at = found < 0 ? throw new InvalidOperationException($"There is no {box} {which}.") : at + found + 4;
            if (i == which)
            {
                return at;
            }
        }
    }

    private static string Write(string extension, byte[] file)
    {
        var path = TestMedia.NewPath(extension);
        File.WriteAllBytes(path, file);
        return path;
    }

    private static string Make(string name, params string[] encoder)
    {
        var (width, height, rate) = (160, 90, 12);
        return TestMedia.Made(name, ["-f", "lavfi", "-i", $"testsrc2=s={width}x{height}:d={Seconds}:r={rate}", "-f", "lavfi", "-i", $"sine=d={Seconds}", .. encoder, "-g", "12"]);
    }
}
