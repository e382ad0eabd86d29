using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace Zoetrope.Studio.Tests;

/// <summary>The server's own pages, which never load the studio: for everybody, wide and narrow, light and dark.</summary>
public sealed class PublicPageTests(Scene scene)
{
    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public Task Everybody_can_read_and_use_them(int width, bool isDark) => WalkAsync(width, isDark);

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(1440, false)]
    [InlineData(390, true)]
    [InlineData(320, false)]
    public Task Everybody_can_read_and_use_them_elsewhere_too(int width, bool isDark) => WalkAsync(width, isDark);

    private async Task WalkAsync(int width, bool isDark)
    {
        var consent = await ConsentAsync();
        var faults = new List<string>();
        await using var nobody = await scene.OpenAsync(width, isDark, isSignedIn: false);
        nobody.MayBeRefused = true;
        foreach (var path in new[] { "/sign-in", "/welcome", "/invitation", "/about", "/guides", "/guides/studio", "/models", "/models/nano-banana-pro", "/s/nothing", consent })
        {
            faults.AddRange(await LookAsync(nobody, path, $"{width}-{(isDark ? "dark" : "light")}"));
        }

        if (width == 320)
        {
            await nobody.GoAsync("/guides");
            foreach (var guide in await nobody.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('main a[href^=\"/guides/\"]')].map(link => link.getAttribute('href'))"))
            {
                faults.AddRange(await LookAsync(nobody, guide, "320"));
            }
        }

        await using var ada = await scene.OpenAsync(width, isDark);
        foreach (var path in new[] { "/account/security", consent })
        {
            faults.AddRange(await LookAsync(ada, path, $"signed-in-{width}-{(isDark ? "dark" : "light")}"));
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    private static async Task<IReadOnlyList<string>> LookAsync(Window window, string path, string suffix)
    {
        await window.GoAsync(path);
        await window.Page.WaitForLoadStateAsync(LoadState.Load);
        var name = $"public-{path.Split('?')[0].Trim('/').Replace('/', '-')}-{suffix}";
        await window.ShootAsync(name);
        var loads = await window.Page.EvaluateAsync<bool>("() => performance.getEntriesByType('resource').some(entry => entry.name.includes('.wasm'))");
        return [.. await window.FaultsAsync(name), .. loads ? [$"{name} loads the studio."] : Array.Empty<string>()];
    }

    // What a program opens in the browser of whoever is to give it access.
    private async Task<string> ConsentAsync()
    {
        using var http = new HttpClient { BaseAddress = scene.Address };
        using var registered = await http.PostAsJsonAsync(new Uri("/oauth/register", UriKind.Relative), new { client_name = "A program", redirect_uris = new[] { "http://127.0.0.1:3000/callback" } });
        var client = (await registered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("client_id").GetString();
        return $"/oauth/authorize?response_type=code&client_id={client}&redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fcallback&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&state=s";
    }
}
