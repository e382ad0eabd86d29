using System.Globalization;
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
        // The scene has no vendor, so that one is put beside the sandbox here; PauseConformance proves what a pause does.
        await using var window = await scene.OpenAsync(390);
        string? reason = null;
        await window.Page.RouteAsync("**/admin/v1/providers?all=true", async route =>
        {
            var answer = JsonNode.Parse(await (await route.FetchAsync()).TextAsync())!;
            answer["data"]!["providers"]!.AsArray().Insert(0, Vendor(reason));
            await route.FulfillAsync(new() { ContentType = "application/json", Body = answer.ToJsonString() });
        });
        await window.Page.RouteAsync("**/admin/v1/providers/acme/**", async route =>
        {
            var name = route.Request.Url.Split('/')[^1].Split('?')[0];
            reason = name switch
            {
                "pause" => (string?)JsonNode.Parse(route.Request.PostData!)!["reason"],
                "resume" => null,
                _ => reason,
            };
            await AnswerAsync(route, name switch
            {
                "history" => new { provider = "acme", minutes = Minutes() },
                "errors" => new { provider = "acme", errors = new[] { new { at = At(-40), taskId = "task_1", accountId = "acct_1", attemptId = "att_1", providerModel = "acme-1", state = "refused", words = "Our engines rest." } } },
                "test" => new { provider = "acme", keys = new[] { new { id = "k_3fa9", result = "proven", detail = "200" } } },
                _ => new { provider = "acme", paused = name == "pause", reason },
            });
        });
        await window.GoAsync("/operate/providers");
        await window.HeadingAsync("Providers");
        await window.Button("Look at Acme").ClickAsync();
        await window.Page.WaitForURLAsync("**/operate/providers?p=acme");
        await window.Button("Test the keys").ClickAsync();
        await window.Page.GetByText("Works").WaitForAsync();
        await window.Page.GetByText("By the minute", new() { Exact = true }).ClickAsync();
        await window.Page.GetByText("did not answer 2").First.WaitForAsync();
        await window.SoundAsync("a provider");
        await window.Page.GetByText("As a table", new() { Exact = true }).ClickAsync();
        await window.ShootAsync("providers-one-390");
        await window.Button("Pause").ClickAsync();
        var sheet = window.Page.Locator("dialog[open]");
        await sheet.GetByLabel("Reason").FillAsync("six fingers");
        await window.SoundAsync("the form of a pause");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await window.Page.GetByText("six fingers").WaitForAsync();
        await window.Button("Resume").ClickAsync();
        await window.Button("Pause").WaitForAsync();
        await window.Button("Look at Sandbox").ClickAsync();
        await Assertions.Expect(window.Button("Pause")).ToHaveCountAsync(0);
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

    [Fact]
    public async Task An_account_is_found_given_credits_and_what_was_done_is_in_the_log()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/operate/accounts");
        await window.Page.GetByRole(AriaRole.Searchbox).FillAsync("Northb");
        await window.Button("Search").ClickAsync();
        await window.Page.WaitForURLAsync("**/operate/accounts?q=Northb");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Northbeam", Exact = true }).ClickAsync();
        await window.HeadingAsync("Northbeam");
        await window.SoundAsync("an account");
        await window.ShootAsync("accounts-one");
        await window.Button("Grant credits").ClickAsync();
        var sheet = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "Grant credits" });
        await sheet.GetByLabel("Credits").FillAsync("70");
        await sheet.GetByLabel("Reason").FillAsync("for the fair");
        await window.SoundAsync("the form of a grant");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Grant credits" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator(".card", new() { HasText = "Live: there to spend" })).ToContainTextAsync("70");

        await window.Page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await window.HeadingAsync("Audit");
        await window.Page.GetByLabel("Action").FillAsync("credits.granted");
        await window.Page.GetByLabel("Action").PressAsync("Enter");
        await window.Page.WaitForURLAsync("**action=credits.granted");
        await window.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Look at credits.granted") }).First.ClickAsync();
        await Assertions.Expect(window.Page.Locator("dialog[open]")).ToContainTextAsync("for the fair");
        await window.SoundAsync("an entry of the log");
        await window.ShootAsync("audit-entry");
    }

    [Fact]
    public async Task The_words_of_a_task_are_hidden_until_somebody_says_why()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        await window.MakeAsync("[[fail]] A heron in the reeds");
        await window.Run("A heron in the reeds").GetByRole(AriaRole.Alert).WaitForAsync();
        await window.GoAsync("/operate/tasks?status=failed&code=GENERATION_FAILED");
        await window.Page.Locator("td.first a").First.ClickAsync();
        await window.HeadingAsync("Task");
        await window.Page.GetByText("Credits came back").WaitForAsync();
        await Assertions.Expect(window.Page.GetByText("A heron in the reeds")).ToHaveCountAsync(0);
        await window.SoundAsync("a task");
        await window.ShootAsync("tasks-one");
        await window.Button("Show the words").ClickAsync();
        await window.Page.GetByLabel("Reason").FillAsync("the customer asked why it failed");
        await window.Page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Show the words" }).ClickAsync();
        await window.Page.GetByText("A heron in the reeds").First.WaitForAsync();
        await window.SoundAsync("a task with its words");
    }

    [Fact]
    public async Task Vouchers_are_shown_once_and_end_on_a_narrow_phone()
    {
        await using var window = await scene.OpenAsync(320);
        foreach (var path in new[] { "", "/providers", "/cases", "/accounts", "/tasks", "/catalogue", "/audit" })
        {
            await window.GoAsync("/operate" + path);
            await window.Page.Locator(".page").WaitForAsync();
            await window.SoundAsync(path + " at 320");
        }

        await window.GoAsync("/operate/vouchers");
        await window.Button("New vouchers").First.ClickAsync();
        await window.Page.GetByLabel("How many").FillAsync("2");
        await window.Page.GetByLabel("Credits each").FillAsync("500");
        await window.Page.GetByLabel("Note").FillAsync("the fair");
        await window.SoundAsync("the form of vouchers");
        await window.Button("Make the vouchers").ClickAsync();
        Assert.Equal(2, (await window.SecretAsync()).Split('\n').Length);
        await window.SoundAsync("vouchers, once");
        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(window.Page.Locator("pre.secret")).ToHaveCountAsync(0);
        await window.Page.GetByText("0 of 2").WaitForAsync();
        await window.ShootAsync("vouchers-320");
        await window.Button("End “the fair”").ClickAsync();
        await window.Page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "End", Exact = true }).ClickAsync();
        await Assertions.Expect(window.Button("End “the fair”")).ToHaveCountAsync(0);
        await window.Page.GetByText("2 ended").WaitForAsync();
    }

    private static string At(double minutes) => TimeProvider.System.GetUtcNow().AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Vendor(string? reason)
    {
        var vendor = new JsonObject
        {
            ["name"] = "acme", ["title"] = "Acme", ["open"] = reason is null, ["running"] = 14, ["concurrency"] = 32, ["state"] = reason is null ? "slow" : "paused", ["configured"] = true,
            ["keys"] = new JsonArray(new JsonObject { ["id"] = "k_3fa9", ["weight"] = 1 }),
            ["lastDay"] = new JsonObject { ["accepted"] = 90, ["completed"] = 88, ["failures"] = new JsonObject { ["unavailable"] = 2 }, ["medianMs"] = 41_000 },
        };
        if (reason is not null)
        {
            (vendor["reason"], vendor["pausedAt"]) = (reason, At(-1));
        }

        return vendor;
    }

    private static object[] Minutes() =>
    [
        .. Enumerable.Range(1, 44).Select(at => new
        {
            minute = At((at - 45) * 30), accepted = 2, completed = 2, failures = at % 20 == 0 ? new Dictionary<string, long> { ["unavailable"] = at % 40 == 0 ? 1 : 2 } : [], medianMs = 41_000,
        }),
    ];

    private static Task AnswerAsync(IRoute route, object data) =>
        route.FulfillAsync(new() { ContentType = "application/json", Body = JsonSerializer.Serialize(new { success = true, data }) });
}
