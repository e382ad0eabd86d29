using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Entry;

/// <summary>The pages in a real browser: its script, its passkeys, and nothing that the page's own policy refuses.</summary>
public sealed class ChromiumTests
{
    [Fact]
    public async Task From_the_operators_link_to_a_passkey_and_back_in_with_it()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        await using var browser = await Chromium.StartAsync();
        var links = zoetrope.Services.GetRequiredService<WelcomeLinks>();
        var token = await zoetrope.Services.GetRequiredService<Database>().InTransactionAsync(links.MakeAsync);
        var home = new Uri($"http://localhost:{zoetrope.Api.Address.Port}/");
        await browser.SendAsync("WebAuthn.enable");
        await browser.SendAsync("WebAuthn.addVirtualAuthenticator", new { options = new { protocol = "ctap2", transport = "internal", hasResidentKey = true, hasUserVerification = true, isUserVerified = true } });

        await browser.GoAsync(new Uri(home, $"/welcome#{token}"));
        await browser.HoldsAsync("location.hash === '' && document.getElementById('token').value.length === 43 && document.getElementById('token').closest('.field').hidden");
        await browser.EvaluateAsync($"(() => {{ const set = (id, value) => document.getElementById(id).value = value; set('name', 'Ada'); set('email', 'ada@example.com'); set('password', '{TestBrowser.Password}'); document.querySelector('form button.go:not([type=button])').click(); }})()");
        await browser.HoldsAsync("location.pathname === '/account/security' && !document.getElementById('add-passkey').hidden");
        await browser.EvaluateAsync("(() => { document.getElementById('passkey-name').value = 'Test device'; document.getElementById('add-passkey').click(); })()");
        await browser.HoldsAsync("document.body.innerText.includes('Test device') && document.readyState === 'complete'");

        await browser.EvaluateAsync("document.querySelector('header form button').click()");
        await browser.HoldsAsync("location.pathname === '/sign-in' && !document.getElementById('use-passkey').hidden");
        await browser.EvaluateAsync("document.getElementById('use-passkey').click()");
        await browser.HoldsAsync("location.pathname === '/account/security' && document.body.innerText.includes('owner of')");

        Assert.Equal(0, (await browser.EvaluateAsync("document.querySelectorAll('[style]').length")).GetInt32());
        Assert.Empty(browser.Console);
    }
}
