using System.Text.Json;
using Zoetrope.Server.Budgets;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Budgets;

/// <summary>When budgets begin anew, and to which period what is charged, released or refunded belongs.</summary>
public abstract class BudgetPeriodConformance
{
    private const string Model = "nano-banana-text-to-image";

    private protected abstract SqlDialect Dialect { get; }

    [Theory]
    [InlineData("day", "2026-03-01T23:59:59Z", "2026-03-01", "2026-03-02")]
    [InlineData("week", "2026-03-01T23:59:59Z", "2026-02-23", "2026-03-02")]
    [InlineData("week", "2026-03-02T00:00:00Z", "2026-03-02", "2026-03-09")]
    [InlineData("month", "2026-02-28T23:59:59Z", "2026-02-01", "2026-03-01")]
    [InlineData("month", "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01")]
    [InlineData("total", "2026-12-31T23:59:59Z", "1970-01-01", null)]
    public void Periods_are_those_of_UTC(string period, string now, string start, string? end)
    {
        var began = BudgetPeriods.Start(period, DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(start, DateTimeOffset.FromUnixTimeMilliseconds(began).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(end, BudgetPeriods.End(period, began)?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_task_is_charged_to_the_period_in_which_it_was_held_and_a_refund_gives_back_there()
    {
        var time = new MovedClock();
        time.Advance(TimeSpan.FromDays(1.5) - time.GetUtcNow().TimeOfDay);
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = time, Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = "0" } });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        var request = new { model = Model, prompt = "A red fox" };
        var price = (await api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(request))).Expect(200).Data.GetProperty("credits").GetInt64();
        var writer = await api.CreateKeyAsync(customer.AccountId, "test", new { scopes = new[] { "read", "budgets" } });
        (await api.SendAsync(HttpMethod.Post, "/api/v1/budgets", writer, $$"""{"name":"Day","scope":"account","period":"day","limit":{{price}}}""")).Expect(200);
        var yesterday = (await api.GenerateAsync(customer, request)).Expect(200).Data.GetProperty("id").GetString()!;
        Assert.Equal("BUDGET_REACHED", (await api.GenerateAsync(customer, request)).Code);

        time.Advance(TimeSpan.FromDays(1));
        (await api.GenerateAsync(customer, request)).Expect(200);
        (await api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{yesterday}", customer.Key)).Expect(200);
        Assert.Equal("BUDGET_REACHED", (await api.GenerateAsync(customer, request)).Code);
        var periods = await ((Database)zoetrope.Services.GetService(typeof(Database))!).ReadAsync(async session =>
            await session.QueryAsync<(long Held, long Used)>("select held, used from budget_periods order by starts_at"));
        Assert.Equal([(0, 0), (price, 0)], periods);
    }

    [Fact]
    public async Task What_is_charged_is_used_and_what_is_refunded_is_not()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        var path = $"/admin/v1/accounts/{customer.AccountId}/budgets?mode=test";
        (await api.OperateAsync(HttpMethod.Post, path, new { name = "All", scope = "account", period = "month", limit = 1_000 })).Expect(200);
        var made = (await api.GenerateAsync(customer, new { model = Model, prompt = "A red fox" })).Expect(200).Data;
        var (id, price) = (made.GetProperty("id").GetString()!, made.GetProperty("creditsUsed").GetInt64());
        Assert.Equal("completed", (await api.WaitAsync(customer, id)).GetProperty("status").GetString());
        await api.WaitAsync(customer, (await api.GenerateAsync(customer, new { model = Model, prompt = "[[fail]]" })).Expect(200).Data.GetProperty("id").GetString()!);
        Assert.Equal((0, price), await CountedAsync());

        (await api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/refunds", new { taskId = id, amount = 2, reason = "Ugly", reference = "r" })).Expect(200);
        (await api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/refunds", new { taskId = id, amount = 2, reason = "Ugly", reference = "r" })).Expect(200);
        Assert.Equal((0, price - 2), await CountedAsync());

        async Task<(long, long)> CountedAsync()
        {
            var budget = (await api.OperateAsync(HttpMethod.Get, path)).Expect(200).Data.GetProperty("budgets")[0];
            return (budget.GetProperty("held").GetInt64(), budget.GetProperty("used").GetInt64());
        }
    }
}

public sealed class SqliteBudgetPeriodTests : BudgetPeriodConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresBudgetPeriodTests : BudgetPeriodConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
