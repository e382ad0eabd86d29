using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Accounts;

/// <summary>Keys that the holders of keys make: never wider than their maker, nobody else's business, and limited at every door.</summary>
public abstract class OwnKeyConformance
{
    private const string Image = "nano-banana-2-text-to-image";
    private const string Other = "flux-2-pro-text-to-image";
    private const string Root = "/api/v1/keys";

    private static readonly string[] All = ["generate", "read", "keys"];

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task A_key_makes_changes_and_ends_keys_within_its_own_rights()
    {
        await using var zoetrope = await StartAsync();
        var api = zoetrope.Api;
        var account = await api.CreateCustomerAsync();
        var limits = new
        {
            scopes = new[] { "generate", "read", "keys" },
            requestsPerMinute = 60,
            inFlightLimit = 10,
            spendPerDay = 100,
            spendPerWeek = 200,
            spendPerMonth = 300,
            spendInAll = 400,
            askAbove = 50,
            models = new[] { Image, Other },
            addresses = new[] { "127.0.0.0/8", "::1" },
            expiresAt = "2099-01-01T00:00:00Z",
        };
        var maker = await api.CreateKeyAsync(account.AccountId, limits: limits);

        // What is left out is the maker's.
        var same = await MakeAsync(api, maker, new { name = "same" });
        var own = await MeAsync(api, maker);
        Assert.Equal(["generate", "read"], Texts(same.GetProperty("scopes")));
        Assert.Equal("2099-01-01T00:00:00.000Z", same.GetProperty("expiresAt").GetString());
        foreach (var (name, value) in new (string, long)[] { ("requestsPerMinute", 60), ("inFlightLimit", 10), ("spendPerDay", 100), ("spendPerWeek", 200), ("spendPerMonth", 300), ("spendInAll", 400), ("askAbove", 50) })
        {
            Assert.Equal(value, same.GetProperty("limits").GetProperty(name).GetInt64());
        }

        Assert.Equal([Other, Image], Texts(same.GetProperty("limits").GetProperty("models")));
        Assert.Equal(["127.0.0.0/8", "::1/128"], Texts(same.GetProperty("limits").GetProperty("addresses")));
        var narrower = await MakeAsync(api, maker, new { name = "narrower", spendPerDay = 99, models = new[] { Image }, addresses = new[] { "127.0.0.1" }, expiresAt = "2098-12-31T00:00:00Z", scopes = new[] { "read" } });
        var id = Text(narrower, "id");

        // Each right beyond the maker's is refused by name, for a new key and for a change.
        foreach (var (field, wish) in new (string, string)[]
        {
            ("mode", "\"live\""), ("scopes", "[\"audit\"]"), ("expiresAt", "\"2099-01-02T00:00:00Z\""), ("requestsPerMinute", "61"), ("inFlightLimit", "11"), ("spendPerDay", "101"), ("spendPerWeek", "201"),
            ("spendPerMonth", "301"), ("spendInAll", "401"), ("askAbove", "51"), ("models", "[\"kling-3-0-text-to-video\"]"), ("addresses", "[\"0.0.0.0/0\"]"), ("addresses", "[\"126.0.0.0/7\"]"), ("addresses", "[\"::/0\"]"),
        })
        {
            var made = await api.SendAsync(HttpMethod.Post, Root, maker, $$"""{"name":"wider","{{field}}":{{wish}}}""");
            Assert.Equal((403, "KEY_TOO_WIDE", field), (made.Status, made.Code, made.Json.GetProperty("error").GetProperty("field").GetString()));
            if (field != "mode")
            {
                Assert.Equal("KEY_TOO_WIDE", (await api.SendAsync(HttpMethod.Patch, $"{Root}/{id}", maker, $$"""{"{{field}}":{{wish}}}""")).Code);
            }
        }

        // null is the maker's, a number its own, and what is not named stays.
        var changed = (await api.SendAsync(HttpMethod.Patch, $"{Root}/{id}", maker, """{"spendPerDay":null,"spendPerWeek":7,"name":"other"}""")).Expect(200).Data;
        Assert.Equal((100, 7, 300, "other"), (Limit(changed, "spendPerDay"), Limit(changed, "spendPerWeek"), Limit(changed, "spendPerMonth"), Text(changed, "name")));
        foreach (var (body, code) in new[] { ("""{"spendPerDay":0}""", "INVALID_PARAMETER"), ("""{"models":["no-such"]}""", "INVALID_MODEL"), ("""{"models":[]}""", "INVALID_PARAMETER"), ("""{"addresses":["10.0.0.0/33"]}""", "INVALID_PARAMETER"), ("""{"spend":1}""", "UNKNOWN_PARAMETER"), ("""{"expiresAt":"2001-01-01"}""", "INVALID_PARAMETER") })
        {
            Assert.Equal((400, code), Short(await api.SendAsync(HttpMethod.Patch, $"{Root}/{id}", maker, body)));
        }

        // A key with more rights is neither changed, nor rotated, nor ended; one without the scope does nothing at all.
        var wider = (await KeysAsync(api, maker)).Single(key => Limit(key, "spendPerDay") is null && Texts(key.GetProperty("scopes")).Length == 2);
        foreach (var reply in new[] { await api.SendAsync(HttpMethod.Patch, $"{Root}/{Text(wider, "id")}", maker, """{"name":"x"}"""), await api.SendAsync(HttpMethod.Delete, $"{Root}/{Text(wider, "id")}", maker), await api.SendAsync(HttpMethod.Post, $"{Root}/{Text(wider, "id")}/rotate", maker, "{}") })
        {
            Assert.Equal((403, "KEY_TOO_WIDE"), Short(reply));
        }

        Assert.Equal((403, "FORBIDDEN"), Short(await api.SendAsync(HttpMethod.Get, Root, account.Key)));
        Assert.Equal((403, "FORBIDDEN"), Short(await api.SendAsync(HttpMethod.Get, Root, Text(same, "key"))));

        // Ended for good when the answer is there.
        (await api.SendAsync(HttpMethod.Get, "/api/v1/me", Text(narrower, "key"))).Expect(200);
        Assert.NotNull((await api.SendAsync(HttpMethod.Delete, $"{Root}/{id}", maker)).Expect(200).Data.GetProperty("revokedAt").GetString());
        Assert.Equal(401, (await api.SendAsync(HttpMethod.Get, "/api/v1/me", Text(narrower, "key"))).Status);
        Assert.Equal((404, "KEY_NOT_FOUND"), Short(await api.SendAsync(HttpMethod.Delete, $"{Root}/{id}", maker)));
        Assert.DoesNotContain(await KeysAsync(api, maker), key => Text(key, "id") == id);
        Assert.Contains(await KeysAsync(api, maker, "?all=true"), key => Text(key, "id") == id);
        Assert.Equal("spendPerDay", own.GetProperty("binding").GetString());
    }

