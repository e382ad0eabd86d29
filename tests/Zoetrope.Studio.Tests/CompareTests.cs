using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Zoetrope.Studio.Tests;

/// <summary>Several models that are asked the same, and what is going on.</summary>
public sealed class CompareTests(Scene scene)
{
    [Theory]
    [InlineData(1440)]
    public Task Three_models_make_the_same_for_the_price_that_was_said(int width) => CompareAsync(width);

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(390)]
    public Task Three_models_make_the_same_for_the_price_that_was_said_elsewhere_too(int width) => CompareAsync(width);

    private async Task CompareAsync(int width)
    {
        await using var window = await scene.OpenAsync(width);
        await window.GoAsync("/");
        await window.MakeAsync($"A tram at {width}");
        await window.Run($"A tram at {width}").Locator(".tile img").WaitForAsync();
        await window.Prompt.FillAsync($"A tram at {width} in the rain");
        await window.Page.Locator("button.pick").ClickAsync();
        await window.Page.GetByRole(AriaRole.Switch, new() { Name = "Compare several" }).CheckAsync();
        var foot = window.Page.Locator(".compare-foot");
        await Assertions.Expect(foot.GetByRole(AriaRole.Button)).ToBeDisabledAsync();
        foreach (var name in (string[])["FLUX.2 Pro", "Nano Banana 2 Lite"])
        {
            await window.Page.GetByLabel("Search models").FillAsync(name);
            await window.Page.Locator("button.family[aria-pressed=false]").First.ClickAsync();
        }

        await Assertions.Expect(foot).ToContainTextAsync("3 models");
        await Assertions.Expect(foot.GetByRole(AriaRole.Button)).ToBeEnabledAsync();
        var price = Credits(await foot.Locator("b").InnerTextAsync());
        await window.SoundAsync("the models of a comparison");
        await window.ShootAsync($"compare-choose-{width}");
        await foot.GetByRole(AriaRole.Button).ClickAsync();

        await window.HeadingAsync("Compare");
        await Assertions.Expect(window.Page.Locator(".column .seen img")).ToHaveCountAsync(3, new() { Timeout = 60_000 });
        Assert.Equal(price, Credits(await window.Page.Locator(".compare > div > p.num").InnerTextAsync()));
        await window.SoundAsync("a comparison");
        await window.ShootAsync($"compare-{width}");
    }

    [Fact]
    public async Task What_runs_can_be_watched_and_stopped()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        await window.MakeAsync("[[slow:60s]] A clock with one hand");
        await window.Run("A clock with one hand").Locator("progress").WaitForAsync();
        await window.MakeAsync("[[moderated]] Somebody famous again");
        await window.Run("Somebody famous again").GetByRole(AriaRole.Alert).WaitForAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^Activity") }).First.ClickAsync();
        await window.HeadingAsync("Activity");
        var stop = window.Button("Stop: [[slow:60s]] A clock with one hand");
        await stop.WaitForAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Try again: [[moderated]] Somebody famous again" }).WaitForAsync();
        await window.SoundAsync("activity");
        await window.ShootAsync("activity-running");
        await stop.ClickAsync();
        await Assertions.Expect(stop).ToHaveCountAsync(0);
        await window.Page.ReloadAsync();
        await window.HeadingAsync("Activity");
        await Assertions.Expect(stop).ToHaveCountAsync(0);
    }

    private static long Credits(string text) => long.Parse(
        Regex.Match(text.Split('·')[^1], @"[\d,]+").Value.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);
}
