using Microsoft.Extensions.Logging.Abstractions;
using SkiaSharp;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>A file has one size, the one that is shown, whatever its format says about it and wherever.</summary>
public sealed class DisplayedSizeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly MediaProcess _process;
    private readonly PictureWorkers _workers;
    private readonly InputConverter _converter;

    public DisplayedSizeTests()
    {
        var options = new ArtifactOptions { DataDirectory = _directory.Path };
        _process = new MediaProcess(options);
        _workers = new PictureWorkers(options, NullLogger<PictureWorkers>.Instance);
        var prober = new MediaProber(_process, _workers, NullLogger<MediaProber>.Instance);
        _converter = new InputConverter(prober, _workers, new HeicDecoder(_process, options), options, TimeProvider.System);
    }

    // Two that turn the picture in ways of their own; every format in the night.
    public static TheoryData<string> Formats =>
        [.. TestTurned.Formats.Select(format => format is "jpg" or "heic"
            ? new TheoryDataRow<string>(format) : new TheoryDataRow<string>(format).WithTrait("Category", "Nightly"))];

    public static TheoryData<string, int, int, int> Clips => new()
    {
        // Width 160, height 90 as stored: turns by degrees, and pixels that are twice as wide as high.
        { ".mp4", 0, 160, 90 }, { ".mp4", 90, 90, 160 }, { ".mp4", 180, 160, 90 }, { ".mp4", 270, 90, 160 },
        { ".mov", 90, 90, 160 }, { ".mov", 270, 90, 160 },
    };

    public void Dispose()
    {
        _workers.Dispose();
        _process.Dispose();
        _directory.Dispose();
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task A_picture_has_the_size_that_it_is_shown_in_and_reaches_a_vendor_upright(string format)
    {
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            var path = TestTurned.Make(format, orientation);
            var (width, height) = TestTurned.Shown(orientation);

            var header = (await TestProber.ReadAsync(path))!;
            var fitted = await _converter.FitAsync(path, await TemporaryFiles.HashAsync(path, default),
                new ImageForm(["image/jpeg", "image/png"], 10_000_000, 4096), "acct_test", default);

            Assert.True((header.Fault, header.Width, header.Height) == (null, width, height), $"{orientation}: {header}");
            Assert.True(fitted.Problem is null, $"{orientation}: {fitted.Problem?.Message}");

            // Stored as it is shown: no decoder has to know about orientations.
            using var codec = SKCodec.Create(fitted.Value.Path);
            Assert.Equal((width, height, SKEncodedOrigin.TopLeft), (codec.Info.Width, codec.Info.Height, codec.EncodedOrigin));
            using var decoded = SKBitmap.Decode(fitted.Value.Path);
            var corners = (Name(decoded.GetPixel(width / 4, height / 4)), Name(decoded.GetPixel(width * 3 / 4, height / 4)), Name(decoded.GetPixel(width / 4, height * 3 / 4)));
            Assert.True(corners == ("red", "blue", "white"), $"{orientation}: {corners}");
        }
    }

    [Theory, MemberData(nameof(Clips))]
    public async Task A_video_has_the_size_that_it_is_shown_in(string extension, int degrees, int width, int height)
    {
        var path = TestLies.Turned(extension, degrees);

        var header = (await TestProber.ReadAsync(path))!;

        Assert.Equal((null, width, height), (header.Fault, header.Width, header.Height));
    }

    [Fact]
    public async Task Pictures_that_a_photo_does_not_show_are_counted_because_they_are_decoded()
    {
        var header = (await TestProber.ReadAsync(TestHeic.Grid(hidesTiles: false)))!;
        using var directory = new TemporaryDirectory();

        Assert.Equal((5, 4L * 64 * 64), (header.Pages, header.HiddenPixels));
        var refusal = await new HeicDecoder(_process, new ArtifactOptions { DataDirectory = directory.Path })
            .DecodeAsync("x", header with { HiddenPixels = 25_000_001 }, "y", "acct_test", default);
        Assert.Contains("too many or too large", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pixels_that_are_not_square_count_as_they_are_shown()
    {
        var path = TestMedia.NewPath(".mp4");
        TestMedia.Run("ffmpeg", "-v", "error", "-i", TestLies.Clip(".mp4"), "-vf", "setsar=2/1", "-c:v", "libx264", "-preset", "ultrafast", path);

        var header = (await TestProber.ReadAsync(path))!;

        Assert.Equal((320, 90), (header.Width, header.Height));
    }

    private static string Name(SKColor colour) => (colour.Red > 160, colour.Green > 160, colour.Blue > 160) switch
    {
        (true, true, true) => "white",
        (true, false, false) => "red",
        (false, false, true) => "blue",
        _ => colour.ToString(),
    };
}
