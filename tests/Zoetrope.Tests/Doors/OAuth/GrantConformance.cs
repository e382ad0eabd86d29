using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OAuth;

/// <summary>What a program may spend: how it is chosen on the consent page, and what its owner and the operator do about it later; on either database.</summary>
public abstract class GrantConformance(OAuthConformance.Server server)
{
    private static readonly object Image = new { model = "nano-banana-text-to-image", prompt = "A red fox" };

    private ZoetropeApi Api => server.Zoetrope.Api;

    [Fact]
    public async Task The_second_step_shows_credits_and_prices_and_proposes_limits_that_let_most_requests_through()
    {
        var customer = await Api.CreateCustomerAsync(credits: 123_456);
        var (browser, page) = await OpenAsync();
        using var _ = browser;
        var (images, videos) = (await PricesAsync(customer, "image"), await PricesAsync(customer, "video"));

        var terms = await browser.DecideAsync(page, "continue", customer.Key);

        Assert.Equal(200, terms.Status);
        Assert.Contains($"{customer.Key[..12]}… (test)", WebUtility.HtmlDecode(terms.Html), StringComparison.Ordinal);
        Assert.DoesNotContain(customer.Key, terms.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(customer.Key, WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
        Assert.Contains("123,456", terms.Html, StringComparison.Ordinal);
        foreach (var prices in new[] { images, videos })
        {
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{prices[0]:N0} to {prices[^1]:N0} credits"), terms.Html, StringComparison.Ordinal);
        }

        var (perDay, askAbove) = (Proposed(terms, "spend_per_day"), Proposed(terms, "ask_above"));
        Assert.InRange(videos.Count(price => price <= askAbove), videos.Count * 3 / 4, videos.Count);
        Assert.InRange(perDay, askAbove, 123_456);

        // As a browser sends it: the fields of the page and no key.
        Assert.Equal(302, (await browser.DecideAsync(terms, "allow", key: null, $"{perDay}", $"{askAbove}")).Status);
        var grant = Assert.Single(await GrantsAsync(customer.Key));
        Assert.Equal((perDay, askAbove), (grant.GetProperty("spendPerDay").GetInt64(), grant.GetProperty("askAbove").GetInt64()));
    }

    [Theory]
    [InlineData(0, null, null, 1)]
    [InlineData(40, null, null, 40)]
    [InlineData(100_000, 70L, 5L, 70)]
    [InlineData(30, 70L, 5L, 30)]
    public async Task Nothing_is_proposed_or_allowed_that_the_account_or_the_key_has_not(long credits, long? spendPerDay, long? askAbove, long most)
    {
        var customer = await Api.CreateCustomerAsync(credits: Math.Max(1, credits), keyLimits: new { spendPerDay, askAbove });
        if (credits == 0)
        {
            (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/adjustments", new { mode = "test", amount = -1, reason = "a test" })).Expect(200);
        }

        var (browser, page) = await OpenAsync();
        using var _ = browser;

        var terms = await browser.DecideAsync(page, "continue", customer.Key);
        var more = await browser.DecideAsync(terms, "allow", key: null, $"{most + 1}");
        Assert.Equal(302, (await browser.DecideAsync(terms, "allow", key: null)).Status);

        Assert.Equal(most, Proposed(terms, "spend_per_day"));
        Assert.True(askAbove is null || Proposed(terms, "ask_above") == askAbove, terms.Html);
        Assert.Equal(400, more.Status);
        Assert.Contains(most == spendPerDay ? "may spend 70 credits a day" : $"The account has {credits} credits", more.Html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{most + 1}\"", more.Html, StringComparison.Ordinal);
        var grant = Assert.Single(await GrantsAsync(customer.Key));
        Assert.Equal((most, askAbove), (grant.GetProperty("spendPerDay").GetInt64(), Number(grant, "askAbove")));
    }

    [Fact]
    public async Task Where_nothing_can_be_bought_nothing_is_priced()
    {
        var customer = await Api.CreateCustomerAsync(credits: 700, mode: "live");
        var (browser, page) = await OpenAsync();
        using var _ = browser;

        var terms = await browser.DecideAsync(page, "continue", customer.Key);

        Assert.DoesNotContain("A video", terms.Html, StringComparison.Ordinal);
        Assert.Equal(700, Proposed(terms, "spend_per_day"));
    }

    [Fact]
    public async Task A_program_that_only_reads_is_asked_nothing_about_credits()
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, page) = await OpenAsync(scope: "read");
        using var _ = browser;

        var terms = await browser.DecideAsync(page, "continue", customer.Key);

        Assert.DoesNotContain("spend_per_day", terms.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("A video", terms.Html, StringComparison.Ordinal);
        Assert.Equal(302, (await browser.PostAsync([.. terms.Hidden, new("decision", "allow")])).Status);
    }

    [Fact]
    public async Task What_stands_for_the_key_is_good_for_this_form_and_for_ten_minutes()
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, page) = await OpenAsync();
        using var _ = browser;
        var terms = await browser.DecideAsync(page, "continue", customer.Key);
        var ticket = terms.Hidden.Single(field => field.Key == "assertion");
        var other = browser.Request();
        other["state"] = "another";
        var elsewhere = await browser.OpenAsync(other);
        using var stranger = new OAuthBrowser(Api.Address);

        var answers = new[]
        {
            await stranger.DecideAsync(terms, "allow", key: null),
            await browser.PostAsync([.. elsewhere.Hidden, ticket, new("decision", "allow")]),
            await browser.PostAsync([.. page.Hidden, new("assertion", (ticket.Value[0] == 'A' ? 'B' : 'A') + ticket.Value[1..]), new("decision", "allow")]),
            await browser.PostAsync([.. page.Hidden, new("assertion", "AAAA"), new("decision", "allow")]),
            await browser.PostAsync([.. page.Hidden, new("assertion", "?"), new("decision", "allow")]),
            await browser.PostAsync([.. page.Hidden, new("decision", "allow")]),
        };
        server.Time.Advance(TimeSpan.FromMinutes(11));
        var late = await browser.DecideAsync(terms, "allow", key: null);

        Assert.Equal([403, 400, 400, 400, 400, 400], answers.Select(answer => answer.Status));
        Assert.Equal(400, late.Status);
        Assert.Contains("more than ten minutes", late.Html, StringComparison.Ordinal);
        Assert.Contains("name=\"password\"", late.Html, StringComparison.Ordinal);
        Assert.Empty(await GrantsAsync(customer.Key));
    }

