using System.Diagnostics;
using SkiaSharp;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Egress;

namespace Zoetrope.Tests.Artifacts;

public sealed class IngestTests
{
    private static readonly OutputSpec Image = new() { Media = MediaType.Image, Format = "png", Width = 320, Height = 240 };
    private static readonly OutputSpec Video = new() { Media = MediaType.Video, Format = "mp4", Width = 320, Height = 180, FramesPerSecond = 24, DurationSeconds = 2 };

    public static TheoryData<string> Good => [nameof(TestMedia.Png), nameof(TestMedia.Jpeg), nameof(TestMedia.WebP), nameof(TestMedia.LosslessWebP), nameof(TestMedia.Mp4), nameof(TestMedia.PlainMp4), nameof(TestMedia.FragmentedMp4), nameof(TestMedia.HevcMp4), nameof(TestMedia.WebM)];

    [Theory, MemberData(nameof(Good))]
    public async Task A_result_is_checked_labelled_and_stored(string name)
    {
        await using var host = await ArtifactsHost.StartAsync();
        var path = (string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!;
        var given = TestMedia.Copy(path);
        var ingested = (await IngestAsync(host, new ProviderOutput(null, given))).Value;
        Assert.False(File.Exists(given));
        Assert.Equal(name != nameof(TestMedia.WebM), ingested.Labelled);
        var store = host.Get<StoredFiles>();
        var stored = (await store.LocalPathAsync(new ArtifactKey(ingested.Probe.Sha256, ingested.Probe.Extension), default))!;
        Assert.Equal(TestMedia.Decoded(path), TestMedia.Decoded(stored));
        Assert.Equal(await TemporaryFiles.HashAsync(stored, default), ingested.Probe.Sha256);
        if (ingested.Probe.ContentType == "video/mp4")
        {
            Assert.Equal((name == nameof(TestMedia.HevcMp4) ? "hevc" : "h264", "aac", 24.0), (ingested.Probe.Codec, ingested.Probe.AudioCodec, ingested.Probe.FramesPerSecond));
            Assert.Equal(2, ingested.Probe.DurationSeconds!.Value, 0.1);
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(host.Options.DataDirectory, "tmp")));
    }

