using Zoetrope.Server;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Tests.Catalog.Models;

/// <summary>What people write when they mean a model. The catalogue is the embedded one.</summary>
public sealed class ModelNamesTests
{
    private static readonly Attached Nothing = Attached.Nothing;

    private static ModelNames Names => Ask.Catalog.Names;

    [Theory]
    [InlineData("Seedance 2.0", "", "seedance-2-0-text-to-video")]
    [InlineData("seedance-2-0", "", "seedance-2-0-text-to-video")]
    [InlineData("SEEDANCE_2.0", "image_urls", "seedance-2-0-image-to-video")]
    [InlineData("seedance 2 0", "reference_video_urls", "seedance-2-0-reference-to-video")]
    [InlineData("Seedance2.0", "image", "seedance-2-0-image-to-video")]
    [InlineData("ByteDance Seedance 2.0", "", "seedance-2-0-text-to-video")]
    [InlineData("Seedance 2.0 Fast", "", "seedance-2-0-fast-text-to-video")]
    [InlineData("Veo 3.1", "", "veo-3-1-text-to-video")]
    [InlineData("veo-3.1", "image_urls", "veo-3-1-image-to-video")]
    [InlineData("google/veo-3.1", "", "veo-3-1-text-to-video")]
    [InlineData("Nano Banana", "", "nano-banana-text-to-image")]
    [InlineData("nano banana", "image_urls", "nano-banana-image-to-image")]
    [InlineData("nano-banana-2", "image", "nano-banana-2-image-to-image")]
    [InlineData("Nano‑Banana 2", "", "nano-banana-2-text-to-image")]
    [InlineData("FLUX.2 [pro]", "", "flux-2-pro-text-to-image")]
    [InlineData("flux-2/pro-text-to-image", "", "flux-2-pro-text-to-image")]
    [InlineData("flux-2/pro-text-to-image", "image_urls", "flux-2-pro-image-to-image")]
    [InlineData("Kling 2.6", "image_urls", "kling-2-6-image-to-video")]
    [InlineData("Happy Horse", "video_url", "happyhorse-video-edit")]
    [InlineData("Happy Horse 1.0", "", "happyhorse-text-to-video")]
    [InlineData("seedance-2.0-text-to-video", "", "seedance-2-0-text-to-video")]
    [InlineData("Seedance 2.0 reference to video", "", "seedance-2-0-reference-to-video")]
    [InlineData("Topaz Image Upscale", "", "topaz-image-upscale")]
    [InlineData("gpt-image-2", "image_urls", "gpt-image-2-image-to-image")]

    // Files that no member accepts, and fields that are none, choose nothing.
    [InlineData("kling-2-6", "reference_image_urls", "kling-2-6-text-to-video")]
    [InlineData("veo-3.1", "seed", "veo-3-1-text-to-video")]

    // An alias with options that are no files.
    [InlineData("sora-2", "image+duration+aspect_ratio", "sora-2-image-to-video")]
    [InlineData("flux-2/flex-text-to-image", "image_urls+resolution", "flux-2-flex-image-to-image")]

    // An exact id is what it is.
    [InlineData("nano-banana-text-to-image", "image_urls", "nano-banana-text-to-image")]
    public void A_name_and_what_is_attached_give_the_model(string name, string parameter, string expected) =>
        Assert.Equal(expected, Names.Find(name, With(parameter))?.Id);

    [Theory]
    [InlineData("seedance-2-0", "Image", "seedance-2-0-image-to-video")]
    [InlineData("seedance-2-0", "Video", "seedance-2-0-reference-to-video")]
    [InlineData("Nano Banana Pro", "Image", "nano-banana-pro-image-to-image")]
    [InlineData("happyhorse", "Video", "happyhorse-video-edit")]
    public void The_kind_of_a_file_chooses_where_the_client_has_no_name_for_it(string name, string kind, string expected) =>
        Assert.Equal(expected, Names.Find(name, new Attached([], [Enum.Parse<InputKind>(kind)]))?.Id);

    [Theory]
    [InlineData("FLUX 2", "", "flux-2-pro-text-to-image")]
    [InlineData("FLUX 2", "image_urls", "flux-2-pro-image-to-image")]
    [InlineData("flux", "", "flux-2-pro-text-to-image")]
    [InlineData("seedance", "", "seedance-2-0-text-to-video")]
    [InlineData("Seedance 2", "image_urls", "seedance-2-0-image-to-video")]
    [InlineData("veo 3", "", "veo-3-1-text-to-video")]
    [InlineData("Kling 3", "", "kling-3-0-text-to-video")]
    [InlineData("kling 3.0 pro", "", "kling-3-0-text-to-video")]
    [InlineData("gpt-image-2.5", "", "gpt-image-2-5-flare-text-to-image")]
    [InlineData("seedence 2.0", "", "seedance-2-0-text-to-video")]
    [InlineData("nano-bananna", "image", "nano-banana-image-to-image")]
    [InlineData("Happy Horse 2", "", "happyhorse-text-to-video")]
    [InlineData("seedance-2-0-text-to-vidoe", "", "seedance-2-0-text-to-video")]
    [InlineData("seedance-2-0-reference-to-vidoe", "", "seedance-2-0-reference-to-video")]
    [InlineData("seedance-2-0-ref", "", "seedance-2-0-reference-to-video")]
    public void What_is_not_clear_is_answered_with_exact_ids_the_plainest_first(string name, string parameter, string first)
    {
        Assert.Null(Names.Find(name, With(parameter)));
        var near = Names.Nearest(name, With(parameter));
        Assert.Equal(first, near[0]);
        Assert.True(near.Count <= 5);
        Assert.All(near, id => Assert.NotNull(Ask.Catalog.Find(id)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" . - ")]
    [InlineData("dall-e-9")]
    [InlineData("日本")]
    public void A_name_of_nothing_means_nothing(string name)
    {
        Assert.Null(Names.Find(name, Nothing));
        Assert.Empty(Names.Nearest(name, Nothing));
    }

    [Fact]
    public void A_name_of_a_megabyte_costs_nothing()
    {
        Assert.Null(Names.Find(new string('a', 1 << 20), Nothing));
        Assert.Empty(Names.Nearest(new string('z', 1 << 20), Nothing));
    }

    [Fact]
    public void Every_family_is_found_under_its_name_and_every_model_under_its_id()
    {
        foreach (var model in Ask.Catalog.Models.Where(model => model.Lifecycle.Status != LifecycleStatus.Retired))
        {
            Assert.Equal(model.Id, Names.Find(model.Id, Nothing)?.Id);
            foreach (var name in new[] { model.Family, model.Name })
            {
                // No two families share a name: nothing is chosen between two.
                Assert.Equal(model.Family, Names.Find(name, Nothing)?.Family);
            }
        }
    }

    private static Attached With(string parameter) => new([.. parameter.Split('+', StringSplitOptions.RemoveEmptyEntries)], []);
}
