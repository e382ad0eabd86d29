using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Zoetrope.Studio.Tests;

/// <summary>What whoever runs the server does in the studio, in a real browser.</summary>
public sealed class OperateTests(Scene scene)
{
    [Fact]
    public async Task In_the_morning_what_waits_for_a_person_is_seen_and_decided()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        await window.MakeAsync("[[unknown-outcome]] A fox");
        await window.Run("[[unknown-outcome]] A fox").GetByRole(AriaRole.Alert).WaitForAsync();
        await window.GoAsync("/operate");
        await window.HeadingAsync("Operate");
        await Assertions.Expect(window.Page.Locator(".notice")).ToContainTextAsync("waits for somebody who decides");
        await window.ShootAsync("operate-banner");
        await window.SoundAsync("the overview with a banner");
        await window.Page.Locator(".notice a").ClickAsync();
        await window.HeadingAsync("Cases");
        await window.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Decide task_") }).ClickAsync();
        var sheet = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "Decide" });
        await sheet.GetByLabel("It was not billed").CheckAsync();
        await sheet.GetByLabel("Note").FillAsync("not in the invoice");
        await window.SoundAsync("a decision");
        await window.ShootAsync("cases-decide");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Decide" }).ClickAsync();
        await window.Page.GetByText("Nothing waits to be decided.").WaitForAsync();
        await window.GoAsync("/operate");
        await window.Page.Locator("svg.heat").First.WaitForAsync();
        await Assertions.Expect(window.Page.Locator(".notice")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_provider_is_looked_at_paused_with_a_reason_and_resumed_on_a_phone()
    {
        await using var window = await scene.OpenAsync(390);
        await window.GoAsync("/operate/providers?p=sandbox");
        await window.HeadingAsync("Providers");
        await Button(window, "Test the keys").ClickAsync();
        foreach (var table in new[] { "As a table", "By the minute" })
        {
            await window.Page.GetByText(table, new() { Exact = true }).ClickAsync();
        }

        await window.SoundAsync("a provider");
        await window.ShootAsync("providers-one-390");

        // The server is shared with the flows that make something: for them it must not pause.
        var isPaused = false;
        await window.Page.RouteAsync("**/admin/v1/providers/sandbox/*", async route =>
        {
            if (route.Request.Method != "POST")
            {
                await route.ContinueAsync();
                return;
            }

            isPaused = route.Request.Url.EndsWith("/pause", StringComparison.Ordinal);
            await AnswerAsync(route, new { provider = "sandbox", paused = isPaused });
        });
        await window.Page.RouteAsync("**/admin/v1/providers?all=true", async route =>
        {
            var answer = JsonNode.Parse(await (await route.FetchAsync()).TextAsync())!;
            if (isPaused)
            {
                var one = answer["data"]!["providers"]!.AsArray().Single(one => (string?)one!["name"] == "sandbox")!;
                (one["state"], one["open"], one["reason"], one["pausedAt"]) = ("paused", false, "six fingers", "2026-03-01T12:00:00.000Z");
            }

            await route.FulfillAsync(new() { ContentType = "application/json", Body = answer.ToJsonString() });
        });
        await Button(window, "Pause").ClickAsync();
        var sheet = window.Page.Locator("dialog[open]");
        await sheet.GetByLabel("Reason").FillAsync("six fingers");
        await window.SoundAsync("the form of a pause");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await window.Page.GetByText("six fingers").WaitForAsync();
        await Button(window, "Resume").ClickAsync();
        await Button(window, "Pause").WaitForAsync();
    }

    [Fact]
    public async Task Who_does_not_run_the_server_sees_nothing_of_it()
    {
        await using var window = await scene.OpenAsync();
        await window.Page.RouteAsync("**/api/v1/session", async route =>
        {
            var answer = JsonNode.Parse(await (await route.FetchAsync()).TextAsync())!;
            answer["data"]!["person"]!["isOperator"] = false;
            await route.FulfillAsync(new() { ContentType = "application/json", Body = answer.ToJsonString() });
        });
        var asked = 0;
        window.Page.Request += (_, request) => asked += request.Url.Contains("/admin/", StringComparison.Ordinal) ? 1 : 0;
        foreach (var path in new[] { "/operate", "/operate/providers", "/operate/cases" })
        {
            await window.GoAsync(path);
            await window.HeadingAsync("Nothing here");
        }

        await Assertions.Expect(window.Page.GetByRole(AriaRole.Link, new() { Name = "Providers" })).ToHaveCountAsync(0);
        Assert.Equal(0, asked);
    }

    private static ILocator Button(Window window, string name) => window.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static Task AnswerAsync(IRoute route, object data) =>
        route.FulfillAsync(new() { ContentType = "application/json", Body = JsonSerializer.Serialize(new { success = true, data }) });
}