    [Fact]
    public async Task Its_owner_lists_changes_and_ends_it()
    {
        var customer = await Api.CreateCustomerAsync();
        var price = await PriceAsync(customer);
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, spendPerDay: $"{2 * price}", askAbove: "0");
        using var _ = browser;
        var program = customer with { Key = tokens.Access };
        Assert.Equal("CONFIRMATION_REQUIRED", (await Api.GenerateAsync(program, Image)).Code);
        var grant = Assert.Single(await GrantsAsync(customer.Key));
        var path = $"/api/v1/grants/{grant.GetProperty("id").GetString()}";

        var raised = await ChangeAsync(customer.Key, path, new { askAbove = price });
        (await Api.GenerateAsync(program, Image)).Expect(200);
        var lowered = await ChangeAsync(customer.Key, path, new { spendPerDay = price });
        var capped = await Api.GenerateAsync(program, Image);
        Assert.Equal("SPEND_CAP_REACHED", capped.Code);
        Assert.Contains($"This program may spend {price} credits a day", capped.Text, StringComparison.Ordinal);
        Assert.Contains($"zoetrope grants change {grant.GetProperty("id").GetString()} --spend-per-day", capped.Text, StringComparison.Ordinal);
        var keys = await ChangeAsync(customer.Key, path, new { spendPerDay = (long?)null, askAbove = (long?)null });
        (await Api.GenerateAsync(program, Image)).Expect(200);

        Assert.Equal(("A test's program", browser.ClientId, "test"), (grant.GetProperty("name").GetString(), grant.GetProperty("clientId").GetString(), grant.GetProperty("mode").GetString()));
        Assert.Equal((2 * price, price), (Number(raised.Data, "spendPerDay"), Number(raised.Data, "askAbove")));
        Assert.Equal((price, price, price), (Number(lowered.Data, "spendPerDay"), Number(lowered.Data, "askAbove"), Number(lowered.Data, "spent")));
        Assert.Equal((null, null), (Number(keys.Data, "spendPerDay"), Number(keys.Data, "askAbove")));
        Assert.Equal(2 * price, Number((await Api.GetAsync(customer, path)).Expect(200).Data, "spent"));

