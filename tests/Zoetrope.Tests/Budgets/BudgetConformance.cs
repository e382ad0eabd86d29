using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Budgets;

/// <summary>Budgets over HTTP, on both databases. Tasks stay queued, so every hold stays open until a test ends it.</summary>
public abstract class BudgetConformance : WebhookScene
{
    private const string Model = "nano-banana-text-to-image";
    private const string Other = "flux-2-pro-text-to-image";

    private protected override Dictionary<string, string?> Further => new() { ["Providers:sandbox:Concurrency"] = "0" };

    private ZoetropeApi Api => Zoetrope.Api;

    private static object Fox => new { model = Model, prompt = "A red fox" };

    [Fact]
    public async Task Sixty_four_at_once_on_what_is_left_for_one_start_exactly_one()
    {
        var price = await PriceAsync();
        for (var round = 0; round < 4; round++)
        {
            var customer = await Api.CreateCustomerAsync();
            var budget = await SetAsync(customer, new { name = "All", scope = "account", period = "total", limit = (2 * price) - 1 });
            var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Api.GenerateAsync(customer, Fox)));

            Assert.Equal(1, replies.Count(reply => reply.Status == 200));
            Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal((402, "BUDGET_REACHED"), (reply.Status, reply.Code)));
            Assert.Equal((price, 0), Counted(await ReadAsync(customer, budget)));
            Assert.Equal(1_000_000 - price, await Api.CreditsAsync(customer));
        }
    }

    [Fact]
    public async Task The_refusal_and_the_estimate_name_the_budget_and_a_raise_lets_it_pass()
    {
        var price = await PriceAsync();
        var customer = await Api.CreateCustomerAsync();
        var writer = await WriterAsync(customer);
        var budget = await SetAsync(customer, new { name = "Red team", scope = "tag", subject = "team:red", period = "month", limit = price });
        var red = new { model = Model, prompt = "A red fox", tags = new { team = "red" } };
        Assert.True((await EstimateAsync(customer, red)).GetProperty("affordable").GetBoolean());
        (await Api.GenerateAsync(customer, red)).Expect(200);

        var refused = (await Api.GenerateAsync(customer, red)).Expect(402);
        var error = refused.Json.GetProperty("error");
        var named = error.GetProperty("budget");
        Assert.Equal("BUDGET_REACHED", refused.Code);
        Assert.Equal((budget, "Red team", price, 0, price), (Text(named, "id"), Text(named, "name"), named.GetProperty("limit").GetInt64(), named.GetProperty("used").GetInt64(), named.GetProperty("held").GetInt64()));
        Assert.Contains(Text(named, "resetsAt"), Text(error, "message"), StringComparison.Ordinal);
        Assert.Contains("scope `budgets`", Text(error, "message"), StringComparison.Ordinal);
        var priced = await EstimateAsync(customer, red);
        Assert.Equal((false, budget), (priced.GetProperty("affordable").GetBoolean(), Text(priced.GetProperty("budget"), "id")));

        // Who is not of the team is asked nothing.
        (await Api.GenerateAsync(customer, Fox)).Expect(200);
        Assert.True((await EstimateAsync(customer, Fox)).GetProperty("affordable").GetBoolean());

        (await Api.SendAsync(HttpMethod.Patch, $"/api/v1/budgets/{budget}", writer, $$$"""{"raise":{"limit":{{{2 * price}}},"until":"2999-01-01T00:00:00Z"}}""")).Expect(200);
        (await Api.GenerateAsync(customer, red)).Expect(200);
        (await Api.SendAsync(HttpMethod.Patch, $"/api/v1/budgets/{budget}", writer, """{"raise":null}""")).Expect(200);
        Assert.Equal("BUDGET_REACHED", (await Api.GenerateAsync(customer, red)).Code);
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/budgets/{budget}", writer)).Expect(200);
        (await Api.GenerateAsync(customer, red)).Expect(200);
        Assert.Equal("BUDGET_NOT_FOUND", (await Api.GetAsync(customer, $"/api/v1/budgets/{budget}")).Code);
    }

    [Fact]
    public async Task Each_scope_counts_its_own_at_every_door_and_a_cancel_gives_it_back()
    {
        var price = await PriceAsync();
        var customer = await Api.CreateCustomerAsync();
        var key = (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data.GetProperty("keys")[0].GetProperty("id").GetString();
        var byUser = await SetAsync(customer, new { name = "Alice", scope = "user", subject = "alice", period = "week", limit = 2 * price });
        var byModel = await SetAsync(customer, new { name = "Model", scope = "model", subject = Model, period = "total", limit = 3 * price });
        var byKey = await SetAsync(customer, new { name = "Key", scope = "key", subject = key, period = "day", limit = 100_000 });
        var byMember = await SetAsync(customer, new { name = "Person", scope = "member", subject = "nobody", period = "day", limit = 1 });

        var task = (await Api.GenerateAsync(customer, new { model = Model, prompt = "A fox", user = "alice" })).Expect(200).Data.GetProperty("id").GetString()!;
        (await Api.SendAsync(HttpMethod.Post, "/v1/videos", customer.Key, """{"model":"seedance-2-0","prompt":"A fox","seconds":"4","user":"bob"}""")).Expect(200);
        Assert.Equal((price, 0), Counted(await ReadAsync(customer, byUser)));
        Assert.Equal((price, 0), Counted(await ReadAsync(customer, byModel)));
        Assert.Equal((0, 0), Counted(await ReadAsync(customer, byMember)));
        Assert.True(Counted(await ReadAsync(customer, byKey)).Held > price);

        // A batch is one request for the sum of what it has of the budget: three of these are too many, with two more of another model.
        var batch = $$"""{"requests":[{{string.Join(',', Enumerable.Range(0, 3).Select(_ => $$"""{"model":"{{Model}}","prompt":"A fox"}"""))}},{"model":"{{Other}}","prompt":"A fox"}]}""";
        var refused = await Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, batch);
        Assert.Equal(("BUDGET_REACHED", byModel), (refused.Code, Text(refused.Json.GetProperty("error").GetProperty("budget"), "id")));
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, $$"""{"requests":[{"model":"{{Model}}","prompt":"A fox","user":"alice"},{"model":"{{Other}}","prompt":"A fox"}]}""")).Expect(200);

        var openai = await Api.SendAsync(HttpMethod.Post, "/v1/images/generations", customer.Key, """{"model":"flux-2-pro","prompt":"A fox","user":"alice"}""");
        Assert.Equal((402, "budget_reached"), (openai.Status, openai.Code));
        await using (var client = await McpClients.ConnectAsync(Api, customer.Key))
        {
            Assert.Equal("BUDGET_REACHED", (await client.CallAsync("vicsee_generate", new { model = Model, prompt = "A fox", user = "alice" })).Code());
            Assert.False((await client.CallAsync("estimate", new { model = Model, prompt = "A fox", user = "alice" })).Data().GetProperty("affordable").GetBoolean());
        }

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{task}", customer.Key)));
        Assert.Equal((price, 0), Counted(await ReadAsync(customer, byUser)));
        Assert.Equal((price, 0), Counted(await ReadAsync(customer, byModel)));
        var again = new { model = Model, prompt = "A fox", user = "alice" };
        var first = await Api.GenerateAsync(customer, again, "k");
        Assert.Equal(first.Expect(200).Text, (await Api.GenerateAsync(customer, again, "k")).Text);
        Assert.Equal((2 * price, 0), Counted(await ReadAsync(customer, byUser)));
    }

    [Fact]
    public async Task Each_threshold_is_told_once_a_period_to_webhooks_and_streams()
    {
        var price = await PriceAsync();
        var customer = await Api.CreateCustomerAsync();
        (await PostAsync("/api/v1/webhooks", new { url = Receiver.Url(), events = new[] { "budget.threshold" } }, customer)).Expect(200);
        var budget = await SetAsync(customer, new { name = "Ten", scope = "account", period = "total", limit = 10 * price });

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Api.GenerateAsync(customer, Fox)));
        var made = replies.Where(reply => reply.Status == 200).Select(reply => reply.Data.GetProperty("id").GetString()!).ToList();
        Assert.Equal(10, made.Count);
        foreach (var id in made.Take(6))
        {
            await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", customer.Key);
        }

        for (var i = 0; i < 6; i++)
        {
            (await Api.GenerateAsync(customer, Fox)).Expect(200);
        }

        await using var stream = await EventReader.OpenAsync(Api, customer, "/api/v1/events?after=0");
        var told = new List<long>();
        for (var created = 0; created < 16;)
        {
            var seen = (await stream.NextAsync())!;
            if (seen.Type == "budget.threshold")
            {
                Assert.Equal((budget, "Ten", 10 * price), (Text(seen.Task, "budget"), Text(seen.Task, "name"), seen.Task.GetProperty("limit").GetInt64()));
                told.Add(seen.Task.GetProperty("threshold").GetInt64());
            }

            created += seen.Type == "task.created" ? 1 : 0;
        }

        Assert.Equal([50, 80, 100], told);
        var delivered = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            delivered.Add((await Receiver.NextAsync()).Json.GetProperty("data").GetProperty("threshold").GetInt64());
        }

        Assert.Equal([50, 80, 100], delivered.Order());
    }

    [Fact]
    public async Task What_cannot_be_a_budget_is_refused_and_only_keys_with_the_scope_write()
    {
        var customer = await Api.CreateCustomerAsync();
        var writer = await WriterAsync(customer);
        var other = await Api.CreateCustomerAsync();
        foreach (var (body, field) in new (object, string)[]
        {
            (new { scope = "account", period = "day", limit = 1 }, "name"),
            (new { name = "A", scope = "everything", period = "day", limit = 1 }, "scope"),
            (new { name = "A", scope = "account", period = "year", limit = 1 }, "period"),
            (new { name = "A", scope = "account", period = "day", limit = 0 }, "limit"),
            (new { name = "A", scope = "account", subject = "x", period = "day", limit = 1 }, "subject"),
            (new { name = "A", scope = "user", period = "day", limit = 1 }, "subject"),
            (new { name = "A", scope = "tag", subject = "red", period = "day", limit = 1 }, "subject"),
            (new { name = "A", scope = "model", subject = "no-such-model", period = "day", limit = 1 }, "subject"),
            (new { name = "A", scope = "key", subject = "key_00000000000000000000000000", period = "day", limit = 1 }, "subject"),
        })
        {
            var refused = await Api.SendAsync(HttpMethod.Post, "/api/v1/budgets", writer, JsonSerializer.Serialize(body));
            Assert.Equal((JsonSerializer.Serialize(body), field), (JsonSerializer.Serialize(body), Text(refused.Json.GetProperty("error"), "field")));
        }

        Assert.Equal("FORBIDDEN", (await Api.SendAsync(HttpMethod.Post, "/api/v1/budgets", customer.Key, """{"name":"A","scope":"account","period":"day","limit":1}""")).Code);
        var budget = await SetAsync(customer, new { name = "A", scope = "account", period = "day", limit = 5 });
        Assert.Equal("FORBIDDEN", (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/budgets/{budget}", customer.Key)).Code);
        Assert.Equal("BUDGET_NOT_FOUND", (await Api.GetAsync(other, $"/api/v1/budgets/{budget}")).Code);
        foreach (var wrong in new[] { """{"limit":0}""", """{"raise":5}""", """{"raise":{"limit":10}}""", """{"raise":{"limit":10,"until":"2001-01-01"}}""", """{"raise":{"limit":3,"until":"2999-01-01"}}""", """{"scope":"user"}""" })
        {
            Assert.Equal((wrong, 400), (wrong, (await Api.SendAsync(HttpMethod.Patch, $"/api/v1/budgets/{budget}", writer, wrong)).Status));
        }

        // The operator's door has the same, and the other mode's are not in here.
        var live = (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/budgets", new { name = "Live", scope = "account", period = "day", limit = 5 })).Expect(200).Data;
        Assert.Single((await Api.GetAsync(customer, "/api/v1/budgets")).Expect(200).Data.GetProperty("budgets").EnumerateArray());
        var path = $"/admin/v1/accounts/{customer.AccountId}/budgets";
        Assert.Single((await Api.OperateAsync(HttpMethod.Get, path + "?mode=test")).Expect(200).Data.GetProperty("budgets").EnumerateArray());
        Assert.Equal(9, (await Api.OperateAsync(HttpMethod.Patch, $"{path}/{Text(live, "id")}", new { limit = 9 })).Expect(200).Data.GetProperty("limit").GetInt64());
        (await Api.OperateAsync(HttpMethod.Delete, $"{path}/{Text(live, "id")}")).Expect(200);
        Assert.Equal("ACCOUNT_NOT_FOUND", (await Api.OperateAsync(HttpMethod.Get, "/admin/v1/accounts/acct_none/budgets")).Code);
    }

    private async Task<string> WriterAsync(Customer customer) =>
        await Api.CreateKeyAsync(customer.AccountId, "test", new { scopes = new[] { "read", "budgets" } });

    private async Task<string> SetAsync(Customer customer, object body) =>
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/budgets", await WriterAsync(customer), JsonSerializer.Serialize(body))).Expect(200).Data.GetProperty("id").GetString()!;

    private async Task<JsonElement> ReadAsync(Customer customer, string id) => (await Api.GetAsync(customer, $"/api/v1/budgets/{id}")).Expect(200).Data;

    private async Task<JsonElement> EstimateAsync(Customer customer, object body) =>
        (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(body))).Expect(200).Data;

    private async Task<long> PriceAsync() => (await EstimateAsync(await Api.CreateCustomerAsync(credits: 0), Fox)).GetProperty("credits").GetInt64();

    private static (long Held, long Used) Counted(JsonElement budget) => (budget.GetProperty("held").GetInt64(), budget.GetProperty("used").GetInt64());
}

public sealed class SqliteBudgetTests : BudgetConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresBudgetTests : BudgetConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
