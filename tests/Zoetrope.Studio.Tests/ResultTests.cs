using Microsoft.Playwright;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Studio.Tests;

/// <summary>One result: what it can be used for again, who may see it, and what happened to it.</summary>
public sealed class ResultTests(Scene scene)
{
    [Theory]
    [InlineData(390)]
    public Task A_result_is_shown_to_others_and_no_longer(int width) => ShareAsync(width);

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(1440)]
    public Task A_result_is_shown_to_others_and_no_longer_elsewhere_too(int width) => ShareAsync(width);

    private async Task ShareAsync(int width)
    {
        var words = $"A ferry at {width} in the morning";
        await using var window = await scene.OpenAsync(width);
        await OpenAsync(window, words);
        await Assertions.Expect(window.Page.Locator("ol.steps li").Last).ToContainTextAsync("Credits spent");
        await window.SoundAsync("a result");
        await window.ShootAsync($"result-{width}");

        await window.Button("Share").ClickAsync();
        await window.SoundAsync("the form of a link");
        await window.Button("Make the link").ClickAsync();
        var link = await window.SecretAsync();
        Assert.DoesNotContain(words, await StrangerAsync(link), StringComparison.Ordinal);
        await window.Page.GetByRole(AriaRole.Switch, new() { Name = "Show the prompt too" }).CheckAsync();
        await Assertions.Expect(window.Button("End the link")).ToBeEnabledAsync();
        await window.SoundAsync("a link");
        await window.ShootAsync($"result-share-{width}");
        Assert.Contains(words, await StrangerAsync(link), StringComparison.Ordinal);

        await window.Button("End the link").ClickAsync();
        await window.Page.GetByText("The link has ended.").WaitForAsync();
        Assert.Contains("There is nothing here", await StrangerAsync(link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_a_result_go_back_into_the_composer_and_out_again()
    {
        await using var window = await scene.OpenAsync();
        await OpenAsync(window, "A heron on one leg");
        var address = window.Page.Url;
        await window.GoAsync("/");
        await window.Prompt.FillAsync("Words of my own");
        await Until.HoldsAsync(() => window.Page.EvaluateAsync<bool>("Object.values(localStorage).some(kept => kept.includes('Words of my own'))"));

        await window.Page.GotoAsync(address);
        await Part(window, "Picture").ClickAsync();
        await Assertions.Expect(window.Prompt).ToHaveValueAsync("Words of my own");
        await Assertions.Expect(window.Page.Locator(".att img")).ToHaveCountAsync(1);
        await Assertions.Expect(window.Prompt).ToBeFocusedAsync();
        Assert.Equal("/", new Uri(window.Page.Url).PathAndQuery);
        await window.SoundAsync("a recall");
        await window.ShootAsync("recall");
        await window.Button("Undo").ClickAsync();
        await Assertions.Expect(window.Page.Locator(".att img")).ToHaveCountAsync(0);

        await window.Page.GotoAsync(address);
        await Part(window, "Everything").ClickAsync();
        await Assertions.Expect(window.Prompt).ToHaveValueAsync("A heron on one leg");
        await window.Button("Undo").ClickAsync();
        await Assertions.Expect(window.Prompt).ToHaveValueAsync("Words of my own");
    }

    private static ILocator Part(Window window, string name) =>
        window.Page.GetByRole(AriaRole.Navigation, new() { Name = "Use again" }).GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    private static async Task OpenAsync(Window window, string words)
    {
        await window.GoAsync("/");
        await window.MakeAsync(words);
        await window.Run(words).Locator(".tile a").First.ClickAsync();
        await window.HeadingAsync("Result");
        await window.Page.Locator(".facts .said").WaitForAsync();
    }

    private async Task<string> StrangerAsync(string link)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(scene.Address, new Uri(link).AbsolutePath));
        return System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }
}