        var ended = (await Api.SendAsync(HttpMethod.Delete, path, customer.Key)).Expect(200);
        Assert.Equal(JsonValueKind.String, ended.Data.GetProperty("endedAt").ValueKind);
        Assert.Equal("INVALID_API_KEY", (await Api.GetAsync(program, "/api/v1/credits")).Code);
        Assert.Equal("invalid_grant", (await browser.RefreshAsync(tokens.Refresh)).Error);
        Assert.Empty(await GrantsAsync(customer.Key));
        Assert.Equal("GRANT_NOT_FOUND", (await Api.SendAsync(HttpMethod.Delete, path, customer.Key)).Code);
    }

    [Fact]
    public async Task A_grant_of_anybody_else_is_one_that_does_not_exist_byte_for_byte()
    {
        var (customer, stranger) = (await Api.CreateCustomerAsync(), await Api.CreateCustomerAsync());
        var sibling = await Api.CreateKeyAsync(customer.AccountId);
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, askAbove: "5");
        browser.Dispose();
        var id = Assert.Single(await GrantsAsync(customer.Key)).GetProperty("id").GetString();
        var own = (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Data.GetProperty("keys")[0].GetProperty("id").GetString();

        foreach (var key in new[] { stranger.Key, sibling })
        {
            Assert.Empty(await GrantsAsync(key));
            foreach (var (method, body) in new[] { (HttpMethod.Get, null), (HttpMethod.Patch, """{"askAbove":1000}"""), (HttpMethod.Delete, (string?)null) })
            {
                var never = await Api.SendAsync(method, "/api/v1/grants/key_00000000000000000000000000", key, body);
                foreach (var other in new[] { id, own, "x" })
                {
                    var foreign = await Api.SendAsync(method, $"/api/v1/grants/{other}", key, body);
                    Assert.Equal((404, Bare(never)), (foreign.Status, Bare(foreign)));
                }
            }
        }

        var grant = Assert.Single(await GrantsAsync(customer.Key));
        Assert.Equal(5, Number(grant, "askAbove"));
        await Api.CreditsAsync(customer with { Key = tokens.Access });
    }

    [Fact]
    public async Task No_program_sees_or_widens_what_it_has_and_nobody_more_than_the_key()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = 500, askAbove = 50 });
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, spendPerDay: "100", askAbove: "10");
        browser.Dispose();
        var id = Assert.Single(await GrantsAsync(customer.Key)).GetProperty("id").GetString();
        var path = $"/api/v1/grants/{id}";

        foreach (var (method, at, body) in new[]
        {
            (HttpMethod.Get, "/api/v1/grants", null), (HttpMethod.Get, path, null), (HttpMethod.Patch, path, """{"askAbove":50}"""), (HttpMethod.Delete, path, (string?)null),
        })
        {
            var refused = await Api.SendAsync(method, at, tokens.Access, body);
            Assert.Equal((403, "FORBIDDEN"), (refused.Status, refused.Code));
        }

        (string Body, string Code, string Said)[] wrongs =
        [
            ("""{"spendPerDay":501}""", "INVALID_PARAMETER", "may spend 500 credits a day"), ("""{"askAbove":51}""", "INVALID_PARAMETER", "asks above 50 credits"),
            ("""{"spendPerDay":0}""", "INVALID_PARAMETER", "from 1 to"), ("""{"askAbove":-1}""", "INVALID_PARAMETER", "from 0 to"), ("""{"askAbove":"10"}""", "INVALID_PARAMETER", "from 0 to"),
            ("{}", "MISSING_PARAMETER", "Send spendPerDay, askAbove or both"), ("""{"scopes":["generate"]}""", "UNKNOWN_PARAMETER", "scopes"), ("""{"ask_above":10}""", "UNKNOWN_PARAMETER", "spendPerDay, askAbove"),
        ];
        var admin = $"/admin/v1/accounts/{customer.AccountId}/keys/{id}";
        foreach (var (body, code, said) in wrongs)
        {
            foreach (var refused in new[] { await Api.SendAsync(HttpMethod.Patch, path, customer.Key, body), await Api.OperateAsync(HttpMethod.Patch, admin, JsonElement.Parse(body)) })
            {
                Assert.Equal((400, code), (refused.Status, refused.Code));
                Assert.Contains(said, refused.Text, StringComparison.Ordinal);
            }
        }

        var grant = Assert.Single(await GrantsAsync(customer.Key));
        Assert.Equal((100, 10), (Number(grant, "spendPerDay"), Number(grant, "askAbove")));
    }

    [Fact]
    public async Task The_operator_changes_it_too_and_no_key()
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, askAbove: "0");
        browser.Dispose();
        var keys = $"/admin/v1/accounts/{customer.AccountId}/keys";
        var list = (await Api.OperateAsync(HttpMethod.Get, keys)).Expect(200).Data.GetProperty("keys").EnumerateArray().ToDictionary(key => key.GetProperty("kind").GetString()!, key => key.GetProperty("id").GetString());

        var changed = (await Api.OperateAsync(HttpMethod.Patch, $"{keys}/{list["grant"]}", new { askAbove = 10_000, spendPerDay = 20_000 })).Expect(200);

        Assert.Equal((20_000, 10_000), (Number(changed.Data, "spendPerDay"), Number(changed.Data, "askAbove")));
        (await Api.GenerateAsync(customer with { Key = tokens.Access }, Image)).Expect(200);
        Assert.Equal("INVALID_OPERATION", (await Api.OperateAsync(HttpMethod.Patch, $"{keys}/{list["key"]}", new { askAbove = 1 })).Code);
        Assert.Equal("KEY_NOT_FOUND", (await Api.OperateAsync(HttpMethod.Patch, $"{keys}/key_x", new { askAbove = 1 })).Code);
        Assert.Equal("KEY_NOT_FOUND", (await Api.OperateAsync(HttpMethod.Patch, $"/admin/v1/accounts/{(await Api.CreateCustomerAsync()).AccountId}/keys/{list["grant"]}", new { askAbove = 1 })).Code);
        (await Api.OperateAsync(HttpMethod.Delete, $"{keys}/{list["grant"]}")).Expect(200);
        Assert.Equal("KEY_NOT_FOUND", (await Api.OperateAsync(HttpMethod.Patch, $"{keys}/{list["grant"]}", new { askAbove = 1 })).Code);
    }

    internal static long Proposed(Page page, string field) =>
        long.Parse(Regex.Match(page.Html, $"name=\"{field}\"[^>]*value=\"([0-9]+)\"").Groups[1].Value, CultureInfo.InvariantCulture);

    private static long? Number(JsonElement grant, string name) => grant.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    // The id of the request is each one's own.
    private static string Bare(Reply reply) => Regex.Replace(reply.Text, "\"requestId\":\"[^\"]*\"", "");

    private async Task<(OAuthBrowser Browser, Page Page)> OpenAsync(string? scope = null)
    {
        var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        return (browser, await browser.OpenAsync(browser.Request(scope: scope)));
    }

    private async Task<List<JsonElement>> GrantsAsync(string key) => [.. (await Api.SendAsync(HttpMethod.Get, "/api/v1/grants", key)).Expect(200).Data.GetProperty("grants").EnumerateArray()];

    private async Task<Reply> ChangeAsync(string key, string path, object change) => (await Api.SendAsync(HttpMethod.Patch, path, key, JsonSerializer.Serialize(change))).Expect(200);

    private async Task<long> PriceAsync(Customer customer) =>
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(Image))).Expect(200).Data.GetProperty("credits").GetInt64();

    /// <summary>What the models of a kind cost where nothing is set, as the list has it.</summary>
    private Task<List<long>> PricesAsync(Customer customer, string type) => PricesAsync(Api, customer, type);

    internal static async Task<List<long>> PricesAsync(ZoetropeApi api, Customer customer, string type)
    {
        var models = (await api.GetAsync(customer, $"/api/v1/models?type={type}&view=full")).Expect(200).Data;
        return
        [
            .. models.EnumerateArray()
                .Where(model => customer.Key.StartsWith("sk-test", StringComparison.Ordinal) || model.GetProperty("available").GetBoolean())
                .Select(model => model.GetProperty("credits"))
                .Where(credits => credits.TryGetProperty("example", out _))
                .Select(credits => credits.GetProperty("example").GetInt64())
                .Order(),
        ];
    }
}

public sealed class SqliteGrantTests(SqliteOAuthTests.SqliteServer server) : GrantConformance(server), IClassFixture<SqliteOAuthTests.SqliteServer>;

public sealed class PostgresGrantTests(PostgresOAuthTests.PostgresServer server) : GrantConformance(server), IClassFixture<PostgresOAuthTests.PostgresServer>;