    [Fact]
    public async Task Foreign_keys_those_of_others_and_live_keys_do_not_exist()
    {
        await using var zoetrope = await StartAsync();
        var api = zoetrope.Api;
        var (one, other) = (await api.CreateCustomerAsync(), await api.CreateCustomerAsync());
        var (mine, theirs) = (await api.CreateKeyAsync(one.AccountId, "live", new { scopes = All }), await api.CreateKeyAsync(other.AccountId, "live", new { scopes = All }));
        var test = await api.CreateKeyAsync(one.AccountId, limits: new { scopes = All });
        var store = zoetrope.Services.GetRequiredService<ApiKeyStore>();
        var database = zoetrope.Services.GetRequiredService<Database>();
        async Task<CreatedKey> PersonsAsync(string person, Scopes scopes) => await database.InTransactionAsync(tx => store.CreateAsync(
            tx, new NewApiKey(one.AccountId, KeyMode.Live, person) { Scopes = scopes, PersonId = person }));
        var ann = await PersonsAsync("person_ann", Scopes.All | Scopes.Keys);
        var boss = await PersonsAsync("person_boss", Scopes.All | Scopes.Keys | Scopes.Members);
        var foreign = await MakeAsync(api, theirs, new { name = "theirs" });
        var live = await MakeAsync(api, mine, new { name = "live" });
        var anns = await MakeAsync(api, ann.Secret, new { name = "Ann's" });

        Assert.Equal(("live", null, "person_ann"), (Text(live, "mode"), live.GetProperty("personId").GetString(), Text(anns, "personId")));
        var missing = "key_00000000000000000000000000";
        foreach (var (key, hidden) in new[] { (mine, Text(foreign, "id")), (test, Text(live, "id")), (ann.Secret, Text(live, "id")), (ann.Secret, boss.Key.Id) })
        {
            foreach (var (method, rest, body) in new[] { ("GET", "", null), ("PATCH", "", "{}"), ("DELETE", "", null), ("POST", "/rotate", "{}"), ("GET", "/preview", null) })
            {
                var (there, nowhere) = (await api.SendAsync(new HttpMethod(method), $"{Root}/{hidden}{rest}", key, body), await api.SendAsync(new HttpMethod(method), $"{Root}/{missing}{rest}", key, body));
                Assert.Equal((404, "KEY_NOT_FOUND"), Short(there));
                Assert.Equal(nowhere.Text.Replace(missing, hidden, StringComparison.Ordinal), there.Text);
            }
        }

        Assert.Equal([Text(anns, "id"), ann.Key.Id], (await KeysAsync(api, ann.Secret)).Select(key => Text(key, "id")));
        Assert.Equal(7, (await KeysAsync(api, boss.Secret)).Count);
        Assert.All(await KeysAsync(api, test), key => Assert.Equal("test", Text(key, "mode")));
        var paged = new List<string>();
        await foreach (var page in api.PagesAsync(new Customer(one.AccountId, mine), $"{Root}?limit=2"))
        {
            paged.AddRange(page.Data.GetProperty("keys").EnumerateArray().Select(key => Text(key, "id")));
        }

        Assert.Equal((await KeysAsync(api, mine)).Select(key => Text(key, "id")), paged);
        var who = await MeAsync(api, ann.Secret);
        Assert.Equal(("person_ann", one.AccountId, "live"), (Text(who.GetProperty("person"), "id"), Text(who.GetProperty("account"), "id"), Text(who.GetProperty("credential"), "mode")));
    }

