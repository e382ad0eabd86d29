using Zoetrope.Server;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Tests.Catalog;

public class OutputTests
{
    [Theory]
    [InlineData("480p", "16:9", 854, 480)]
    [InlineData("720p", "16:9", 1280, 720)]
    [InlineData("1080p", "16:9", 1920, 1080)]
    [InlineData("1080p", "9:16", 1080, 1920)]
    [InlineData("720p", "1:1", 720, 720)]
    [InlineData("720p", "4:3", 960, 720)]
    [InlineData("720p", "21:9", 1680, 720)]
    [InlineData("4K", "16:9", 3840, 2160)]
    public void A_video_size_names_the_short_side(string resolution, string aspect, int width, int height)
    {
        var body = $$$"""{"model":"seedance-2-0-text-to-video","input":{"prompt":"x","resolution":"{{{resolution}}}","aspect_ratio":"{{{aspect}}}"}}""";

        var output = Ask.Price(body).Value.Output;

        Assert.Equal((width, height, 24, 8, true, "mp4"), (output.Width, output.Height, output.FramesPerSecond, output.DurationSeconds, output.Audio, output.Format));
    }

    [Theory]
    [InlineData("768P", 1366, 768)]
    [InlineData("2K", 2560, 1440)]
    public void MiniMax_sizes(string resolution, int width, int height)
    {
        var output = Ask.Price($$$"""{"model":"minimax-h3-text-to-video","input":{"prompt":"x","resolution":"{{{resolution}}}"}}""").Value.Output;

        Assert.Equal((width, height), (output.Width, output.Height));
    }

    [Theory]
    [InlineData("1K", "1:1", 1024, 1024)]
    [InlineData("4K", "1:1", 4096, 4096)]
    [InlineData("1K", "16:9", 1360, 765)]
    [InlineData("2K", "3:2", 2508, 1672)]
    public void An_image_has_exactly_the_ratio(string resolution, string aspect, int width, int height)
    {
        var output = Ask.Price($$$"""{"model":"nano-banana-pro","input":{"prompt":"x","resolution":"{{{resolution}}}","aspect_ratio":"{{{aspect}}}"}}""").Value.Output;

        Assert.Equal((width, height), (output.Width, output.Height));
    }

    [Fact]
    public void Every_size_and_shape_of_every_model_is_sound()
    {
        foreach (var model in Ask.Catalog.Models.Where(model => !model.Output.NeedsInput))
        {
            var sizes = model.Output.SizeFrom is { } size ? model.Parameters[size] : null;
            var aspects = model.Output.AspectFrom is { } aspect ? model.Parameters[aspect] : null;
            foreach (var s in sizes?.Values ?? [""])
            {
                foreach (var a in aspects?.Values ?? [""])
                {
                    var more = new List<(string, string)>();
                    if (sizes is not null)
                    {
                        more.Add((sizes.Name, $"\"{s}\""));
                    }

                    if (aspects is not null)
                    {
                        more.Add((aspects.Name, $"\"{a}\""));
                    }

                    var priced = Ask.Price(Ask.Smallest(model, [.. more]));
                    Assert.True(priced.Problem is null, $"{model.Id} {s} {a}: {priced.Problem?.Message}");
                    var output = priced.Value.Output;
                    var what = $"{model.Id} {s} {a}: {output.Width}x{output.Height}";
                    Assert.True(output is { Width: > 0, Height: > 0 }, what);
                    Assert.True(model.MediaType == MediaType.Image || (output.Width % 2 == 0 && output.Height % 2 == 0), what);
                    if (AspectRatio.TryParse(a, out var ratio))
                    {
                        var exact = (double)output.Width * ratio.Height / ((double)output.Height * ratio.Width);
                        Assert.True(model.MediaType == MediaType.Image ? exact == 1 : Math.Abs(exact - 1) < 0.005, what);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(1000, 1000, 720, 720)]
    [InlineData(1920, 1080, 1280, 720)]
    [InlineData(3000, 1000, 1680, 720)]
    [InlineData(1000, 3000, 720, 1280)]
    public void Adaptive_follows_the_first_input_within_the_ratios_of_the_model(int width, int height, int outWidth, int outHeight)
    {
        var body = """{"model":"seedance-2-0-image-to-video","input":{"prompt":"x","aspect_ratio":"auto","image_urls":["https://a.test/i.png"]}}""";

        var output = Ask.Price(body, Ask.Video(width, height, null)).Value.Output;

        Assert.Equal((outWidth, outHeight), (output.Width, output.Height));
    }

    [Fact]
    public void An_edit_is_as_long_and_as_wide_as_its_clip()
    {
        var body = """{"model":"happyhorse-video-edit","input":{"prompt":"x","video_url":"https://a.test/v.mp4","resolution":"1080p"}}""";

        var priced = Ask.Price(body, Ask.Video(720, 1280, 5)).Value;

        Assert.Equal(700, priced.Credits);
        Assert.Equal((1080, 1920, 5d), (priced.Output.Width, priced.Output.Height, priced.Output.DurationSeconds));
    }

    [Fact]
    public void A_video_upscale_keeps_rate_length_and_sound_of_its_clip()
    {
        var body = """{"model":"topaz-video-upscale","input":{"video_url":"https://a.test/v.mp4"}}""";

        var priced = Ask.Price(body, Ask.Video(641, 361, 8.5, "aac")).Value;

        Assert.Equal(144, priced.Credits);
        Assert.Equal((1282, 722, 30, 8.5, true), (priced.Output.Width, priced.Output.Height, priced.Output.FramesPerSecond, priced.Output.DurationSeconds, priced.Output.Audio));
    }
}
