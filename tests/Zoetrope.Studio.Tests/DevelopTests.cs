using System.Net;
using System.Net.Http.Headers;
using Microsoft.Playwright;

namespace Zoetrope.Studio.Tests;

/// <summary>The pages of lists in a real browser: what is made there works outside of it.</summary>
public sealed class DevelopTests(Scene scene)
{
    [Fact]
    public async Task A_key_made_in_the_studio_works_is_replaced_and_ends()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/keys");
        await window.Button("New key").First.ClickAsync();
        var sheet = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "New key" });
        await sheet.GetByLabel("Name").FillAsync("website");
        await sheet.GetByLabel("Credits a day, at most").FillAsync("500");
        await window.SoundAsync("the form of a key");
        await window.ShootAsync("keys-new");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        var first = await window.SecretAsync();
        await window.SoundAsync("a key's secret");
        Assert.Equal(HttpStatusCode.OK, await UseAsync(first));
        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(window.Page.Locator("pre.secret")).ToHaveCountAsync(0);
        await Assertions.Expect(window.Page.GetByText("0 of 500 today")).ToBeVisibleAsync();

        await window.Button("Rotate “website”").ClickAsync();
        await window.Button("The old one ends now").ClickAsync();
        var second = await window.SecretAsync();
        Assert.NotEqual(first, second);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await UseAsync(first), await UseAsync(second)));
        await window.Page.Keyboard.PressAsync("Escape");

        await window.Button("End “website”").ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "End", Exact = true }).ClickAsync();
        await Assertions.Expect(window.Button("End “website”")).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(second));
    }

    [Fact]
    public async Task A_fresh_proof_is_asked_for_in_place_and_nothing_that_was_written_is_lost()
    {
        await using var window = await scene.OpenAsync();
        window.MayBeRefused = true;
        var refusals = 2;
        await window.Page.RouteAsync("**/api/v1/keys", async route => await (route.Request.Method == "POST" && refusals-- > 0
            ? route.FulfillAsync(new() { Status = 403, ContentType = "application/json", Body = """{"success":false,"error":{"code":"PROOF_NEEDED","message":"Old.","retryable":false}}""" })
            : route.ContinueAsync()));
        await window.GoAsync("/keys");
        await window.Button("New key").First.ClickAsync();
        await window.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("proved");
        await window.Button("Make the key").ClickAsync();
        var proof = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "Is it still you?" });
        await proof.GetByLabel("Password").WaitForAsync();
        await window.ShootAsync("keys-proof");
        await proof.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Assertions.Expect(window.Page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("proved");

        await window.Button("Make the key").ClickAsync();
        await proof.GetByLabel("Password").FillAsync("another password");
        await window.Button("It is me").ClickAsync();
        await Assertions.Expect(proof.GetByRole(AriaRole.Alert)).ToContainTextAsync("the password or the code is wrong");
        await proof.GetByLabel("Password").FillAsync(Scene.Password);
        await window.Button("It is me").ClickAsync();
        Assert.StartsWith("sk-test-", await window.SecretAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_is_added_and_tested_and_every_attempt_is_there_to_look_at()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/webhooks");
        await window.Button("New endpoint").First.ClickAsync();
        await window.Page.GetByLabel("Address").FillAsync("https://example.com/hook");
        await window.SoundAsync("the form of an endpoint");
        await window.Button("Add the endpoint").ClickAsync();
        Assert.StartsWith("whsec_", await window.SecretAsync(), StringComparison.Ordinal);
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Button("Test: https://example.com/hook").ClickAsync();
        await window.Page.Locator("section.panel code", new() { HasText = "webhook.test" }).WaitForAsync();
        await window.SoundAsync("deliveries");
        await window.ShootAsync("webhooks-deliveries");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Look at webhook.test" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Dialog, new() { Name = "Attempts" }).WaitForAsync();
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Button("Delete: https://example.com/hook").ClickAsync();
        await window.Button("Delete").ClickAsync();
        await Assertions.Expect(window.Button("Delete: https://example.com/hook")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Somebody_is_invited_and_a_budget_is_set_and_raised_on_a_phone()
    {
        await using var window = await scene.OpenAsync(390);
        await window.GoAsync("/members");
        await window.Button("Invite somebody").ClickAsync();
        await window.Page.GetByLabel("Role").SelectOptionAsync("viewer");
        await window.SoundAsync("the form of an invitation");
        await window.Button("Make the link").ClickAsync();
        Assert.Contains("/invitation#", await window.SecretAsync(), StringComparison.Ordinal);
        await window.Page.Keyboard.PressAsync("Escape");
        await window.SoundAsync("members");
        await window.ShootAsync("members-invited-390");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Withdraw the invitation for Viewer" }).ClickAsync();

        await window.GoAsync("/budgets");
        await window.Button("New budget").First.ClickAsync();
        await window.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Red team");
        await window.Page.GetByRole(AriaRole.Combobox, new() { Name = "For", Exact = true }).SelectOptionAsync("tag");
        await window.Page.GetByLabel("Which").FillAsync("team:red");
        await window.Page.GetByLabel("Credits", new() { Exact = true }).FillAsync("5000");
        await window.SoundAsync("the form of a budget");
        await window.Button("Set the budget").ClickAsync();
        await window.Button("Raise “Red team” for some time").ClickAsync();
        await window.Page.GetByLabel("Credits meanwhile").FillAsync("8000");
        await window.Button("Raise").ClickAsync();
        await Assertions.Expect(window.Page.GetByText("0 of 8,000")).ToBeVisibleAsync();
        await window.SoundAsync("budgets");
        await window.ShootAsync("budgets-raised-390");
        await window.Button("End “Red team”").ClickAsync();
        await window.Button("End").ClickAsync();
        await Assertions.Expect(window.Button("End “Red team”")).ToHaveCountAsync(0);
    }

    private async Task<HttpStatusCode> UseAsync(string key)
    {
        using var http = new HttpClient { BaseAddress = scene.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await http.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        return answer.StatusCode;
    }
}
