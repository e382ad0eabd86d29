using Microsoft.Playwright;

namespace Zoetrope.Studio.Tests;

/// <summary>A window of the browser, and everything in it that should not be.</summary>
internal sealed class Window : IAsyncDisposable
{
    private readonly List<string> _complaints = [];
    private readonly Uri _address;

    private Window(IPage page, Uri address)
    {
        (Page, _address) = (page, address);
        page.Console += (_, said) => _complaints.Add($"{said.Type}: {said.Text}");
        page.PageError += (_, error) => _complaints.Add($"error: {error}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address.AbsoluteUri, StringComparison.Ordinal) && new Uri(request.Url).Scheme is "http" or "https")
            {
                _complaints.Add($"foreign: {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    public ILocator Prompt => Page.GetByLabel("Prompt", new() { Exact = true });

    public ILocator Make => Page.GetByRole(AriaRole.Button, new() { Name = "Make", Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>What the open sheet shows once.</summary>
    public Task<string> SecretAsync() => Page.Locator("dialog[open] pre.secret").InnerTextAsync();

    /// <summary>Whether a broken network is what the test is about: the browser says so in its console.</summary>
    public bool MayLoseConnection { get; set; }

    /// <summary>Whether the test is about a refusal, which the browser writes into its console too.</summary>
    public bool MayBeRefused { get; set; }

    public static async Task<Window> OfAsync(IBrowserContext context, Uri address) => new(await context.NewPageAsync(), address);

    public Task GoAsync(string path) => Page.GotoAsync(new Uri(_address, path).AbsoluteUri);

    public Task HeadingAsync(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Level = 1, Exact = true }).WaitForAsync();

    /// <summary>The item of the feed with these words.</summary>
    public ILocator Run(string words) => Page.Locator("article").Filter(new() { HasText = words });

    public async Task MakeAsync(string words)
    {
        await Prompt.FillAsync(words);
        // On a phone it stands elsewhere, and this one is hidden.
        await Page.Locator(".price b:not(.old)").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await Prompt.PressAsync("Control+Enter");
    }

    /// <summary>Fails with what is wrong with the page as it is: for people who cannot see or point, for narrow screens, for its policy.</summary>
    public async Task SoundAsync(string name) => Assert.Equal("", string.Join("\n", await FaultsAsync(name)));

    public async Task<IReadOnlyList<string>> FaultsAsync(string name)
    {
        // Evaluated by the debugger, which no policy hinders.
        await Page.EvaluateAsync(Scene.Axe);
        var faults = new List<string>(await Page.EvaluateAsync<string[]>(
            "async () => (await axe.run(document)).violations.map(rule => rule.id + ': ' + rule.nodes.map(node => node.html.slice(0, 160)).join(' | '))"));
        faults.AddRange(await Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('[style]')].map(element => element.outerHTML.slice(0, 120))"));
        faults.AddRange(await Page.EvaluateAsync<string[]>(
            "() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > innerWidth + 1).map(element => 'sticks out to the right: ' + element.outerHTML.slice(0, 120))"));
        return [.. faults.Select(fault => $"{name}: {fault}")];
    }

    /// <summary>A picture for people to look at, in artifacts/screens.</summary>
    public Task ShootAsync(string name) => Page.ScreenshotAsync(new()
    {
        Path = Path.Combine(Repository.Root, "artifacts/screens", name + ".png"),
        Animations = ScreenshotAnimations.Disabled,
        Caret = ScreenshotCaret.Initial,
    });

    /// <summary>The whole page, as far as it reaches.</summary>
    public Task ShootAllAsync(string name) => Page.ScreenshotAsync(new()
    {
        Path = Path.Combine(Repository.Root, "artifacts/screens", name + ".png"),
        Animations = ScreenshotAnimations.Disabled,
        Caret = ScreenshotCaret.Initial,
        FullPage = true,
    });

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        Assert.DoesNotContain(_complaints, said => !((MayLoseConnection && said.Contains("net::", StringComparison.Ordinal))
            || (MayBeRefused && said.Contains("status of 4", StringComparison.Ordinal))));
    }
}