    [Fact]
    public async Task Ingesting_twice_gives_the_same_file()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var first = (await IngestAsync(host, new ProviderOutput(null, TestMedia.Copy(TestMedia.Mp4)))).Value;
        var second = (await IngestAsync(host, new ProviderOutput(null, TestMedia.Copy(TestMedia.Mp4)))).Value;
        Assert.Equal(first, second);
        Assert.Single(Directory.GetFiles(host.Files, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_result_at_a_url_comes_through_the_guard()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var bytes = File.ReadAllBytes(TestMedia.Png);
        await using var server = await LoopbackServer.StartAsync(context => context.Response.Body.WriteAsync(bytes).AsTask());
        host.Network.LoopbackPort = server.Port;
        host.Network.Name("cdn.example", FakeNetwork.PublicAddress).Name("inside.example", "127.0.0.1");
        Assert.Null((await IngestAsync(host, new ProviderOutput(new Uri("http://cdn.example/a.png"), null))).Problem);
        var refused = await IngestAsync(host, new ProviderOutput(new Uri($"http://inside.example:{server.Port}/a.png"), null));
        Assert.Equal(Problems.BadOutput, refused.Problem?.Kind);
        Assert.Single(host.Network.Dialled);
    }

    [Theory]
    [InlineData(503, true), InlineData(429, true), InlineData(404, false), InlineData(403, false)]
    public async Task A_result_that_cannot_be_fetched_now_is_not_a_bad_result(int status, bool isTransient)
    {
        await using var host = await ArtifactsHost.StartAsync();
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        host.Network.LoopbackPort = server.Port;
        host.Network.Name("cdn.example", FakeNetwork.PublicAddress);
        var output = new ProviderOutput(new Uri("http://cdn.example/a.png"), null);
        if (isTransient)
        {
            await Assert.ThrowsAsync<IOException>(() => IngestAsync(host, output));
            return;
        }

        Assert.Equal(Problems.BadOutput, (await IngestAsync(host, output)).Problem?.Kind);
    }

    [Fact]
    public async Task What_is_no_result_is_refused()
    {
        await using var host = await ArtifactsHost.StartAsync();
        byte[][] bad =
        [
            [], "<html>busy</html>"u8.ToArray(), "<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray(), "#EXTM3U\n/etc/passwd"u8.ToArray(),
            [.. File.ReadAllBytes(TestMedia.Png)[..40], .. new byte[5000]],
            File.ReadAllBytes(TestMedia.Png)[..^3000], File.ReadAllBytes(TestMedia.Jpeg)[..^3000], File.ReadAllBytes(TestMedia.WebP)[..^2000],
            File.ReadAllBytes(TestMedia.Mp4)[..^20_000], File.ReadAllBytes(TestMedia.PlainMp4)[..^5000],
            Blanked(TestMedia.Mp4), TestMedia.BombPng(50_000, 50_000), File.ReadAllBytes(TestMedia.M4a),
        ];
        for (var i = 0; i < bad.Length; i++)
        {
            var path = TestMedia.Copy(TestMedia.Png);
            File.WriteAllBytes(path, bad[i]);
            var isVideo = i is 8 or 9 or 10 or 12;
            var outcome = await host.Get<ArtifactIngest>().IngestAsync(new ProviderOutput(null, path), isVideo ? Video : Image, isSandbox: true, default);
            Assert.True(outcome.Problem?.Kind == Problems.BadOutput, $"case {i}");
        }

        var wrongKind = await host.Get<ArtifactIngest>().IngestAsync(new ProviderOutput(null, TestMedia.Copy(TestMedia.Png)), Video, isSandbox: true, default);
        Assert.Equal(Problems.BadOutput, wrongKind.Problem?.Kind);
        Assert.False(Directory.Exists(host.Files));
    }

    [Fact]
    public async Task A_playlist_behind_a_media_signature_reads_no_other_file()
    {
        await using var host = await ArtifactsHost.StartAsync();
        using var process = new MediaProcess(host.Options);
        var secret = TestMedia.Copy(TestMedia.Mp4);
        var playlist = TestMedia.Copy(TestMedia.Png);
        foreach (var text in new[] { $"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n", $"ffconcat version 1.0\nfile {secret}\n" })
        {
            File.WriteAllText(playlist, text);
            foreach (var type in new[] { "video/mp4", "video/webm", "audio/wav", "audio/mpeg" })
            {
                var result = await process.FfprobeAsync(["-v", "error", "-show_streams", .. MediaProcess.Input(playlist, type)], default);
                Assert.DoesNotContain("h264", result.Output);
            }
        }

        Assert.False((await process.FfprobeAsync(["-v", "error", .. MediaProcess.Input("x", "video/mp4")[..^1], "http://127.0.0.1:9/x"], default)).Succeeded);
    }

    [Fact]
    public async Task A_media_process_ends_at_its_limits_and_sees_no_environment()
    {
        Environment.SetEnvironmentVariable("ZOETROPE_TEST_SECRET", "canary");
        using var process = new MediaProcess(new ArtifactOptions { Ffmpeg = "/bin/sh", MediaProcessMegabytes = 256 });
        using var hurried = new MediaProcess(new ArtifactOptions { Ffmpeg = "/bin/sh", MediaProcessTimeout = TimeSpan.FromSeconds(1) });
        var environment = await process.FfmpegAsync(["-c", "env"], default);
        Assert.DoesNotContain("canary", environment.Output);
        var watch = Stopwatch.StartNew();
        Assert.False((await hurried.FfmpegAsync(["-c", "sleep 600"], default)).Succeeded);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(300), $"{watch.Elapsed}");
        var memory = await process.FfmpegAsync(["-c", "ulimit -v"], default);
        Assert.Equal((256 * 1024).ToString(), memory.Output.Trim());
    }

    // Found by hand: an element that ends behind its parent, a box of XMP that is shorter than its id, a chunk as long as can be.
    public static TheoryData<string> Shaped => ["1a45dfa3934282847765626d1654ae6b87ae84d7810183ae0000000000000000", "uuid", "png chunk", "webp chunk", "jpeg segment"];

