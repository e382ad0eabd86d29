using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Zoetrope.Studio.Tests;
using Zoetrope.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(Scene))]

namespace Zoetrope.Studio.Tests;

/// <summary>
/// One server with the studio and one browser for all flows. Whoever runs the server has come in by its link, and every page that a
/// test opens is signed in as them.
/// </summary>
public sealed class Scene : IAsyncLifetime
{
    public const string Email = "ada@example.com";
    public const string Password = "correct horse battery staple";

    private const string Chromium = "/usr/bin/chromium";

    private readonly TemporaryDirectory _directory = new();
    private ChildProcess? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _signedIn;

    public Uri Address { get; private set; } = null!;

    /// <summary>axe's own script.</summary>
    public static string Axe { get; } = new BundledAxeScriptProvider().GetScript();

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            return;
        }

        _server = ChildProcess.StartAssembly(Repository.Server, [], new Dictionary<string, string?>
        {
            ["ZOETROPE_URLS"] = "http://127.0.0.1:0",
            ["ZOETROPE_DATA"] = _directory.Path,
            ["Zoetrope__Studio__Directory"] = Repository.PublishedStudio,
        });
        await _server.LineAsync(line => line == "ready", Until.Patience);
        var link = new Uri(_server.Output.Split([' ', '\n']).First(word => word.Contains("/welcome#", StringComparison.Ordinal)));
        Address = new Uri(link.GetLeftPart(UriPartial.Authority));
        Assertions.SetDefaultExpectTimeout((float)Until.Patience.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
        await ComeInAsync(link);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _directory.Dispose();
    }

    /// <summary>A window of its own, signed in; it fails the test at its end if the page complained of anything.</summary>
    internal async Task<Window> OpenAsync(int width = 1440, bool isDark = false, string language = "en-GB", bool isSignedIn = true)
    {
        Assert.SkipWhen(_browser is null, "There is no Chromium on this machine.");
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = width > 600 ? 900 : 844 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            Locale = language,
            StorageState = isSignedIn ? _signedIn : null,
        });
        context.SetDefaultTimeout((float)Until.Patience.TotalMilliseconds);
        return await Window.OfAsync(context, Address);
    }

    // As a stranger does: the link, a form, and the studio.
    private async Task ComeInAsync(Uri link)
    {
        await using var window = await OpenAsync(isSignedIn: false);
        await window.Page.GotoAsync(link.AbsoluteUri);
        await window.Page.GetByLabel("Name of the account").FillAsync("Northbeam");
        await window.Page.GetByLabel("Your name").FillAsync("Ada");
        await window.Page.GetByLabel("E-mail").FillAsync(Email);
        await window.Page.GetByLabel("Password").FillAsync(Password);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await window.Page.WaitForURLAsync(Address.AbsoluteUri);
        await window.HeadingAsync("Create");

        // All flows spend of the same credits.
        await window.Page.EvaluateAsync(
            """
            async () => {
                const account = (await (await fetch('/api/v1/me', { headers: { 'X-Zoetrope-Mode': 'test' } })).json()).data.account.id;
                const headers = { 'Content-Type': 'application/json', 'X-Zoetrope-Studio': '1' };
                const answer = await fetch(`/admin/v1/accounts/${account}/grants`, { method: 'POST', headers, body: JSON.stringify({ mode: 'test', amount: 100000, reason: 'for the flows' }) });
                if (!answer.ok) throw new Error(await answer.text());
            }
            """);
        _signedIn = await window.Page.Context.StorageStateAsync();
    }
}
