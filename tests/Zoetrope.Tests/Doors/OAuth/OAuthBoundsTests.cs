using System.Text;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OAuth;

/// <summary>What strangers send to the anonymous addresses is small, and costs the others nothing.</summary>
public sealed class OAuthBoundsTests
{
    private static readonly string[] Addresses = ["/oauth/token", "/token", "/oauth/authorize", "/authorize", "/oauth/revoke"];

    [Fact]
    public async Task A_form_that_cannot_be_read_is_the_clients_mistake_and_a_large_one_is_not_read()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        foreach (var path in Addresses)
        {
            foreach (var form in new[]
            {
                "a=%00", "%00=a", "a=\0", "a=%ZZ&b=%", "=", "&&&", string.Join('&', Enumerable.Range(0, 1_100).Select(i => $"a{i}=1")), new string('a', 3_000) + "=1", "a=" + new string('x', 60_000), "grant_type=%ff%fe", "client_id=%ED%A0%80",
            })
            {
                var reply = await PostAsync(zoetrope, path, form, "application/x-www-form-urlencoded");
                Assert.True(reply.Status is >= 200 and < 500, $"{path} {form[..Math.Min(20, form.Length)]}: {reply.Status} {reply.Text}");
            }

            foreach (var type in new[] { "multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=utf-7", "application/json", "text/plain", "" })
            {
                var reply = await PostAsync(zoetrope, path, "--x\r\n\r\na=%00", type);
                Assert.True(reply.Status is >= 200 and < 500, $"{path} {type}: {reply.Status} {reply.Text}");
            }

            Assert.Equal(413, (await PostAsync(zoetrope, path, "a=" + new string('x', 65_536), "application/x-www-form-urlencoded")).Status);
        }

        var refused = await PostAsync(zoetrope, "/oauth/token", "a=%00", "application/x-www-form-urlencoded");
        Assert.Equal((400, "invalid_request"), (refused.Status, refused.Json.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task A_token_that_is_no_more_good_is_called_so_whatever_its_address_did_before()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Time = clock });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(zoetrope.Api, customer.Key);
        using var _ = browser;
        (await zoetrope.Api.SendAsync(HttpMethod.Get, "/api/v1/credits", tokens.Access)).Expect(200);
        var forged = tokens.Access[..^6] + (tokens.Access[^6..] == "AAAAAA" ? "BBBBBB" : "AAAAAA");
        clock.Advance(TimeSpan.FromHours(2));
        for (var i = 0; i < 25; i++)
        {
            await zoetrope.Api.SendAsync(HttpMethod.Get, "/api/v1/credits", "sk-test-wrong");
        }

        Assert.Equal(429, (await zoetrope.Api.SendAsync(HttpMethod.Get, "/api/v1/credits", "sk-test-wrong")).Status);
        foreach (var token in new[] { tokens.Access, forged, "eyJhbGciOiJub25lIn0.e30." })
        {
            foreach (var (method, path) in new[] { (HttpMethod.Get, "/api/v1/credits"), (HttpMethod.Post, "/api/v1/generate"), (HttpMethod.Post, "/mcp"), (HttpMethod.Post, "/"), (HttpMethod.Get, "/v1/models"), (HttpMethod.Post, "/v1/videos") })
            {
                var reply = await zoetrope.Api.SendAsync(method, path, token, method == HttpMethod.Post ? "{}" : null);

                Assert.Equal(401, reply.Status);
                var challenge = reply.Headers.WwwAuthenticate.ToString();
                Assert.True(challenge.Contains("error=\"invalid_token\"", StringComparison.Ordinal) && challenge.Contains("resource_metadata=", StringComparison.Ordinal), $"{path}: {challenge}");
                Assert.Equal("no-store", reply.Headers.CacheControl?.ToString());
            }
        }

        Assert.Equal(200, (await browser.RefreshAsync(tokens.Refresh)).Status);
    }

    [Theory]
    [InlineData(nameof(SqlDialect.Sqlite))]
    [InlineData(nameof(SqlDialect.Postgres))]
    public async Task A_new_program_takes_the_place_of_the_oldest_that_nobody_uses(string dialect)
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Enum.Parse<SqlDialect>(dialect), Settings = new Dictionary<string, string?> { ["OAuth:MaxUnusedClients"] = "3", ["OAuth:RegistrationsPerMinute"] = "1000" } });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var (used, _) = await OAuthBrowser.ConnectAsync(zoetrope.Api, customer.Key);
        var honest = new OAuthBrowser(zoetrope.Api.Address);
        using (used)
        using (honest)
        {
            await honest.RegisterAsync();
            for (var i = 0; i < 2; i++)
            {
                await RegisterAsync(zoetrope);
            }

            Assert.Equal(200, (await honest.OpenAsync(honest.Request())).Status);
            await RegisterAsync(zoetrope);
            Assert.Equal(400, (await honest.OpenAsync(honest.Request())).Status);
            for (var i = 0; i < 10; i++)
            {
                await RegisterAsync(zoetrope);
            }

            Assert.Equal(200, (await used.OpenAsync(used.Request())).Status);
            await honest.RegisterAsync();
            Assert.Equal(200, (await honest.ExchangeAsync(await honest.AllowAsync(customer.Key))).Status);
        }
    }

    [Fact]
    public async Task The_page_prices_for_a_live_key_what_the_configured_vendors_serve_and_proposes_what_the_operator_says()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Settings = new Dictionary<string, string?> { ["Providers:bfl:ApiKey"] = "a-key-0123456789", ["OAuth:SuggestedSpendPerDay"] = "90", ["OAuth:SuggestedAskAbove"] = "9" },
        });
        var customer = await zoetrope.Api.CreateCustomerAsync(mode: "live");
        using var browser = new OAuthBrowser(zoetrope.Api.Address);
        await browser.RegisterAsync();

        var terms = await browser.DecideAsync(await browser.OpenAsync(browser.Request()), "continue", customer.Key);

        foreach (var type in new[] { "image", "video" })
        {
            var prices = await GrantConformance.PricesAsync(zoetrope.Api, customer, type);
            Assert.Contains(prices[0] == prices[^1] ? $"<dd>{prices[0]:N0} credits" : $"<dd>{prices[0]:N0} to {prices[^1]:N0} credits", terms.Html, StringComparison.Ordinal);
        }

        Assert.Equal((90, 9), (GrantConformance.Proposed(terms, "spend_per_day"), GrantConformance.Proposed(terms, "ask_above")));
    }

    [Fact]
    public async Task Where_none_may_register_none_does()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["OAuth:MaxUnusedClients"] = "0" } });
        using var browser = new OAuthBrowser(zoetrope.Api.Address);

        Assert.Equal(503, (await browser.RegisterAsync(new { redirect_uris = new[] { OAuthBrowser.Redirect } })).Status);
    }

    private static async Task RegisterAsync(TestZoetrope zoetrope)
    {
        using var browser = new OAuthBrowser(zoetrope.Api.Address);
        Assert.Equal(201, (await browser.RegisterAsync(new { redirect_uris = new[] { OAuthBrowser.Redirect } })).Status);
    }

    private static async Task<Reply> PostAsync(TestZoetrope zoetrope, string path, string body, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        return await zoetrope.Api.SendAsync(request);
    }
}