    [Theory, MemberData(nameof(Shaped))]
    public async Task A_result_that_is_shaped_to_make_a_parser_stumble_is_a_bad_result(string shape)
    {
        await using var host = await ArtifactsHost.StartAsync();
        var path = TestMedia.Copy(TestMedia.Png);
        var (bytes, expected) = shape switch
        {
            "uuid" => ((byte[])[.. File.ReadAllBytes(TestMedia.Mp4), 0, 0, 0, 9, .. "uuid"u8, 0xBE, 0, 0, 0, 9, .. "uuid"u8, .. Convert.FromHexString("BE7ACFCB97A942E89C71999491E3AFAC")[..1]], Video),
            "png chunk" => ([.. File.ReadAllBytes(TestMedia.Png)[..33], 0xff, 0xff, 0xff, 0xff, .. "iTXt"u8, .. File.ReadAllBytes(TestMedia.Png)[33..]], Image),
            "webp chunk" => ([.. File.ReadAllBytes(TestMedia.WebP), .. "XMP "u8, 0xff, 0xff, 0xff, 0xff], Image with { Format = "webp" }),
            "jpeg segment" => ([0xff, 0xd8, 0xff, 0xe1, 0, 1, .. File.ReadAllBytes(TestMedia.Jpeg)[2..]], Image with { Format = "jpeg" }),
            _ => (Convert.FromHexString(shape), Video),
        };
        File.WriteAllBytes(path, bytes);

        var outcome = await host.Get<ArtifactIngest>().IngestAsync(new ProviderOutput(null, path), expected, isSandbox: false, default);

        Assert.True(outcome.Problem is null || outcome.Problem.Kind == Problems.BadOutput, outcome.Problem?.Message);
    }

    [Fact]
    public async Task No_mutated_result_throws()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var random = new Random(20261130);
        var path = TestMedia.Copy(TestMedia.Png);
        foreach (var (original, expected, count) in ((string, OutputSpec, int)[])
            [(TestMedia.Png, Image, 60), (TestMedia.Jpeg, Image with { Format = "jpeg" }, 60), (TestMedia.LosslessWebP, Image with { Format = "webp" }, 60), (TestMedia.Mp4, Video, 4), (TestMedia.WebM, Video, 4)])
        {
            for (var i = 0; i < count; i++)
            {
                var bytes = File.ReadAllBytes(original);
                for (var m = random.Next(1, 12); m > 0; m--)
                {
                    bytes[random.Next(i % 2 == 0 ? Math.Min(200, bytes.Length) : bytes.Length)] = (byte)random.Next(256);
                }

                File.WriteAllBytes(path, bytes);
                var outcome = await host.Get<ArtifactIngest>().IngestAsync(new ProviderOutput(null, path), expected, isSandbox: false, default);
                Assert.True(outcome.Problem is null || outcome.Problem.Kind == Problems.BadOutput, outcome.Problem?.Message);
            }
        }
    }

    [Theory]
    [InlineData(nameof(TestMedia.Jpeg), "png"), InlineData(nameof(TestMedia.Png), "jpeg"), InlineData(nameof(TestMedia.WebP), "jpeg"), InlineData(nameof(TestMedia.Png), "webp")]
    public async Task A_picture_in_the_providers_own_format_becomes_the_asked_one(string name, string format)
    {
        await using var host = await ArtifactsHost.StartAsync();
        var path = (string)typeof(TestMedia).GetProperty(name)!.GetValue(null)!;
        var ingested = (await host.Get<ArtifactIngest>().IngestAsync(new ProviderOutput(null, TestMedia.Copy(path)), Image with { Format = format }, isSandbox: false, default)).Value;
        Assert.Equal(($"image/{format}", 320, 240), (ingested.Probe.ContentType, ingested.Probe.Width, ingested.Probe.Height));
        Assert.True(ingested.Labelled);
        var stored = (await host.Get<StoredFiles>().LocalPathAsync(new ArtifactKey(ingested.Probe.Sha256, ingested.Probe.Extension), default))!;
        if (format == "png")
        {
            Assert.Equal(Pixels(path), Pixels(stored));
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(host.Options.DataDirectory, "tmp")));

        static SKColor[] Pixels(string file)
        {
            using var decoded = SKBitmap.Decode(file);
            return decoded.Pixels;
        }
    }

    private static Task<Outcome<IngestedArtifact>> IngestAsync(ArtifactsHost host, ProviderOutput output) =>
        host.Get<ArtifactIngest>().IngestAsync(output, Expected(Path.GetExtension(output.Path ?? "a.png")), isSandbox: true, default);

    private static OutputSpec Expected(string extension) => extension switch
    {
        ".mp4" or ".webm" => Video,
        ".jpg" => Image with { Format = "jpeg" },
        ".webp" => Image with { Format = "webp" },
        _ => Image,
    };

    // A whole container around no picture.
    private static byte[] Blanked(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var data = bytes.AsSpan().IndexOf("mdat"u8);
        bytes.AsSpan(data + 4).Clear();
        return bytes;
    }
}
