using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Admission.Gates;

/// <summary>A key's credits a day and the price above which it asks, over HTTP; tasks stay queued, so every hold stays open until a test ends it.</summary>
public abstract class SpendCapConformance : IAsyncLifetime
{
    private const string Model = "nano-banana-text-to-image";
    private readonly MovedClock _time = new();
    private TestZoetrope _zoetrope = null!;
    private long _price;

    private protected abstract SqlDialect Dialect { get; }

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync()
    {
        // Noon: no test runs into the end of the day by itself.
        _time.Advance(TimeSpan.FromDays(1.5) - _time.GetUtcNow().TimeOfDay);
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = _time, Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = "0" } });
        var anyone = await Api.CreateCustomerAsync(credits: 0);
        _price = (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", anyone.Key, JsonSerializer.Serialize(Request))).Expect(200).Data.GetProperty("credits").GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        if (_zoetrope is not null)
        {
            await _zoetrope.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private static object Request => new { model = Model, prompt = "A red fox" };

    [Fact]
    public async Task Two_hundred_at_once_on_a_cap_for_seventeen_start_exactly_seventeen()
    {
        for (var round = 0; round < 3; round++)
        {
            var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = (17 * _price) + _price - 1 });

            var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Api.GenerateAsync(customer, Request)));

            Assert.Equal(17, replies.Count(reply => reply.Status == 200));
            Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal((402, "SPEND_CAP_REACHED"), (reply.Status, reply.Code)));
            Assert.Equal(17 * _price, await SpentAsync(customer));
            Assert.Equal(1_000_000 - (17 * _price), await Api.CreditsAsync(customer));
        }
    }

    [Fact]
    public async Task The_refusal_says_the_cap_what_was_spent_and_when_it_begins_anew()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = _price + 1 });
        await StartAsync(customer);

        var refused = await Api.GenerateAsync(customer, Request);

        var reset = _time.GetUtcNow().UtcDateTime.Date.AddDays(1).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(
            $"This API key may spend {_price + 1} credits a day and has spent {_price} today. This request costs {_price}. Resets at: {reset}",
            refused.Expect(402).Json.GetProperty("error").GetProperty("message").GetString());
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromHours(11), TimeSpan.FromHours(12.1));
    }

    [Fact]
    public async Task What_is_cancelled_is_given_back_to_the_day_once()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = 2 * _price });
        var first = await StartAsync(customer);
        await StartAsync(customer);
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(customer, Request)).Code);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{first}", customer.Key)));

        Assert.Equal(_price, await SpentAsync(customer));
        await StartAsync(customer);
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(customer, Request)).Code);
    }

    [Fact]
    public async Task A_replay_counts_once_and_is_answered_when_the_cap_is_used_up()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = _price });

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Api.GenerateAsync(customer, Request, "the-same")));

        Assert.Single(replies.Select(reply => reply.Expect(200).Text).Distinct());
        Assert.Equal(_price, await SpentAsync(customer));
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(customer, Request, "another")).Code);
        Assert.Equal(replies[0].Text, (await Api.GenerateAsync(customer, Request, "the-same")).Expect(200).Text);
    }

    [Fact]
    public async Task Rotating_a_key_is_no_way_round_its_cap()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = 3 * _price });
        var rotated = customer;
        var tasks = new List<string>();
        for (var turn = 0; turn < 3; turn++)
        {
            tasks.Add(await StartAsync(rotated));
            var id = (await KeysAsync(customer)).Last().GetProperty("id").GetString();
            var key = (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/keys/{id}/rotate", new { graceSeconds = 3600 })).Expect(200).Data;
            Assert.Equal(3 * _price, key.GetProperty("spendPerDay").GetInt64());
            rotated = customer with { Key = key.GetProperty("key").GetString()! };
        }

        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(rotated, Request)).Code);
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(customer, Request)).Code);
        Assert.All(await KeysAsync(customer), key => Assert.Equal(3 * _price, key.GetProperty("spent").GetInt64()));

        // What the middle one spent comes back to all of them.
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{tasks[1]}", rotated.Key)).Expect(200);
        await StartAsync(customer);
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(rotated, Request)).Code);
    }

    [Fact]
    public async Task A_new_day_begins_at_nothing_and_gets_nothing_back_for_the_day_before()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = _price });
        var yesterday = await StartAsync(customer);
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(customer, Request)).Code);

        _time.Advance(TimeSpan.FromDays(1));
        await StartAsync(customer);
        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{yesterday}", customer.Key)).Expect(200);

        Assert.Equal(_price, await SpentAsync(customer));
        Assert.Equal("SPEND_CAP_REACHED", (await Api.GenerateAsync(customer, Request)).Code);
    }

    [Fact]
    public async Task Above_the_threshold_a_request_is_made_only_when_its_price_was_accepted()
    {
        var customer = await Api.CreateCustomerAsync(keyLimits: new { askAbove = _price - 1 });

        foreach (var accepted in new[] { null, $"{_price - 1}", "0" })
        {
            var refused = await ConfirmAsync(customer, accepted);
            Assert.Equal((403, "CONFIRMATION_REQUIRED"), (refused.Status, refused.Code));
            Assert.Contains($"costs {_price} credits, and the key needs a confirmation above {_price - 1}. To confirm, send it again with the header Zoetrope-Confirm-Credits: {_price}", refused.Text, StringComparison.Ordinal);
        }

        foreach (var nonsense in new[] { "yes", "-1", "1.5", "" })
        {
            Assert.Equal((400, "INVALID_PARAMETER"), ((await ConfirmAsync(customer, nonsense)).Status, (await ConfirmAsync(customer, nonsense)).Code));
        }

        Assert.Equal(1_000_000, await Api.CreditsAsync(customer));
        (await ConfirmAsync(customer, $"{_price}")).Expect(200);
        (await ConfirmAsync(customer, "999999")).Expect(200);

        // At the threshold nobody asks.
        (await Api.GenerateAsync(await Api.CreateCustomerAsync(keyLimits: new { askAbove = _price }), Request)).Expect(200);
    }

    [Fact]
    public async Task The_door_of_openai_obeys_both()
    {
        var asking = await Api.CreateCustomerAsync(keyLimits: new { askAbove = 0 });
        var capped = await Api.CreateCustomerAsync(keyLimits: new { spendPerDay = 1 });

        var asked = await ImagesAsync(asking);
        var refused = await ImagesAsync(capped);

        Assert.Equal((403, "confirmation_required"), (asked.Status, asked.Code));
        Assert.Contains("Zoetrope-Confirm-Credits", asked.Text, StringComparison.Ordinal);
        Assert.Equal((402, "spend_cap_reached"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_limit_that_is_none_is_refused()
    {
        var customer = await Api.CreateCustomerAsync(credits: 0);
        foreach (var (field, value) in new[] { ("spendPerDay", 0L), ("spendPerDay", -5), ("askAbove", -1), ("spendPerDay", long.MaxValue) })
        {
            var reply = await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/keys", new Dictionary<string, object> { ["name"] = "k", ["mode"] = "test", [field] = value });
            Assert.Equal((400, "INVALID_PARAMETER", field), (reply.Status, reply.Code, reply.Json.GetProperty("error").GetProperty("field").GetString()));
        }
    }

    private Task<Reply> ImagesAsync(Customer customer) =>
        Api.SendAsync(HttpMethod.Post, "/v1/images/generations", customer.Key, JsonSerializer.Serialize(new { model = "gpt-image-2", prompt = "A red fox" }));

    private async Task<string> StartAsync(Customer customer) => (await Api.GenerateAsync(customer, Request)).Expect(200).Data.GetProperty("id").GetString()!;

    private async Task<Reply> ConfirmAsync(Customer customer, string? credits)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/generate") { Content = new StringContent(JsonSerializer.Serialize(Request), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {customer.Key}");
        if (credits is not null)
        {
            request.Headers.TryAddWithoutValidation("Zoetrope-Confirm-Credits", credits);
        }

        return await Api.SendAsync(request);
    }

    private async Task<List<JsonElement>> KeysAsync(Customer customer) =>
        [.. (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data.GetProperty("keys").EnumerateArray()];

    private async Task<long> SpentAsync(Customer customer) => (await KeysAsync(customer)).Single().GetProperty("spent").GetInt64();
}

public sealed class SqliteSpendCapTests : SpendCapConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;

    [Fact]
    public async Task A_failed_task_gives_its_credits_back_to_the_day_and_a_finished_one_does_not()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var probe = await zoetrope.Api.CreateCustomerAsync();
        var request = new { model = "nano-banana-text-to-image", prompt = "A red fox" };
        var price = (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", probe.Key, JsonSerializer.Serialize(request))).Expect(200).Data.GetProperty("credits").GetInt64();
        var customer = await zoetrope.Api.CreateCustomerAsync(keyLimits: new { spendPerDay = price });
        for (var i = 0; i < 2; i++)
        {
            var failing = (await zoetrope.Api.GenerateAsync(customer, request with { prompt = "[[fail]]" })).Expect(200).Data.GetProperty("id").GetString()!;
            Assert.Equal("failed", (await zoetrope.Api.WaitAsync(customer, failing)).GetProperty("status").GetString());
        }

        var made = (await zoetrope.Api.GenerateAsync(customer, request)).Expect(200).Data.GetProperty("id").GetString()!;
        Assert.Equal("completed", (await zoetrope.Api.WaitAsync(customer, made)).GetProperty("status").GetString());
        Assert.Equal("SPEND_CAP_REACHED", (await zoetrope.Api.GenerateAsync(customer, request)).Code);
    }
}

public sealed class PostgresSpendCapTests : SpendCapConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
