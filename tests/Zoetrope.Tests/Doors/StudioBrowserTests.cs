using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>
/// The studio itself, in a real browser and under its own policy: from the operator's link to a picture, through a reload in the middle, and to
/// a key. Its pages are looked at in both themes, on a desk and on a phone, and leave their pictures in <c>artifacts/screens</c>.
/// </summary>
public sealed class StudioBrowserTests
{
    private const string Ready = "document.getElementById('prompt')";

    // Everything that the page asked for has come, pictures included.
    private const string Settled = "performance.now() - Math.max(0, ...performance.getEntriesByType('resource').map(entry => entry.responseEnd)) > 500 && [...document.images].every(image => image.complete)";

    [Fact]
    public async Task Somebody_comes_in_makes_a_picture_that_outlives_a_reload_and_makes_a_key()
    {
        using var files = new TemporaryDirectory();
        await using var browser = await Chromium.StartAsync();
        await PublishAsync(files.Path);
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Settings = new Dictionary<string, string?> { ["Studio:Directory"] = Path.Combine(files.Path, "wwwroot") },
        });
        var home = new Uri($"http://localhost:{zoetrope.Api.Address.Port}/");
        var token = await zoetrope.Services.GetRequiredService<Database>().InTransactionAsync(zoetrope.Services.GetRequiredService<WelcomeLinks>().MakeAsync);
        await SizeAsync(browser, 1440, 900);
        await browser.GoAsync(new Uri(home, $"/welcome#{token}"));
        await browser.HoldsAsync("document.getElementById('token').value.length === 43");
        await browser.EvaluateAsync($"(() => {{ const set = (id, value) => document.getElementById(id).value = value; set('name', 'Ada'); set('email', 'ada@example.com'); set('password', '{TestBrowser.Password}'); document.querySelector('form button.go:not([type=button])').click(); }})()");
        await browser.HoldsAsync($"location.pathname === '/' && {Ready}");
        await GrantAsync(zoetrope);

        // The account's credits came after the page: the page asks again when it is opened.
        await browser.GoAsync(home);
        await WriteAsync(browser, "a red fox in the snow");
        await browser.HoldsAsync("[...document.querySelectorAll('button')].some(button => button.textContent.startsWith('Make') && !button.disabled)");
        await browser.EvaluateAsync("document.getElementById('prompt').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))");
        await browser.HoldsAsync("[...document.querySelectorAll('main *')].some(element => element.childElementCount === 0 && element.textContent === 'a red fox in the snow')");
        await browser.GoAsync(home);
        await browser.HoldsAsync("[...document.querySelectorAll('main img')].some(image => image.src.includes('/files/') && image.complete && image.naturalWidth > 0)");
        Assert.Equal(1, (await browser.EvaluateAsync("fetch('/api/v1/tasks', { headers: { 'X-Zoetrope-Mode': 'test' } }).then(answer => answer.json()).then(answer => answer.data.tasks.length)")).GetInt32());

        foreach (var (path, heading) in new[] { ("/", "Create"), ("/gallery", "Gallery"), ("/keys", "Keys"), ("/usage", "Usage"), ("/ledger", "Ledger") })
        {
            foreach (var (width, height) in new[] { (1440, 900), (390, 844) })
            {
                foreach (var theme in new[] { "light", "dark" })
                {
                    await SizeAsync(browser, width, height);
                    await browser.SendAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = theme } } });
                    await browser.GoAsync(new Uri(home, path));
                    await browser.HoldsAsync($"document.querySelector('h1')?.textContent.trim() === '{heading}' && !document.querySelector('.boot') && {Settled}");
                    await ShotAsync(browser, $"{heading.ToLowerInvariant()}-{width}-{theme}.png");
                    Assert.Equal(0, (await browser.EvaluateAsync("document.querySelectorAll('body [style]').length")).GetInt32());
                    Assert.True((await browser.EvaluateAsync("document.documentElement.scrollWidth - innerWidth")).GetInt32() <= 0, $"{heading} is wider than {width} pixels.");
                    Assert.Equal("[]", (await browser.EvaluateAsync("JSON.stringify(performance.getEntriesByType('resource').map(entry => entry.name).filter(name => !name.startsWith(location.origin + '/') && !name.startsWith('blob:' + location.origin)))")).GetString());
                }
            }
        }

        Assert.Empty(browser.Console);
    }

    // What the build of the tests has made, as files that a server can serve: neither trimmed nor compressed.
    private static async Task PublishAsync(string directory)
    {
        await using var publish = ChildProcess.TryStart("dotnet", ["publish", Path.Combine(SourceTree.Root, "src/Zoetrope.Studio"), "-c", "Release", "--no-restore", "-p:BuildProjectReferences=false", "-o", directory, "--nologo", "--disable-build-servers"])!;
        Assert.True(await publish.ExitCodeAsync(Until.Patience) == 0, publish.Output);
    }

    private static async Task GrantAsync(TestZoetrope zoetrope)
    {
        var account = (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/accounts")).Expect(200).Data.GetProperty("accounts")[0].GetProperty("id").GetString();
        (await zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{account}/grants", new { mode = "test", amount = 1_000, reason = "test" })).Expect(200);
    }

    private static async Task WriteAsync(Chromium browser, string prompt)
    {
        await browser.HoldsAsync(Ready);
        await browser.EvaluateAsync($"(() => {{ const box = {Ready}; box.value = {JsonSerializer.Serialize(prompt)}; box.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()");
    }

    private static Task SizeAsync(Chromium browser, int width, int height) =>
        browser.SendAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = false });

    private static async Task ShotAsync(Chromium browser, string name)
    {
        var screens = Directory.CreateDirectory(Path.Combine(SourceTree.Root, "artifacts/screens")).FullName;
        var shot = (await browser.SendAsync("Page.captureScreenshot", new { format = "png" })).GetProperty("data").GetBytesFromBase64();
        await File.WriteAllBytesAsync(Path.Combine(screens, name), shot);
    }
}
