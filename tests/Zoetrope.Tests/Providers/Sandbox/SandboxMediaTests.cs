using System.Globalization;
using System.Text;
using SkiaSharp;
using Zoetrope.Server;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Sandbox;

public sealed class SandboxMediaTests
{
    [Theory]
    [InlineData("png", 320, 180)]
    [InlineData("jpeg", 181, 321)]
    [InlineData("webp", 420, 180)]
    internal async Task Images_are_exactly_as_asked(string format, int width, int height)
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var stream = (await SandboxFixture.ProbeAsync(await sandbox.MakeAsync(SandboxFixture.Image("a cat", width, height, format)))).GetProperty("streams")[0];
        Assert.Equal((width, height), (stream.GetProperty("width").GetInt32(), stream.GetProperty("height").GetInt32()));
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("webp")]
    internal async Task Drawn_and_upscaled_images_say_where_they_come_from(string format)
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var made = await sandbox.MakeAsync(SandboxFixture.Image("a cat", 96, 64, format));
        var output = new OutputSpec { Media = MediaType.Image, Format = format, Width = 192, Height = 128 };
        var upscaled = await sandbox.MakeAsync(SandboxFixture.Request("", "upscale", output, new ProviderInput("image_url", made, "image/" + format)));
        await Sized(upscaled, 192, 128);
        foreach (var path in new[] { made, upscaled })
        {
            Assert.Contains("Zoetrope sandbox", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(path)), StringComparison.Ordinal);
        }
    }

    [Fact]
    internal async Task A_video_of_odd_size_is_refused()
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var request = SandboxFixture.Video("a cat", 127, 72);
        await sandbox.Adapter.SubmitAsync(request, default);
        Assert.Equal(ProviderErrorKind.InvalidInput, Assert.IsType<PollResult.Failed>(await sandbox.EndAsync(request)).Error.Kind);
    }

    [Theory]
    [InlineData(320, 180, 24, 1.5, true)]
    [InlineData(180, 320, 30, 1, false)]
    [InlineData(336, 144, 25, 2.2, true)]
    internal async Task Videos_are_exact_to_the_frame(int width, int height, int fps, double seconds, bool audio)
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var path = await sandbox.MakeAsync(SandboxFixture.Video("a boat at sea, pan left", width, height, fps, seconds, audio));
        var streams = (await SandboxFixture.ProbeAsync(path)).GetProperty("streams");
        var frames = (int)Math.Round(seconds * fps);
        Assert.Equal(audio ? 2 : 1, streams.GetArrayLength());
        Assert.Equal(frames.ToString(CultureInfo.InvariantCulture), streams[0].GetProperty("nb_read_frames").GetString());
        Assert.Equal((width, height, "yuv420p", "bt709"), (streams[0].GetProperty("width").GetInt32(), streams[0].GetProperty("height").GetInt32(), streams[0].GetProperty("pix_fmt").GetString(), streams[0].GetProperty("color_space").GetString()));
        if (audio)
        {
            Assert.Equal(("aac", "48000"), (streams[1].GetProperty("codec_name").GetString(), streams[1].GetProperty("sample_rate").GetString()));
            Assert.Equal(frames / (double)fps, double.Parse(streams[1].GetProperty("duration").GetString()!, CultureInfo.InvariantCulture), 0.022);
        }

        var bytes = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(path));
        Assert.True(bytes.IndexOf("moov", StringComparison.Ordinal) < bytes.IndexOf("mdat", StringComparison.Ordinal));
    }

    [Fact]
    internal async Task Equal_requests_give_equal_bytes_and_another_prompt_another_picture()
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var first = await File.ReadAllBytesAsync(await sandbox.MakeAsync(SandboxFixture.Image("a red fox")));
        Assert.Equal(first, await File.ReadAllBytesAsync(await sandbox.MakeAsync(SandboxFixture.Image("a red fox"))));
        Assert.NotEqual(first, await File.ReadAllBytesAsync(await sandbox.MakeAsync(SandboxFixture.Image("a whale"))));
    }

    [Fact]
    internal async Task Given_images_and_videos_are_used()
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var image = new ProviderInput("image_urls", await sandbox.MakeAsync(SandboxFixture.Image("a castle", 200, 120)), "image/png");
        var still = new OutputSpec { Media = MediaType.Image, Format = "png", Width = 400, Height = 240 };
        var clip = new OutputSpec { Media = MediaType.Video, Format = "mp4", Width = 160, Height = 90, FramesPerSecond = 10, DurationSeconds = 1, Audio = true };
        await Sized(await sandbox.MakeAsync(SandboxFixture.Request("watercolor", "image-to-image", still, image)), 400, 240);
        await Sized(await sandbox.MakeAsync(SandboxFixture.Request("", "upscale", still, image)), 400, 240);
        var made = await sandbox.MakeAsync(SandboxFixture.Request("snow", "first-last-frame-to-video", clip, image, image));
        await Sized(made, 160, 90);
        await Sized(await sandbox.MakeAsync(SandboxFixture.Request("a beach", "reference-to-video", clip, image)), 160, 90);
        var video = new ProviderInput("video_url", made, "video/mp4");
        await Sized(await sandbox.MakeAsync(SandboxFixture.Request("a beach", "reference-to-video", clip, image, video)), 160, 90);
        await Sized(await sandbox.MakeAsync(SandboxFixture.Request("sketch, rain, a cat", "video-edit", clip, video)), 160, 90);
        await Sized(await sandbox.MakeAsync(SandboxFixture.Request("", "upscale", clip with { Width = 320, Height = 180 }, video)), 320, 180);
    }

    [Theory]
    [InlineData("jpg"), InlineData("png"), InlineData("webp")]
    internal async Task A_picture_is_enlarged_as_it_is_shown(string format)
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            var (width, height) = TestTurned.Shown(orientation);
            var input = new ProviderInput("image_url", TestTurned.Make(format, orientation), "image/" + format);
            var path = await sandbox.MakeAsync(SandboxFixture.Request("", "upscale", new OutputSpec { Media = MediaType.Image, Format = "png", Width = width * 2, Height = height * 2 }, input));

            using var made = SKBitmap.Decode(path);
            Assert.Equal((width * 2, height * 2), (made.Width, made.Height));
            Assert.True(made.GetPixel(width / 2, height / 2) is { Red: > 200, Blue: < 60 }, $"{orientation}");
            Assert.True(made.GetPixel(width * 3 / 2, height / 2) is { Red: < 60, Blue: > 200 }, $"{orientation}");
        }
    }

    [Theory]
    [InlineData("png"), InlineData("webp"), InlineData("jpeg")]
    internal async Task An_enlarged_picture_is_transparent_where_it_was_or_white(string format)
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var source = Path.Combine(sandbox.Directory, "see.png");
        using (var bitmap = new SKBitmap(100, 80, SKColorType.Rgba8888, SKAlphaType.Unpremul))
        {
            bitmap.Erase(SKColors.Transparent);
            using var canvas = new SKCanvas(bitmap);
            canvas.DrawRect(0, 0, 50, 80, new SKPaint { Color = SKColors.Red });
            using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            await File.WriteAllBytesAsync(source, encoded.ToArray());
        }

        var path = await sandbox.MakeAsync(SandboxFixture.Request("", "upscale", new OutputSpec { Media = MediaType.Image, Format = format, Width = 200, Height = 160 }, new ProviderInput("image_url", source, "image/png")));

        using var made = SKBitmap.Decode(path);
        Assert.True(made.GetPixel(40, 40) is { Red: > 230, Green: < 30, Alpha: 255 }, $"{made.GetPixel(40, 40)}");
        var clear = made.GetPixel(150, 40);
        Assert.True(format == "jpeg" ? clear is { Red: > 240, Green: > 240, Alpha: 255 } : clear.Alpha == 0, $"{clear}");
    }

    [Theory]
    [InlineData("png", "a red fox"), InlineData("webp", "a red fox, watercolor"), InlineData("png", "mountains at dawn"), InlineData("png", "nothing in particular")]
    internal async Task A_transparent_background_is_transparent(string format, string prompt)
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var request = SandboxFixture.Image(prompt, 200, 160, format) with { Parameters = System.Text.Json.JsonDocument.Parse("""{"background":"transparent"}""").RootElement };

        using var made = SKBitmap.Decode(await sandbox.MakeAsync(request));

        Assert.Equal(0, made.GetPixel(2, 2).Alpha);
        Assert.Contains(made.Pixels, static pixel => pixel.Alpha > 200);
    }

    [Fact]
    internal async Task Colours_of_a_profile_are_shown_as_they_are_meant()
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var source = Path.Combine(sandbox.Directory, "wide.png");
        using (var black = NetVips.Image.Black(64, 64, bands: 3))
        using (var colour = (black + new double[] { 200, 60, 40 }).Cast(NetVips.Enums.BandFormat.Uchar).Copy(interpretation: NetVips.Enums.Interpretation.Srgb))
        using (var wide = colour.IccTransform("p3", inputProfile: "srgb"))
        {
            Assert.True(wide.Contains("icc-profile-data"));
            wide.Pngsave(source);
        }

        var path = await sandbox.MakeAsync(SandboxFixture.Request("", "upscale", new OutputSpec { Media = MediaType.Image, Format = "png", Width = 128, Height = 128 }, new ProviderInput("image_url", source, "image/png")));

        using var made = SKBitmap.Decode(path);
        var shown = made.GetPixel(20, 20);
        Assert.True(Math.Abs(shown.Red - 200) < 6 && Math.Abs(shown.Green - 60) < 6 && Math.Abs(shown.Blue - 40) < 8, $"{shown}");
    }

    [Fact]
    internal async Task A_broken_input_is_the_inputs_fault()
    {
        await using var sandbox = await SandboxFixture.OpenAsync();
        var path = Path.Combine(sandbox.Directory, "x.png");
        await File.WriteAllTextAsync(path, "not an image");
        var request = SandboxFixture.Request("a cat", "image-to-image", new OutputSpec { Media = MediaType.Image, Format = "png", Width = 64, Height = 64 }, new ProviderInput("image_urls", path, "image/png"));
        await sandbox.Adapter.SubmitAsync(request, default);
        Assert.Equal(ProviderErrorKind.InvalidInput, Assert.IsType<PollResult.Failed>(await sandbox.EndAsync(request)).Error.Kind);
    }

    private static async Task Sized(string path, int width, int height)
    {
        var stream = (await SandboxFixture.ProbeAsync(path)).GetProperty("streams")[0];
        Assert.Equal((width, height), (stream.GetProperty("width").GetInt32(), stream.GetProperty("height").GetInt32()));
    }
}
