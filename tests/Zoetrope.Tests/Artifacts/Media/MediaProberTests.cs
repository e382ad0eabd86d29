using System.Diagnostics;
using System.Text;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts.Media;

public sealed class MediaProberTests
{
    public static TheoryData<string, string, int?, int?, double?, string?, string?> Files => new()
    {
        { nameof(TestMedia.Png), "image/png", 320, 240, null, "png", null },
        { nameof(TestMedia.Jpeg), "image/jpeg", 320, 240, null, "mjpeg", null },
        { nameof(TestMedia.WebP), "image/webp", 320, 240, null, "webp", null },
        { nameof(TestMedia.LosslessWebP), "image/webp", 321, 241, null, "webp", null },
        { nameof(TestMedia.Gif), "image/gif", 64, 48, null, "gif", null },
        { nameof(TestMedia.Avif), "image/avif", 128, 96, null, "av1", null },
        { nameof(TestMedia.Mp4), "video/mp4", 320, 180, 2, "h264", "aac" },
        { nameof(TestMedia.PlainMp4), "video/mp4", 320, 180, 2, "h264", "aac" },
        { nameof(TestMedia.Mov), "video/quicktime", 320, 180, 2, "h264", "aac" },
        { nameof(TestMedia.WebM), "video/webm", 160, 120, 1, "vp8", null },
        { nameof(TestMedia.Mkv), "video/x-matroska", 320, 180, 2, "h264", "aac" },
        { nameof(TestMedia.Wav), "audio/wav", null, null, 2, null, "pcm" },
        { nameof(TestMedia.Mp3), "audio/mpeg", null, null, 2, null, "mp3" },
        { nameof(TestMedia.Aac), "audio/aac", null, null, 2, null, "aac" },
        { nameof(TestMedia.M4a), "audio/mp4", null, null, 2, null, "aac" },
        { nameof(TestMedia.Ogg), "audio/ogg", null, null, 2, null, "vorbis" },
        { nameof(TestMedia.Flac), "audio/flac", null, null, 2, null, "flac" },
    };

    [Theory, MemberData(nameof(Files))]
    public async Task Every_allowed_type_is_read(string name, string type, int? width, int? height, double? seconds, string? codec,
        string? audio)
    {
        var path = (string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!;
        var header = (await TestProber.ReadAsync(path))!;
        Assert.Equal((type, width, height, codec, audio), (header.ContentType, header.Width, header.Height, header.Codec,
            header.AudioCodec));
        Assert.True(seconds is null || Math.Abs(header.DurationSeconds!.Value - seconds.Value) < 0.2, $"{header.DurationSeconds} s");
    }

    [Fact]
    public async Task Frame_rate_of_an_mp4_is_read() => Assert.Equal(24,
        (await TestProber.ReadAsync(TestMedia.Mp4))!.FramesPerSecond!.Value, 1.0);

    [Fact]
    public async Task A_photos_size_is_that_of_the_whole_and_not_of_a_tile()
    {
        var header = (await TestProber.ReadAsync(TestHeic.Grid()))!;
        Assert.Equal(("image/heic", 120, 100, "hevc"), (header.ContentType, header.Width, header.Height, header.Codec));
    }

    [Fact]
    public async Task A_container_with_nothing_but_sound_is_sound()
    {
        var path = TestMedia.NewPath(".mp4");
        TestMedia.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", path);
        Assert.Equal("audio/mp4", (await TestProber.ReadAsync(path))!.ContentType);
    }

    [Theory]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"), InlineData("<!DOCTYPE html><html></html>"),
        InlineData("%PDF-1.7 .......")]
    [InlineData("#EXTM3U\n#EXT-X-VERSION:3\n"), InlineData("ffconcat version 1.0\nfile x"), InlineData("v=0\r\no=- 0 0 IN IP4 127.0.0.1"),
        InlineData("<?xml version=\"1.0\"?><MPD/>")]
    [InlineData("GIF88a-not-a-gif-at-all"), InlineData("RIFF....AVI LIST"), InlineData("PK\u0003\u0004zipzipzip"), InlineData(""),
        InlineData("x")]
    public void Anything_else_has_no_type(string content) =>
        Assert.Null(MediaSniffer.Sniff(Encoding.Latin1.GetBytes(content)));

    // Every byte of the headers is a chance to be wrong: mutated and cut files must be answered, quickly, not thrown at us.
    [Fact]
    public async Task Hostile_bytes_never_throw_and_never_take_long()
    {
        var random = new Random(20260101);
        var (runs, longest) = (0, TimeSpan.Zero);
        var path = TestMedia.NewPath("");
        foreach (var original in TestMedia.All.Append(TestHeic.Grid()))
        {
            // A picture costs its worker a millisecond, the rest a process each.
            var (whole, count) = (await File.ReadAllBytesAsync(original),
                MediaSniffer.Read(original)!.StartsWith("image/", StringComparison.Ordinal) ? 60 : 2);
            for (var i = 0; i < count; i++)
            {
                var bytes = whole.AsSpan(0, i % 3 == 0 ? random.Next(whole.Length) : whole.Length).ToArray();
                for (var m = random.Next(1, 20); m > 0 && bytes.Length > 0; m--)
                {
                    var at = random.Next(Math.Min(bytes.Length, i % 2 == 0 ? 256 : int.MaxValue));
                    bytes[at] = random.Next(4) switch { 0 => 0, 1 => 0xff, 2 => 0x7f, _ => (byte)random.Next(256) };
                }

                await File.WriteAllBytesAsync(path, bytes);
                var watch = Stopwatch.StartNew();
                _ = await TestProber.ReadAsync(path);
                longest = watch.Elapsed > longest ? watch.Elapsed : longest;
                runs++;
            }
        }

        Assert.True(runs > 400);
        Assert.True(longest < TimeSpan.FromSeconds(30), $"{longest}");
    }

    [Fact]
    public async Task A_bomb_is_measured_without_being_decoded()
    {
        var bomb = TestMedia.BombPng(50_000, 50_000);
        Assert.True(bomb.Length < 400_000);
        var path = TestMedia.NewPath(".png");
        await File.WriteAllBytesAsync(path, bomb);
        var watch = Stopwatch.StartNew();
        Assert.Equal(2500, (await TestProber.ReadAsync(path))!.Megapixels);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Fact]
    public void Endless_boxes_end()
    {
        using var flat = new MemoryStream();
        flat.Write([0, 0, 0, 16, .. "ftypisom"u8, 0, 0, 0, 0]);
        for (var i = 0; i < 100_000; i++)
        {
            flat.Write([0, 0, 0, 8, .. "free"u8]);
        }

        var watch = Stopwatch.StartNew();
        Assert.Equal(4096, IsoMedia.TopLevel(new HeaderReader(flat)).Count());
        Assert.True(watch.ElapsedMilliseconds < 10_000, $"{watch.ElapsedMilliseconds} ms");
    }
}
