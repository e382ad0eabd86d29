using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Artifacts.Media.Structure;

namespace Zoetrope.Tests.Artifacts.Media;

public sealed class StructureTests
{
    private const long MaxPixels = 128_000_000;

    public static TheoryData<string> Plain => [nameof(TestMedia.Mp4), nameof(TestMedia.PlainMp4), nameof(TestMedia.HevcMp4), "silent", "unsteady", "30000/1001"];

    public static TheoryData<string> Unusual => [nameof(TestMedia.FragmentedMp4), nameof(TestMedia.Mov), "turned", "not square", "av1", "mp3", "two videos", "subtitles"];

    [Theory, MemberData(nameof(Plain))]
    public async Task An_ordinary_video_is_read_as_ffprobe_reads_it(string name)
    {
        var path = Make(name);
        var type = MediaSniffer.Read(path)!;

        var header = Mp4Structure.Read(path, new MediaHeader(type));

        var probed = (await TestProber.Shared.ProbeAsync(path, account: null, default)).Value!;
        Assert.NotNull(header);
        Assert.Equal(probed.DurationSeconds!.Value, header.DurationSeconds!.Value, 0.05);
        Assert.Equal(probed with { DurationSeconds = header.DurationSeconds }, header);
    }

    [Theory, MemberData(nameof(Unusual))]
    public void What_is_unusual_is_left_to_a_decoder(string name)
    {
        var path = Make(name);
        Assert.Null(Mp4Structure.Read(path, new MediaHeader(MediaSniffer.Read(path)!)));
    }

    [Theory]
    [InlineData("rgb24"), InlineData("rgba"), InlineData("gray"), InlineData("ya8"), InlineData("rgb48be"), InlineData("rgba64be")]
    public void A_picture_is_read_to_its_last_bit(string pixels)
    {
        var path = TestMedia.Made($"{pixels}.png", "-f", "lavfi", "-i", "rgbtestsrc=s=321x123", "-frames:v", "1", "-pix_fmt", pixels);
        Assert.Equal((321, 123), PngStructure.Read(path, MaxPixels));
        Assert.Null(PngStructure.Read(path, 321 * 122));

        // Any bit of it, and anything that is missing or too much.
        var whole = File.ReadAllBytes(path);
        var changed = TestMedia.Copy(path);
        var random = new Random(14);
        for (var i = 0; i < 200; i++)
        {
            var bytes = (byte[])whole.Clone();
            bytes[i < 50 ? 8 + i : random.Next(8, bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(changed, bytes);
            Assert.Null(PngStructure.Read(changed, MaxPixels));
        }

        foreach (var bytes in (byte[][])[whole[..^1], whole[..^12], whole[..(whole.Length / 2)], [.. whole, 0], whole[..20], whole[..8]])
        {
            File.WriteAllBytes(changed, bytes);
            Assert.Null(PngStructure.Read(changed, MaxPixels));
        }
    }

    [Theory]
    [InlineData("pal8"), InlineData("monob")]
    public void A_palette_and_single_bits_are_left_to_a_decoder(string pixels) =>
        Assert.Null(PngStructure.Read(TestMedia.Made($"{pixels}.png", "-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", "-pix_fmt", pixels), MaxPixels));

    [Fact]
    public void No_bomb_is_unpacked()
    {
        var path = TestMedia.NewPath(".png");
        File.WriteAllBytes(path, Bomb());
        Assert.Null(PngStructure.Read(path, MaxPixels));
    }

    [Fact]
    public void A_video_that_is_cut_or_hollow_is_left_to_a_decoder()
    {
        foreach (var path in (string[])[TestMedia.Mp4, TestMedia.PlainMp4])
        {
            var whole = File.ReadAllBytes(path);
            var changed = TestMedia.Copy(path);
            var data = whole.AsSpan().IndexOf("mdat"u8) + 4;
            var index = whole.AsSpan().IndexOf("moov"u8);
            byte[] hollow = [.. whole];
            hollow.AsSpan(data, 2000).Clear();
            byte[] moved = [.. whole];
            var table = whole.AsSpan().IndexOf("stco"u8) + 12;
            moved[table] = 0x7f;
            byte[] endless = [.. whole];
            endless.AsSpan(whole.AsSpan().IndexOf("stsz"u8) + 12, 4).Fill(0xff);
            foreach (var bytes in (byte[][])[whole[..^1], whole[..(whole.Length / 2)], whole[..data], hollow, moved, endless, [.. whole[..(index - 4)], .. whole[data..]]])
            {
                File.WriteAllBytes(changed, bytes);
                Assert.Null(Mp4Structure.Read(changed, new MediaHeader("video/mp4")));
            }
        }
    }

    // Eight bits of grey, so that only its size stands against it.
    private static byte[] Bomb()
    {
        var bytes = TestMedia.BombPng(11_000, 11_000);
        bytes[24] = 8;
        return bytes;
    }

    private static string Make(string name)
    {
        string[] picture = ["-f", "lavfi", "-i", "testsrc2=s=320x180:d=2:r=24"];
        string[] h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];
        return name switch
        {
            "silent" => TestMedia.Made("silent.mp4", [.. picture, .. h264, "-movflags", "+faststart"]),
            "unsteady" => TestMedia.Made("unsteady.mp4", [.. picture, "-vf", "select='not(eq(mod(n,5),3))'", "-fps_mode", "vfr", .. h264]),
            "30000/1001" => TestMedia.Made("ntsc.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x180:d=2:r=30000/1001", .. h264]),
            "turned" => Turned(),
            "not square" => TestMedia.Made("oblong.mp4", [.. picture, "-vf", "setsar=4/3", .. h264]),
            "av1" => TestMedia.Made("av1.mp4", [.. picture, "-c:v", "libaom-av1", "-cpu-used", "8"]),
            "mp3" => TestMedia.Made("with-mp3.mp4", [.. picture, "-f", "lavfi", "-i", "sine=d=2", .. h264, "-c:a", "libmp3lame"]),
            "two videos" => TestMedia.Made("two.mp4", ["-i", TestMedia.Mp4, "-map", "0:v", "-map", "0:v", "-c", "copy"]),
            "subtitles" => Subtitled(),
            _ => (string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!,
        };
    }

    // A quarter to the right, as a phone films.
    private static string Turned()
    {
        var path = TestMedia.Copy(TestMedia.Mp4);
        var bytes = File.ReadAllBytes(path);
        Convert.FromHexString("000000000001000000000000FFFF0000000000000000000000B400000000000040000000").CopyTo(bytes, bytes.AsSpan().IndexOf("tkhd"u8) + 44);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static string Subtitled()
    {
        var text = TestMedia.NewPath(".srt");
        File.WriteAllText(text, "1\n00:00:00,000 --> 00:00:01,000\nA red fox\n");
        return TestMedia.Made("subtitled.mp4", "-i", TestMedia.Mp4, "-i", text, "-c", "copy", "-c:s", "mov_text");
    }
}
