using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SkiaSharp;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts.Media;

public sealed class InputConverterTests : IDisposable
{
    private static readonly ImageForm Plain = new(["image/jpeg", "image/png"], 10_000_000, 4_096);
    private readonly TemporaryDirectory _directory = new();
    private readonly MediaProcess _process;
    private readonly PictureWorkers _workers;
    private readonly InputConverter _converter;

    public InputConverterTests()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var options = new ArtifactOptions { DataDirectory = _directory.Path };
        _process = new MediaProcess(options);
        _workers = new PictureWorkers(options, NullLogger<PictureWorkers>.Instance);
        _converter = new InputConverter(new MediaProber(_process, _workers, NullLogger<MediaProber>.Instance), _workers, new HeicDecoder(_process, options), options, time);
    }

    public static TheoryData<string, string> Formats => new()
    {
        { TestMedia.WebP, "image/jpeg" },
        { TestMedia.Avif, "image/jpeg" },
        { TestMedia.Gif, "image/jpeg" },
        { TestHeic.Grid(), "image/jpeg" },
    };

    public void Dispose()
    {
        _workers.Dispose();
        _process.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_a_vendor_does_not_read_becomes_what_it_reads(string path, string type)
    {
        var before = (await TestProber.ReadAsync(path))!;

        var fitted = await FitAsync(path, Plain);

        var after = (await TestProber.ReadAsync(fitted.Path))!;
        Assert.Equal((type, type, true), (fitted.ContentType, after.ContentType, fitted.Converted));
        Assert.Equal((before.Width, before.Height), (after.Width, after.Height));
        using var decoded = SKBitmap.Decode(fitted.Path);
        Assert.Equal(before.Width, decoded.Width);
    }

    [Fact]
    public async Task What_it_reads_is_given_as_it_is()
    {
        var fitted = await FitAsync(TestMedia.Png, Plain);

        Assert.Equal(new FittedImage(TestMedia.Png, "image/png", Converted: false), fitted);
        Assert.Empty(Temporary());
    }

    [Fact]
    public async Task Transparency_stays_and_an_opaque_alpha_channel_is_none()
    {
        var see = Draw("see.webp", 40, 30, static canvas => canvas.DrawRect(0, 0, 20, 30, new SKPaint { Color = SKColors.Red }));
        var full = Draw("full.webp", 40, 30, static canvas => canvas.Clear(SKColors.Blue));

        var kept = await FitAsync(see, Plain);
        var flat = await FitAsync(full, Plain);

        Assert.Equal(("image/png", "image/jpeg"), (kept.ContentType, flat.ContentType));
        using var decoded = SKBitmap.Decode(kept.Path);
        Assert.Equal((SKColors.Red, (byte)0), (decoded.GetPixel(5, 5), decoded.GetPixel(35, 5).Alpha));
    }

    [Fact]
    public async Task Transparency_is_laid_on_white_where_only_jpeg_is_read()
    {
        var see = Draw("see.png", 40, 30, static canvas => canvas.DrawRect(0, 0, 20, 30, new SKPaint { Color = SKColors.Red }));

        var fitted = await FitAsync(see, Plain with { Types = ["image/jpeg"] });

        Assert.Equal("image/jpeg", fitted.ContentType);
        using var decoded = SKBitmap.Decode(fitted.Path);
        Assert.True(decoded.GetPixel(38, 15) is { Red: > 245, Green: > 245, Blue: > 245 });
    }

    [Fact]
    public async Task A_picture_that_is_too_wide_is_scaled_and_keeps_its_shape()
    {
        var fitted = await FitAsync(TestMedia.Image(3_000, 1_000), Plain with { MaxSide = 1_500 });

        var header = (await TestProber.ReadAsync(fitted.Path))!;
        Assert.Equal((1_500, 500), (header.Width, header.Height));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png, true)]
    [InlineData(SKEncodedImageFormat.Jpeg, false)]
    public async Task A_file_that_is_too_large_is_encoded_until_it_fits(SKEncodedImageFormat format, bool transparent)
    {
        var noise = Noise("noise", 900, 700, format, transparent);
        Assert.True(new FileInfo(noise).Length > 200_000);

        var fitted = await FitAsync(noise, Plain with { MaxBytes = 200_000 });

        Assert.InRange(new FileInfo(fitted.Path).Length, 1, 200_000);
        var header = (await TestProber.ReadAsync(fitted.Path))!;
        Assert.Equal(transparent ? "image/png" : "image/jpeg", header.ContentType);
        Assert.Equal(9.0 / 7, (double)header.Width!.Value / header.Height!.Value, 0.02);
    }

    [Fact]
    public async Task A_file_that_can_never_be_small_enough_is_refused() =>
        Assert.Contains("cannot be made smaller", (await RefusalAsync(Noise("n", 400, 400, SKEncodedImageFormat.Jpeg, false), Plain with { MaxBytes = 100 })).Message);

    [Fact]
    public async Task The_orientation_is_applied_and_the_metadata_left_behind()
    {
        var photo = Oriented("photo.jpg", 300, 200);

        var fitted = await FitAsync(photo, Plain with { MaxSide = 150 });

        var header = (await TestProber.ReadAsync(fitted.Path))!;
        Assert.Equal((100, 150), (header.Width, header.Height));
        Assert.DoesNotContain("Exif", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(fitted.Path)));

        // Shown turned by a quarter with the clock: what was the left edge is the upper one.
        using var decoded = SKBitmap.Decode(fitted.Path);
        Assert.True(decoded.GetPixel(50, 10) is { Red: > 200, Blue: < 80 });
        Assert.True(decoded.GetPixel(50, 140) is { Red: < 80, Blue: > 200 });
    }

    [Theory]
    [InlineData(0, 120, 100, "red", "lime", "blue")]
    [InlineData(1, 100, 120, "lime", "white", "red")]
    [InlineData(2, 120, 100, "white", "blue", "lime")]
    [InlineData(3, 100, 120, "blue", "red", "white")]
    public async Task A_photo_of_tiles_is_put_together_and_turned(int turns, int width, int height, string topLeft, string topRight, string bottomLeft)
    {
        var fitted = await FitAsync(TestHeic.Grid(turns), Plain);

        using var decoded = SKBitmap.Decode(fitted.Path);
        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        Assert.Equal((topLeft, topRight, bottomLeft), (Name(decoded.GetPixel(10, 10)), Name(decoded.GetPixel(width - 10, 10)), Name(decoded.GetPixel(10, height - 10))));
    }

    [Fact]
    public async Task Of_several_pictures_in_a_photo_the_one_it_shows_is_taken()
    {
        var fitted = await FitAsync(TestHeic.Grid(hidesTiles: false), Plain);

        using var decoded = SKBitmap.Decode(fitted.Path);
        Assert.Equal((120, 100), (decoded.Width, decoded.Height));
    }

    [Fact]
    public async Task Broken_files_are_refused_in_words_and_leave_nothing()
    {
        foreach (var path in (string[])[TestMedia.WebP, TestMedia.Avif, TestMedia.Gif, TestMedia.LosslessWebP, TestHeic.Grid()])
        {
            var cut = Path.Combine(_directory.Path, "cut" + Path.GetExtension(path));
            var bytes = await File.ReadAllBytesAsync(path);
            await File.WriteAllBytesAsync(cut, bytes[..(bytes.Length * 2 / 3)]);

            var refusal = await RefusalAsync(cut, Plain);

            Assert.Equal(Problems.InvalidInput, refusal.Kind);
            Assert.DoesNotContain(_directory.Path, refusal.Message);
        }

        Assert.Empty(Temporary());
    }

    [Fact]
    public async Task Hostile_photos_never_break_the_converter()
    {
        var photo = await File.ReadAllBytesAsync(TestHeic.Grid());
        var table = photo.AsSpan().IndexOf("mdat"u8);
        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            var changed = (byte[])photo.Clone();
            for (var i = 0; i < 3; i++)
            {
                changed[random.Next(24, table)] = (byte)random.Next(256);
            }

            var path = Path.Combine(_directory.Path, $"h{round}.heic");
            await File.WriteAllBytesAsync(path, changed);
            _ = await _converter.FitAsync(path, $"h{round}", Plain, "acct_test", CancellationToken.None);
        }

        Assert.All(Temporary(), path => Assert.StartsWith("fit-", Path.GetFileName(path)));
    }

    [Fact]
    public async Task A_bomb_is_refused_before_a_pixel_is_decoded()
    {
        var bomb = Path.Combine(_directory.Path, "bomb.png");
        await File.WriteAllBytesAsync(bomb, TestMedia.BombPng(30_000, 30_000));

        Assert.Contains("too many", (await RefusalAsync(bomb, Plain)).Message);
    }

    [Fact]
    public async Task A_large_picture_streams_through_little_memory()
    {
        var large = TestMedia.Image(9_000, 9_000);
        await FitAsync(TestMedia.WebP, Plain);
        var before = MostMemory();

        var fitted = await FitAsync(large, Plain with { MaxSide = 1_024 });

        Assert.Equal(1_024, (await TestProber.ReadAsync(fitted.Path))!.Width);

        // Decoded it is 243 MB.
        Assert.InRange(MostMemory() - before, 0, 120_000_000);
    }

    [Fact]
    public async Task A_second_attempt_has_the_first_ones_file()
    {
        var first = await FitAsync(TestMedia.WebP, Plain);
        await File.WriteAllBytesAsync(first.Path, [1]);

        var second = await FitAsync(TestMedia.WebP, Plain);
        var other = await FitAsync(TestMedia.WebP, Plain with { MaxSide = 100 });

        Assert.Equal(first, second);
        Assert.Equal(1, new FileInfo(second.Path).Length);
        Assert.NotEqual(first.Path, other.Path);
    }

    [Fact]
    public async Task The_colours_of_a_photos_profile_are_kept()
    {
        // A profile whose red is sRGB's green: what is stored as red must be shown as green.
        var swapped = await FitAsync(TestHeic.Grid(profile: SwappedProfile()), Plain);

        using var decoded = SKBitmap.Decode(swapped.Path);
        Assert.Equal(("lime", "red"), (Name(decoded.GetPixel(10, 10)), Name(decoded.GetPixel(110, 10))));
    }

    [Fact]
    public async Task A_vendor_that_reads_neither_jpeg_nor_png_gets_nothing() =>
        Assert.Contains("accepts only image/webp", (await RefusalAsync(TestMedia.Png, Plain with { Types = ["image/webp"] })).Message);

    private async Task<FittedImage> FitAsync(string path, ImageForm form) =>
        (await _converter.FitAsync(path, await TemporaryFiles.HashAsync(path, CancellationToken.None), form, "acct_test", CancellationToken.None)).Value;

    private async Task<Problem> RefusalAsync(string path, ImageForm form) => (await _converter.FitAsync(path, "x" + Guid.NewGuid(), form, "acct_test", CancellationToken.None)).Problem!;

    private string[] Temporary() => Directory.GetFiles(Path.Combine(_directory.Path, "tmp"), "*", SearchOption.AllDirectories);

    // Of the only worker that one file at a time needs.
    private long MostMemory() => 1024 * long.Parse(
        File.ReadLines($"/proc/{Assert.Single(_workers.ProcessIds)}/status").Single(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private static string Name(SKColor colour) => (colour.Red > 160, colour.Green > 160, colour.Blue > 160) switch
    {
        (true, true, true) => "white",
        (true, false, false) => "red",
        (false, true, false) => "lime",
        (false, false, true) => "blue",
        _ => colour.ToString(),
    };

    private static byte[] SwappedProfile()
    {
        using var space = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Srgb, new SKColorSpaceXyz(0.38514f, 0.43606f, 0.14307f, 0.71689f, 0.22248f, 0.06061f, 0.09708f, 0.01392f, 0.71410f));
        using var bitmap = new SKBitmap(new SKImageInfo(1, 1, SKColorType.Rgba8888, SKAlphaType.Opaque, space));
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using var image = NetVips.Image.NewFromBuffer(encoded.ToArray());
        return (byte[])image.Get("icc-profile-data");
    }

    private string Draw(string name, int width, int height, Action<SKCanvas> draw)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.Transparent);
            draw(canvas);
        }

        return Save(name, bitmap, name.EndsWith("webp", StringComparison.Ordinal) ? SKEncodedImageFormat.Webp : SKEncodedImageFormat.Png);
    }

    private string Noise(string name, int width, int height, SKEncodedImageFormat format, bool transparent)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var random = new Random(5);
        bitmap.Pixels = [.. Enumerable.Range(0, width * height).Select(_ => new SKColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), (byte)(transparent ? random.Next(256) : 255)))];
        return Save(name, bitmap, format);
    }

    private string Oriented(string name, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.Blue);
            canvas.DrawRect(0, 0, width / 2, height, new SKPaint { Color = SKColors.Red });
        }

        var plain = File.ReadAllBytes(Save("plain", bitmap, SKEncodedImageFormat.Jpeg));

        // One tag in one directory: orientation 6, turn with the clock to show.
        byte[] exif = [.. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        var path = Path.Combine(_directory.Path, name);
        File.WriteAllBytes(path, [0xff, 0xd8, 0xff, 0xe1, 0, (byte)(exif.Length + 2), .. exif, .. plain[2..]]);
        return path;
    }

    private string Save(string name, SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using var encoded = bitmap.Encode(format, 100);
        var path = Path.Combine(_directory.Path, name);
        File.WriteAllBytes(path, encoded.ToArray());
        return path;
    }
}