    [Fact]
    public async Task A_week_a_month_and_all_are_capped_in_the_transaction_of_the_hold()
    {
        var clock = new MovedClock();
        await using var zoetrope = await StartAsync(clock);
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync(credits: 1_000_000);
        var price = (await api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, Body(Image))).Expect(200).Data.GetProperty("credits").GetInt64();
        foreach (var (name, word, days) in new[] { ("spendPerWeek", "this week", 7), ("spendPerMonth", "this month", 31), ("spendInAll", "in all", 0) })
        {
            var key = customer with { Key = await api.CreateKeyAsync(customer.AccountId, limits: JsonSerializer.Deserialize<JsonElement>($$"""{"{{name}}": {{(price * 3) - 1}} }""")) };

            // 24 at once, and never more than fit.
            var replies = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => api.SendAsync(HttpMethod.Post, "/api/v1/generate", key.Key, Body(Image))));
            Assert.Equal(2, replies.Count(reply => reply.Status == 200));
            var refused = replies.First(reply => reply.Status != 200);
            Assert.Equal((402, "SPEND_CAP_REACHED"), Short(refused));
            Assert.Contains(word, refused.Text, StringComparison.Ordinal);
            Assert.Equal(days > 0, refused.Headers.RetryAfter is not null);
            var limit = (await MeAsync(api, key.Key)).GetProperty("limits").EnumerateArray().Single();
            Assert.Equal((name, price * 2, price - 1, days > 0), (Text(limit, "name"), limit.GetProperty("used").GetInt64(), limit.GetProperty("left").GetInt64(), limit.GetProperty("resetsAt").ValueKind == JsonValueKind.String));

            // What is given back fits again, and the next time begins at nothing.
            var task = replies.First(reply => reply.Status == 200).Data.GetProperty("id").GetString()!;
            await api.WaitAsync(key, task);
            var failing = await api.SendAsync(HttpMethod.Post, "/api/v1/generate", key.Key, Body(Image, "[[fail]]"));
            Assert.Equal(402, failing.Status);
            if (days > 0)
            {
                clock.Advance(TimeSpan.FromDays(days));
                await api.WaitAsync(key, (await api.SendAsync(HttpMethod.Post, "/api/v1/generate", key.Key, Body(Image, "[[fail]]"))).Expect(200).Data.GetProperty("id").GetString()!);
                Assert.Equal(0, (await MeAsync(api, key.Key)).GetProperty("limits")[0].GetProperty("used").GetInt64());
            }
        }

        // A key that has limits makes keys that count with it, or it would get its limit again with each.
        var capped = await api.CreateKeyAsync(customer.AccountId, limits: new { scopes = All, spendInAll = price });
        var child = Text(await MakeAsync(api, capped, new { name = "child" }), "key");
        (await api.SendAsync(HttpMethod.Post, "/api/v1/generate", child, Body(Image))).Expect(200);
        Assert.Equal(402, (await api.SendAsync(HttpMethod.Post, "/api/v1/generate", capped, Body(Image))).Status);
        Assert.Equal(402, (await api.SendAsync(HttpMethod.Post, "/api/v1/generate", Text(await MakeAsync(api, capped, new { name = "second" }), "key"), Body(Image))).Status);

        // A rotated key goes on with what was spent; the old secret works for a while.
        var keeper = await api.CreateKeyAsync(customer.AccountId, limits: new { scopes = All });
        var first = await MakeAsync(api, keeper, new { name = "rotated", spendInAll = price });
        (await api.SendAsync(HttpMethod.Post, "/api/v1/generate", Text(first, "key"), Body(Image))).Expect(200);
        var second = (await api.SendAsync(HttpMethod.Post, $"{Root}/{Text(first, "id")}/rotate", keeper, """{"graceSeconds":3600}""")).Expect(200).Data;
        Assert.Equal(402, (await api.SendAsync(HttpMethod.Post, "/api/v1/generate", Text(second, "key"), Body(Image))).Status);
        (await api.SendAsync(HttpMethod.Get, "/api/v1/me", Text(first, "key"))).Expect(200);
        clock.Advance(TimeSpan.FromHours(1.1));
        Assert.Equal(401, (await api.SendAsync(HttpMethod.Get, "/api/v1/me", Text(first, "key"))).Status);
        (await api.SendAsync(HttpMethod.Get, "/api/v1/me", Text(second, "key"))).Expect(200);
    }

    [Fact]
    public async Task Models_and_addresses_are_refused_at_every_door()
    {
        await using var zoetrope = await StartAsync(settings: new() { ["Server:TrustedProxies"] = "127.0.0.1", ["OAuth:RegistrationsPerMinute"] = "1000" });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        var key = await api.CreateKeyAsync(customer.AccountId, limits: new { models = new[] { Image } });
        (await api.SendAsync(HttpMethod.Post, "/api/v1/generate", key, Body(Image))).Expect(200);
        foreach (var (path, body) in new[]
        {
            ("/api/v1/generate", Body(Other)), ("/api/v1/estimate", Body(Other)), ("/api/v1/batches", $$"""{"requests":[{{Body(Image)}},{{Body(Other)}}]}"""),
            ("/v1/images/generations", $$"""{"model":"{{Other}}","prompt":"A red fox"}"""), ("/v1/videos", """{"model":"sora-2","prompt":"A red fox"}"""),
        })
        {
            var reply = await api.SendAsync(HttpMethod.Post, path, key, body);
            Assert.True((reply.Status, reply.Text.Contains("MODEL_NOT_ALLOWED", StringComparison.OrdinalIgnoreCase)) == (403, true), $"{path}: {reply.Status} {reply.Text}");
        }

        await using (var agent = await McpClients.ConnectAsync(api, key))
        {
            Assert.Equal("MODEL_NOT_ALLOWED", (await agent.CallAsync("vicsee_generate", new { model = Other, prompt = "A red fox" })).Code());
            Assert.Equal("MODEL_NOT_ALLOWED", (await agent.CallAsync("vicsee_list_models", new { model = Other })).Code());
            Assert.Equal(1, (await agent.CallAsync("vicsee_list_models", new { })).Data().GetProperty("models").GetArrayLength());
        }

        Assert.Equal([Image], (await api.SendAsync(HttpMethod.Get, "/api/v1/models", key)).Expect(200).Data.EnumerateArray().Select(model => Text(model, "id")));
        Assert.Equal((403, "MODEL_NOT_ALLOWED"), Short(await api.SendAsync(HttpMethod.Get, $"/api/v1/models/{Other}", key)));
        Assert.All((await api.SendAsync(HttpMethod.Get, "/v1/models", key)).Expect(200).Json.GetProperty("data").EnumerateArray(), model => Assert.DoesNotContain("flux", Text(model, "id"), StringComparison.Ordinal));
        Assert.Equal(403, (await api.SendAsync(HttpMethod.Get, $"/v1/models/{Other}", key)).Status);
        Assert.True((await api.SendAsync(HttpMethod.Get, "/api/v1/models", customer.Key)).Data.GetArrayLength() > 10);
        Assert.True((await api.SendAsync(HttpMethod.Get, "/api/v1/models", key: null)).Data.GetArrayLength() > 10);
        var keeper = await api.CreateKeyAsync(customer.AccountId, limits: new { scopes = All });
        var id = (await KeysAsync(api, keeper)).Single(found => found.GetProperty("limits").GetProperty("models").ValueKind == JsonValueKind.Array).GetProperty("id").GetString();
        Assert.Equal((await api.SendAsync(HttpMethod.Get, "/api/v1/models", key)).Data.GetRawText(), (await api.SendAsync(HttpMethod.Get, $"{Root}/{id}/preview", keeper)).Expect(200).Data.GetRawText());

        // A program has the models of the key that gave it access, and the networks.
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(api, key);
        browser.Dispose();
        Assert.Equal((403, "MODEL_NOT_ALLOWED"), Short(await api.SendAsync(HttpMethod.Post, "/api/v1/generate", tokens.Access, Body(Other))));
        (await api.SendAsync(HttpMethod.Patch, $"{Root}/{id}", keeper, """{"addresses":["203.0.113.0/24","2001:db8::/32"]}""")).Expect(200);
        foreach (var credential in new[] { key, tokens.Access })
        {
            foreach (var path in new[] { "/api/v1/me", "/api/v1/tasks", "/v1/models", "/api/v1/events" })
            {
                var reply = await FromAsync(path, credential, "198.51.100.7");
                Assert.True((reply.Status, reply.Text.Contains("ADDRESS_NOT_ALLOWED", StringComparison.OrdinalIgnoreCase)) == (403, true), $"{path}: {reply.Status} {reply.Text}");
            }

            Assert.Equal(403, (await api.SendAsync(HttpMethod.Get, "/api/v1/me", credential)).Status);
            Assert.Equal(200, (await FromAsync("/api/v1/me", credential, "203.0.113.9")).Status);
            Assert.Equal(200, (await FromAsync("/api/v1/me", credential, "2001:db8::9")).Status);
        }

        using var consent = new OAuthBrowser(api.Address);
        await consent.RegisterAsync();
        var page = await consent.DecideAsync(await consent.OpenAsync(consent.Request()), "continue", key);
        Assert.Equal(403, page.Status);

        Task<Reply> FromAsync(string path, string credential, string address)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
            return api.SendAsync(request);
        }
    }

    private protected Task<TestZoetrope> StartAsync(TimeProvider? clock = null, Dictionary<string, string?>? settings = null, string? postgres = null) => TestZoetrope.StartAsync(new TestServer
    {
        Database = Dialect,
        Postgres = postgres,
        Time = clock ?? TimeProvider.System,
        Settings = settings ?? [],
    });

    private protected static async Task<JsonElement> MakeAsync(ZoetropeApi api, string key, object wanted) =>
        (await api.SendAsync(HttpMethod.Post, Root, key, JsonSerializer.Serialize(wanted))).Expect(200).Data;

    private static async Task<JsonElement> MeAsync(ZoetropeApi api, string key) => (await api.SendAsync(HttpMethod.Get, "/api/v1/me", key)).Expect(200).Data;

    private static async Task<List<JsonElement>> KeysAsync(ZoetropeApi api, string key, string query = "") =>
        [.. (await api.SendAsync(HttpMethod.Get, Root + query, key)).Expect(200).Data.GetProperty("keys").EnumerateArray()];

    private static string Body(string model, string prompt = "A red fox") => JsonSerializer.Serialize(new { model, prompt });

    private protected static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static long? Limit(JsonElement key, string name) => key.GetProperty("limits").GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt64() : null;

    private static (int, string?) Short(Reply reply) => (reply.Status, reply.Code);
}

public sealed class SqliteOwnKeyTests : OwnKeyConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresOwnKeyTests : OwnKeyConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    [Fact]
    public async Task A_revoked_key_is_refused_by_every_node_when_the_answer_is_there()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync(postgres: one.Postgres);
        var customer = await one.Api.CreateCustomerAsync();
        var maker = await one.Api.CreateKeyAsync(customer.AccountId, limits: new { scopes = new[] { "read", "keys" } });
        var made = await MakeAsync(one.Api, maker, new { name = "short-lived" });
        (await two.Api.SendAsync(HttpMethod.Get, "/api/v1/me", Text(made, "key"))).Expect(200);

        (await one.Api.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{Text(made, "id")}", maker)).Expect(200);

        Assert.Equal(401, (await two.Api.SendAsync(HttpMethod.Get, "/api/v1/me", Text(made, "key"))).Status);
    }
}
