using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Ledger;

/// <summary>An account is told once that its credits run low, and again only after a top-up.</summary>
public abstract class CreditAlertConformance : WebhookScene
{
    private protected override Dictionary<string, string?> Further => new()
    {
        ["Providers:sandbox:Concurrency"] = "0",
        ["Generations:CreditsLowBelow"] = "7",
    };

    [Fact]
    public async Task Of_many_holds_at_once_exactly_one_crosses_and_is_told_to_webhooks_and_streams()
    {
        var price = await PriceAsync();
        var customer = await Zoetrope.Api.CreateCustomerAsync(100 * price);
        await PutAsync(customer, 50 * price);
        (await PostAsync("/api/v1/webhooks", new { url = Receiver.Url(), events = new[] { "credits.low" } }, customer)).Expect(200);

        await Task.WhenAll(Enumerable.Range(0, 80).Select(async _ => (await Zoetrope.Api.GenerateAsync(customer, Request("A red fox"))).Expect(200)));

        Assert.Equal(1, await ToldAsync(customer));
        var delivered = await Receiver.NextAsync();
        var data = delivered.Json.GetProperty("data");
        Assert.Equal(("credits.low", 50 * price, "test"), (delivered.Type, data.GetProperty("below").GetInt64(), Text(data, "mode")));
        Assert.InRange(data.GetProperty("credits").GetInt64(), 20 * price, (50 * price) - 1);
        Assert.Equal(100 * price, data.GetProperty("credits").GetInt64() + data.GetProperty("held").GetInt64());

        await using var stream = await EventReader.OpenAsync(Zoetrope.Api, customer, "/api/v1/events?after=0");
        var seen = await stream.FindAsync(item => item.Type != "task.created");
        Assert.Equal(("credits.low", data.GetRawText()), (seen.Type, seen.Task.GetRawText()));
    }

    [Fact]
    public async Task Only_a_top_up_that_reaches_the_figure_arms_it_again()
    {
        var price = await PriceAsync();
        var customer = await Zoetrope.Api.CreateCustomerAsync(11 * price);
        Assert.False((await PutAsync(customer, 10 * price)).GetProperty("low").GetBoolean());
        var first = await StartAsync(customer);
        Assert.Equal(0, await ToldAsync(customer));
        var second = await StartAsync(customer);
        Assert.Equal(1, await ToldAsync(customer));
        Assert.True((await AlertAsync(customer)).GetProperty("low").GetBoolean());

        // Credits that come back are no top-up: the same credits would tell again with every failure.
        await CancelAsync(customer, first);
        await CancelAsync(customer, second);
        await StartAsync(customer);
        await StartAsync(customer);
        Assert.Equal(1, await ToldAsync(customer));

        await GrantAsync(customer, price - 1);
        await StartAsync(customer);
        Assert.Equal(1, await ToldAsync(customer));

        await GrantAsync(customer, 2 * price);
        await StartAsync(customer);
        Assert.Equal(2, await ToldAsync(customer));
    }

    [Fact]
    public async Task Without_a_figure_of_its_own_the_server_s_counts_and_null_turns_it_off()
    {
        var price = await PriceAsync();
        var byDefault = await Zoetrope.Api.CreateCustomerAsync(price + 6);
        var off = await Zoetrope.Api.CreateCustomerAsync(price + 6);
        var alert = await PutAsync(off, null);
        await StartAsync(byDefault);
        await StartAsync(off);

        Assert.Equal((1, 0), (await ToldAsync(byDefault), await ToldAsync(off)));
        Assert.Equal(7, (await AlertAsync(byDefault)).GetProperty("below").GetInt64());
        Assert.Equal(JsonValueKind.Null, alert.GetProperty("below").ValueKind);
    }

    [Theory]
    [InlineData("""{}""", "MISSING_PARAMETER")]
    [InlineData("""{"below":0}""", "INVALID_PARAMETER")]
    [InlineData("""{"below":"many"}""", "INVALID_PARAMETER")]
    [InlineData("""{"below":5,"above":7}""", "UNKNOWN_PARAMETER")]
    public async Task A_figure_that_cannot_be_is_refused(string body, string code) =>
        Assert.Equal((400, code), await RefusalAsync(Zoetrope.Api.SendAsync(HttpMethod.Put, "/api/v1/credits/alert", Customer.Key, body)));

    private async Task<long> PriceAsync() =>
        (await Zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", Customer.Key, JsonSerializer.Serialize(Request("A red fox")))).Expect(200).Data.GetProperty("credits").GetInt64();

    private async Task<JsonElement> PutAsync(Customer customer, long? below) =>
        (await Zoetrope.Api.SendAsync(HttpMethod.Put, "/api/v1/credits/alert", customer.Key, JsonSerializer.Serialize(new { below }))).Expect(200).Data;

    private async Task<JsonElement> AlertAsync(Customer customer) => (await Zoetrope.Api.GetAsync(customer, "/api/v1/credits/alert")).Expect(200).Data;

    private async Task<string> StartAsync(Customer customer) => Text((await Zoetrope.Api.GenerateAsync(customer, Request("A red fox"))).Expect(200).Data, "id");

    private async Task CancelAsync(Customer customer, string task) => (await Zoetrope.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{task}", customer.Key)).Expect(200);

    private async Task GrantAsync(Customer customer, long amount) =>
        (await Zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/grants", new { mode = "test", amount, reason = "test" })).Expect(200);

    private Task<int> ToldAsync(Customer customer) => Zoetrope.Services.GetRequiredService<Database>().ReadAsync(async session =>
        await session.ScalarAsync<int>("select count(*) from events where account_id = @AccountId and type = 'credits.low'", customer)).AsTask();
}

public sealed class SqliteCreditAlertTests : CreditAlertConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresCreditAlertTests : CreditAlertConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
