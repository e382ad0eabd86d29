using System.Text.RegularExpressions;
using System.Text.Json.Nodes;
using System.Web;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>A login in the browser by the real tool, with the person's browser played over HTTP; and the people of an account.</summary>
public sealed class BrowserLoginTests(CliServer server) : IClassFixture<CliServer>
{
    private ZoetropeApi Api => server.Zoetrope.Api;

    [Fact]
    public async Task A_login_in_the_browser_is_kept_renewed_and_ended()
    {
        var customer = await Api.CreateCustomerAsync();
        using var shell = new CliShell(Api.Address, null);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });

        // Another program's knock at the port, and a forged answer, end nothing.
        var callback = "";
        var login = await LoginAsync(shell, "allow", customer.Key, async address =>
        {
            callback = address.GetLeftPart(UriPartial.Path);
            Assert.Equal(404, (int)(await http.GetAsync(new Uri(callback + "?code=stolen&state=made-up"))).StatusCode);
            Assert.Equal(404, (int)(await http.GetAsync(new Uri(address, "/favicon.ico"))).StatusCode);
        });
        Assert.Equal(0, login.ExitCode);
        Assert.Contains("a test key", login.Error, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(callback)));
        var stored = Stored(shell);
        Assert.Null(stored["apiKey"]);
        Assert.DoesNotContain(stored["login"]!["accessToken"]!.GetValue<string>(), login.Error, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(shell.ProfilesFile));
        }

        Assert.Equal("grant", (await shell.RunAsync("me", "--json")).Expect(0).Json.GetProperty("credential").GetProperty("kind").GetString());
        (await shell.RunAsync("generate", "nano-banana-text-to-image", "A red fox", "-o", "fox.jpg")).Expect(0);
        Assert.Equal(2, (await shell.RunAsync("members", "list")).ExitCode);

        // An old access token is renewed, once, and what came is kept.
        Age(shell);
        (await shell.RunAsync("credits", "--verbose")).Expect(0);
        var renewed = Stored(shell);
        Assert.NotEqual(stored["login"]!["accessToken"]!.GetValue<string>(), renewed["login"]!["accessToken"]!.GetValue<string>());
        Assert.DoesNotContain("/oauth/token", (await shell.RunAsync("credits", "--verbose")).Expect(0).Error, StringComparison.Ordinal);

        Assert.Contains("The login has ended", (await shell.RunAsync("logout")).Expect(0).Error, StringComparison.Ordinal);
        Assert.Empty((await Api.GetAsync(customer, "/api/v1/grants")).Expect(200).Data.GetProperty("grants").EnumerateArray());
        Assert.Equal(1, (await shell.RunAsync("credits")).ExitCode);
    }

    [Fact]
    public async Task What_was_not_allowed_or_has_ended_says_so()
    {
        var customer = await Api.CreateCustomerAsync();
        using var shell = new CliShell(Api.Address, null);

        var denied = await LoginAsync(shell, "deny", null);
        Assert.Equal(2, denied.ExitCode);
        Assert.Contains("was not allowed", denied.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(shell.ProfilesFile));

        Assert.Equal(0, (await LoginAsync(shell, "allow", customer.Key)).ExitCode);
        var grant = (await Api.GetAsync(customer, "/api/v1/grants")).Expect(200).Data.GetProperty("grants")[0];
        Assert.StartsWith("zoetrope on ", grant.GetProperty("name").GetString(), StringComparison.Ordinal);
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/grants/{grant.GetProperty("id").GetString()}", customer.Key)).Expect(200);
        Assert.Equal(2, (await shell.RunAsync("credits")).ExitCode);
        Age(shell);
        var ended = await shell.RunAsync("credits", "--json");
        Assert.Equal((2, "LOGIN_ENDED"), (ended.ExitCode, ended.JsonError.GetProperty("code").GetString()));

        // Another login replaces it.
        Assert.Equal(0, (await LoginAsync(shell, "allow", customer.Key)).ExitCode);
        (await shell.RunAsync("credits")).Expect(0);
    }

    [Fact]
    public async Task The_people_of_an_account_are_listed_invited_changed_and_removed()
    {
        var customer = await Api.CreateCustomerAsync();
        using var shell = new CliShell(Api.Address, await Api.CreateKeyAsync(customer.AccountId, "test", new { scopes = new[] { "read", "members" } }));

        Assert.Contains("Nobody belongs", (await shell.RunAsync("members", "list")).Expect(0).Out + (await shell.RunAsync("members", "list")).Error, StringComparison.Ordinal);
        var link = (await shell.RunAsync("members", "invite", "owner", "--spend-per-day", "70")).Expect(0).Line;
        var guest = new TestBrowser(server.Zoetrope) { Email = "grace@example.com" };
        guest.Came((await guest.SendAsync(HttpMethod.Post, "/api/v1/invitations/accept", new { token = link.Split('#')[1], name = "Grace", email = guest.Email, password = TestBrowser.Password })).Expect(200));
        var second = (await shell.RunAsync("members", "invite", "member", "--json")).Expect(0).Json.GetProperty("id").GetString()!;
        Assert.Contains(second, (await shell.RunAsync("members", "invitations")).Expect(0).Out, StringComparison.Ordinal);
        Assert.Equal($"{second}  withdrawn", (await shell.RunAsync("members", "withdraw", second)).Expect(0).Line);
        Assert.Empty((await shell.RunAsync("members", "invitations", "--json")).Expect(0).Json.EnumerateArray());

        Assert.Equal(2, (await shell.RunAsync("members", "change", guest.PersonId, "--role", "member")).ExitCode);
        var changed = (await shell.RunAsync("members", "change", guest.PersonId, "--spend-per-day", "none", "--spend-per-month", "900", "--model", "nano-banana-text-to-image", "--json")).Expect(0).Json;
        Assert.Equal((false, 900, "nano-banana-text-to-image"), (changed.TryGetProperty("spendPerDay", out _), changed.GetProperty("spendPerMonth").GetInt64(), changed.GetProperty("models")[0].GetString()));
        Assert.Matches(@"owner\s+900\s+nano-banana", (await shell.RunAsync("members", "list")).Expect(0).Out);
        changed = (await shell.RunAsync("members", "change", guest.PersonId, "--model", "none", "--json")).Expect(0).Json;
        Assert.Equal((false, 900), (changed.TryGetProperty("models", out _), changed.GetProperty("spendPerMonth").GetInt64()));
        Assert.Equal(1, (await shell.RunAsync("members", "change", guest.PersonId, "--spend-per-day", "much")).ExitCode);
        Assert.Equal(2, (await shell.RunAsync("members", "remove", guest.PersonId)).ExitCode);
        (await shell.RunAsync("members", "invite", "owner")).Expect(0);
    }

    private static async Task<CliRun> LoginAsync(CliShell shell, string decision, string? key, Func<Uri, Task>? before = null)
    {
        await using var tool = shell.Start("login", "--browser", "--no-open");
        var address = await Until.SeesAsync(
            () => Task.FromResult(Regex.Match(tool.StandardError, @"http\S+/oauth/authorize\?\S+").Value), found => found.Length > 0, Until.Patience, "the address to open");
        var query = HttpUtility.ParseQueryString(new Uri(address).Query);
        using var browser = new OAuthBrowser(new Uri(new Uri(address).GetLeftPart(UriPartial.Authority)));
        var page = await browser.OpenAsync(query.AllKeys.ToDictionary(name => name!, name => query[name]));
        var decided = await browser.DecideAsync(page, decision, key);
        Assert.True(decided.Status == 302, decided.Html);
        if (before is not null)
        {
            await before(decided.Location!);
        }

        using var http = new HttpClient();
        Assert.Contains("You can close this page", await http.GetStringAsync(decided.Location), StringComparison.Ordinal);
        var exitCode = await tool.ExitCodeAsync(Until.Patience);
        return new CliRun(exitCode, tool.StandardOutput, tool.StandardError);
    }

    private static JsonNode Stored(CliShell shell) => JsonNode.Parse(File.ReadAllText(shell.ProfilesFile))!["default"]!;

    private static void Age(CliShell shell)
    {
        var all = JsonNode.Parse(File.ReadAllText(shell.ProfilesFile))!;
        all["default"]!["login"]!["expiresAt"] = "2020-01-01T00:00:00Z";
        File.WriteAllText(shell.ProfilesFile, all.ToJsonString());
    }
}
