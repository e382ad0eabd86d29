using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Zoetrope.Studio.Tests;

/// <summary>Every part in every state, for everybody: wide and narrow, light and dark.</summary>
public sealed class ShowroomTests(Scene scene)
{
    [Theory]
    [InlineData(1440, false)]
    [InlineData(320, true)]
    public Task Every_part_is_sound(int width, bool isDark) => WalkAsync(width, isDark);

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public Task Every_part_is_sound_elsewhere_too(int width, bool isDark) => WalkAsync(width, isDark);

    private async Task WalkAsync(int width, bool isDark)
    {
        await using var window = await scene.OpenAsync(width, isDark);
        await window.GoAsync("/parts");
        await window.HeadingAsync("Parts");
        await window.SoundAsync("the parts");
        await window.ShootAllAsync($"parts-{width}-{(isDark ? "dark" : "light")}");
        foreach (var part in (string[])["Sheet", "Confirm", "Proof"])
        {
            await window.Button(part).ClickAsync();
            await window.Page.Locator("dialog[open]").WaitForAsync();
            await window.SoundAsync(part);
            await window.Page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(window.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        }
    }

    [Fact]
    public void Every_part_is_shown()
    {
        var shown = File.ReadAllText(Path.Combine(Repository.Studio, "Showroom/ShowroomPage.razor"));
        var parts = Directory.EnumerateFiles(Path.Combine(Repository.Studio, "Parts"), "*.razor").Select(Path.GetFileNameWithoutExtension);

        Assert.DoesNotContain(parts, part => !Regex.IsMatch(shown, $"<{part}[ >]"));
    }

    [Fact]
    public void People_get_no_showroom()
    {
        var project = File.ReadAllText(Path.Combine(Repository.Studio, "Zoetrope.Studio.csproj"));

        Assert.Contains("""<Content Remove="Showroom/**" />""", project, StringComparison.Ordinal);
        Assert.Contains("-p:StudioForPeople=true", File.ReadAllText(Path.Combine(Repository.Root, "run")), StringComparison.Ordinal);
        Assert.Contains("-p:StudioForPeople=true", File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile")), StringComparison.Ordinal);
    }
}
