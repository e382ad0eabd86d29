using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Studio.Tests;

/// <summary>What people do in the studio, in a real browser with a real server.</summary>
public sealed partial class FlowTests(Scene scene)
{
    [Fact]
    public async Task A_picture_is_made_with_the_keyboard_costs_what_was_said_and_is_found_again()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        await window.Prompt.FillAsync("A lighthouse in the fog");
        var price = Number(await window.Page.Locator(".price b:not(.old)").InnerTextAsync());
        var said = (await window.Page.Locator(".price span").Last.InnerTextAsync()).Split('→').Select(Number).ToList();
        Assert.Equal(said[0] - price, said[1]);
        await window.Prompt.PressAsync("Control+Enter");
        var run = window.Run("A lighthouse in the fog");
        await run.Locator(".tile img").WaitForAsync();
        await Until.HoldsAsync(async () => await run.Locator("img").EvaluateAsync<bool>("image => image.complete && image.naturalWidth > 0"));
        Assert.Equal(price, Number(await run.Locator("header .num").InnerTextAsync()));
        await window.ShootAsync("flow-made");

        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Gallery" }).First.ClickAsync();
        await window.HeadingAsync("Gallery");
        await window.Page.GetByRole(AriaRole.Searchbox).FillAsync("lighthouse");
        await window.Page.GetByRole(AriaRole.Searchbox).PressAsync("Enter");
        await window.Page.WaitForURLAsync("**/gallery?q=lighthouse");
        var tile = window.Page.Locator(".wall .tile").Filter(new() { Has = window.Page.GetByAltText("A lighthouse in the fog") });
        await tile.HoverAsync();
        await tile.GetByRole(AriaRole.Button, new() { Name = "Star" }).ClickAsync();
        await tile.GetByRole(AriaRole.Button, new() { Name = "Star", Pressed = true }).WaitForAsync();
        await tile.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(tile).ToHaveCountAsync(0);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await tile.GetByRole(AriaRole.Link).First.ClickAsync();
        await window.HeadingAsync("Result");
        await Assertions.Expect(window.Page.Locator(".facts .said")).ToHaveTextAsync("A lighthouse in the fog");
    }

    [Fact]
    public async Task A_reload_in_the_middle_loses_nothing_and_pays_once()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        await window.MakeAsync("[[slow:25s]] A kite over the dunes");
        await window.Run("A kite over the dunes").Locator("progress").WaitForAsync();
        await window.Page.ReloadAsync();
        await window.Run("A kite over the dunes").Locator("progress").WaitForAsync();
        await window.ShootAsync("flow-running");
        await window.Run("A kite over the dunes").Locator(".tile img").WaitForAsync();
        Assert.Equal(1, await window.Run("A kite over the dunes").CountAsync());
    }

    [Fact]
    public async Task An_answer_that_is_lost_makes_one_task()
    {
        await using var window = await scene.OpenAsync();
        window.MayLoseConnection = true;
        var lost = 0;
        await window.Page.RouteAsync("**/api/v1/generate", async route =>
        {
            // The server has made it; the browser never learns.
            var response = await route.FetchAsync();
            await (lost++ == 0 ? route.AbortAsync() : route.FulfillAsync(new() { Response = response }));
        });
        await window.GoAsync("/");
        await window.MakeAsync("A bridge in the rain");
        await window.Run("A bridge in the rain").Locator(".tile img").WaitForAsync();
        Assert.Equal(1, await window.Run("A bridge in the rain").CountAsync());
        Assert.Equal(2, lost);
    }

    [Fact]
    public async Task A_refusal_says_that_nothing_was_paid()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        await window.MakeAsync("[[moderated]] A well-known face");
        var notice = window.Run("A well-known face").GetByRole(AriaRole.Alert);
        await Assertions.Expect(notice).ToContainTextAsync("The model refused this prompt");
        await Assertions.Expect(notice).ToContainTextAsync("You paid nothing");
        await window.ShootAsync("flow-refused");
        await window.SoundAsync("a refusal");
    }

    [Fact]
    public async Task A_picture_dropped_in_is_the_first_frame_of_a_video()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        await window.Page.Locator("button.pick").ClickAsync();
        await window.Page.GetByLabel("Search models").FillAsync("seedance 2.0");
        await window.SoundAsync("the list of models");
        await window.Page.Locator("button.family").First.ClickAsync();
        await window.Page.Locator("#files").SetInputFilesAsync(Path.Combine(Repository.Root, "assets/icon.png"));
        await Assertions.Expect(window.Page.Locator(".att span").First).ToHaveTextAsync("first frame");
        await Assertions.Expect(window.Page.Locator(".att.sending")).ToHaveCountAsync(0);
        await Assertions.Expect(window.Page.Locator("button.pick small")).ToHaveTextAsync("image → video");
        await window.Page.Locator(".price b:not(.old)").WaitForAsync();
    }

    [Fact]
    public async Task Who_signs_out_is_led_to_the_way_in_and_comes_back_to_where_they_were()
    {
        await using var window = await scene.OpenAsync(isSignedIn: false);
        await window.GoAsync("/gallery");
        await window.Page.WaitForURLAsync("**/sign-in?next=%2Fgallery");
        await window.Page.GetByLabel("E-mail").FillAsync(Scene.Email);
        await window.Page.GetByLabel("Password").FillAsync(Scene.Password);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await window.HeadingAsync("Gallery");
        await window.Page.Locator("button.who").ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await window.Page.WaitForURLAsync("**/sign-in");
        await window.GoAsync("/");
        await window.Page.WaitForURLAsync("**/sign-in");
    }

    [Fact]
    public async Task A_browser_that_speaks_German_reads_German()
    {
        await using var window = await scene.OpenAsync(width: 390, language: "de-DE");
        await window.GoAsync("/");
        await window.HeadingAsync("Gestalten");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Machen", Exact = true }).WaitForAsync();
        await window.ShootAsync("german-390");
    }

    private static long Number(string text) => long.Parse(NotADigit().Replace(text, ""), System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\D")]
    private static partial Regex NotADigit();
}
