using Microsoft.Playwright;
using Zoetrope.Studio.Frame;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Tests;

/// <summary>Every page that the rail lists, wide and narrow, light and dark: for everybody, within its policy, and as a picture.</summary>
public sealed class PageTests(Scene scene)
{
    [Theory]
    [InlineData(1440, false)]
    [InlineData(390, true)]
    public Task Every_page_is_sound(int width, bool isDark) => WalkAsync(width, isDark);

    // The daily ones have seen each width and each theme once.
    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public Task Every_page_is_sound_in_the_other_theme_too(int width, bool isDark) => WalkAsync(width, isDark);

    [Fact]
    public async Task Nothing_is_lost_at_the_width_of_the_narrowest_phone()
    {
        await using var window = await scene.OpenAsync(320);
        foreach (var place in Places.Groups.SelectMany(group => group.Places))
        {
            await window.GoAsync(place.Path);
            await window.HeadingAsync(Words.T(place.Text));
            await window.SoundAsync($"{place.Path} at 320");
        }
    }

    private async Task WalkAsync(int width, bool isDark)
    {
        await using var window = await scene.OpenAsync(width, isDark);
        foreach (var place in Places.Groups.SelectMany(group => group.Places))
        {
            await window.GoAsync(place.Path);
            await window.HeadingAsync(Words.T(place.Text));
            await window.Page.WaitForFunctionAsync("() => document.querySelector('main .page')?.childElementCount !== 0");
            var name = $"{Words.T(place.Text).ToLowerInvariant()}-{width}-{(isDark ? "dark" : "light")}";
            await window.ShootAsync(name);
            await window.SoundAsync(name);
        }
    }
}
