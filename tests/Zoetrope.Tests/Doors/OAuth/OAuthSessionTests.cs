using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OAuth;

/// <summary>The consent page for people who are signed in.</summary>
public sealed class OAuthSessionTests
{
    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.Postgres)]
    public async Task Whoever_is_signed_in_decides_as_their_seat_and_the_access_outlives_the_browser_and_ends_with_the_membership(object dialect)
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = (SqlDialect)dialect });
        var api = zoetrope.Api;
        var owner = await TestBrowser.OperatorAsync(zoetrope, "ada@example.com");
        var member = await owner.InviteAsync("member", "grace@example.com", new { spendPerDay = 900 });
        (await api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{member.AccountId}/grants", new { mode = "test", amount = 100_000, reason = "test" })).Expect(200);
        using var browser = new OAuthBrowser(api.Address);
        await browser.RegisterAsync();
        var request = browser.Request();

        var signedOut = await browser.OpenAsync(request);
        Assert.Contains("href=\"/sign-in?next=%2Foauth%2Fauthorize%3Fclient_id%3D", signedOut.Html, StringComparison.Ordinal);
        browser.SignIn(member.Cookie!);
        var opened = await browser.OpenAsync(request);
        Assert.Contains("member, ", opened.Html, StringComparison.Ordinal);
        var terms = await browser.DecideAsync(opened, "test", key: null);
        Assert.Contains("you may spend 900 a day", terms.Html, StringComparison.Ordinal);
        Assert.Equal(400, (await browser.DecideAsync(terms, "allow", key: null, spendPerDay: "901")).Status);
        var foreign = await browser.DecideAsync(opened, "allow", key: null, headers: [("Origin", "https://evil.example")]);
        Assert.Equal(403, foreign.Status);
        var allowed = await browser.DecideAsync(terms, "allow", key: null, spendPerDay: "800");
        Assert.True(allowed.Status == 302, allowed.Html);
        var tokens = await browser.ExchangeAsync(allowed.Query["code"]);
        var program = new Customer(member.AccountId, tokens.Access);

        (await member.SendAsync(HttpMethod.Delete, "/api/v1/session")).Expect(200);
        (await api.GenerateAsync(program, new { model = "nano-banana-text-to-image", prompt = "A red fox" })).Expect(200);
        (await member.SignInAsync()).Expect(200);
        Assert.Equal(800, (await member.GetAsync("/api/v1/grants")).Expect(200).Data.GetProperty("grants")[0].GetProperty("spendPerDay").GetInt64());
        (await owner.SendAsync(HttpMethod.Delete, $"/api/v1/account/members/{member.PersonId}")).Expect(200);
        Assert.Equal(401, (await api.GetAsync(program, "/api/v1/credits")).Status);
        Assert.NotEqual(200, (await browser.RefreshAsync(tokens.Refresh)).Status);
    }
}
