using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Tests;

/// <summary>Which model of a family is meant follows from what is attached.</summary>
public sealed class FamilyTests
{
    [Theory]
    [InlineData(0, 0, 0, "text-to-video")]
    [InlineData(1, 0, 0, "image-to-video")]
    [InlineData(2, 0, 0, "first-last-frame-to-video")]
    [InlineData(3, 0, 0, "reference-to-video")]
    [InlineData(1, 1, 0, "reference-to-video")]
    [InlineData(0, 0, 1, "reference-to-video")]
    [InlineData(8, 0, 0, null)]
    [InlineData(0, 4, 0, null)]
    public void Of_a_family_for_videos(int images, int videos, int sounds, string? mode)
    {
        var family = Family.Of("a", [
            Model("reference-to-video", 7, 3, 3, ("reference_image_urls", false), ("reference_video_urls", false), ("reference_audio_urls", false)),
            Model("first-last-frame-to-video", 2, 0, 0, ("image_urls", true)), Model("image-to-video", 1, 0, 0, ("image_urls", true)), Model("text-to-video", 0, 0, 0),
        ]);

        Assert.Equal(mode, family.Taking(images, videos, sounds)?.Mode);
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(1, 0, "upscale")]
    [InlineData(0, 1, null)]
    public void Of_one_that_takes_a_picture_only(int images, int videos, string? mode) =>
        Assert.Equal(mode, Family.Of("a", [Model("upscale", 1, 0, 0, ("image_url", true))]).Taking(images, videos, 0)?.Mode);

    [Fact]
    public void What_cannot_be_used_is_not_chosen() =>
        Assert.Null(Family.Of("a", [Model("text-to-image", 0, 0, 0) with { Available = false }]).Taking(0, 0, 0));

    private static ModelListing Model(string mode, int images, int videos, int sounds, params (string Name, bool Required)[] files) => new()
    {
        Id = "a-" + mode,
        Name = "A",
        Vendor = "A",
        Family = "a",
        MediaType = mode.EndsWith("video", StringComparison.Ordinal) ? "video" : "image",
        Mode = mode,
        Aliases = [],
        Description = "",
        Available = true,
        Parameters = files.ToDictionary(file => file.Name, file => new ModelParameter { Type = "array", Required = file.Required }),
        MaxImages = images,
        MaxVideos = videos,
        MaxAudios = sounds,
        Credits = JsonSerializer.SerializeToElement(new { from = 1 }),
        InputSchema = JsonSerializer.SerializeToElement(new { }),
    };
}
