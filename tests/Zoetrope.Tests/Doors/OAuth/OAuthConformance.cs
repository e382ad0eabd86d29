using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OAuth;

/// <summary>The whole of OAuth over HTTP, and every way in which it must not work, on either database.</summary>
public abstract class OAuthConformance(OAuthConformance.Server server)
{
    private static readonly object Image = new { model = "nano-banana-text-to-image", prompt = "A red fox" };

    private ZoetropeApi Api => server.Zoetrope.Api;

    private string Origin => Api.Address.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task A_client_finds_its_way_from_a_401_to_the_metadata()
    {
        var refused = await Api.SendAsync(HttpMethod.Get, "/api/v1/credits", key: null);
        Assert.Equal($"Bearer resource_metadata=\"{Origin}/.well-known/oauth-protected-resource\"", refused.Expect(401).Headers.WwwAuthenticate.ToString());

        foreach (var (suffix, resource) in new[] { ("", Origin), ("/mcp", Origin + "/mcp") })
        {
            var document = (await Api.SendAsync(HttpMethod.Get, "/.well-known/oauth-protected-resource" + suffix, key: null)).Expect(200).Json;
            Assert.Equal(resource, document.GetProperty("resource").GetString());
            Assert.Equal(Origin + "/", document.GetProperty("authorization_servers")[0].GetString());
        }

        var metadata = (await Api.SendAsync(HttpMethod.Get, "/.well-known/oauth-authorization-server", key: null)).Expect(200).Json;
        Assert.Equal(Origin + "/", metadata.GetProperty("issuer").GetString());
        Assert.Equal(Origin + "/oauth/authorize", metadata.GetProperty("authorization_endpoint").GetString());
        Assert.Equal(Origin + "/oauth/token", metadata.GetProperty("token_endpoint").GetString());
        Assert.Equal(Origin + "/oauth/register", metadata.GetProperty("registration_endpoint").GetString());
        Assert.Equal(Origin + "/oauth/revoke", metadata.GetProperty("revocation_endpoint").GetString());
        Assert.Equal(["S256"], Texts(metadata, "code_challenge_methods_supported"));
        Assert.Equal(["none"], Texts(metadata, "token_endpoint_auth_methods_supported"));
        Assert.Equal(["code"], Texts(metadata, "response_types_supported"));
        Assert.Equal(["authorization_code", "refresh_token"], Texts(metadata, "grant_types_supported"));
        Assert.DoesNotContain("\"d\"", (await Api.SendAsync(HttpMethod.Get, "/oauth/jwks", key: null)).Expect(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allowed_program_works_as_a_key_of_the_account_with_its_own_caps()
    {
        var customer = await Api.CreateCustomerAsync();
        var price = await PriceAsync(customer);
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, spendPerDay: $"{2 * price}", askAbove: $"{price}");
        using var _ = browser;
        var program = customer with { Key = tokens.Access };

        Assert.Equal(1_000_000, await Api.CreditsAsync(program));
        var task = (await Api.GenerateAsync(program, Image)).Expect(200).Data.GetProperty("id").GetString();
        (await Api.GetAsync(customer, $"/api/v1/tasks/{task}")).Expect(200);
        (await Api.GenerateAsync(program, Image)).Expect(200);
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(program, Image)).Code);
        (await Api.GenerateAsync(customer, Image)).Expect(200);

        var keys = await KeysAsync(customer);
        var grant = keys.Single(key => key.GetProperty("kind").GetString() == "grant");
        var granter = keys.Single(key => key.GetProperty("kind").GetString() == "key");
        Assert.Equal(("A test's program", 2 * price, price, 2 * price), (grant.GetProperty("name").GetString(), grant.GetProperty("spendPerDay").GetInt64(), grant.GetProperty("askAbove").GetInt64(), grant.GetProperty("spent").GetInt64()));
        Assert.Equal((granter.GetProperty("id").GetString(), browser.ClientId), (grant.GetProperty("parentId").GetString(), grant.GetProperty("clientId").GetString()));
        Assert.Equal(3 * price, granter.GetProperty("spent").GetInt64());

        // There is nothing of it to hand out.
        Assert.Equal("", grant.GetProperty("prefix").GetString());
        Assert.Equal("KEY_NOT_FOUND", (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/keys/{grant.GetProperty("id").GetString()}/rotate", new { })).Code);
    }

    [Fact]
    public async Task What_is_dearer_than_the_threshold_must_be_confirmed_by_a_program_too()
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, askAbove: "0");
        browser.Dispose();

        Assert.Equal((403, "CONFIRMATION_REQUIRED"), Code(await Api.GenerateAsync(customer with { Key = tokens.Access }, Image)));
    }

