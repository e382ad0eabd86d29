using Zoetrope.Sandbox.Scenes;
using Zoetrope.Server.Providers.Sandbox;

namespace Zoetrope.Tests.Providers.Sandbox;

public sealed class SceneReaderTests
{
    [Theory]
    [InlineData("three red foxes running in a snowy forest", "fox", 3)]
    [InlineData("a sailboat at sunset", "boat", 1)]
    [InlineData("two wolves", "wolf", 2)]
    [InlineData("un gato", "cat", 1)]
    [InlineData("sunflowers in a field", "sunflower", 7)]
    internal void Names_and_counts_subjects(string prompt, string kind, int count)
    {
        var cast = Assert.Single(SceneReader.Read("m", prompt, 0).Casts);
        Assert.Equal((kind, count), (cast.Kind, cast.Count));
    }

    [Fact]
    internal void Binds_colours_motions_places_and_the_camera()
    {
        var scene = SceneReader.Read("m", "watercolor of a blue car driving in Tokyo at night, rain, slow zoom in, a sign that says \"OPEN\"", 0);
        Assert.Equal((Place.City, Daytime.Night, Style.Watercolor, CameraMove.ZoomIn), (scene.Place, scene.Time, scene.Style, scene.Camera));
        Assert.True(scene.Weather.HasFlag(Weather.Rain));
        Assert.Equal("OPEN", scene.Sign);
        var car = Assert.Single(scene.Casts);
        Assert.Equal(Motion.Run, car.Motion);
        Assert.True(car.Color!.Value.Blue > car.Color.Value.Red);
    }

    [Fact]
    internal void Letters_what_it_does_not_know_and_leaves_out_what_is_not_wanted()
    {
        Assert.Equal(["quokka", "jetski"], SceneReader.Read("m", MagicPrompts.Strip("a quokka riding a jetski [[slow:1s]]"), 0).Caption);
        Assert.Empty(SceneReader.Read("m", "a beach without people", 0).Casts);
    }

    [Fact]
    internal void Reads_every_marker_in_any_case()
    {
        foreach (var magic in MagicPrompts.All)
        {
            Assert.Equal(magic.Kind, MagicPrompts.Read($"a cat {magic.Marker.ToUpperInvariant()} at sea"));
        }

        Assert.Equal(TimeSpan.FromMilliseconds(250), MagicPrompts.SlowTime("x [[slow:250ms]]"));
        Assert.Equal(MagicPrompts.MaxSlow, MagicPrompts.SlowTime("[[slow:9999999s]]"));
    }
}