    [Fact]
    public async Task Programs_share_the_cap_of_the_key_that_allowed_them_and_cannot_be_given_more()
    {
        var probe = await Api.CreateCustomerAsync();
        var price = await PriceAsync(probe);
        var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = 2 * price, askAbove = 1_000 });
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var page = await browser.OpenAsync(browser.Request());

        var tooMuch = await browser.DecideAsync(page, "allow", customer.Key, spendPerDay: $"{(2 * price) + 1}");
        var tooLate = await browser.DecideAsync(page, "allow", customer.Key, askAbove: "1001");
        var nonsense = await browser.DecideAsync(page, "allow", customer.Key, spendPerDay: "lots");

        Assert.Equal([400, 400, 400], new[] { tooMuch, tooLate, nonsense }.Select(answer => answer.Status));
        Assert.Contains($"may spend {2 * price} credits a day", tooMuch.Html, StringComparison.Ordinal);
        Assert.Contains("asks above 1000 credits", tooLate.Html, StringComparison.Ordinal);
        Assert.Single(await KeysAsync(customer));

        // What was left empty is what the key has, and all of them together have no more.
        var programs = new List<Customer>();
        for (var i = 0; i < 3; i++)
        {
            var (other, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key);
            other.Dispose();
            programs.Add(customer with { Key = tokens.Access });
        }

        Assert.All((await KeysAsync(customer)).Skip(1), grant => Assert.Equal((2 * price, 1_000L), (grant.GetProperty("spendPerDay").GetInt64(), grant.GetProperty("askAbove").GetInt64())));
        var task = (await Api.GenerateAsync(programs[0], Image)).Expect(200).Data.GetProperty("id").GetString();
        (await Api.GenerateAsync(programs[1], Image)).Expect(200);
        var refused = await Api.GenerateAsync(programs[2], Image);
        Assert.Contains("The API key that granted this access may spend", refused.Expect(402).Text, StringComparison.Ordinal);
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(customer, Image)).Code);

        // And what one of them gets back, all get back.
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{task}", programs[0].Key)).Expect(200);
        (await Api.GenerateAsync(programs[2], Image)).Expect(200);
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(customer, Image)).Code);
    }

    [Fact]
    public async Task A_program_gets_the_scopes_it_asked_for_and_the_key_has()
    {
        var customer = await Api.CreateCustomerAsync();
        var (reading, reader) = await OAuthBrowser.ConnectAsync(Api, customer.Key, scope: "read profile");
        reading.Dispose();
        Assert.Equal((403, "FORBIDDEN"), Code(await Api.GenerateAsync(customer with { Key = reader.Access }, Image)));
        await Api.CreditsAsync(customer with { Key = reader.Access });

        var key = await Api.CreateKeyAsync(customer.AccountId, limits: new { scopes = new[] { "read" } });
        var (limited, all) = await OAuthBrowser.ConnectAsync(Api, key, scope: "generate read");
        Assert.Equal((403, "FORBIDDEN"), Code(await Api.GenerateAsync(customer with { Key = all.Access }, Image)));
        var nothing = await limited.DecideAsync(await limited.OpenAsync(limited.Request(scope: "generate")), "allow", key);
        Assert.Equal(403, nothing.Status);
        limited.Dispose();
    }

    [Fact]
    public async Task The_page_is_safe_to_look_at_and_keeps_the_key_to_itself()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync(new { redirect_uris = new[] { "https://client.example/cb" }, client_name = "<script>alert(1)</script>\"'" });
        var request = browser.Request();
        request["redirect_uri"] = "https://client.example/cb";
        request["state"] = "\"><script>alert(2)</script>";

        var page = await browser.OpenAsync(request);
        var wrong = await browser.DecideAsync(page, "allow", ZoetropeKey());

        foreach (var shown in new[] { page, wrong })
        {
            Assert.DoesNotContain("<script", shown.Html, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("client.example", shown.Html, StringComparison.Ordinal);
            var policy = shown.Headers["Content-Security-Policy"];
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("form-action 'self' https://client.example;", policy, StringComparison.Ordinal);
            Assert.Contains("no-store", shown.Headers["Cache-Control"], StringComparison.Ordinal);
        }

        Assert.Equal((200, 400), (page.Status, wrong.Status));
        Assert.Contains("not a working API key", wrong.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-test-", wrong.Html.Replace("sk-test- or sk-live-", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(302, (await browser.DecideAsync(wrong, "allow", customer.Key)).Status);
    }

    [Fact]
    public async Task A_denial_goes_back_to_the_program_and_makes_nothing()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();

        var denied = await browser.DecideAsync(await browser.OpenAsync(browser.Request()), "deny", key: null);

        Assert.StartsWith(OAuthBrowser.Redirect, denied.Location!.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(("access_denied", "the state & more"), (denied.Query["error"], denied.Query["state"]));
        Assert.Single(await KeysAsync(customer));
    }

    [Fact]
    public async Task No_other_site_and_no_other_browser_can_send_the_form()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        using var stranger = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var page = await browser.OpenAsync(browser.Request());
        var other = browser.Request();
        other["state"] = "another";
        var mixed = page.Hidden.Where(field => field.Key != "seal").Append((await browser.OpenAsync(other)).Hidden.Single(field => field.Key == "seal"))
            .Append(new("decision", "allow")).Append(new("password", customer.Key));

        var answers = new[]
        {
            await stranger.DecideAsync(page, "allow", customer.Key),
            await browser.DecideAsync(page, "allow", customer.Key, headers: ("Origin", "https://evil.example")),
            await browser.DecideAsync(page, "allow", customer.Key, headers: ("Origin", "null")),
            await browser.DecideAsync(page, "allow", customer.Key, headers: ("Sec-Fetch-Site", "cross-site")),
            await browser.DecideAsync(page with { Html = page.Html.Replace("name=\"seal\" value=\"", "name=\"seal\" value=\"A", StringComparison.Ordinal) }, "allow", customer.Key),
            await browser.DecideAsync(page with { Html = page.Html.Replace("name=\"seal\"", "name=\"no\"", StringComparison.Ordinal) }, "allow", customer.Key),
            await browser.PostAsync(mixed),
        };

        Assert.All(answers, answer => Assert.Equal((403, (Uri?)null), (answer.Status, answer.Location)));
        Assert.Single(await KeysAsync(customer));
        Assert.Equal(302, (await browser.DecideAsync(page, "allow", customer.Key, headers: [("Origin", Origin), ("Sec-Fetch-Site", "same-origin")])).Status);
    }

    [Fact]
    public async Task What_was_shown_is_what_is_decided()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var page = await browser.OpenAsync(browser.Request(resource: Origin + "/mcp", scope: "read"));
        var others = page.Hidden.Where(field => field.Key is not ("scope" or "resource")).ToList();
        KeyValuePair<string, string> scope = new("scope", "read"), resource = new("resource", Origin + "/mcp");
        foreach (var (what, changed) in new (string, KeyValuePair<string, string>[])[]
        {
            ("more scopes", [new("scope", "generate read"), resource]),
            ("no scope", [resource]),
            ("another resource", [scope, new("resource", Origin)]),
            ("no resource", [scope]),
            ("a second resource", [scope, resource, new("resource", Origin)]),
            ("one parameter more", [scope, resource, new("nonce", "n")]),
        })
        {
            var answer = await browser.PostAsync([.. others, .. changed, new("decision", "allow"), new("password", customer.Key), new("spend_per_day", ""), new("ask_above", "")]);
            Assert.True((answer.Status, answer.Location) == (403, null), $"{what}: {answer.Status} {answer.Location}");
        }

        Assert.Single(await KeysAsync(customer));
        var allowed = await browser.PostAsync([resource, .. others, scope, new("decision", "allow"), new("password", customer.Key), new("spend_per_day", ""), new("ask_above", "")]);
        Assert.Equal(302, allowed.Status);
    }

    [Fact]
    public async Task Nobody_is_sent_to_a_program_that_nobody_has_allowed_unless_they_decided()
    {
        var customer = await Api.CreateCustomerAsync();
        foreach (var target in new[] { "https://evil.example/cb", "com.example.app:/cb", OAuthBrowser.Redirect })
        {
            using var browser = new OAuthBrowser(Api.Address);
            await browser.RegisterAsync(new { redirect_uris = new[] { target } });
            async Task<Page> OpenAsync(string field, string? value)
            {
                var request = browser.Request();
                (request["redirect_uri"], request[field]) = (target, value);
                return await browser.OpenAsync(request);
            }

            (string, string?)[] wrongs =
            [
                ("prompt", "none"), ("resource", "https://other.example/mcp"), ("code_challenge", null), ("code_challenge_method", "plain"), ("response_type", "token"), ("response_mode", "fragment"),
                ("scope", "\u0001"), ("request", "eyJ"), ("request_uri", "https://evil.example/r"), ("prompt", "none login"), ("max_age", "x"),
            ];
            foreach (var (field, value) in wrongs)
            {
                var page = await OpenAsync(field, value);
                Assert.True(page.Location is null && page.Status is 200 or 400, $"{target}, {field}={value}: {page.Status} {page.Location}");
                Assert.True(page.Status == 200 || !page.Html.Contains(target, StringComparison.Ordinal), page.Html);
            }

            var refused = await OpenAsync("prompt", "none");
            Assert.Equal(400, refused.Status);
            Assert.Contains("Nobody has allowed it anything", refused.Html, StringComparison.Ordinal);
            Assert.Contains("interaction_required", refused.Html, StringComparison.Ordinal);
            Assert.Contains("default-src 'none'", refused.Headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.Contains("form-action 'none'", refused.Headers["Content-Security-Policy"], StringComparison.Ordinal);

            // Whoever saw the page saw where it leads. From then on it is a program of somebody's.
            var denied = await browser.DecideAsync(await OpenAsync("prompt", null), "deny", key: null);
            Assert.Equal("access_denied", denied.Query["error"]);
            Assert.Null((await OpenAsync("prompt", "none")).Location);
            Assert.Equal(302, (await browser.DecideAsync(await OpenAsync("prompt", null), "allow", customer.Key)).Status);
            Assert.Equal("interaction_required", (await OpenAsync("prompt", "none")).Query["error"]);
        }
    }

    [Fact]
    public async Task The_page_says_what_holds_and_what_is_the_programs_word()
    {
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var customer = await Api.CreateCustomerAsync();

        var html = (await browser.DecideAsync(await browser.OpenAsync(browser.Request()), "continue", customer.Key)).Html;

        Assert.Contains("is the most it can spend in a UTC day, whatever it does", html, StringComparison.Ordinal);
        Assert.Contains("This server does not see whether it did", html, StringComparison.Ordinal);
        Assert.Contains("cannot read or change webhooks, their secrets, credit alerts, members or what programs may spend", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grants_that_come_and_go_have_no_more_places_and_no_higher_rate_than_their_key()
    {
        var (flying, rated) = (await Api.CreateCustomerAsync(keyLimits: new { inFlightLimit = 2 }), await Api.CreateCustomerAsync(keyLimits: new { requestsPerMinute = 1 }));
        var began = server.Time.GetUtcNow();
        var (flown, fast) = (new List<string>(), 0);
        for (var i = 0; i < 8; i++)
        {
            foreach (var customer in new[] { flying, rated })
            {
                var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key);
                using var _ = browser;
                var reply = await Api.GenerateAsync(customer with { Key = tokens.Access }, Image);
                if (reply.Status == 200)
                {
                    fast += customer == rated ? 1 : 0;
                    flown.AddRange(customer == flying ? [reply.Data.GetProperty("id").GetString()!] : []);
                }
                else
                {
                    Assert.Equal((429, customer == rated ? "RATE_LIMITED" : "TOO_MANY_IN_FLIGHT"), Code(reply));
                    Assert.Contains("The API key that granted this access", reply.Text.Replace("the API key", "The API key", StringComparison.Ordinal), StringComparison.Ordinal);
                }

                Assert.Equal(200, await browser.RevokeAsync(tokens.Refresh));
            }
        }

        Assert.Equal(2, flown.Count);
        Assert.InRange(fast, 1, 1 + (int)(server.Time.GetUtcNow() - began).TotalMinutes);

        // The key itself has none left either, until something of a program that is long gone has ended.
        Assert.Equal((429, "TOO_MANY_IN_FLIGHT"), Code(await Api.GenerateAsync(flying, Image)));
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{flown[0]}", flying.Key)).Expect(200);
        (await Api.GenerateAsync(flying, Image)).Expect(200);
        Assert.Equal((429, "TOO_MANY_IN_FLIGHT"), Code(await Api.GenerateAsync(flying, Image)));

        // A rotation brings no places either.
        var key = (await KeysAsync(flying)).First(item => item.GetProperty("kind").GetString() == "key").GetProperty("id").GetString();
        var rotated = (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{flying.AccountId}/keys/{key}/rotate", new { })).Expect(200).Data.GetProperty("key").GetString()!;
        Assert.Equal((429, "TOO_MANY_IN_FLIGHT"), Code(await Api.GenerateAsync(flying with { Key = rotated }, Image)));
        await Api.AssertLedgerIsCleanAsync();
    }

    [Fact]
    public async Task A_request_that_is_wrong_never_leaves_for_an_unknown_address()
    {
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        foreach (var (field, value) in new[]
        {
            ("client_id", "client_00000000000000000000000000"), ("client_id", "nonsense"), ("client_id", null), ("redirect_uri", "https://evil.example/"),
            ("redirect_uri", OAuthBrowser.Redirect + "/more"), ("redirect_uri", null),
        })
        {
            var request = browser.Request();
            request[field] = value;
            var page = await browser.OpenAsync(request);
            Assert.Equal((400, (Uri?)null), (page.Status, page.Location));
        }

        foreach (var (field, value, error) in new[]
        {
            ("code_challenge", null, "invalid_request"), ("code_challenge_method", "plain", "invalid_request"), ("response_type", "token", "unsupported_response_type"),
            ("resource", "https://other.example/mcp", "invalid_target"), ("prompt", "none", "interaction_required"),
        })
        {
            var request = browser.Request();
            request[field] = value;
            var page = await browser.OpenAsync(request);

            // What is wrong before the address was checked is said on the page.
            var said = page.Location is null ? page.Html : page.Query["error"];
            Assert.True(said.Contains(error, StringComparison.Ordinal) && page.Location?.AbsoluteUri.StartsWith(OAuthBrowser.Redirect, StringComparison.Ordinal) != false, $"{field}: {page.Status} {page.Location} {page.Html}");
        }
    }

    [Fact]
    public async Task A_code_needs_its_verifier_its_address_and_its_program()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();

        Assert.Equal("invalid_grant", (await browser.ExchangeAsync(await browser.AllowAsync(customer.Key), verifier: new string('v', 43))).Error);
        Assert.Equal("invalid_grant", (await browser.ExchangeAsync(await browser.AllowAsync(customer.Key), redirect: "http://127.0.0.1:45678/other")).Error);
        Assert.Equal("invalid_target", (await browser.ExchangeAsync(await browser.AllowAsync(customer.Key, resource: Origin + "/mcp"), resource: Origin)).Error);
        Assert.Equal("invalid_grant", (await browser.ExchangeAsync("nonsense")).Error);
        var code = await browser.AllowAsync(customer.Key);
        using var thief = new OAuthBrowser(Api.Address);
        await thief.RegisterAsync();
        Assert.Equal("invalid_grant", (await thief.ExchangeAsync(code, verifier: browser.Verifier)).Error);

        var late = await browser.AllowAsync(customer.Key);
        server.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("invalid_grant", (await browser.ExchangeAsync(late)).Error);
    }

    [Fact]
    public async Task A_code_that_comes_twice_ends_everything_it_gave()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var code = await browser.AllowAsync(customer.Key);
        var tokens = await browser.ExchangeAsync(code);
        await Api.CreditsAsync(customer with { Key = tokens.Access });

        Assert.Equal("invalid_grant", (await browser.ExchangeAsync(code)).Error);

        await DeadAsync(customer, browser, tokens);
    }

    [Fact]
    public async Task Of_twenty_that_exchange_one_code_at_once_at_most_one_gets_tokens_and_they_are_worth_nothing()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var code = await browser.AllowAsync(customer.Key);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => browser.ExchangeAsync(code)));

        Assert.InRange(answers.Count(answer => answer.Status == 200), 0, 1);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal("invalid_grant", answer.Error));

        // More than one holds the code, so nobody is to have the access.
        var grant = (await KeysAsync(customer)).Single(key => key.GetProperty("kind").GetString() == "grant");
        Assert.Equal(JsonValueKind.String, grant.GetProperty("revokedAt").ValueKind);
        foreach (var won in answers.Where(answer => answer.Status == 200))
        {
            await DeadAsync(customer, browser, won);
        }
    }

    [Fact]
    public async Task An_access_token_ends_after_an_hour_and_a_refresh_token_gives_the_next()
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, first) = await OAuthBrowser.ConnectAsync(Api, customer.Key);
        using var _ = browser;
        server.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal((401, "INVALID_API_KEY"), Code(await Api.GetAsync(customer with { Key = first.Access }, "/api/v1/credits")));

        var second = await browser.RefreshAsync(first.Refresh);
        await Api.CreditsAsync(customer with { Key = second.Access });
        Assert.NotEqual(first.Refresh, second.Refresh);

        // While it is used it goes on, and without use it is over.
        server.Time.Advance(TimeSpan.FromMinutes(115));
        var third = await browser.RefreshAsync(second.Refresh);
        await Api.CreditsAsync(customer with { Key = third.Access });
        server.Time.Advance(TimeSpan.FromMinutes(125));
        Assert.Equal("invalid_grant", (await browser.RefreshAsync(third.Refresh)).Error);
    }

    [Fact]
    public async Task A_refresh_token_that_comes_back_later_ends_everything()
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, first) = await OAuthBrowser.ConnectAsync(Api, customer.Key);
        using var _ = browser;
        var second = await browser.RefreshAsync(first.Refresh);

        // A client that lost the answer asks again at once, and is not punished.
        Assert.Equal(200, (await browser.RefreshAsync(first.Refresh)).Status);
        await Api.CreditsAsync(customer with { Key = second.Access });

        server.Time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal("invalid_grant", (await browser.RefreshAsync(first.Refresh)).Error);
        await DeadAsync(customer, browser, second);
    }

    [Fact]
    public async Task A_refresh_token_is_of_no_use_to_another_program()
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key);
        using var _ = browser;
        using var thief = new OAuthBrowser(Api.Address);
        await thief.RegisterAsync();

        Assert.Equal("invalid_grant", (await thief.RefreshAsync(tokens.Refresh)).Error);
        Assert.Equal((401, "INVALID_API_KEY"), Code(await Api.GetAsync(customer with { Key = Tampered(tokens.Access) }, "/api/v1/credits")));
        Assert.NotEqual(200, (await Api.GetAsync(customer with { Key = tokens.Refresh }, "/api/v1/credits")).Status);
    }

    [Theory]
    [InlineData("grant")]
    [InlineData("key")]
    [InlineData("rotation")]
    [InlineData("client")]
    public async Task An_end_ends_it_at_once(string end)
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key);
        using var _ = browser;
        await Api.CreditsAsync(customer with { Key = tokens.Access });
        var keys = await KeysAsync(customer);
        var path = $"/admin/v1/accounts/{customer.AccountId}/keys/";
        switch (end)
        {
            case "client":
                Assert.Equal(200, await browser.RevokeAsync(tokens.Refresh));
                break;
            case "rotation":
                (await Api.OperateAsync(HttpMethod.Post, $"{path}{keys.First(key => key.GetProperty("kind").GetString() == "key").GetProperty("id").GetString()}/rotate", new { })).Expect(200);
                break;
            default:
                (await Api.OperateAsync(HttpMethod.Delete, path + keys.First(key => key.GetProperty("kind").GetString() == end).GetProperty("id").GetString())).Expect(200);
                break;
        }

        await DeadAsync(customer, browser, tokens);
    }

    [Fact]
    public async Task A_token_works_where_it_was_issued_for()
    {
        var customer = await Api.CreateCustomerAsync();
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, customer.Key, resource: Origin + "/mcp");
        browser.Dispose();

        for (var i = 0; i < 2; i++)
        {
            var refused = await Api.GetAsync(customer with { Key = tokens.Access }, "/api/v1/credits");
            Assert.Equal((401, "INVALID_API_KEY"), Code(refused));
            Assert.Contains($"issued for {Origin}/mcp", refused.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task VicSees_addresses_answer_alike()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        Assert.Equal(201, (await browser.RegisterAsync(new { redirect_uris = new[] { OAuthBrowser.Redirect } }, "/register")).Status);

        var code = (await browser.DecideAsync(await browser.OpenAsync(browser.Request(), "/authorize"), "allow", customer.Key)).Query["code"];

        Assert.Equal(200, (await browser.ExchangeAsync(code, path: "/token")).Status);
    }

    [Fact]
    public async Task A_program_on_this_computer_may_listen_on_any_port()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var request = browser.Request();
        request["redirect_uri"] = "http://127.0.0.1:50001/callback";

        var allowed = await browser.DecideAsync(await browser.OpenAsync(request), "allow", customer.Key);

        Assert.StartsWith("http://127.0.0.1:50001/callback?", allowed.Location!.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(200, (await browser.ExchangeAsync(allowed.Query["code"], redirect: "http://127.0.0.1:50001/callback")).Status);
    }

    [Fact]
    public async Task One_key_allows_so_many_programs_and_no_more()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var page = await browser.OpenAsync(browser.Request());
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(302, (await browser.DecideAsync(page, "allow", customer.Key)).Status);
        }

        var refused = await browser.DecideAsync(page, "allow", customer.Key);

        Assert.Equal(409, refused.Status);
        Assert.Contains("20 programs", refused.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_holds_no_code_no_token_and_no_key()
    {
        var customer = await Api.CreateCustomerAsync();
        using var browser = new OAuthBrowser(Api.Address);
        await browser.RegisterAsync();
        var code = await browser.AllowAsync(customer.Key);
        var tokens = await browser.ExchangeAsync(code);

        var database = (Database)server.Zoetrope.Services.GetService(typeof(Database))!;
        var rows = await database.ReadAsync(async session => await session.QueryAsync<string>(
            "select coalesce(reference_id, '') || ' ' || coalesce(payload, '') || ' ' || coalesce(properties, '') from oauth_tokens"));

        Assert.NotEmpty(rows);
        foreach (var secret in new[] { code, tokens.Access, tokens.Refresh, customer.Key })
        {
            Assert.DoesNotContain(rows, row => row.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static string ZoetropeKey() => Zoetrope.Server.Accounts.ApiKeys.New(KeyMode.Test);

    private static string Tampered(string token) => token[..^4] + (token[^4] == 'A' ? 'B' : 'A') + token[^3..];

    private static string?[] Texts(JsonElement document, string name) => [.. document.GetProperty(name).EnumerateArray().Select(item => item.GetString())];

    private static (int, string?) Code(Reply reply) => (reply.Status, reply.Code);

    private async Task DeadAsync(Customer customer, OAuthBrowser browser, TokenAnswer tokens)
    {
        Assert.Equal((401, "INVALID_API_KEY"), Code(await Api.GetAsync(customer with { Key = tokens.Access }, "/api/v1/credits")));
        Assert.Equal("invalid_grant", (await browser.RefreshAsync(tokens.Refresh)).Error);
    }

    private async Task<long> PriceAsync(Customer customer) =>
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(Image))).Expect(200).Data.GetProperty("credits").GetInt64();

    private async Task<List<JsonElement>> KeysAsync(Customer customer) =>
        [.. (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data.GetProperty("keys").EnumerateArray()];

    /// <summary>One server for the tests of a class, whose clock they only ever set forward.</summary>
    public abstract class Server : IAsyncLifetime
    {
        internal MovedClock Time { get; } = new();

        internal TestZoetrope Zoetrope { get; private set; } = null!;

        internal abstract SqlDialect Dialect { get; }

        public async ValueTask InitializeAsync()
        {
            Time.Advance(TimeSpan.FromDays(1.3) - Time.GetUtcNow().TimeOfDay);
            Zoetrope = await TestZoetrope.StartAsync(new TestServer
            {
                Database = Dialect,
                Time = Time,
                Settings = new Dictionary<string, string?> { ["OAuth:RegistrationsPerMinute"] = "1000", ["OAuth:RefreshTokenLifetime"] = "02:00:00", ["Providers:sandbox:Concurrency"] = "0" },
            });
        }

        public async ValueTask DisposeAsync()
        {
            if (Zoetrope is not null)
            {
                await Zoetrope.DisposeAsync();
            }

            GC.SuppressFinalize(this);
        }
    }
}

public sealed class SqliteOAuthTests(SqliteOAuthTests.SqliteServer server) : OAuthConformance(server), IClassFixture<SqliteOAuthTests.SqliteServer>
{
    public sealed class SqliteServer : Server
    {
        internal override SqlDialect Dialect => SqlDialect.Sqlite;
    }
}

public sealed class PostgresOAuthTests(PostgresOAuthTests.PostgresServer server) : OAuthConformance(server), IClassFixture<PostgresOAuthTests.PostgresServer>
{
    public sealed class PostgresServer : Server
    {
        internal override SqlDialect Dialect => SqlDialect.Postgres;
    }
}
